"""The least that an Envoy can be told which makes the same checks: written by hand, started where the real ones run."""

import base64
import json
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.mesh.stage import PLAIN, PORT, TOKENS, Stage
from tenantmesh.lab.namespaces import connect
from tests.mesh.driving import DOMAIN, Body

GATEWAY, TO_SIDECAR, NO_TOKEN, SIDECAR = 9443, 9444, 9445, 9446
"""Ports: of a gateway before the App, of one before a sidecar, of one that asks for no token, and of a sidecar."""
_TYPES = "type.googleapis.com/envoy.extensions"
_DEADLINE = 30.0


@contextmanager
def minimal(stage: Stage, workers: Mapping[str, int]) -> Generator[dict[str, int]]:
    """Gateways within the network of tenant1's, a sidecar within that of its App; their process ids by place.

    `workers` says how many threads the real proxies have.
    """
    mesh, lab = stage.mesh, stage.mesh.lab
    gateway, app = mesh.gateway(TOKENS), stage.pod(TOKENS, PLAIN)
    files = _files(stage)
    configs = {
        "gateway": (lab.namespace(gateway), _gateways(stage, app, files), (GATEWAY, TO_SIDECAR, NO_TOKEN)),
        "sidecar": (lab.namespace(app), _sidecar(files), (SIDECAR,)),
    }
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, (namespace, config, ports) in configs.items():
            started[name] = _start(stage, namespace, mesh.folder / f"minimal-{name}.json", config, workers[name])
            for port in ports:
                _await(namespace, port, started[name])
        yield {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def _start(stage: Stage, namespace: str, path: Path, config: Body, workers: int) -> "subprocess.Popen[bytes]":
    path.write_text(json.dumps(config))
    envoy = str(stage.mesh.lab.layout.programs / "envoy")
    options = ("--concurrency", str(workers), "--disable-hot-restart", "--log-level", "error")
    command = ["ip", "netns", "exec", namespace, envoy, "-c", str(path), *options]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _await(namespace: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _DEADLINE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            connect(namespace, "127.0.0.1", port, timeout=1).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"the hand-written Envoy does not listen on {port}")


def _files(stage: Stage) -> dict[str, str]:
    """Certificates of tenant1: of its gateway, which stands for the workloads' too, and of its client."""
    api = stage.mesh.lab.api
    path = f"/apis/networking.istio.io/v1/namespaces/{TOKENS}/gateways/{TOKENS}-ingress"
    servers = [one["tls"] for one in api.get(path)["spec"]["servers"]]
    name = next(tls["credentialName"] for tls in servers if "credentialName" in tls)
    secret = api.get(f"/api/v1/namespaces/{TOKENS}/secrets/{name}")
    client = stage.mesh.credential(TOKENS)
    found = {"client": str(client.certificate), "client-key": str(client.key), "ca": str(client.ca)}
    for key, file in (("server", "tls.crt"), ("server-key", "tls.key")):
        target = stage.mesh.folder / f"{key}.pem"
        target.write_bytes(base64.b64decode(secret["data"][file]))
        found[key] = str(target)
    return found


def _gateways(stage: Stage, app: Body, files: Mapping[str, str]) -> Body:
    address = app["status"]["podIP"]
    tokens, sni = _tokens(stage), _only(f"{TOKENS}.{DOMAIN}")
    return {
        "static_resources": {
            "listeners": [
                _listener(GATEWAY, files, [tokens, sni], "app"),
                _listener(TO_SIDECAR, files, [tokens, sni], "sidecar"),
                _listener(NO_TOKEN, files, [sni], "app"),
            ],
            "clusters": [
                _cluster("app", address, PORT),
                _cluster("sidecar", address, SIDECAR) | {"transport_socket": _upstream(files)},
            ],
        }
    }


def _sidecar(files: Mapping[str, str]) -> Body:
    listeners = [_listener(SIDECAR, files, [_only(f"{TOKENS}.{DOMAIN}")], "app")]
    return {"static_resources": {"listeners": listeners, "clusters": [_cluster("app", "127.0.0.1", PORT)]}}


def _listener(port: int, files: Mapping[str, str], checks: list[Body], cluster: str) -> Body:
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "minimal",
        "route_config": {
            "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": cluster}}]}
            ]
        },
        "http_filters": [*checks, _filter("envoy.filters.http.router", "filters.http.router.v3.Router")],
    }
    chain = {
        "transport_socket": _downstream(files),
        "filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}],
    }
    inspector = _filter("envoy.filters.listener.tls_inspector", "filters.listener.tls_inspector.v3.TlsInspector")
    return {"address": _address("0.0.0.0", port), "listener_filters": [inspector], "filter_chains": [chain]}  # noqa: S104 -- of its network namespace


def _tokens(stage: Stage) -> Body:
    provider = {
        "issuer": stage.issuer.name,
        "audiences": [stage.issuer.audience],
        "local_jwks": {"inline_string": stage.issuer.jwks},
    }
    rule = {"match": {"prefix": "/"}, "requires": {"provider_name": "issuer"}}
    kind = "filters.http.jwt_authn.v3.JwtAuthentication"
    return _filter("envoy.filters.http.jwt_authn", kind, providers={"issuer": provider}, rules=[rule])


def _only(name: str) -> Body:
    """Requests that ask for this server by TLS, of anybody whose certificate is good."""
    policy = {"permissions": [{"requested_server_name": {"exact": name}}], "principals": [{"any": True}]}
    return _filter("envoy.filters.http.rbac", "filters.http.rbac.v3.RBAC", rules={"policies": {"sni": policy}})


def _filter(name: str, kind: str, **settings: Any) -> Body:
    return {"name": name, "typed_config": {"@type": f"{_TYPES}.{kind}", **settings}}


def _cluster(name: str, address: str, port: int) -> Body:
    endpoint = {"lb_endpoints": [{"endpoint": {"address": _address(address, port)}}]}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [endpoint]},
    }


def _address(address: str, port: int) -> Body:
    return {"socket_address": {"address": address, "port_value": port}}


def _downstream(files: Mapping[str, str]) -> Body:
    """A client certificate is demanded, of the tenant's authority and for its declared name."""
    settings = {"common_tls_context": _tls(files, "server", f"demo.clients.{TOKENS}.{DOMAIN}")}
    kind = "transport_sockets.tls.v3.DownstreamTlsContext"
    return _filter("envoy.transport_sockets.tls", kind, require_client_certificate=True, **settings)


def _upstream(files: Mapping[str, str]) -> Body:
    settings = {"sni": f"{TOKENS}.{DOMAIN}", "common_tls_context": _tls(files, "client", f"{TOKENS}.{DOMAIN}")}
    return _filter("envoy.transport_sockets.tls", "transport_sockets.tls.v3.UpstreamTlsContext", **settings)


def _tls(files: Mapping[str, str], own: str, peer: str) -> Body:
    named = {"san_type": "DNS", "matcher": {"exact": peer}}
    return {
        "tls_certificates": [
            {"certificate_chain": {"filename": files[own]}, "private_key": {"filename": files[f"{own}-key"]}}
        ],
        "validation_context": {
            "trusted_ca": {"filename": files["ca"]},
            "match_typed_subject_alt_names": [named],
        },
    }
