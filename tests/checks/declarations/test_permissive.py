"""Plain text that a tenant declares until a day: borne as declared, and found where it is more, later or not there."""

import copy
import datetime
import json

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.errors import IntentError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Answer, Layer
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.tenant import plan_app, plan_tenant

LAST_DAY = datetime.date(2030, 6, 1)
PLAIN = {"service": "orders", "ports": [8080], "until": LAST_DAY.isoformat(), "reason": "old jobs"}
NAME = "permissive--orders"
PEERS, LETS_IN = ("PeerAuthentication", NAME), ("AuthorizationPolicy", NAME)
NAMESPACE = ("Namespace", "acme")
GRANT = {"service": "orders", "ports": [8080, 9090], "reason": "why"}


def planned(sharing=None, caller=None):
    """Two tenants, of which `acme` takes plain text at one port of one App."""
    acme = parse_tenant("acme", {"settings": {"permissive": [PLAIN]}, "sharing": sharing or {}})
    bodies = [*plan_tenant(acme), *plan_tenant(parse_tenant("globex", {"sharing": caller or {}}))]
    for name in ("orders", "shop"):
        app = {"tenant": "acme", "image": "i", "ports": [{"port": 8080}, {"port": 9090}]}
        bodies += plan_app(parse_app(name, app, acme), acme)
    return [copy.deepcopy(dict(body)) for body in bodies]


def one(bodies, kind, name):
    (found,) = [
        body for body in bodies if (body["kind"], body["metadata"]["name"]) == (kind, name) and not _of_globex(body)
    ]
    return found


def _of_globex(body):
    return "globex" in (body["metadata"].get("namespace"), body["metadata"]["name"])


def without(bodies, *keys):
    gone = [one(bodies, *key) for key in keys]
    return [body for body in bodies if body not in gone]


def proof(bodies, today=LAST_DAY):
    cluster = Cluster(Manifest.of(ManifestObject(body=body, source="objects") for body in bodies))
    return prove(cluster, find_intent(cluster), today=today)


def rules(found):
    return sorted({each.rule.id for each in found.findings})


def exempted(found):
    return [(each.rule.id, each.tenants) for each in found.exempted]


def test_it_is_borne_until_its_last_day_as_one_exemption():
    found = proof(planned())
    assert (rules(found), exempted(found)) == ([], [("permissive-mtls", ("acme",))])
    assert found.unproven == ()


def test_it_is_an_edge_within_the_tenant_and_none_to_another():
    edges = {(each.source, each.destination): each for each in proof(planned()).matrix}
    own = edges["acme", "acme"]
    assert (own.ports, own.declared, own.open) == (("8080/TCP",), True, True)
    assert own.reason == "plain text until 2030-06-01: old jobs"
    assert not any("acme" in pair and not pair[0].startswith("acme") for pair in edges if "globex" in pair)
    assert ("*", "acme") not in edges


def test_a_stranger_is_shut_out_in_both_layers_as_ever():
    (fence, _) = proof(planned()).fences
    denied = {each.layer for each in fence.shown.verdict.layers if each.answer is Answer.DENIED}
    assert denied >= {Layer.NETWORK, Layer.IDENTITY}


def test_on_the_day_after_all_that_it_opened_is_an_error():
    found = proof(planned(), LAST_DAY + datetime.timedelta(days=1))
    assert rules(found) == ["exemption-expired", "identity-reach", "permissive-mtls"]
    assert {each.severity.value for each in found.findings} == {"error"}
    (said,) = [each for each in found.findings if each.rule.id == "exemption-expired"]
    assert said.message == "the exemption from permissive-mtls (old jobs) held until 2030-06-01"


def test_a_declaration_that_nothing_needs_any_more_is_an_error():
    assert rules(proof(without(planned(), PEERS, LETS_IN))) == ["exemption-unused"]
    assert rules(proof(without(planned(), PEERS))) == ["exemption-unused"]


def test_without_a_declaration_both_policies_are_found():
    bodies = planned()
    del one(bodies, *NAMESPACE)["metadata"]["annotations"]
    assert rules(proof(bodies)) == ["identity-reach", "permissive-mtls"]


STRONGER = {"matchLabels": {"app.kubernetes.io/name": "orders", "version": "v1"}}
WIDER = [
    (PEERS, {"mtls": {"mode": "PERMISSIVE"}}, "permissive-mtls"),
    (PEERS, {"portLevelMtls": {"8080": {"mode": "PERMISSIVE"}, "9090": {"mode": "PERMISSIVE"}}}, "permissive-mtls"),
    (PEERS, {"portLevelMtls": {"9090": {"mode": "PERMISSIVE"}}}, "permissive-mtls"),
    (PEERS, {"portLevelMtls": {"8080": {"mode": "DISABLE"}}}, "permissive-mtls"),
    (PEERS, {"selector": {"matchLabels": {"app": "shop"}}}, "permissive-mtls"),
    (LETS_IN, {"rules": [{"from": [{"source": {"notPrincipals": ["*"]}}]}]}, "identity-reach"),
    (LETS_IN, {"rules": [{"to": [{"operation": {"ports": ["8080"]}}]}]}, "identity-reach"),
    (LETS_IN, {"rules": [{}]}, "identity-reach"),
    (LETS_IN, {"selector": {"matchLabels": {}}}, "identity-reach"),
    (LETS_IN, {"rules": [{"from": [{"source": {"notPrincipals": ["x"]}}]}]}, "identity-reach"),
]


@pytest.mark.parametrize(("key", "spec", "rule"), WIDER)
def test_what_takes_more_than_was_declared_is_found_whole(key, spec, rule):
    bodies = planned()
    one(bodies, *key)["spec"] |= spec
    assert rule in rules(proof(bodies))


@pytest.mark.parametrize("key", [PEERS, LETS_IN])
def test_what_takes_less_than_was_declared_is_borne(key):
    bodies = planned()
    one(bodies, *key)["spec"] |= {"selector": STRONGER}
    assert rules(proof(bodies)) == []


def test_another_port_in_the_declaration_bears_nothing_of_this_one():
    bodies = planned()
    said = [{"selector": {"app.kubernetes.io/name": "orders"}, "ports": [9090], "until": "2030-06-01", "reason": "x"}]
    one(bodies, *NAMESPACE)["metadata"]["annotations"]["tenantmesh.dev/permissive"] = json.dumps(said)
    assert rules(proof(bodies)) == ["exemption-unused", "identity-reach", "permissive-mtls"]


def test_the_declaration_of_one_namespace_is_not_anothers():
    bodies = planned()
    said = one(bodies, *NAMESPACE)["metadata"].pop("annotations")
    (globex,) = [each for each in bodies if each["kind"] == "Namespace" and each["metadata"]["name"] == "globex"]
    globex["metadata"]["annotations"] = said
    assert rules(proof(bodies)) == ["exemption-unused", "identity-reach", "permissive-mtls"]


def test_a_network_that_lets_others_in_is_an_error_and_the_matrix_says_that_it_is_open():
    spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": {}}]}]}
    meta = {"name": "open", "namespace": "acme"}
    opened = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}
    found = proof([*planned(), opened])
    assert "network-reach" in rules(found)
    (edge,) = [each for each in found.matrix if (each.source, each.destination) == ("*", "acme")]
    assert (edge.open, edge.declared) == (True, False)


def shared(**limits):
    return planned({"exports": [{**GRANT, "to": ["globex"], **limits}]}, {"imports": [{**GRANT, "tenant": "acme"}]})


def test_a_grant_of_the_whole_port_stays_what_it_is():
    found = proof(shared())
    assert rules(found) == []
    assert [(each.ports, each.open) for each in found.matrix if each.source == "globex" and each.reason == "why"] == [
        (("8080/TCP", "9090/TCP"), True)
    ]


@pytest.mark.parametrize("limit", [{"methods": ["GET"]}, {"paths": ["/v1/*"]}, {"serviceAccounts": ["web"]}])
def test_a_grant_that_plain_text_would_undo_takes_the_exemption_away(limit):
    """`plan` refuses it; here somebody wrote it by hand."""
    bodies = shared()
    annotations = one(bodies, *NAMESPACE)["metadata"]["annotations"]
    (said,) = json.loads(annotations["tenantmesh.dev/exports"])
    annotations["tenantmesh.dev/exports"] = json.dumps([said | limit])
    assert {"exemption-unused", "identity-reach", "permissive-mtls"} <= set(rules(proof(bodies)))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ([{"selector": {"a": "b"}, "ports": [8080], "until": "soon", "reason": "x"}], "[0].until: has to be a day"),
        ([{"selector": {"a": "b"}, "ports": [8080], "reason": "x"}], "[0].until: is required"),
        ([{"selector": {"a": "b"}, "ports": [8080], "until": "2030-06-01"}], "[0].reason: is required"),
        ([{"selector": {}, "ports": [8080], "until": "2030-06-01", "reason": "x"}], "[0].selector: "),
        ([{"selector": {"a": "b"}, "ports": [], "until": "2030-06-01", "reason": "x"}], "[0].ports: "),
        ([{"selector": {"a": "b"}, "ports": [0], "until": "2030-06-01", "reason": "x"}], "[0].ports[0]: is not a port"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_an_error_by_its_path(said, problem):
    bodies = planned()
    one(bodies, *NAMESPACE)["metadata"]["annotations"]["tenantmesh.dev/permissive"] = json.dumps(said)
    with pytest.raises(IntentError) as caught:
        proof(bodies)
    assert caught.value.problems[0].startswith(f"namespace acme: tenantmesh.dev/permissive{problem}")


def test_of_many_tenants_that_are_alike_each_has_its_own_exemption():
    """And one whose policy takes more than it declares is found among them."""
    names = [f"t{number}" for number in range(12)]
    bodies = []
    for name in names:
        spec = parse_tenant(name, {"settings": {"permissive": [PLAIN]}})
        app = parse_app("orders", {"tenant": name, "image": "i", "ports": [{"port": 8080}, {"port": 9090}]}, spec)
        bodies += [copy.deepcopy(dict(body)) for body in (*plan_tenant(spec), *plan_app(app, spec))]
    found = proof(bodies)
    assert (rules(found), sorted(exempted(found))) == ([], sorted(("permissive-mtls", (name,)) for name in names))
    (wider,) = [
        body
        for body in bodies
        if (body["kind"], body["metadata"]["name"], body["metadata"].get("namespace")) == (*PEERS, "t7")
    ]
    wider["spec"]["portLevelMtls"]["9090"] = {"mode": "PERMISSIVE"}
    found = proof(bodies)
    assert {each.tenants for each in found.findings if each.rule.id == "permissive-mtls"} == {("t7",)}
    assert len(found.exempted) == 11
