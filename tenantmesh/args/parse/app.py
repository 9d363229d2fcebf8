"""Reads AppArgs and holds the App to its tenant."""

from collections.abc import Iterable, Sequence
from typing import Any

from tenantmesh.args.parse.fields import (
    COUNT,
    HIGH_PORT,
    NAME,
    PORT,
    POSITIVE,
    TEXT,
    folder_problem,
    path_problem,
    replicas,
    resources,
    variable_problem,
)
from tenantmesh.args.parse.ingresses import gateway_accounts
from tenantmesh.args.parse.permissive import plain_callers_problems
from tenantmesh.args.parse.readers import choice, did_you_mean, leaf, names, pairs, record, several, text
from tenantmesh.args.parse.traffic import TRAFFIC, traffic_problems
from tenantmesh.spec.app import (
    AppProtocol,
    AppSpec,
    ContainerSpec,
    PortSpec,
    ProbeSpec,
    ProbesSpec,
    RouteSpec,
    VersionSpec,
)
from tenantmesh.spec.gateway import ClientTls, IngressSpec, ReplicasSpec
from tenantmesh.spec.hosts import covers, pattern_problem
from tenantmesh.spec.names import part_problem
from tenantmesh.spec.tenant import TenantSpec
from tenantmesh.spec.traffic import CanarySpec, TrafficSpec

_LEAVES = pairs(leaf, variable_problem)
APP_REPLICAS = replicas(ReplicasSpec(minimum=1))
PROBE = record(
    ProbeSpec,
    {"path": TEXT, "port": PORT, "initial_delay": COUNT, "period": POSITIVE, "timeout": POSITIVE, "failures": POSITIVE},
)
CONTAINER = record(
    ContainerSpec,
    {
        "command": several(text()),
        "arguments": several(text()),
        "env": _LEAVES,
        "config": _LEAVES,
        "secrets": _LEAVES,
        "writable": names(folder_problem),
        "resources": resources(ContainerSpec().resources),
        "probes": record(ProbesSpec, {"readiness": PROBE, "liveness": PROBE, "startup": PROBE}),
        "user": POSITIVE,
    },
)
VERSION = record(
    VersionSpec, {"name": NAME, "image": leaf, "env": _LEAVES, "replicas": APP_REPLICAS}, required=["name", "image"]
)
PORT_RECORD = record(
    PortSpec,
    {
        "port": PORT,
        "target": HIGH_PORT,
        "name": NAME,
        "protocol": choice(AppProtocol),
        "callers": names(part_problem, least=1),
    },
    required=["port"],
    rules=[
        lambda found: (
            [("target", "is missing: pods can't listen below 1024")] if PortSpec(**found).container < 1024 else []
        )
    ],
)


def _route(*, host: str, **found: Any) -> RouteSpec:
    """With exact paths only, there is no prefix that lets all others in."""
    if "exact_paths" in found:
        found = {"paths": (), **found}
    return RouteSpec(host=host, **found)


def _plain_path_problem(value: str) -> str:
    return f"{value!r} has a '*': paths are prefixes as they are" if "*" in value else path_problem(value)


ROUTE = record(
    _route,
    {
        "host": text(pattern_problem),
        "paths": names(_plain_path_problem, least=1),
        "exact_paths": names(_plain_path_problem, least=1),
        "port": PORT,
        "ingresses": names(least=1),
    },
    required=["host"],
)


def _image_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    if "image" in found and "versions" in found:
        return [("versions", "name their images themselves: leave image out")]
    return [] if "image" in found or "versions" in found else [("image", "is missing: give it, or versions")]


def _versions_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    given = [version.name for version in found.get("versions", ())]
    return [("versions", f"{name!r} is there twice") for name in sorted({n for n in given if given.count(n) > 1})]


def _ports_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    ports: tuple[PortSpec, ...] = found.get("ports", ())
    labels, numbers = [port.label for port in ports], [port.port for port in ports]
    wrong = [("ports", f"{one!r} is there twice") for one in sorted({n for n in labels if labels.count(n) > 1})]
    wrong += [("ports", f"{one} is there twice") for one in sorted({n for n in numbers if numbers.count(n) > 1})]
    wrong += [("ports", f"{one!r} has over 15 characters: give a shorter name") for one in labels if len(one) > 15]
    if not ports and found.get("routes"):
        wrong.append(("routes", "need a port to go to"))
    routes: tuple[RouteSpec, ...] = found.get("routes", ())
    wrong += [("routes", f"{way} is there twice") for way in _repeated(routes)]
    wrong += [("routes", f"{r.port} is none of the App's ports") for r in routes if r.port and r.port not in numbers]
    return wrong


def _repeated(routes: Sequence[RouteSpec]) -> list[str]:
    """The hosts and paths, of one gateway, that lead to more than one place."""
    ways = [
        (ingress, f"{route.host}{path}")
        for route in routes
        for ingress in route.ingresses
        for path in (*route.paths, *(f"={one}" for one in route.exact_paths))
    ]
    return sorted({way for _, way in {one for one in ways if ways.count(one) > 1}})


def _app(*, tenant: str, namespace: str = "", image: object = None, **found: Any) -> dict[str, Any]:
    versions = found.pop("versions", None) or (VersionSpec(name="v1", image=image),)
    if "traffic" in found:
        found["traffic"] = _traffic(versions, **found["traffic"])
    return {"tenant": tenant, "part": namespace, "versions": versions, **found}


def _traffic(versions: Sequence[VersionSpec], **found: Any) -> TrafficSpec:
    """With two versions, the canary's other one needs no name."""
    canary: dict[str, Any] | None = found.get("canary")
    if canary:
        others = [version.name for version in versions if version.name != canary["version"]]
        canary.setdefault("stable", others[0] if len(others) == 1 else "")
        found["canary"] = CanarySpec(**canary)
    return TrafficSpec(**found)


APP = record(
    _app,
    {
        "tenant": NAME,
        "namespace": NAME,
        "image": leaf,
        "versions": several(VERSION, 1),
        "ports": several(PORT_RECORD),
        "container": CONTAINER,
        "replicas": APP_REPLICAS,
        "routes": several(ROUTE),
        "traffic": TRAFFIC,
    },
    required=["tenant"],
    rules=[_image_rule, _versions_rule, _ports_rule],
)
"""The fields of AppArgs."""


def app_problems(app: AppSpec, tenant: TenantSpec) -> Iterable[str]:
    """What an App says that its tenant does not have: another's name, a missing namespace, a host of somebody else."""
    if app.tenant != tenant.name:
        yield f"tenant: {app.tenant!r} is not {tenant.name!r}"
    parts = [item.part for item in tenant.namespaces]
    if app.part not in parts:
        yield f"namespace: {app.part!r} is none of the namespaces of tenant {tenant.name!r}"
    elif app.part and app.part == tenant.gateway_part:
        yield f"namespace: {app.part!r} holds the gateways and their keys: run the App in another"
    taken = {"default", *gateway_accounts(tenant)}
    taken.update(name for access in tenant.access for name in access.service_accounts)
    if app.name in taken:
        yield f"name: {app.name!r} is a service account of the tenant already: choose another name"
    yield from (f"container.resources.{problem}" for problem in _size_problems(app, tenant))
    yield from plain_callers_problems(app, tenant)
    if app.traffic:
        yield from (f"traffic.{problem}" for problem in traffic_problems(app))
    for index, route in enumerate(app.routes):
        yield from (f"routes[{index}].{problem}" for problem in _route_problems(route, app, tenant))


def _size_problems(app: AppSpec, tenant: TenantSpec) -> Iterable[str]:
    """The API server refuses a pod with more than the LimitRange lets a container have."""
    limits, resources = tenant.quota.container, app.container.resources
    if 0 < limits.cpu_maximum < resources.cpu_limit:
        yield "cpu_limit: is more than a container of the tenant may have"
    if 0 < limits.memory_maximum < resources.memory_limit:
        yield "memory_limit: is more than a container of the tenant may have"


def _route_problems(route: RouteSpec, app: AppSpec, tenant: TenantSpec) -> Iterable[str]:
    if not tenant.ingress:
        yield f"host: tenant {tenant.name!r} has no ingress: give it one"
        return
    there = {ingress.called: ingress for ingress in tenant.ingresses}
    for name in route.ingresses:
        if name in there:
            yield from _opening_problems(route, app, there[name])
        else:
            yield f"ingresses: {name!r} is none of the tenant's: {', '.join(there)}{did_you_mean(name, there)}"


def _opening_problems(route: RouteSpec, app: AppSpec, ingress: IngressSpec) -> Iterable[str]:
    if not any(covers(host, route.host) for host in ingress.hosts):
        whose = f"the hosts of ingress {ingress.name!r}" if ingress.name else "the ingress's hosts"
        yield f"host: {route.host!r} is none of {whose} ({', '.join(ingress.hosts)})"
    if ingress.client_tls is ClientTls.PASSTHROUGH:
        yield from _unseen_problems(route)
    elif route in app.streams:
        yield from _stream_problems(route, app, ingress)


def _unseen_problems(route: RouteSpec) -> Iterable[str]:
    if route.paths != ("/",) or route.exact_paths:
        yield "paths: can't be seen where TLS passes through or carries no HTTP: leave them out"


def _stream_problems(route: RouteSpec, app: AppSpec, ingress: IngressSpec) -> Iterable[str]:
    """A connection is told apart by its SNI alone, so that its host can have nothing else."""
    yield from _unseen_problems(route)
    port = app.port_of(route)
    if not ingress.certified:
        yield f"port: {port.port} speaks {port.protocol.value}, which needs TLS: give the ingress client_tls mutual"
    tls = ingress.tcp_tls(route.host)
    if port.protocol is AppProtocol.TLS and tls.mode is not ClientTls.PASSTHROUGH:
        yield f"port: {port.port} speaks tls: give the ingress certificates.tcp[{route.host!r}] with mode passthrough"
    if route.host in ingress.hosts:
        yield f"host: {route.host!r} is the ingress's for HTTP: choose a name under a wildcard of the ingress"
    if sum(other.host == route.host for other in app.through(ingress.called)) > 1:
        yield f"host: {route.host!r} leads elsewhere too: give each {port.protocol.value} port a host of its own"
