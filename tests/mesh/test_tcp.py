"""An App over TCP is reached through its tenant's gateway by the name in the handshake, with a client's certificate."""

import base64
import shutil
import socket
import ssl
import tempfile
from pathlib import Path

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tests.mesh.asking import Credential

TENANT = "tenant1"
QUEUE, PARTNERS, VAULT = (f"{name}.{TENANT}.example.com" for name in ("queue", "partners", "vault"))
APPS = """
tm.App(
    "tenant1/queue",
    tm.AppArgs(
        tenant="tenant1",
        image="registry.example.com/tcp-queue:1",
        ports=[tm.PortArgs(port=6379, protocol="tcp")],
        container=tm.ContainerArgs(user=1000),
        routes=[
            tm.RouteArgs(host="{queue}"),
            tm.RouteArgs(host="{partners}"),
        ],
    ),
)
tm.App(
    "tenant1/vault",
    tm.AppArgs(
        tenant="tenant1",
        image="registry.example.com/tls-vault:1",
        ports=[tm.PortArgs(port=8200, protocol="tls")],
        container=tm.ContainerArgs(user=1000, env={{"STANDIN_TLS": "{folder}"}}),
        routes=[tm.RouteArgs(host="{vault}")],
    ),
)
"""
TLS = """
    tcp={{
        "{partners}": tm.TcpTlsArgs(secret_name="partners-tls"),
        "{vault}": tm.TcpTlsArgs(mode="passthrough"),
    }} if name == "tenant1" else {{}},
"""
CLIENTS = 'clients=["demo"]'


@pytest.fixture(scope="module")
def folder():
    """Files that pods may read, with an authority of the user's own."""
    made = Path(tempfile.mkdtemp(prefix="tenantmesh-tcp-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def partner(folder):
    """A client's certificate of the user's own authority, by which the servers have theirs too."""
    authority = Authority(folder / "ca", Circle.CLUSTER)
    for name, hosts in (("tls", (PARTNERS, VAULT)), ("client", ())):
        pair = authority.issue(Subject(user=name, hosts=hosts))
        (folder / f"{name}.crt").write_bytes(pair.certificate)
        (folder / f"{name}.key").write_bytes(pair.key)
        (folder / f"{name}.key").chmod(0o644)
    shutil.copy(authority.path, folder / "ca.crt")
    (folder / "ca.crt").chmod(0o644)
    return Credential(certificate=folder / "client.crt", key=folder / "client.key", ca=folder / "ca.crt")


@pytest.fixture(scope="module")
def apps(mesh, folder, partner):  # noqa: ARG001 - makes the files
    """The dev stack with a queue over TCP, which has two names, and a vault that ends TLS itself."""

    def edit(program):
        path = program / "stacks" / "__main__.py"
        names = {"queue": QUEUE, "partners": PARTNERS, "vault": VAULT, "folder": folder}
        text = path.read_text().replace(CLIENTS, f"{CLIENTS}, {TLS.format(**names)}")
        path.write_text(text + APPS.format(**names))

    names = ("tls.crt", "tls.key", "ca.crt")
    data = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in names}
    metadata = {"name": "partners-tls", "namespace": TENANT}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
    with mesh.applied(secret), mesh.deployed(edit):
        yield mesh


def talk(mesh, host, credential, ca=None):
    """What the App at the end of a connection says at once, and what it gives back; or why there is none."""
    context = ssl.create_default_context(cafile=ca or credential.ca)
    if credential:
        context.load_cert_chain(credential.certificate, credential.key)
    address = (mesh.lab.node_address, mesh.node_port(TENANT, "https"))
    try:
        with (
            socket.create_connection(address, 20) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
            secured.makefile("rwb") as lines,
        ):
            greeting = lines.readline().decode()
            if not greeting:
                return "closed", ""
            lines.write(b"ping\n")
            lines.flush()
            return greeting, lines.readline().decode()
    except ssl.SSLError as problem:
        return problem.reason or "closed", ""
    except ConnectionResetError:
        return "closed", ""


def test_without_the_app_its_name_is_one_of_the_ingress_where_http_is_spoken(mesh):
    """Or the connections below would show nothing; the stack has them only from the next test on."""
    assert mesh.ask(TENANT, host=QUEUE).status == 404


def test_a_tcp_app_is_reached_by_its_name_with_the_tenants_certificate(apps):
    greeting, echo = talk(apps, QUEUE, apps.credential(TENANT))
    assert greeting.startswith("tcp-queue 1 queue-")
    assert echo == "ping\n"


def test_without_a_certificate_the_handshake_is_refused(apps):
    assert talk(apps, QUEUE, None, apps.credential(TENANT).ca) == ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "")


def test_the_other_tenants_certificate_is_refused(apps):
    other = apps.credential("tenant2")
    assert talk(apps, QUEUE, other, apps.credential(TENANT).ca) == ("TLSV1_ALERT_UNKNOWN_CA", "")


def test_a_client_of_the_tenants_authority_that_nobody_declared_is_refused(apps, stranger):
    assert talk(apps, QUEUE, stranger("nobody.clients.tenant1.example.com")) == ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", "")


def test_a_name_with_a_secret_of_its_own_has_its_own_authority(apps, partner):
    """Its clients are taken there and nowhere else, and the tenant's own are not taken there."""
    greeting, echo = talk(apps, PARTNERS, partner)
    assert greeting.startswith("tcp-queue 1 queue-")
    assert echo == "ping\n"
    own = apps.credential(TENANT)
    assert talk(apps, PARTNERS, own, partner.ca) == ("TLSV1_ALERT_UNKNOWN_CA", "")
    assert talk(apps, QUEUE, partner, own.ca) == ("TLSV1_ALERT_UNKNOWN_CA", "")


def test_an_app_that_ends_tls_itself_sees_the_client(apps, partner):
    greeting, echo = talk(apps, VAULT, partner)
    assert greeting.startswith("tls-vault 1 vault-")
    assert f"sni={VAULT} client=client" in greeting
    assert echo == "ping\n"


def test_another_name_is_http_as_before(apps):
    assert apps.ask(TENANT).status == 200
    assert apps.ask(TENANT, host=f"other.{TENANT}.example.com").status == 404
