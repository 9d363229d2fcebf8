"""Chains that other programs accept: `openssl verify`, and TLS handshakes on loopback with client certificates."""

import shutil
import socket
import ssl
import subprocess
import threading

import pytest

PAIRS = [("ECDSA", "ECDSA"), ("RSA", "ED25519"), ("ED25519", "RSA")]


def _write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.pem").write_text(text)


@pytest.fixture(params=PAIRS, ids=lambda pair: "-".join(pair))
def chain(request, tls, tmp_path):
    """A root, an intermediate and a leaf for server and client, with keys, in a folder."""
    ca_kind, leaf_kind = request.param
    root = tls.authority(tls.key(ca_kind))
    middle_key, leaf_key = tls.key(ca_kind), tls.key(leaf_kind)
    uses = {"allowedUses": ["cert_signing"], "isCaCertificate": True, "maxPathLength": 0}
    middle = {"caCertPem": tls.signed(root, middle_key, "middle", **uses), "caPrivateKeyPem": middle_key}
    leaf = tls.signed(middle, leaf_key, "leaf")
    _write(tmp_path, root=root["caCertPem"], middle=middle["caCertPem"], leaf=leaf, key=leaf_key)
    _write(tmp_path, bundle=leaf + middle["caCertPem"])
    return tmp_path


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_verifies_the_chain_and_misses_its_middle(chain):
    command = ["openssl", "verify", "-CAfile", str(chain / "root.pem")]
    whole = [*command, "-untrusted", str(chain / "middle.pem"), str(chain / "leaf.pem")]
    assert subprocess.run(whole, capture_output=True, timeout=20).returncode == 0
    assert subprocess.run([*command, str(chain / "leaf.pem")], capture_output=True, timeout=20).returncode != 0


def test_server_and_client_shake_hands_over_the_chain(chain):
    assert _handshake(_context(chain, ssl.Purpose.CLIENT_AUTH), _context(chain, ssl.Purpose.SERVER_AUTH)) == "leaf"


def test_a_client_of_another_root_is_refused(chain, tls, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    key = tls.key()
    foreign = tls.authority(key, subject={"commonName": "root"})
    leaf_key = tls.key()
    _write(other, bundle=tls.signed(foreign, leaf_key, "leaf"), key=leaf_key, root=(chain / "root.pem").read_text())
    with pytest.raises(ssl.SSLError):
        _handshake(_context(chain, ssl.Purpose.CLIENT_AUTH), _context(other, ssl.Purpose.SERVER_AUTH))


def _context(folder, purpose) -> ssl.SSLContext:
    context = ssl.create_default_context(purpose, cafile=str(folder / "root.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(str(folder / "bundle.pem"), str(folder / "key.pem"))
    return context


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """The common name of the client as the server saw it."""
    left, right = socket.socketpair()
    left.settimeout(20)
    right.settimeout(20)
    results: list = []
    thread = threading.Thread(target=_serve, args=(server, left, results))
    thread.start()
    try:
        with client.wrap_socket(right, server_hostname="localhost") as secure:
            secure.sendall(b"hello")
            secure.recv(5)
    finally:
        right.close()
        thread.join(20)
        left.close()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def _serve(context: ssl.SSLContext, plain: socket.socket, results: list) -> None:
    try:
        with context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(5)
            subject = dict(part[0] for part in secure.getpeercert()["subject"])
            results.append(subject["commonName"])
            secure.sendall(b"hello")
    except OSError as error:
        results.append(error)
