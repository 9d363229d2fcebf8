"""The flags keep every server on loopback, with TLS, authorization and admission on."""

import pytest

from tenantmesh.cluster.components import Settings, arguments, keep_certificates
from tenantmesh.cluster.layout import Layout, choose_ports
from tenantmesh.cluster.tools import COMPONENTS


@pytest.fixture
def flags(tmp_path):
    settings = Settings(layout=Layout(folder=tmp_path), ports=choose_ports({}, ()), stages=("a.yaml", "b.yaml"))

    def of(component):
        return dict(argument.removeprefix("--").split("=", 1) for argument in arguments(component, settings))

    return of


@pytest.mark.parametrize("component", ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
def test_servers_listen_on_loopback_with_tls(flags, component):
    assert flags(component)["bind-address"] == "127.0.0.1"
    assert flags(component)["tls-cert-file"].endswith(f"{component}.crt")


def test_etcd_listens_on_loopback_and_wants_certificates(flags):
    etcd = flags("etcd")
    assert all(etcd[f"listen-{kind}-urls"].startswith("https://127.0.0.1:") for kind in ("client", "peer"))
    assert (etcd["client-cert-auth"], etcd["peer-client-cert-auth"]) == ("true", "true")
    assert etcd["trusted-ca-file"].endswith("/etcd-ca.crt")


def test_the_api_server_authorizes_everybody_and_admits_nobody_unknown(flags):
    server = flags("kube-apiserver")
    assert server["authorization-mode"] == "Node,RBAC"
    assert server["anonymous-auth"] == "false"
    assert server["client-ca-file"] != server["requestheader-client-ca-file"] != server["etcd-cafile"]


def test_every_certificate_that_a_flag_names_is_made(flags, tmp_path):
    keep_certificates(Layout(folder=tmp_path))
    files = [value for name in COMPONENTS for value in flags(name).values() if value.endswith((".crt", ".key", ".pub"))]
    assert files
    assert [name for name in files if not (tmp_path / "pki" / name.rsplit("/", 1)[1]).is_file()] == []


def test_kwok_gets_every_stage(flags):
    assert flags("kwok")["config"] == "a.yaml,b.yaml"
