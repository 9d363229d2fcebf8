"""Certificates are rotated with no refused request: a leaf in one run, a CA in the three runs that the guide names."""

import shutil
import socket
import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mesh.asking import TIMEOUT, Credential, RefusedError, Request
from tests.mesh.steady import steady

TENANT = "tenant1"
HOST = f"{TENANT}.example.com"


def epochs(**numbers):
    """The stack with these epochs for the certificates of its tenants."""
    said = ", ".join(f"{name}={value}" for name, value in numbers.items())

    def edit(program):
        path = program / "stacks" / "__main__.py"
        text = path.read_text()
        assert text.count("tm.CertificatesArgs(") == 1
        path.write_text(text.replace("tm.CertificatesArgs(", f"tm.CertificatesArgs(epochs=tm.EpochsArgs({said}), "))

    return edit


@dataclass
class Client:
    """A client outside with files of its own: what the tenant gave it at some time."""

    mesh: object
    folder: Path

    def take(self, *, credential=True, authorities=True):
        """Take what the tenant gives now: a certificate, the authorities of its servers, or both."""
        given = self.mesh.credential(TENANT)
        self.folder.mkdir(exist_ok=True)
        if credential:
            shutil.copy(given.certificate, self.folder / "tls.crt")
            shutil.copy(given.key, self.folder / "tls.key")
        if authorities:
            shutil.copy(given.ca, self.folder / "ca.crt")
        return self

    def ask(self):
        address = (self.mesh.lab.node_address, self.port)
        ca = self.folder / "ca.crt"
        own = Credential(certificate=self.folder / "tls.crt", key=self.folder / "tls.key", ca=ca)
        request = Request(path="/productpage", host=HOST, sni=HOST, ca=ca, credential=own, verdict=0.05)
        return request.send(lambda: socket.create_connection(address, TIMEOUT))

    def refused(self):
        """Why it gets no answer."""
        with pytest.raises(RefusedError) as refused:
            self.ask()
        return refused.value.reason

    @property
    def port(self):
        return self.mesh.node_port(TENANT, "https")

    def presented(self):
        """The certificate that the gateway shows, as bytes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.mesh.lab.node_address, self.port), TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=HOST) as secured,
        ):
            return secured.getpeercert(binary_form=True)


@pytest.fixture
def client(mesh, tmp_path):
    return Client(mesh, tmp_path / "client").take()


def test_new_keys_under_the_same_authority_refuse_nobody(mesh, client):
    before = client.presented()
    with steady(client.ask) as asked, mesh.deployed(epochs(leaf=2)):
        mesh.eventually(lambda: client.presented() != before)
        under_old_keys = asked.answered
        assert client.ask().status == 200, "a client's certificate of the first epoch is good for its whole life"
    assert asked.failures == []
    assert asked.answered > under_old_keys > 0


def test_an_authority_is_rotated_in_three_runs_with_no_refused_request(mesh, client):
    before = client.presented()
    with ExitStack() as runs:
        with steady(client.ask) as asked:
            runs.enter_context(mesh.deployed(epochs(ca=1, trusted=[1, 2])))
            client.take(credential=False)
            assert client.presented() == before
            runs.enter_context(mesh.deployed(epochs(ca=2, trusted=[1, 2])))
            mesh.eventually(lambda: client.presented() != before)
            assert client.ask().status == 200, "a client's certificate of the old authority is still good"
        assert asked.failures == []
        assert asked.answered > 0
        runs.enter_context(mesh.deployed(epochs(ca=2, trusted=[2])))
        mesh.eventually(lambda: client.refused() == "TLSV1_ALERT_UNKNOWN_CA")
        assert client.take().ask().status == 200
    mesh.eventually(lambda: client.take().ask().status == 200)


def test_an_authority_that_signs_before_clients_know_it_is_not_trusted_by_them(mesh, client):
    """The control: without the first of the three runs, clients refuse the server."""
    before = client.presented()
    with mesh.deployed(epochs(ca=2)):
        mesh.eventually(lambda: client.presented() != before)
        assert client.refused() == "CERTIFICATE_VERIFY_FAILED"
