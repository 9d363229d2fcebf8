"""Small TCP and UDP ends that a test starts in a network namespace, by Python's own socket module."""

import subprocess
import sys
from contextlib import contextmanager

_SERVE = """
import selectors, socket, sys
address, name, *ports = sys.argv[1:]
selector = selectors.DefaultSelector()
for one in ports:
    port, protocol = one.split("/")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if protocol == "UDP" else socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, int(port)))
    if protocol == "TCP":
        server.listen()
    selector.register(server, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj.type == socket.SOCK_DGRAM:
            _, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(f"{name} {peer[0]}".encode(), peer)
        else:
            connection, peer = key.fileobj.accept()
            connection.sendall(f"{name} {peer[0]}".encode())
            connection.close()
"""

_ASK = """
import socket, sys
for line in sys.stdin:
    host, port, protocol, seconds = line.split()
    kind = socket.SOCK_DGRAM if protocol == "UDP" else socket.SOCK_STREAM
    client = socket.socket(socket.AF_INET, kind)
    client.settimeout(float(seconds))
    try:
        client.connect((host, int(port)))
        if protocol == "UDP":
            client.send(b"?")
        print(client.recv(100).decode())
    except OSError as problem:
        print("no " + type(problem).__name__)
    client.close()
"""


@contextmanager
def serving_all(prefix, ports, *, name, address="0.0.0.0"):  # noqa: S104 -- in a namespace of the test's own
    """A server at many ports, pairs of a number and TCP or UDP; it answers with its name and its client's address."""
    command = [*prefix, sys.executable, "-c", _SERVE, address, name, *(f"{port}/{kind}" for port, kind in ports)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline() == "ready\n"
            yield server
        finally:
            server.kill()


def serving(prefix, port, *, protocol="TCP", **more):
    return serving_all(prefix, [(port, protocol)], **more)


def ask_all(prefix, questions, seconds=0.5):
    """What answers (host, port, protocol) each, one after the other, from a namespace; `no …` where nobody does."""
    lines = "".join(f"{host} {port} {protocol} {seconds}\n" for host, port, protocol in questions)
    command = [*prefix, sys.executable, "-c", _ASK]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.splitlines()


def ask(prefix, host, port, protocol="TCP", seconds=2.0):
    return ask_all(prefix, [(host, port, protocol)], seconds)[0]
