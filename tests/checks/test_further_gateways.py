"""A tenant with two gateways: what is taken from the second one is found there, and nothing is found before."""

import copy
import datetime
import json

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.mesh import istiod_environment, mesh_config
from tenantmesh.plan.tenant import plan_app, plan_tenant
from tenantmesh.spec.mesh import MeshSpec

ISSUER = {"issuer": "https://id.example.org", "audiences": ["acme"], "jwks_uri": "https://id.example.org/keys"}
TENANT = {
    "domain": "acme.example.com",
    "ingress": {},
    "ingresses": {
        "staff": {
            "client_tls": "mutual",
            "certificates": {"secret_name": "staff-tls"},
            "client_names": ["desk.example.org"],
            "service": {"source_ranges": ["203.0.113.0/24"]},
        }
    },
    "jwt": [{**ISSUER, "allow": [{"paths": ["/"]}]}],
}
APP = {
    "tenant": "acme",
    "image": "web:1",
    "ports": [{"port": 8080}],
    "routes": [{"host": "acme.example.com", "ingresses": ["ingress", "staff"]}],
}
STAFF = "acme-ingress--staff"


OPEN = {**TENANT, "jwt": []}


def planned(args):
    spec = parse_tenant("acme", args)
    return [*plan_tenant(spec), *plan_app(parse_app("web", APP, spec), spec)]


def proven(bodies):
    mesh = MeshSettings.of(mesh_config(MeshSpec()), istiod_environment(MeshSpec()))
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies), mesh=mesh)
    return prove(cluster, find_intent(cluster), today=datetime.date(2030, 6, 1))


def found(proof):
    """The rules that something breaks, with the names of the objects."""
    return {(one.rule.id, each.key.name) for one in proof.findings for each in one.objects}


@pytest.mark.parametrize("args", [TENANT, OPEN], ids=["tokens", "no tokens"])
def test_two_gateways_prove_clean(args):
    proof = proven(planned(args))
    assert (found(proof), proof.unproven) == (set(), ())


def test_two_gateways_with_limits_prove_clean_and_one_whose_filter_does_more_does_not():
    shared = {"path": "/search", "requests": 10, "scope": "global"}
    bodies = copy.deepcopy(planned({**OPEN, "rate_limits": [{"requests": 5}, shared]}))
    proof = proven(bodies)
    assert (found(proof), proof.unproven) == (set(), ())
    (own,) = [one for one in bodies if one["metadata"]["name"] == "rate-limits--staff"]
    own["spec"]["configPatches"][-1]["patch"]["operation"] = "INSERT_FIRST"
    assert proven(bodies).unproven


def test_two_gateways_with_a_login_prove_clean_and_one_whose_filter_does_more_does_not():
    login = {
        "authorization_endpoint": "https://id.example.org/auth",
        "token_endpoint": "https://id.example.org/token",
        "client_id": "acme",
        "client_secret": "word",
    }
    provider = {"host": "id.example.org", "protocol": "https"}
    roomy = {"egress": {"services": [provider]}, "quota": {"cpu": "30", "memory": "30Gi"}}
    bodies = copy.deepcopy(planned({**TENANT, "jwt": [{**TENANT["jwt"][0], "login": login}], **roomy}))
    proof = proven(bodies)
    assert (found(proof), proof.unproven) == (set(), ())
    (own,) = [one for one in bodies if one["metadata"]["name"] == "login--staff"]
    own["spec"]["configPatches"][-1]["patch"]["value"]["typed_config"]["config"]["pass_through_matcher"] = []
    assert proven(bodies).unproven


def anything(spec):
    spec["rules"] = [{}]


def any_client(spec):
    for rule in spec.get("rules", spec.get("ingress")):
        del rule["from"]


def more_clients(spec):
    for rule in spec["rules"]:
        rule["from"] = [{"source": {"ipBlocks": ["203.0.112.0/23"]}}]


def another_name(spec):
    spec["rules"][1]["when"][0]["values"].append("acme.example.org")


def a_range_beside(spec):
    spec["ingress"][0]["from"].append({"ipBlock": {"cidr": "198.51.100.0/24"}})


def every_pod(spec):
    spec["selector"] = {"matchLabels": {"tenantmesh.dev/tenant": "acme"}}


def any_port(spec):
    del spec["ingress"][0]["ports"]


def all_pods(spec):
    spec["podSelector"] = {}


def without_a_token(spec):
    for rule in spec["rules"]:
        rule.pop("when", None)


def not_required(spec):
    spec["selector"] = {"matchLabels": {"istio": "acme-ingress"}}


def server(**tls):
    def edit(spec):
        spec["servers"][1]["tls"] = {**spec["servers"][1]["tls"], **tls}

    return edit


def unredirected(spec):
    del spec["servers"][0]["tls"]


def other_pods(spec):
    spec["selector"] = {"tenantmesh.dev/tenant": "acme"}
    server(mode="SIMPLE")(spec)


HOLES = [
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", anything, "range-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", any_client, "range-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", more_clients, "range-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", every_pod, "identity-reach"),
    (OPEN, "AuthorizationPolicy", "allow-ingress", every_pod, "range-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress", anything, "door-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", anything, "door-widened"),
    (OPEN, "AuthorizationPolicy", "allow-ingress--staff", another_name, "door-widened"),
    (OPEN, "NetworkPolicy", "allow-clients--staff", any_client, "range-widened"),
    (OPEN, "NetworkPolicy", "allow-clients--staff", a_range_beside, "range-widened"),
    (TENANT, "AuthorizationPolicy", "allow-ingress--staff", anything, "token-weakened"),
    (TENANT, "AuthorizationPolicy", "allow-ingress--staff", without_a_token, "token-weakened"),
    (TENANT, "AuthorizationPolicy", "require-token--staff", not_required, "token-weakened"),
    (TENANT, "RequestAuthentication", "tokens--staff", not_required, "token-weakened"),
    (OPEN, "NetworkPolicy", "allow-clients--staff", any_port, "exposed-past-gateway"),
    (OPEN, "NetworkPolicy", "allow-clients--staff", all_pods, "exposed-past-gateway"),
    (OPEN, "Gateway", STAFF, server(mode="SIMPLE"), "door-weakened"),
    (OPEN, "Gateway", STAFF, server(mode="PASSTHROUGH"), "door-weakened"),
    (OPEN, "Gateway", STAFF, server(credentialName="acme-ingress-tls"), "door-weakened"),
    (OPEN, "Gateway", STAFF, server(subjectAltNames=["desk.example.org", "other.example.org"]), "door-weakened"),
    (OPEN, "Gateway", STAFF, unredirected, "door-weakened"),
    (OPEN, "Gateway", STAFF, other_pods, "door-weakened"),
]


@pytest.mark.parametrize(("args", "kind", "name", "edit", "rule"), HOLES)
def test_a_hole_at_the_second_gateway_is_found_there(args, kind, name, edit, rule):
    bodies = copy.deepcopy(planned(args))
    (body,) = [one for one in bodies if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    edit(body["spec"])
    seen = found(proven(bodies))
    assert {each for one, each in seen if one == rule} & {name, STAFF}


def test_a_gateway_of_pods_that_nothing_was_said_of_asks_what_all_do():
    bodies = planned(OPEN)
    (own,) = [one for one in bodies if (one["kind"], one["metadata"]["name"]) == ("Gateway", "acme-ingress")]
    planted = copy.deepcopy(own)
    planted["metadata"]["name"] = "planted"
    planted["spec"]["selector"] = {"istio": "planted"}
    assert ("door-weakened", "planted") in found(proven([*bodies, planted]))
    assert found(proven([*bodies, {**planted, "spec": own["spec"]}])) == set()


def test_what_one_gateway_asks_is_not_what_the_other_has_to():
    """Its hosts are the same, and what is declared of both would be a contradiction."""
    (namespace,) = [one for one in planned(OPEN) if one["kind"] == "Namespace"]
    said = {name: json.loads(text) for name, text in namespace["metadata"]["annotations"].items()}
    doors = said["tenantmesh.dev/doors"]
    assert [(door["tls"], door["selector"]) for door in doors] == [
        ("simple", {"istio": "acme-ingress"}),
        ("mutual", {"istio": STAFF}),
    ]
    assert len({tuple(door["hosts"]) for door in doors}) == 1
    assert said["tenantmesh.dev/ranges"] == [{"selector": {"istio": STAFF}, "from": ["203.0.113.0/24"]}]
