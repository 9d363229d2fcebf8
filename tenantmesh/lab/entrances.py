"""How a person gets in: each tenant's ingress gateway, with the files of its clients, as a command to try."""

import base64
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.cluster.folders import private_folder, write_private
from tenantmesh.lab.lab import Lab
from tenantmesh.spec import labels
from tenantmesh.spec.names import SEPARATOR

_INGRESS = f"{labels.COMPONENT}%3Dingress"
_CLIENT = "--client--"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A gateway's host and HTTPS port on the node, a path to an App, and a client's files if it wants a certificate."""

    tenant: str
    host: str
    address: str
    port: int
    path: str
    credential: Path | None

    def curl(self) -> str:
        """The command that asks there."""
        name = f"{self.host}:{self.port}"
        words = ["curl", "--resolve", f"{name}:{self.address}"]
        if self.credential:
            files = {"--cacert": "ca.crt", "--cert": "tls.crt", "--key": "tls.key"}
            words += [word for flag, file in files.items() for word in (flag, str(self.credential / file))]
        return shlex.join([*words, f"https://{name}{self.path}"])


def entrances(lab: Lab) -> Iterator[Entrance]:
    """Each ingress gateway of the lab that serves HTTPS; writes the files of one client of each."""
    api = lab.api
    for service in api.get(f"/api/v1/services?labelSelector={_INGRESS}")["items"]:
        name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
        port = next((one["nodePort"] for one in service["spec"]["ports"] if one["name"] == "https"), None)
        host = next(_hosts(api, namespace, name), None)
        if port and host:
            yield Entrance(
                tenant=service["metadata"]["labels"][labels.TENANT],
                host=host,
                address=lab.node_address,
                port=port,
                path=next(_paths(api, namespace, host, name), "/"),
                credential=_credential(api, namespace, _gateway(name), lab.layout.clients),
            )


def _hosts(api: Api, namespace: str, gateway: str) -> Iterator[str]:
    """Those without a wildcard, as a request has to name one."""
    found = api.get(f"/apis/networking.istio.io/v1/namespaces/{namespace}/gateways/{gateway}")
    for server in found["spec"]["servers"]:
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
