"""Tenants and openings between them, and what the proof says of them."""

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Effect, Evidence, Layer
from tenantmesh.manifest import ManifestObject
from tests.checks.fakes import TODAY, FakeLayer, layers, manifest, namespace

MESH = {"istio-injection": "enabled"}


def policy(name, kind="NetworkPolicy", **spec):
    body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "opens", "namespace": name}, "spec": spec}
    return ManifestObject(body=body)


def opening(name, peers, *, layer=Layer.NETWORK, direction=Direction.INGRESS, ports=((80, 80),), by=None, peer=None):
    return Opening(
        layer=layer,
        direction=direction,
        namespace=name,
        workload=Workload(namespace=name, name="web", labels={"app": "web"}),
        peers=peers,
        request=Request(port=80),
        ports=ports,
        peer=peer,
        evidence=(Evidence(Effect.ALLOWS, "opens", by or policy(name, podSelector={"matchLabels": {"app": "web"}})),),
    )


def cluster(*texts):
    return Cluster(manifest(*texts))


def two(*more):
    return cluster(namespace("acme", labels=MESH), namespace("globex", labels=MESH), *more)


def proof(made, **said):
    return prove(made, find_intent(made), today=TODAY, layers=layers(made, **said))


def network(*openings, **more):
    found = {one.namespace: tuple(other for other in openings if other.namespace == one.namespace) for one in openings}
    return FakeLayer(Layer.NETWORK, said=found, **more)


def of(found, *rules):
    return [(one.rule.id, one.tenants) for one in found.findings if one.rule.id in rules]


def edges(found):
    return [(one.source, one.destination, one.ports, one.declared, one.open) for one in found.matrix]


RULES = (
    "network-reach",
    "identity-reach",
    "one-sided-opening",
    "network-uncovered",
    "exposed-past-gateway",
    "egress-bypass",
)
