"""A service from before the mesh: it counts in redis, speaks plain HTTP and plain TCP, and knows of nobody's identity.

Run as a program it needs the standard library alone; REDIS names host and port, PORT where to listen.
"""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LISTEN = int(os.environ.get("PORT", "8080"))


def ask(stream, *words):
    """What redis answers to a command, without the type in front; its errors and closed connections raise."""
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    stream.write(f"*{len(words)}\r\n{''.join(parts)}".encode())
    stream.flush()
    line = stream.readline().decode().rstrip()
    if not line or line[0] == "-":
        raise ConnectionError(line or "redis closed the connection")
    return stream.readline().decode().rstrip() if line[0] == "$" and line != "$-1" else line[1:]


def count(key):
    """One more under this key."""
    host, _, port = os.environ.get("REDIS", "redis:6379").partition(":")
    with socket.create_connection((host, int(port)), 10) as plain, plain.makefile("rwb") as stream:
        return ask(stream, "INCR", key)


class Ledger(BaseHTTPRequestHandler):
    """Counts how often each path was asked for."""

    def do_GET(self):
        try:
            status, text = 200, f"{count(self.path)}\n"
        except OSError as problem:
            status, text = 502, f"{problem}\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("", _LISTEN), Ledger).serve_forever()
