"""Answering DNS messages over UDP and TCP, in a network namespace of the caller's choice."""

import logging
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from typing import Any

from tenantmesh.lab.namespaces import within

_PORT = 53
_UDP_LIMIT = 512
_TCP_LIMIT = 65535
_PATIENCE = 10.0
_LENGTH = struct.Struct("!H")

Respond = Callable[[bytes, int], bytes]
"""From a message and the longest answer allowed to the answer; ValueError for what is no message."""

log = logging.getLogger(__name__)


def serve(respond: Respond, namespace: str, address: str) -> None:
    """Answer at port 53 of `address` in the network namespace, in threads, for as long as this process lives."""
    datagrams = within(namespace, lambda: _bound(socket.SOCK_DGRAM, address))
    threading.Thread(target=_answer_datagrams, args=(datagrams, respond), daemon=True, name="dns over udp").start()
    server = _TcpServer((address, _PORT), respond)
    server.socket.close()
    server.socket = within(namespace, lambda: _bound(socket.SOCK_STREAM, address))
    server.server_activate()
    threading.Thread(target=server.serve_forever, daemon=True, name="dns over tcp").start()


def _bound(kind: socket.SocketKind, address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.bind((address, _PORT))
    return made


def _answer_datagrams(datagrams: socket.socket, respond: Respond) -> None:
    while True:
        message, client = datagrams.recvfrom(_TCP_LIMIT)
        try:
            datagrams.sendto(respond(message, _UDP_LIMIT), client)
        except (ValueError, OSError) as problem:
            log.warning("no answer for %s: %s", client[0], problem)


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], respond: Respond) -> None:
        super().__init__(address, socketserver.StreamRequestHandler, bind_and_activate=False)
        self._respond = respond

    def finish_request(self, request: Any, client_address: object) -> None:
        """Answer one message after the other, each with its length before it."""
        del client_address
        request.settimeout(_PATIENCE)
        with request.makefile("rwb") as stream:
            while length := stream.read(_LENGTH.size):
                answer = self._respond(stream.read(*_LENGTH.unpack(length)), _TCP_LIMIT)
                stream.write(_LENGTH.pack(len(answer)) + answer)
                stream.flush()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or sends what is no message, is no reason for a traceback."""
        del request
        log.warning("no answer for %s", client_address)
