"""Connections that get past a pod's own sidecar, as a program could that has taken over the proxy's user."""

import ctypes
import errno
import socket
import threading
from contextlib import contextmanager, suppress

from tenantmesh.lab.namespaces import within
from tenantmesh.lab.node import Node

PROXY_USER = 1337
"""What a process of this user sends is not redirected to the sidecar."""

_TIMEOUT = 3.0
_libc = ctypes.CDLL(None)
_OUTCOMES = {errno.EHOSTUNREACH: "blocked", errno.ECONNREFUSED: "refused"}
"""The lab rejects what policies deny with an answer that nothing else gives."""


def reach(mesh, pod, address, port, protocol="TCP"):
    """What becomes of a connection from within a pod, past its sidecar: open, blocked, refused or silent."""
    return _reach(mesh.lab.namespace(pod), address, port, protocol)


def reach_all(mesh, pod, targets):
    """The same for many pairs of an address and a port, over TCP, one after the other."""
    wanted = list(targets)
    namespace = mesh.lab.namespace(pod)
    return within(namespace, lambda: {target: _attempt(*target, "TCP") for target in wanted})


def reach_from(network, address, port):
    """The same from a host outside, by its network."""
    return _reach(network.namespace, address, port, "TCP")


def past(namespace, address, port, timeout):
    """A TCP connection from within a pod's network that its sidecar does not see; OSError without one."""
    return within(namespace, lambda: _past(address, port, timeout))


def _past(address, port, timeout):
    _libc.setfsuid(PROXY_USER)
    return socket.create_connection((address, port), timeout)


def _reach(namespace, address, port, protocol):
    return within(namespace, lambda: _attempt(address, port, protocol))


def _attempt(address, port, protocol):
    # Of this thread alone, which ends with the attempt; the kernel looks at it to tell whose packets these are.
    _libc.setfsuid(PROXY_USER)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if protocol == "UDP" else socket.SOCK_STREAM) as attempt:
        attempt.settimeout(_TIMEOUT)
        try:
            attempt.connect((address, port))
            if protocol == "UDP":
                attempt.send(_question("kubernetes.default.svc.cluster.local"))
                attempt.recv(512)
        except TimeoutError:
            return "silent"
        except OSError as problem:
            return _OUTCOMES.get(problem.errno, str(problem))
    return "open"


def _question(name):
    """A DNS message that asks for an address: any server answers it in some way."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\0\1\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


@contextmanager
def host_outside(mesh, address, port, secured=None, callers=None):
    """The network of a host of the world outside, which answers whoever connects to its port with its address.

    With a TLS context in `secured` it does so over TLS only. `callers` gets the address of each to whom it was said.
    """
    node = Node.running(mesh.lab.layout.id)
    network = node.attach(f"outside.{address}", address)
    try:
        with within(network.namespace, lambda: socket.create_server((address, port))) as server:
            seen = [] if callers is None else callers
            threading.Thread(target=_greet, args=(server, address, secured, seen), daemon=True).start()
            yield network
            server.shutdown(socket.SHUT_RDWR)
    finally:
        node.detach(f"outside.{address}")


def _greet(server, address, secured, callers):
    """Until the server is shut down; a client that speaks no TLS gets nothing."""
    while True:
        try:
            connection, (caller, _) = server.accept()
        except OSError:
            return
        with suppress(OSError), secured.wrap_socket(connection, server_side=True) if secured else connection as client:
            callers.append(caller)
            client.sendall(address.encode())
