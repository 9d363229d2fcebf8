"""The proof over layers that say what a test has them say."""

from msgspec.structs import replace

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.prove import Prover
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.opening import Direction, Peers
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer
from tests.checks.fakes import TODAY, FakeLayer, layers, namespace
from tests.checks.proving import MESH, RULES, cluster, edges, network, of, opening, policy, proof, two


def reach(found):
    return [(one.rule.id, one.tenants) for one in found.findings if one.rule.id not in ("quota-missing",)]


def test_an_opening_to_the_own_tenant_is_no_edge():
    found = proof(two(), network=network(opening("acme", Peers(frozenset({"acme"})))))
    assert edges(found) == []
    assert of(found, *RULES) == []


def test_an_opening_to_another_tenant_is_an_edge_and_a_finding():
    found = proof(two(), network=network(opening("acme", Peers(frozenset({"globex"})))))
    assert edges(found) == [("globex", "acme", ("80/TCP",), False, True)]
    assert of(found, *RULES) == [("network-reach", ("acme", "globex"))]
    (edge,) = found.matrix
    assert (edge.shown.witness, edge.shown.answer) == ("globex/any-pod -> acme/web:80/TCP", Answer.ALLOWED)


def test_what_the_layer_itself_denies_is_one_side_of_a_path():
    shut = network(opening("acme", Peers(frozenset({"globex"}))), denied=frozenset({("globex", "acme")}))
    found = proof(two(), network=shut)
    assert edges(found) == []
    assert of(found, *RULES) == [("one-sided-opening", ("acme", "globex"))]


def test_each_layer_has_to_hold_by_itself():
    """The identity layer is open; the network that is shut makes the edge no open one, and the finding stays."""
    shut = FakeLayer(Layer.NETWORK, Answer.DENIED)
    wide = opening("acme", Peers(frozenset({"globex"})), layer=Layer.IDENTITY)
    found = proof(two(), network=shut, identity=FakeLayer(Layer.IDENTITY, said={"acme": (wide,)}))
    assert edges(found) == [("globex", "acme", ("80/TCP",), False, False)]
    assert of(found, *RULES) == [("identity-reach", ("acme", "globex"))]
    assert Layer.NETWORK not in found.matrix[0].layers


def test_an_opening_to_everywhere_is_one_edge_however_many_tenants_there_are():
    made = cluster(*(namespace(f"t{at}", labels=MESH) for at in range(30)))
    found = proof(made, network=network(opening("t7", Peers(everywhere=True))))
    assert edges(found) == [("*", "t7", ("80/TCP",), False, True)]
    assert of(found, *RULES) == [("network-reach", ("t7",))]
    assert found.matrix[0].shown.witness == "stranger/any-pod -> t7/web:80/TCP"


def test_an_opening_that_no_object_makes_is_a_lack_of_cover():
    bare = replace(
        opening("acme", Peers(everywhere=True, outside=True)), evidence=(Evidence(Effect.ALLOWS, "default"),)
    )
    found = proof(two(), network=network(bare))
    assert set(of(found, *RULES)) == {("network-uncovered", ("acme",))}
    assert [one.objects[0].key.kind for one in found.findings if one.rule.id == "network-uncovered"] == ["Namespace"]


def test_a_stranger_is_never_a_namespace_that_is_there():
    made = cluster(namespace("stranger", labels=MESH))
    found = proof(made, network=network(opening("stranger", Peers(everywhere=True))))
    assert found.matrix[0].shown.witness == "stranger-x/any-pod -> stranger/web:80/TCP"


def test_what_the_layer_cannot_prove_is_unproven_and_found():
    unsure = network(opening("acme", Peers(frozenset({"globex"}))), unproven=frozenset({("globex", "acme")}))
    found = proof(two(), network=unsure)
    assert edges(found) == []
    assert [one.tenants for one in found.unproven] == [("acme", "globex")]
    assert of(found, "not-understood") == [("not-understood", ("acme", "globex"))]


def test_an_opening_in_doubt_stays_unproven_though_one_try_of_it_is_denied():
    doubted = opening("acme", Peers(frozenset({"globex"})))
    evidence = (Evidence(Effect.UNKNOWN, "too much to try", policy("acme")),)
    shut = network(replace(doubted, evidence=evidence), denied=frozenset({("globex", "acme")}))
    (found,) = proof(two(), network=shut).unproven
    assert (found.tenants, found.object) == (("acme", "globex"), policy("acme"))
    assert found.reason.endswith("too much to try")


def test_without_a_mesh_identity_keeps_nobody_apart_and_the_proof_says_so():
    made = cluster(namespace("acme"), namespace("globex"))
    wide = opening("acme", Peers(everywhere=True), layer=Layer.IDENTITY)
    found = proof(made, identity=FakeLayer(Layer.IDENTITY, said={"acme": (wide,)}))
    assert of(found, *RULES) == []
    assert "there is no mesh" in found.assumptions[0]


def test_tenants_with_equal_openings_are_one_class():
    made = cluster(*(namespace(name, labels=MESH) for name in ("a", "b", "c")))
    wide = [opening(name, Peers(everywhere=True)) for name in ("a", "b")]
    assert [one.tenants for one in proof(made, network=network(*wide)).classes] == [("a", "b"), ("c",)]


def test_every_tenant_has_the_verdict_of_a_stranger():
    found = proof(two(), network=FakeLayer(Layer.NETWORK, Answer.DENIED))
    assert [(one.tenant, one.shown.answer) for one in found.fences] == [
        ("acme", Answer.DENIED),
        ("globex", Answer.DENIED),
    ]


def shared(made, *openings, **more):
    return of(proof(made, network=network(*openings, **more)), "relay")


def test_a_shared_workload_between_two_tenants_is_a_relay():
    made = two(namespace("monitoring"))
    here = opening("acme", Peers(frozenset({"monitoring"})), direction=Direction.EGRESS)
    there = opening("globex", Peers(frozenset({"monitoring"})))
    assert shared(made, here, there) == [("relay", ("acme", "globex"))]
    assert shared(made, here) == shared(made, there) == []
    assert shared(made, here, there, denied=frozenset({("monitoring", "globex")})) == []


def test_two_pods_of_a_shared_namespace_are_no_relay():
    def pod(app):
        return Workload(namespace="", name="any", labels={"app": app})

    monitoring = Peers(frozenset({"monitoring"}))
    here = opening("acme", monitoring, direction=Direction.EGRESS, peer=pod("push"))
    assert shared(two(), here, opening("globex", monitoring, peer=pod("scrape"))) == []
    assert len(shared(two(), here, opening("globex", monitoring, peer=pod("push")))) == 1


def asked(layers_of: Layers):
    assert isinstance(layers_of.network, FakeLayer)
    return layers_of.network.asked


def test_one_changed_tenant_is_proven_without_the_others():
    made = cluster(*(namespace(f"t{at}", labels=MESH) for at in range(5)))
    openings = network(opening("t1", Peers(frozenset({"t2"}))))
    prover = Prover(made, find_intent(made), today=TODAY, layers=layers(made, network=openings))
    before = prover.proof()
    again = layers(made, network=network(opening("t1", Peers(frozenset({"t2"})))))
    after = prover.updated(made, find_intent(made), ["t4"], layers=again).proof()
    assert asked(again) == ["t4"]
    assert after == before
    other = layers(made)
    assert of(prover.updated(made, find_intent(made), ["t2"], layers=other).proof(), *RULES) == []
    assert asked(other) == ["t1", "t2"]


def test_the_same_objects_in_any_order_give_the_same_proof():
    texts = [namespace(name, labels=MESH) for name in ("b", "a", "c")]
    wide = [opening(name, Peers(everywhere=True)) for name in ("a", "b", "c")]
    one, other = cluster(*texts), cluster(*reversed(texts))
    first, second = proof(one, network=network(*wide)), proof(other, network=network(*reversed(wide)))
    assert (first.matrix, reach(first)) == (second.matrix, reach(second))
