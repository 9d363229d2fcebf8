"""Random meshes in which namespaces route to one another, and requests of their pods, over a small vocabulary.

Everything has an age of its own, so that which of two routes is older is known.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from tenantmesh.graph.flow import Request
from tests.graph.routing.placed import (
    APPS,
    LISTENS,
    NAMESPACES,
    VERSIONS,
    Body,
    Pod,
    every_pod,
    full_name,
    namespace,
    pod_body,
    services,
    slices,
)

ROOT = "istio-system"
PORTS = (80, 8080)

_PATHS = ("/", "/api", "/api/v1", "/apis", "/API", "/api?x=1", "/shop/api")
_METHODS = ("GET", "POST")
_OWN = ("mine.example", "x.mine.example")
_BORN = datetime(2026, 1, 1, tzinfo=UTC)


class World(NamedTuple):
    """A mesh: its pods, what Kubernetes and Istio route by, and whether the mesh drops what it does not know.

    `gates` are the pods that are gateways.
    """

    pods: tuple[Pod, ...]
    kubernetes: tuple[Body, ...]
    istio: tuple[Body, ...]
    registry_only: bool
    gates: tuple[Pod, ...] = ()

    @property
    def clients(self) -> tuple[Pod, ...]:
        """Those that ask; what others of the same app are told is the same."""
        return tuple(pod for pod in self.pods if pod.version == VERSIONS[0])


class Question(NamedTuple):
    """A request that a pod sends to a port of a host."""

    source: Pod
    host: str
    port: int
    request: Request


def world(random: Random) -> World:
    """A mesh of three namespaces with a few objects that route."""
    pods = tuple(every_pod())
    made = [one for one in services(random) if random.random() < 0.8]
    istio = [
        *(_sidecar(random, space) for space in (*NAMESPACES, ROOT) if random.random() < 0.4),
        *(virtual_service(random, f"route{number}") for number in range(random.randint(0, 4))),
        *(_destination_rule(random, f"rule{number}") for number in range(random.randint(0, 3))),
        *(_service_entry(random, f"entry{number}", pods) for number in range(random.choice((0, 0, 1, 2)))),
    ]
    ages = random.sample(range(1000), len(istio))
    for one, age in zip(istio, ages, strict=True):
        one["metadata"]["creationTimestamp"] = (_BORN + timedelta(days=age)).isoformat().replace("+00:00", "Z")
    kubernetes = (
        *map(namespace, (*NAMESPACES, ROOT)),
        *map(pod_body, pods),
        *made,
        *slices(made, pods),
    )
    # Of a Service and a ServiceEntry with one host Istio takes sometimes one, sometimes the other.
    taken = {full_name(one["metadata"]["namespace"], one["metadata"]["name"]) for one in made}
    kept = [one for one in istio if one["kind"] != "ServiceEntry" or taken.isdisjoint(one["spec"]["hosts"])]
    return World(pods, kubernetes, tuple(kept), random.random() < 0.5)


def question(random: Random, world: World) -> Question:
    """A request of one of the pods."""
    source = random.choice(world.clients)
    host = random.choice((*(_name(random) for _ in range(4)), *_OWN))
    request = Request(
        port=LISTENS,
        host=host,
        method=random.choice(_METHODS),
        path=random.choice(_PATHS),
        headers={"x-kind": random.choice(("one", "two"))} if random.random() < 0.5 else {},
    )
    return Question(source, host, random.choice(PORTS), request)


def _istio(kind: str, namespace: str, name: str, spec: Body) -> Body:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _host(random: Random) -> str:
    """A service as a client or a route may spell it."""
    namespace, app = random.choice(NAMESPACES), random.choice(APPS)
    return random.choice((app, f"{app}.{namespace}", f"{app}.{namespace}.svc", full_name(namespace, app)))


def _name(random: Random) -> str:
    """The same as a client may spell it, which may ask for one of its pods too."""
    pod = f"{random.choice(VERSIONS)}." if random.random() < 0.1 else ""
    return f"{pod}{_host(random)}"


def _export(random: Random) -> Body:
    found = random.choice((None, None, None, ["*"], ["."], ["a"], ["a", "b"], ["b", "c"]))
    return {} if found is None else {"exportTo": found}


def _sidecar(random: Random, namespace: str) -> Body:
    places = [*NAMESPACES, ".", "*", "*"] if namespace != ROOT else [".", "*", "a"]

    def host() -> str:
        place = random.choice(places)
        name = random.choice(("*", "*", full_name(random.choice(NAMESPACES), random.choice(APPS)), "*.example", *_OWN))
        return "~/*" if random.random() < 0.05 else f"{place}/{name}"

    egress = [{"hosts": [host() for _ in range(random.randint(1, 3))]}]
    spec: Body = {"egress": egress}
    if random.random() < 0.7:
        spec["outboundTrafficPolicy"] = {"mode": random.choice(("ALLOW_ANY", "REGISTRY_ONLY"))}
    if namespace != ROOT and random.random() < 0.3:
        spec["workloadSelector"] = {"labels": {"app": random.choice(APPS)}}
    return _istio("Sidecar", namespace, "default", spec)


def virtual_service(random: Random, name: str) -> Body:
    """A route of some namespace for a host or two, exported or not."""
    hosts = list(dict.fromkeys(_route_host(random) for _ in range(random.choice((1, 1, 1, 2)))))
    if any("*" in one for one in hosts):
        # Istio refuses a route two of whose hosts cover one name.
        del hosts[1:]
    rules = [_rule(random) for _ in range(random.randint(1, 3))]
    return _istio("VirtualService", random.choice(NAMESPACES), name, {"hosts": hosts, "http": rules, **_export(random)})


def _route_host(random: Random) -> str:
    if random.random() < 0.6:
        return full_name(random.choice(NAMESPACES), random.choice(APPS))
    return random.choice((*_OWN, "*.mine.example", "*.b.svc.cluster.local", *APPS, "shop.b", "*.example"))


def _rule(random: Random) -> Body:
    rule: Body = {}
    if random.random() < 0.6:
        rule["match"] = [_match(random) for _ in range(random.choice((1, 1, 2)))]
    kind = random.random()
    if kind < 0.1:
        return {**rule, "directResponse": {"status": 404}}
    if kind < 0.2:
        return {**rule, "redirect": {"uri": "/elsewhere"}}
    count = random.choice((1, 1, 2, 3))
    rule["route"] = [{"destination": _destination(random)} for _ in range(count)]
    if count > 1:
        for one, weight in zip(rule["route"], random.choice(((100, 0, 0), (50, 50, 0), (40, 30, 30))), strict=False):
            one["weight"] = weight
    if random.random() < 0.15:
        rule["mirrors"] = [{"destination": _destination(random), "percentage": {"value": random.choice((0, 50, 100))}}]
    return rule


def _destination(random: Random) -> Body:
    full = full_name(random.choice(NAMESPACES), random.choice(APPS))
    found: Body = {"host": random.choice((full, full, full, _host(random), random.choice(_OWN)))}
    if random.random() < 0.5:
        found["port"] = {"number": random.choice(PORTS)}
    if random.random() < 0.3:
        found["subset"] = random.choice(VERSIONS)
    return found


def _match(random: Random) -> Body:
    found: Body = {}
    if random.random() < 0.5:
        kind = random.choice(("exact", "prefix", "regex"))
        found["uri"] = {kind: random.choice({"regex": ("/api.*", "/a", ".*api", "/api(/v1)?")}.get(kind, _PATHS[:4]))}
        if random.random() < 0.2 and kind != "regex":
            found["ignoreUriCase"] = True
    if random.random() < 0.2:
        found["method"] = {"exact": random.choice(_METHODS)}
    if random.random() < 0.3:
        value = random.choice(({}, {"exact": "one"}, {"prefix": "t"}, {"regex": "o.e"}))
        found[random.choice(("headers", "headers", "withoutHeaders"))] = {"x-kind": value}
    if random.random() < 0.1:
        found["queryParams"] = {"x": {"exact": "1"}}
    if random.random() < 0.2:
        found["sourceNamespace"] = random.choice(NAMESPACES)
    if random.random() < 0.2:
        found["sourceLabels"] = {"app": random.choice(APPS)}
    if random.random() < 0.2:
        found["port"] = random.choice(PORTS)
    if random.random() < 0.1:
        found["authority"] = {random.choice(("exact", "prefix")): random.choice((*_OWN, "shop", "shop.b"))}
    return found or {"uri": {"prefix": "/"}}


def _destination_rule(random: Random, name: str) -> Body:
    host = full_name(random.choice(NAMESPACES), random.choice(APPS)) if random.random() < 0.8 else _route_host(random)
    subsets: list[Body] = [{"name": one, "labels": {"version": one}} for one in VERSIONS if random.random() < 0.7]
    spec = {"host": host, "subsets": subsets, **_export(random)}
    if random.random() < 0.15:
        random.choice((spec, *subsets))["trafficPolicy"] = {"loadBalancer": {"simple": "PASSTHROUGH"}}
    return _istio("DestinationRule", random.choice(NAMESPACES), name, spec)


def _service_entry(random: Random, name: str, pods: tuple[Pod, ...]) -> Body:
    host = random.choice((*_OWN, full_name(random.choice(NAMESPACES), random.choice(APPS)), "*.mine.example"))
    # Services of one host and namespace share the endpoints behind ports of one name; the prover follows no such thing.
    spec: Body = {"hosts": [host], "ports": [{"number": random.choice(PORTS), "name": name, "protocol": "HTTP"}]}
    if random.random() < 0.5:
        spec["ports"][0]["targetPort"] = LISTENS
    if random.random() < 0.4:
        spec["workloadSelector"] = {"labels": {"app": random.choice(APPS)}}
    else:
        spec["endpoints"] = [{"address": one.address} for one in random.sample(pods, random.randint(1, 2))]
    spec |= {"location": "MESH_INTERNAL", "resolution": "STATIC", **_export(random)}
    return _istio("ServiceEntry", random.choice(NAMESPACES), name, spec)
