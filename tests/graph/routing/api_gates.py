"""Random gateways and routes of Gateway API in the random meshes, for gateways' pods and for services.

What the API server puts where nothing is said is written out, for Istio reads no defaults.
"""

from random import Random

from tests.graph.routing.gates import PORT, gate_pods, workload
from tests.graph.routing.placed import APPS, LISTENS, NAMESPACES, Body
from tests.graph.routing.worlds import World, world

_GROUP = "gateway.networking.k8s.io"
_HOSTS = ("mine.example", "x.mine.example", "*.mine.example", "*.example", "other.example")
_PATHS = ("/", "/api", "/api/v1", "/apis", "/API", "/shop/api")
_GATE = "gate"


def api_gated(random: Random) -> World:
    """A mesh with a Gateway in two of its namespaces, and HTTPRoutes and GRPCRoutes for these and for services."""
    found = world(random)
    gates = gate_pods()
    gateways = [_gateway(random, gate.namespace) for gate in gates]
    routes = [_route(random, f"route{number}", gateways) for number in range(random.randint(2, 5))]
    for one, day in zip(routes, random.sample(range(1, 29), len(routes)), strict=True):
        one["metadata"]["creationTimestamp"] = f"2025-03-{day:02}T00:00:00Z"
    grants = [_grant(random, space) for space in NAMESPACES if random.random() < 0.5]
    added = (*(body for gate in gates for body in workload(gate)), *gateways, *routes, *grants)
    return found._replace(gates=gates, kubernetes=(*found.kubernetes, *added))


def _object(kind: str, namespace: str, name: str, spec: Body, version: str = "v1") -> Body:
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": "2025-01-01T00:00:00Z"}
    return {"apiVersion": f"{_GROUP}/{version}", "kind": kind, "metadata": metadata, "spec": spec}


def _gateway(random: Random, namespace: str) -> Body:
    hosts = random.sample((None, *_HOSTS), random.randint(1, 3))
    listeners = [_listener(random, f"listener{number}", host) for number, host in enumerate(hosts)]
    # The pods are there already, behind this Service.
    addresses = [{"type": "Hostname", "value": f"{_GATE}.{namespace}.svc.cluster.local"}]
    spec = {"gatewayClassName": "istio", "addresses": addresses, "listeners": listeners}
    return _object("Gateway", namespace, "front", spec)


def _listener(random: Random, name: str, host: str | None) -> Body:
    namespaces: Body = {"from": random.choice(("All", "All", "Same", "Selector"))}
    if namespaces["from"] == "Selector":
        namespaces["selector"] = {"matchLabels": {"kubernetes.io/metadata.name": random.choice(NAMESPACES)}}
    found: Body = {"name": name, "port": PORT, "protocol": "HTTP", "allowedRoutes": {"namespaces": namespaces}}
    return found if host is None else {**found, "hostname": host}


def _route(random: Random, name: str, gateways: list[Body]) -> Body:
    namespace, kind = random.choice(NAMESPACES), random.choice(_ROUTES)
    spec: Body = {"rules": [_rule(random, kind, namespace) for _ in range(random.randint(1, 3))]}
    if random.random() < 0.3:
        spec["parentRefs"] = [_service_parent(random, namespace)]
    else:
        chosen = random.sample(gateways, random.choice((1, 1, 2)))
        spec["parentRefs"] = [_parent(random, one) for one in chosen]
        if random.random() < 0.8:
            spec["hostnames"] = random.sample(_HOSTS, random.choice((1, 1, 2)))
    return _object(kind, namespace, name, spec)


def _parent(random: Random, gateway: Body) -> Body:
    metadata = gateway["metadata"]
    found: Body = {"group": _GROUP, "kind": "Gateway", "name": metadata["name"], "namespace": metadata["namespace"]}
    if random.random() < 0.2:
        found["sectionName"] = random.choice(("listener0", "listener1"))
    if random.random() < 0.2:
        found["port"] = random.choice((PORT, LISTENS))
    return found


def _service_parent(random: Random, namespace: str) -> Body:
    space = namespace if random.random() < 0.6 else random.choice(NAMESPACES)
    found: Body = {"group": "", "kind": "Service", "name": random.choice(APPS), "namespace": space}
    return {**found, "port": random.choice((80, 8080))} if random.random() < 0.3 else found


def _rule(random: Random, kind: str, namespace: str) -> Body:
    found: Body = {"matches": [_MATCHES[kind](random) for _ in range(random.choice((1, 1, 2)))]}
    if kind == "HTTPRoute" and random.random() < 0.1:
        return {**found, "filters": [{"type": "RequestRedirect", "requestRedirect": {"statusCode": 302, "port": 81}}]}
    if random.random() < 0.15:
        mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": _backend(random, namespace)}}
        found["filters"] = [mirror]
    backends = [_backend(random, namespace) for _ in range(random.choice((0, 1, 1, 1, 2)))]
    found["backendRefs"] = [{**one, "weight": random.choice((0, 1, 1, 3))} for one in backends]
    return found


def _backend(random: Random, namespace: str) -> Body:
    space = namespace if random.random() < 0.5 else random.choice(NAMESPACES)
    ref = {"group": "", "kind": "Service", "name": random.choice(APPS), "port": random.choice((80, 80, 8080))}
    return ref if space == namespace else {**ref, "namespace": space}


def _match(random: Random) -> Body:
    way = random.choice(("Exact", "PathPrefix", "PathPrefix", "RegularExpression"))
    value = random.choice(("/api.*", "/a", ".*api", "/api(/v1)?") if way == "RegularExpression" else _PATHS)
    found: Body = {
        "path": {"type": way, "value": value} if random.random() < 0.6 else {"type": "PathPrefix", "value": "/"}
    }
    if random.random() < 0.2:
        found["method"] = random.choice(("GET", "POST"))
    if random.random() < 0.3:
        found["headers"] = [random.choice((_value("x-kind", "one"), _value("X-Kind", "o.e", "RegularExpression")))]
    if random.random() < 0.1:
        found["queryParams"] = [_value("x", "1")]
    return found


def _call(random: Random) -> Body:
    """A method of gRPC, which is a path of two parts."""
    found: Body = {}
    if random.random() < 0.7:
        way = random.choice(("Exact", "Exact", "RegularExpression"))
        service, method = ("api|shop", "[av].*") if way == "RegularExpression" else ("api", "v1")
        parts = random.choice(({"service": service, "method": method}, {"service": service}, {"method": method}))
        found["method"] = {"type": way, **parts}
    if random.random() < 0.3:
        found["headers"] = [random.choice((_value("x-kind", "one"), _value("X-Kind", "o.e", "RegularExpression")))]
    return found


_MATCHES = {"HTTPRoute": _match, "GRPCRoute": _call}
_ROUTES = ("HTTPRoute", "HTTPRoute", "GRPCRoute")


def _value(name: str, value: str, way: str = "Exact") -> Body:
    return {"type": way, "name": name, "value": value}


def _grant(random: Random, namespace: str) -> Body:
    """Some routes of other namespaces may have this one's services, or one of them, as backends."""
    spaces = random.sample(NAMESPACES, random.randint(1, 2))
    to: Body = {"group": "", "kind": "Service"} | ({"name": random.choice(APPS)} if random.random() < 0.3 else {})
    origins = [{"group": _GROUP, "kind": random.choice(_ROUTES), "namespace": space} for space in spaces]
    return _object("ReferenceGrant", namespace, "grant", {"from": origins, "to": [to]}, "v1beta1")
