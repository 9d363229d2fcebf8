"""How a person gets in: each tenant's ingress gateway, whom to trust there, a client's files, and a command to try."""

import base64
import http
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Struct

from tenantmesh.cluster.api import Api
from tenantmesh.cluster.folders import private_folder, write_private
from tenantmesh.lab.lab import Lab
from tenantmesh.spec import labels
from tenantmesh.spec.names import SEPARATOR

_INGRESS = f"{labels.COMPONENT}%3Dingress"
_CLIENT = "--client--"

_Servers = Sequence[Mapping[str, Any]]


class Entrance(Struct, frozen=True, kw_only=True):
    """A gateway's host and HTTPS port on the node, a path to an App, and the files that a client needs there.

    `authority` signed what the gateway shows; None where its Secret is not there. `credential` is a folder; None where
    no client has a certificate.
    """

    tenant: str
    host: str
    address: str
    port: int
    path: str
    authority: Path | None
    credential: Path | None

    def curl(self) -> str:
        """The command that asks there."""
        name = f"{self.host}:{self.port}"
        words = ["curl", "--resolve", f"{name}:{self.address}"]
        if self.authority:
            words += ["--cacert", str(self.authority)]
        if self.credential:
            words += ["--cert", str(self.credential / "tls.crt"), "--key", str(self.credential / "tls.key")]
        return shlex.join([*words, f"https://{name}{self.path}"])


def entrances(lab: Lab) -> Iterator[Entrance]:
    """Each ingress gateway of the lab that serves HTTPS; writes what signed its certificate, and one client's files."""
    api = lab.api
    for service in api.get(f"/api/v1/services?labelSelector={_INGRESS}")["items"]:
        name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
        port = next((one["nodePort"] for one in service["spec"]["ports"] if one["name"] == "https"), None)
        servers = api.get(f"/apis/networking.istio.io/v1/namespaces/{namespace}/gateways/{name}")["spec"]["servers"]
        host = next(_hosts(servers), None)
        if port and host:
            yield Entrance(
                tenant=service["metadata"]["labels"][labels.TENANT],
                host=host,
                address=lab.node_address,
                port=port,
                path=next(_paths(api, namespace, host, name), "/"),
                authority=_authority(api, namespace, servers, lab.layout.clients),
                credential=_credential(api, namespace, _gateway(name), lab.layout.clients),
            )


def _hosts(servers: _Servers) -> Iterator[str]:
    """Those without a wildcard, as a request has to name one."""
    for server in servers:
        yield from (host.rpartition("/")[2] for host in server["hosts"] if "*" not in host)


def _paths(api: Api, namespace: str, host: str, gateway: str) -> Iterator[str]:
    for route in api.get(f"/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices")["items"]:
        if host not in route["spec"]["hosts"] or f"{namespace}/{gateway}" not in route["spec"]["gateways"]:
            continue
        for match in (match for rule in route["spec"].get("http", []) for match in rule.get("match", [])):
            uri: dict[str, Any] = match.get("uri", {})
            if "exact" in uri or "prefix" in uri:
                yield uri.get("exact") or uri["prefix"]


def _gateway(service: str) -> str:
    """The name of a further gateway, "" of the main one."""
    return service.partition(SEPARATOR)[2]


def _authority(api: Api, namespace: str, servers: _Servers, folder: Path) -> Path | None:
    """The file of who signed a gateway's certificate: what is behind it in its chain, or itself where nothing is."""
    for name in dict.fromkeys(server.get("tls", {}).get("credentialName") for server in servers):
        found = api.request("GET", f"/api/v1/namespaces/{namespace}/secrets/{name}") if name else None
        if found and found.status == http.HTTPStatus.OK:
            first, *behind = x509.load_pem_x509_certificates(base64.b64decode(found.json()["data"]["tls.crt"]))
            file = private_folder(private_folder(folder) / name) / "ca.crt"
            write_private(file, b"".join(one.public_bytes(Encoding.PEM) for one in behind or (first,)))
            return file
    return None


def _credential(api: Api, namespace: str, gateway: str, folder: Path) -> Path | None:
    """The files of a client of one gateway: another's are refused there."""
    for secret in api.get(f"/api/v1/namespaces/{namespace}/secrets")["items"]:
        _, found, client = secret["metadata"]["name"].partition(_CLIENT)
        if found and client.rpartition(SEPARATOR)[0] == gateway:
            target = private_folder(private_folder(folder) / secret["metadata"]["name"])
            for name, text in secret["data"].items():
                write_private(target / name, base64.b64decode(text))
            return target
    return None
