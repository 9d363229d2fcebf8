"""Apps of the dev stack with rules for their requests: put on as the library plans them, and taken back."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import sqrt
from typing import Any

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.lab.namespaces import connect
from tenantmesh.plan.tenant import plan_app
from tests.mesh.asking import Answer, Request
from tests.mesh.driving import Body, Mesh

TENANT = "tenant1"
PORT = 9080
_STEERING = ("DestinationRule", "VirtualService")
_VERSIONS = {"reviews": ("v1", "v2", "v3")}
_PAGES = {"host": f"{TENANT}.example.com", "exact_paths": ["/productpage", "/login", "/logout"]}
_ROUTES = {"productpage": [{**_PAGES, "paths": ["/static", "/api/v1/products"]}]}


def steering(app: str, traffic: Mapping[str, Any] | None) -> list[Body]:
    """The objects that steer requests to one of tenant1's Apps, as the library plans them."""
    tenant = parse_tenant(TENANT, {"domain": f"{TENANT}.example.com", "ingress": {"client_tls": "mutual"}})
    args: dict[str, Any] = {
        "tenant": TENANT,
        "versions": [{"name": name, "image": "none"} for name in _VERSIONS.get(app, ("v1",))],
        "ports": [{"port": PORT}],
        "routes": _ROUTES.get(app, []),
    }
    if traffic is not None:
        args["traffic"] = traffic
    planned = plan_app(parse_app(app, args, tenant), tenant)
    return [dict(body) for body in planned if body["kind"] in _STEERING]


@contextmanager
def steered(mesh: Mesh, app: str, traffic: Mapping[str, Any]) -> Generator[None]:
    """One of tenant1's Apps with these rules while the block lasts."""
    wanted, usual = steering(app, traffic), steering(app, None)
    kept = {(body["kind"], body["metadata"]["name"]) for body in usual}
    ours = [body for body in wanted if (body["kind"], body["metadata"]["name"]) not in kept]
    with mesh.changed(*(body for body in wanted if body not in ours)), mesh.applied(*ours):
        yield


def caller(mesh: Mesh) -> Body:
    """The pod that calls the others."""
    return mesh.app(TENANT, "productpage")


def asking(mesh: Mesh, app: str, path: str, **request: Any) -> Callable[[], Answer]:
    """A request from productpage to another App, which can be sent often."""
    pod, address = caller(mesh), mesh.address(app, TENANT)
    return lambda: mesh.ask_inside(pod, f"http://{address}:{PORT}{path}", host=f"{app}:{PORT}", **request)


def many(send: Callable[[], Answer], count: int, at_once: int = 4) -> list[Answer]:
    """The answers to as many requests, some of them at a time."""
    with ThreadPoolExecutor(at_once) as pool:
        return [one.result() for one in [pool.submit(send) for _ in range(count)]]


def versions(answers: list[Answer]) -> Counter[str]:
    """How many answers each version gave."""
    return Counter(answer.headers.get("x-standin-version", "") for answer in answers)


def within(count: int, of: int, percent: float, sigmas: float = 5) -> bool:
    """Whether so many of the requests are a share that chance gives: five deviations are one run in 1.7 million."""
    share = percent / 100
    return abs(count - of * share) <= sigmas * sqrt(of * share * (1 - share))


def tell(mesh: Mesh, pod: Body, method: str, path: str) -> Answer:
    """Talk to the stand-in in a pod itself, past all proxies."""
    namespace = mesh.lab.namespace(pod)
    return Request(path=path, method=method).send(lambda: connect(namespace, "127.0.0.1", PORT))


def arrivals(mesh: Mesh, app: str, version: str = "v1") -> int:
    """How many requests have reached the server of a version since it was last asked to begin anew."""
    return tell(mesh, mesh.app(TENANT, app, version), "GET", "/counters").json()["total"]


def forget(mesh: Mesh, app: str, version: str = "v1") -> None:
    """Have the server of a version count anew."""
    tell(mesh, mesh.app(TENANT, app, version), "DELETE", "/counters")
