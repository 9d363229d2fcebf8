"""Random gateways in the random meshes: pods in two namespaces, what they serve, and requests from outside."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.flow import Request
from tests.graph.routing.placed import LISTENS, NAMESPACES, Body, Pod, pod_body
from tests.graph.routing.worlds import World, question, virtual_service, world

_HOSTS = (
    "*",
    "*",
    "*",
    "*.example",
    "mine.example",
    "x.mine.example",
    "a/mine.example",
    "./*",
    "b/*",
    "*/x.mine.example",
)
_ROUTES = {"VirtualService": "hosts", "HTTPRoute": "hostnames", "GRPCRoute": "hostnames"}
PORT = 80
"""The port at which the outside asks; the gateways' pods listen on another."""


class Knock(NamedTuple):
    """A request that comes to a gateway's pod from outside."""

    gate: Pod
    host: str
    request: Request


def gated(random: Random) -> World:
    """A mesh with gateways in two of its namespaces, to which its routes are bound."""
    found = world(random)
    routes = tuple(virtual_service(random, f"door{number}") for number in range(3))
    for number, route in enumerate(routes, 1):
        route["metadata"]["creationTimestamp"] = f"2025-02-0{number}T00:00:00Z"
    gates = gate_pods()
    names = [f"gate{number}" for number in range(random.randint(1, 3))]
    gateways = [_gateway(random, name) for name in names]
    known = [f"{one['metadata']['namespace']}/{one['metadata']['name']}" for one in gateways]
    for one in (*found.istio, *routes):
        if one["kind"] == "VirtualService":
            _bind(random, one, known)
    kubernetes = (*found.kubernetes, *(body for gate in gates for body in workload(gate)))
    return found._replace(gates=gates, kubernetes=kubernetes, istio=(*found.istio, *routes, *gateways))


def gate_pods() -> tuple[Pod, ...]:
    """The pods that are gateways, in two namespaces."""
    return tuple(Pod(space, "gate", "v1", f"10.0.{number}.100") for number, space in enumerate(NAMESPACES[:2], 1))


def knock(random: Random, world: World) -> Knock:
    """A request from outside, mostly for a host that some route has, else for one as clients within spell it."""
    asked = question(random, world)
    routed = [host for one in (*world.istio, *world.kubernetes) if one["kind"] in _ROUTES for host in _full_hosts(one)]
    host = random.choice(routed) if routed and random.random() < 0.7 else asked.host
    return Knock(random.choice(world.gates), host, replace(asked.request, port=LISTENS, host=host))


def _full_hosts(route: Body) -> Iterator[str]:
    for host in route["spec"].get(_ROUTES[route["kind"]], ()):
        full = host if "." in host else f"{host}.{route['metadata']['namespace']}.svc.cluster.local"
        yield full.replace("*", "any")


def _gateway(random: Random, name: str) -> Body:
    hosts = random.sample(_HOSTS, random.choice((1, 1, 2)))
    server: Body = {"port": {"number": PORT, "name": "http", "protocol": "HTTP"}, "hosts": hosts}
    if random.random() < 0.1:
        server["tls"] = {"httpsRedirect": True}
    selector = {"app": "gate"} | ({"place": random.choice(NAMESPACES[:2])} if random.random() < 0.5 else {})
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {
            "name": name,
            "namespace": random.choice(NAMESPACES),
            "creationTimestamp": f"2025-01-{random.randint(1, 28):02}T00:00:00Z",
        },
        "spec": {"selector": selector, "servers": [server]},
    }


def _bind(random: Random, route: Body, known: list[str]) -> None:
    """Bind a route to some gateways, most often of those that are there."""
    if random.random() < 0.2:
        return
    own = route["metadata"]["namespace"]
    chosen = random.sample(known, random.randint(1, len(known)))
    names = [one.removeprefix(f"{own}/") if random.random() < 0.5 else one for one in chosen]
    route["spec"]["gateways"] = [*names, *(["mesh"] if random.random() < 0.5 else [])]
    if random.random() < 0.3:
        # A rule for one of them alone.
        rule = random.choice(route["spec"]["http"])
        for match in rule.get("match", ())[:1]:
            match["gateways"] = [random.choice(names)]


def workload(gate: Pod) -> tuple[Body, ...]:
    """The pod of a gateway, and the Service that opens it to the outside."""
    pod = pod_body(gate)
    pod["metadata"]["annotations"] = {"inject.istio.io/templates": "gateway"}
    pod["spec"]["containers"][0]["name"] = "istio-proxy"
    metadata = {"name": gate.app, "namespace": gate.namespace}
    ports = [{"name": "http", "port": PORT, "targetPort": LISTENS}]
    return (
        pod,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {
                "type": "LoadBalancer",
                "selector": {"app": gate.app},
                "ports": ports,
                "clusterIP": f"10.96.{NAMESPACES.index(gate.namespace) + 1}.9",
            },
        },
    )
