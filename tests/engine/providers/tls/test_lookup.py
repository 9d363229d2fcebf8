"""getCertificate, of a text and of servers on loopback; the proxy's configuration."""

import hashlib
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.tls import TlsProvider
from tenantmesh.engine.providers.tls.names import go_text
from tenantmesh.errors import ProviderError

TOKEN = "tls:index/getCertificate:getCertificate"


@pytest.fixture(scope="module")
def leaf(tls, authority, other_key) -> str:
    return tls.signed(authority, other_key, "leaf")


def test_a_certificate_is_described(tls, leaf):
    answer = tls.provider.invoke(TOKEN, {"content": "about it:\n" + leaf})
    [found] = answer["certificates"]
    certificate = x509.load_pem_x509_certificate(leaf.encode())
    encoded = ssl.PEM_cert_to_DER_cert(leaf)
    assert answer["verifyChain"] is True
    assert found == {
        "signatureAlgorithm": "ECDSA-SHA256",
        "publicKeyAlgorithm": "ECDSA",
        "serialNumber": str(certificate.serial_number),
        "isCa": False,
        "maxPathLength": -1,
        "version": 3,
        "issuer": "CN=root",
        "subject": "CN=leaf",
        "notBefore": f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "notAfter": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "sha1Fingerprint": hashlib.sha1(encoded, usedforsecurity=False).hexdigest(),
        "certPem": leaf,
    }


def test_a_ca_is_described_with_its_path_length(tls, key):
    pem = tls.authority(key, maxPathLength=3)["caCertPem"]
    [found] = tls.provider.invoke(TOKEN, {"content": pem})["certificates"]
    assert (found["isCa"], found["maxPathLength"]) == (True, 3)


def test_a_name_is_written_as_go_writes_it():
    def attribute(oid, text):
        return x509.NameAttribute(oid, text)

    name = x509.Name(
        [
            attribute(NameOID.COUNTRY_NAME, "CH"),
            attribute(NameOID.ORGANIZATION_NAME, 'a, b+"c"'),
            attribute(NameOID.EMAIL_ADDRESS, "x@y"),
            attribute(ObjectIdentifier("0.9.2342.19200300.100.1.25"), "com"),
            attribute(NameOID.STREET_ADDRESS, "1"),
            attribute(NameOID.STREET_ADDRESS, "2"),
            attribute(NameOID.COMMON_NAME, " #x "),
        ]
    )
    assert go_text(name) == (
        'CN=\\ #x\\ ,O=a\\, b\\+\\"c\\",STREET=1+STREET=2,C=CH,'
        "0.9.2342.19200300.100.1.25=#1303636f6d,1.2.840.113549.1.9.1=#0c03784079"
    )


@contextmanager
def _listening(serve):
    """A port on loopback that gives each of its connections to `serve`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            with connection:
                serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)


@pytest.fixture
def server(tmp_path, authority, leaf, other_key):
    (tmp_path / "chain.pem").write_text(leaf + authority["caCertPem"])
    (tmp_path / "key.pem").write_text(other_key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(tmp_path / "chain.pem"), str(tmp_path / "key.pem"))

    def shake(connection):
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return

    with _listening(shake) as port:
        yield port


@pytest.mark.parametrize("scheme", ["https", "tls"])
def test_a_server_shows_its_chain_with_the_root_first(tls, server, authority, leaf, scheme):
    answer = tls.provider.invoke(TOKEN, {"url": f"{scheme}://localhost:{server}", "verifyChain": False})
    assert [one["certPem"] for one in answer["certificates"]] == [authority["caCertPem"], leaf]
    assert answer["verifyChain"] is False


def test_a_server_of_an_unknown_root_is_refused_unless_told_otherwise(tls, server):
    with pytest.raises(ProviderError, match="shows no certificates"):
        tls.provider.invoke(TOKEN, {"url": f"tls://localhost:{server}"})


def test_https_goes_through_the_proxy_that_is_configured(server, leaf):
    heard: list[bytes] = []

    def tunnel(connection):
        heard.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", server), 20) as target:
            back = threading.Thread(target=_pump, args=(target, connection))
            back.start()
            _pump(connection, target)
            back.join(20)

    with _listening(tunnel) as port:
        provider = TlsProvider(Ambient())
        provider.configure({"proxy": {"url": f"http://127.0.0.1:{port}", "username": "u", "password": "p"}})
        answer = provider.invoke(TOKEN, {"url": f"https://localhost:{server}", "verifyChain": False})
    assert answer["certificates"][-1]["certPem"] == leaf
    assert heard[0].startswith(f"CONNECT localhost:{server} ".encode())
    assert b"Proxy-Authorization: Basic dTpw" in heard[0]


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(4096):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_the_environments_proxy_is_used_but_for_excluded_hosts(server):
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    arguments = {"url": f"https://localhost:{server}", "verifyChain": False}
    proxied = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
    with pytest.raises(ProviderError, match="refused"):
        TlsProvider(Ambient(environment=proxied)).invoke(TOKEN, arguments)
    excluded = TlsProvider(Ambient(environment=proxied | {"NO_PROXY": "example.com,localhost"}))
    assert len(excluded.invoke(TOKEN, arguments)["certificates"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one"),
        ({"content": "x", "url": "https://x"}, "exactly one"),
        ({"content": "x", "verifyChain": True}, "leave it out"),
        ({"content": "x"}, "holds no certificate"),
        ({"url": "http://localhost"}, "https://host or tls://host:port"),
        ({"url": "tls://localhost"}, "https://host or tls://host:port"),
        ({"url": "https://localhost:port"}, "malformed"),
    ],
)
def test_wrong_arguments_are_refused(tls, arguments, message):
    with pytest.raises(ProviderError, match=message):
        tls.provider.invoke(TOKEN, arguments)


def test_a_run_without_network_asks_no_server():
    with pytest.raises(ProviderError, match="may not use"):
        TlsProvider(Ambient(offline=True)).invoke(TOKEN, {"url": "https://localhost"})


@pytest.mark.parametrize(
    ("proxy", "message"),
    [
        ({"url": "socks5://x"}, "start with http"),
        ({"username": "u"}, "needs proxy.url"),
        ({"url": "http://x", "password": "hidden"}, "needs proxy.username"),
        ({"url": "http://x", "fromEnv": True}, "leave one out"),
    ],
)
def test_a_proxy_that_makes_no_sense_is_refused(proxy, message):
    with pytest.raises(ProviderError, match=message) as caught:
        TlsProvider(Ambient()).configure({"proxy": proxy})
    assert "hidden" not in str(caught.value)


def test_another_proxy_never_replaces_the_resources(tls):
    change = tls.provider.diff_config({}, {"proxy": {"fromEnv": False}})
    assert (change.changes, change.replaces) == (True, ())
