"""What is declared is open and no finding: shared infrastructure, doors, grants; what is wider is one."""

import pytest

from tenantmesh.graph.opening import Direction, Peers
from tenantmesh.graph.verdict import Layer
from tests.checks.declarations.test_intent import SERVICE, declaring
from tests.checks.fakes import FakeLayer
from tests.checks.proving import RULES, cluster, edges, network, of, opening, policy, proof, two


def test_shared_infrastructure_is_declared():
    scrape = opening("acme", Peers(frozenset({"monitoring"})))
    found = proof(two(), network=network(scrape))
    assert edges(found) == [("monitoring", "acme", ("80/TCP",), True, True)]
    assert of(found, *RULES) == []


def test_the_way_out_is_the_egress_gateways():
    out = Peers(outside=True)
    found = proof(two(), network=network(opening("acme", out, direction=Direction.EGRESS)))
    assert of(found, *RULES) == [("egress-bypass", ("acme",))]
    gateway = """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: out, namespace: acme}
      spec: {selector: {app: web}, servers: [{port: {number: 443}, tls: {mode: ISTIO_MUTUAL}, hosts: [a.example.org]}]}
    """
    found = proof(two(gateway), network=network(opening("acme", out, direction=Direction.EGRESS)))
    assert of(found, *RULES) == []
    assert edges(found) == [("acme", "outside", ("80/TCP",), True, True)]


FRONT = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: acme}
spec: {selector: {app: web}, servers: [{port: {number: 80}, hosts: [acme/a.example.com]}]}
"""


def test_a_front_door_is_open_to_the_outside_and_no_tenants_edge():
    found = proof(two(FRONT), network=network(opening("acme", Peers(everywhere=True, outside=True))))
    assert edges(found) == [("outside", "acme", ("80/TCP",), True, True)]
    assert of(found, *RULES) == []


@pytest.mark.parametrize(
    "wider",
    [
        {"ports": ((80, 81),)},
        {"ports": ()},
        {"by": policy("acme", podSelector={})},
        {"by": policy("acme", podSelector={"matchExpressions": [{"key": "app", "operator": "Exists"}]})},
        {"by": policy("acme", kind="SomethingElse", podSelector={"matchLabels": {"app": "web"}})},
    ],
)
def test_what_is_wider_than_a_front_door_is_none(wider):
    """A pod of the gateway as the sample does not make a policy for all pods one of the gateway."""
    found = proof(two(FRONT), network=network(opening("acme", Peers(everywhere=True, outside=True), **wider)))
    assert {rule for rule, _ in of(found, *RULES)} == {"network-reach", "exposed-past-gateway"}


EXPORT = {"service": "web", "ports": [80], "to": ["globex"], "selector": {"app": "web"}, "reason": "orders"}
IMPORT = {"namespace": "acme", "service": "web", "ports": [80], "reason": "orders"}


def granting(**said):
    made = cluster(
        SERVICE, declaring("acme", exports=[EXPORT]), declaring("globex", imports=[IMPORT]), FRONT.replace("80", "81")
    )
    return proof(made, **said)


def test_a_grant_is_an_edge_with_its_reason_and_no_finding():
    deny = FakeLayer(Layer.IDENTITY)
    found = granting(network=network(opening("acme", Peers(frozenset({"globex"})))), identity=deny)
    assert edges(found) == [("globex", "acme", ("80/TCP",), True, True)]
    assert found.matrix[0].reason == "orders"
    assert of(found, *RULES) == []


@pytest.mark.parametrize(
    "wider", [{"ports": ((80, 90),)}, {"by": policy("acme", podSelector={"matchLabels": {"tier": "x"}})}]
)
def test_what_is_wider_than_the_grant_is_a_finding(wider):
    found = granting(network=network(opening("acme", Peers(frozenset({"globex"})), **wider)))
    assert ("network-reach", ("acme", "globex")) in of(found, *RULES)


@pytest.mark.parametrize("layer", ["network", "identity", "routing"])
def test_a_grant_that_a_layer_denies_is_broken(layer):
    shut = FakeLayer(Layer(layer), denied=frozenset({("globex", "acme")}))
    found = granting(**{layer: shut})
    assert of(found, "grant-broken") == [("grant-broken", ("acme", "globex"))]
    assert [one.fix for one in found.findings if one.rule.id == "grant-broken"] == ["change it"]
    assert not found.matrix[0].open


def test_a_layer_that_lets_all_through_exceeds_a_grant_in_ports_and_pods():
    found = granting()
    assert len(of(found, "grant-exceeded")) == 4
