"""Small TCP and UDP ends that a test starts in a network namespace, by Python's own socket module."""

import subprocess
import sys
from contextlib import contextmanager

_SERVE = """
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[3] == "UDP" else socket.SOCK_STREAM
server = socket.socket(socket.AF_INET, kind)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[1], int(sys.argv[2])))
if kind == socket.SOCK_STREAM:
    server.listen()
print("ready", flush=True)
while True:
    if kind == socket.SOCK_DGRAM:
        _, peer = server.recvfrom(100)
        server.sendto(f"{sys.argv[4]} {peer[0]}".encode(), peer)
    else:
        connection, peer = server.accept()
        connection.sendall(f"{sys.argv[4]} {peer[0]}".encode())
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
def serving(prefix, port, *, name, address="0.0.0.0", protocol="TCP"):  # noqa: S104 -- in a namespace of the test's own
    """A server that answers with its name and the address that it sees of its client."""
    command = [*prefix, sys.executable, "-c", _SERVE, address, str(port), protocol, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline() == "ready\n"
            yield server
        finally:
            server.kill()


def ask_all(prefix, questions, seconds=0.5):
    """What answers (host, port, protocol) each, one after the other, from a namespace; `no …` where nobody does."""
    lines = "".join(f"{host} {port} {protocol} {seconds}\n" for host, port, protocol in questions)
    command = [*prefix, sys.executable, "-c", _ASK]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.splitlines()


def ask(prefix, host, port, protocol="TCP", seconds=2.0):
    return ask_all(prefix, [(host, port, protocol)], seconds)[0]
