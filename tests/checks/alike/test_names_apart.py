"""Tenants that are alike: what follows for one from another's proof is what is proven of it alone."""

import datetime
import json

import pytest

from benchmarks.tenants import neighbourhood
from tenantmesh.checks.alike import deriving
from tenantmesh.checks.alike.names_apart import alike
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.prove import Prover
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tests.checks.alike.mutating import mutated
from tests.proof.judging import outline

TODAY = datetime.date(2026, 1, 1)
NAMES = tuple(f"team-{index:02}" for index in range(14))
BODIES = tuple(neighbourhood(NAMES))
MANY = tuple(f"team-{index:02}" for index in range(60))
MUTANTS = 24


def read(bodies):
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies))
    return cluster, find_intent(cluster)


def kinds(bodies):
    cluster, intent = read(bodies)
    found = alike(Context(cluster=cluster, intent=intent, layers=Layers.of(cluster), today=TODAY))
    groups = {}
    for tenant, key in found.items():
        groups.setdefault(key.kind, []).append(tenant)
    return sorted(sorted(some) for some in groups.values())


def both(bodies):
    """The proof in which tenants follow from others, and the one in which none does."""
    cluster, intent = read(bodies)
    return (
        Prover(cluster, intent, today=TODAY).proof(),
        Prover(cluster, intent, today=TODAY, kinds=lambda _: {}).proof(),
    )


def replaced(old, new):
    """All objects with one text in another's place, wherever it is."""
    return [json.loads(json.dumps(body).replace(old, new)) for body in BODIES]


def test_tenants_that_differ_in_names_alone_are_alike():
    """Where the ring closes names sort in another order, and objects by them; it means nothing."""
    assert kinds(BODIES) == [list(NAMES)]


def test_the_proof_of_tenants_that_are_alike_is_that_of_each_alone():
    derived, alone = both(BODIES)
    assert outline(derived) == outline(alone)
    assert derived == alone


@pytest.mark.parametrize("odd", ["%s", "%%"])
def test_no_letters_of_a_text_are_taken_for_a_place(odd):
    bodies = replaced(".example.com", f".ex{odd}mple.com")
    assert kinds(bodies) == [list(NAMES)]
    derived, alone = both(bodies)
    assert derived == alone


def test_nothing_follows_where_a_text_has_what_is_put_between_texts(monkeypatch):
    monkeypatch.setattr(deriving, "_BETWEEN", ".")
    derived, alone = both(BODIES)
    assert derived == alone


def test_what_an_edge_is_shown_by_names_its_own_tenant():
    derived, _ = both(BODIES)
    edge = next(one for one in derived.matrix if (one.source, one.destination) == ("team-08", "team-07"))
    assert edge.shown.witness.startswith("team-08/")
    assert "team-07/" in edge.shown.witness


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("get", "it is a verb of RBAC"),
        ("mesh", "it is all sidecars in a VirtualService"),
        ("http-shop", "a port that begins with it speaks HTTP"),
        ("kube-shop", "a namespace that begins so is shared"),
        ("a", "it is a part of other words"),
    ],
)
def test_a_tenant_whose_name_means_more_is_like_nobody(name, why):
    found = kinds(replaced("team-05", name))
    assert not any(name in some for some in found), why


def test_a_tenant_whose_name_is_a_word_of_another_name_is_like_nobody():
    found = kinds(replaced("team-05", "shop-team-09"))
    assert not any("team-09" in some for some in found)


def test_a_tenant_that_others_name_without_a_declaration_is_like_nobody():
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reads-team-05"},
        "rules": [],
    }
    assert not any("team-05" in some for some in kinds([*BODIES, role]))


def test_a_tenant_with_a_path_of_its_own_name_is_like_nobody():
    """A path holds for all that begins with it, which names do not."""
    policy = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "own", "namespace": "team-05"},
        "spec": {"rules": [{"to": [{"operation": {"paths": ["/team-05"]}}]}]},
    }
    assert not any("team-05" in some for some in kinds([*BODIES, policy]))


def test_a_difference_that_is_no_name_sets_a_tenant_apart():
    changed = [
        {**body, "spec": {**body["spec"], "hard": {**body["spec"]["hard"], "pods": "7"}}}
        if body["kind"] == "ResourceQuota" and body["metadata"]["namespace"] == "team-05"
        else body
        for body in BODIES
    ]
    found = kinds(changed)
    assert not any("team-05" in some and len(some) > 1 for some in found)
    # So are its neighbours, each of which has it at another place.
    assert [some for some in found if len(some) > 1] == [[*NAMES[:3], *NAMES[8:]]]


@pytest.mark.parametrize(
    "said",
    [
        {
            "callers": [
                {
                    "tenant": "team-05",
                    "host": "api.example.com",
                    "serviceAccounts": ["api"],
                    "selector": {"app": "egress"},
                }
            ]
        },
        {"doors": [{"tenant": "team-05", "hosts": ["www.example.com"], "tls": "simple", "secret": "other"}]},
        {"tokens": [{"tenant": "team-05", "issuer": "https://id.example.com"}]},
        {"ranges": [{"tenant": "team-05", "selector": {"app": "egress"}, "to": ["203.0.113.0/24"]}]},
    ],
)
def test_what_an_intent_file_says_of_a_tenant_sets_it_apart(said):
    cluster, _ = read(BODIES)
    intent = find_intent(cluster, IntentFile.model_validate(said))
    found = alike(Context(cluster=cluster, intent=intent, layers=Layers.of(cluster), today=TODAY))
    assert [tenant for tenant, key in found.items() if key.kind == found["team-05"].kind] == ["team-05"]


def test_objects_with_values_that_are_not_known_set_a_tenant_apart():
    changed = [
        {**body, "metadata": {**body["metadata"], "annotations": {"later": object()}}}
        if body["kind"] == "Deployment" and body["metadata"]["namespace"] == "team-05"
        else body
        for body in BODIES
    ]
    assert not any("team-05" in some for some in kinds(changed))


NAMING = [
    {"namespaces": ["team-07"]},
    {"namespaces": ["team-0*"]},
    {"namespaces": ["*-07"]},
    {"principals": ["cluster.local/ns/team-0*"]},
    {"principals": ["*-07/sa/default"]},
]


@pytest.mark.parametrize("source", NAMING)
@pytest.mark.parametrize("place", ["istio-system", "team-11"])
def test_tenants_whom_a_policy_names_are_proven_as_if_each_were_alone(place, source):
    policy = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "partly", "namespace": place},
        "spec": {"rules": [{"from": [{"source": source}]}]},
    }
    root = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}}
    derived, alone = both([*BODIES, root, policy])
    assert outline(derived) == outline(alone)


@pytest.mark.parametrize(
    ("place", "label"),
    [("get", "plain"), ("team-11", object()), ("istio-system", object())],
    ids=["of a tenant whose name means more", "of a tenant with a value not known", "shared, with a value not known"],
)
@pytest.mark.parametrize("kind", ["AuthorizationPolicy", "NetworkPolicy"])
def test_tenants_whom_an_object_without_places_names_are_proven_as_if_each_were_alone(kind, place, label):
    """Of many tenants most are in no sample, where nobody would see what the object opens to them."""
    named = "team-33"
    specs = {
        "AuthorizationPolicy": ("security.istio.io/v1", {"rules": [{"from": [{"source": {"namespaces": [named]}}]}]}),
        "NetworkPolicy": (
            "networking.k8s.io/v1",
            {
                "podSelector": {},
                "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": named}}}]}],
            },
        ),
    }
    version, spec = specs[kind]
    odd = {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "odd", "namespace": place, "annotations": {"later": label}},
        "spec": spec,
    }
    many = [json.loads(json.dumps(body).replace("team-12", "get")) for body in neighbourhood(MANY)]
    derived, alone = both([*many, odd])
    assert outline(derived) == outline(alone)


@pytest.mark.parametrize("seed", range(MUTANTS))
def test_mutated_tenants_are_proven_as_if_each_were_alone(seed):
    """Some tenants have one object changed, each towards another tenant: now and then they stay alike."""
    bodies, _ = mutated(BODIES, NAMES, seed)
    derived, alone = both(bodies)
    assert outline(derived) == outline(alone)
