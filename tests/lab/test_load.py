"""The load generator: a constant rate whatever the server does, honest times, and errors told apart."""

import json
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tests.lab.standins import free_port, running


@pytest.fixture(scope="module")
def server(mesh_programs):
    with running(mesh_programs / "standin", "example.com/server:1.2") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def load(mesh_programs):
    def run(url, **flags):
        known = {"rate": 50, "duration": "1s", "warmup": "0s"} | flags
        command = [mesh_programs / "load", "-url", url, *(f"-{name}={value}" for name, value in known.items())]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    return run


def test_as_many_requests_are_sent_as_the_rate_says(load, server):
    found = load(f"{server}/page", rate=200, duration="2s", warmup="500ms", count="X-Standin-Version")
    assert (found["requests"], found["good"], found["errors"]) == (400, 400, {})
    assert found["statuses"] == {"200": 400}
    assert found["counts"] == {"1.2": 400}
    assert [one["good"] for one in found["seconds"]] == [200, 200]


def test_the_warmup_is_sent_and_not_counted(load, server):
    connection = HTTPConnection(server.removeprefix("http://"))
    connection.request("DELETE", "/counters")
    connection.getresponse().read()
    found = load(f"{server}/warm", rate=100, warmup="500ms")
    connection.request("GET", "/counters")
    assert json.load(connection.getresponse())["byPath"]["/warm"] == 150
    assert found["requests"] == 100
    connection.close()


def test_requests_that_wait_behind_slow_ones_are_slow_too(load, server):
    """One connection, answers of 100 ms, 50 a second: the waits pile up, though each answer takes no longer."""
    found = load(f"{server}/slow?delay=100ms", connections=1)
    assert found["good"] == 50
    assert found["service"]["p99"] < 1000 < found["latency"]["p50"]
    assert found["achieved"] < 15


def test_percentiles_are_in_order_and_in_milliseconds(load, server):
    times = load(f"{server}/slow?delay=20ms")["latency"]
    ordered = [times[name] for name in ("p50", "p90", "p95", "p99", "p999", "max")]
    assert ordered == sorted(ordered)
    assert ordered[0] >= 20


@pytest.mark.parametrize(
    ("path", "flags", "error"),
    [
        ("/?status=503", {}, "status 503"),
        ("/?delay=2s", {"timeout": "100ms", "rate": 5}, "timeout"),
        ("/?status=200", {"expect": 404}, "status 200"),
    ],
)
def test_errors_are_counted_by_their_kind(load, server, path, flags, error):
    found = load(server + path, **flags)
    assert found["good"] == 0
    assert found["errors"] == {error: found["requests"]}
    assert found["seconds"] == [{"good": 0, "failed": found["requests"]}]


def test_a_server_that_is_not_there_refuses(load):
    assert load(f"http://127.0.0.1:{free_port()}/", rate=5)["errors"] == {"refused": 5}


def test_an_address_that_nobody_gave_gets_no_load(load, server):
    """A name in the URL may lead anywhere; what is given by -connect is meant."""
    assert load("http://192.0.2.1/", rate=5)["errors"] == {"stranger": 5}
    address = server.removeprefix("http://")
    found = load("http://example.com/page", rate=5, connect=address)
    assert found["good"] == 5


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"duration": "1h"}, "all over within 10m0s"),
        ({"rate": 1e6, "duration": "1m"}, "lower -rate or -duration"),
        ({"connections": 0}, "-connections must be 1 to 10000"),
        ({"rate": 0}, "-rate and -duration must be above 0"),
    ],
)
def test_there_is_a_bound_to_everything(load, flags, message):
    assert message in load("http://127.0.0.1:1/", **flags)


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        names = [value for part in self.connection.getpeercert().get("subject", ()) for key, value in part]
        body = f"{self.headers['Host']} {self.headers['X-Test']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Client", ",".join([*names, *body.decode().split()]))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing: a test's output is pytest's."""


@contextmanager
def _secured(folder):
    """The port of a server that is called gateway.example.com and demands a client certificate."""
    authority = Authority(folder, Circle.CLUSTER)
    for name, subject in (
        ("server", Subject(user="s", hosts=("gateway.example.com",))),
        ("client", Subject(user="alice")),
    ):
        pair = authority.issue(subject)
        (folder / f"{name}.crt").write_bytes(pair.certificate)
        (folder / f"{name}.key").write_bytes(pair.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.crt")
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_client_certificate_a_server_name_and_a_host_can_be_given(load, tmp_path):
    with _secured(tmp_path) as port:
        flags = {"sni": "gateway.example.com", "ca": tmp_path / "ca.crt", "count": "Client", "rate": 10}
        client = {"cert": tmp_path / "client.crt", "key": tmp_path / "client.key"}
        url = f"https://127.0.0.1:{port}/"
        good = load(url, **flags, **client, header="Host: shop.example.com")
        assert good["counts"] == {"alice,shop.example.com,None": 10}
        # The refusal comes after the client's side of the handshake, and may be overtaken by the end of the connection.
        refused = load(url, **flags)
        assert refused["good"] == 0
        assert set(refused["errors"]) <= {"tls: certificate required", "reset", "closed"}
        wrong = load(url, **(flags | client | {"sni": "other.example.com"}))
        assert "x509: certificate is valid for gateway.example.com" in next(iter(wrong["errors"]))


@contextmanager
def _counting():
    """The URL of a server that answers anything with an empty page, and how each connection to it began."""
    seen = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection):
        with connection:
            seen.append(connection.recv(4096)[:14])
            while seen[-1].startswith(b"GET"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                if not connection.recv(4096):
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/", seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_connections_are_kept_unless_fresh_ones_are_asked_for(load):
    with _counting() as (url, seen):
        assert load(url, rate=20, connections=2)["good"] == 20
        assert len(seen) <= 2
        seen.clear()
        assert load(url, rate=20, connections=2, fresh="true")["good"] == 20
        assert len(seen) == 20


def test_http_2_is_spoken_over_plain_connections_too(load):
    with _counting() as (url, seen):
        load(url, rate=1, http2="true", timeout="500ms")
    assert seen[0] == b"PRI * HTTP/2.0"
