"""Which order means nothing, and which means something."""

import json

import pytest

from tenantmesh.checks.alike.templates import Templates
from tenantmesh.checks.alike.unordered import blocks, unordered, written

NAMES = ("acme", "globex", "initech")


def policy(kind, spec, name="one"):
    group = {"NetworkPolicy": "networking.k8s.io", "AuthorizationPolicy": "security.istio.io"}
    version = f"{group.get(kind, 'networking.istio.io')}/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def namespace(**said):
    annotations = {f"tenantmesh.dev/{name}": json.dumps(value) for name, value in said.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme", "annotations": annotations}}


def read(*objects):
    text = json.dumps(objects, separators=(",", ":")).encode()
    return unordered(Templates().template(text, NAMES), len(NAMES))


def calling(*names):
    return {"rules": [{"from": [{"source": {"principals": [f"cluster.local/ns/{name}/sa/*" for name in names]}}]}]}


def leading(*names):
    return {"http": [{"route": [{"destination": {"host": f"api.{name}"}}]} for name in names]}


def imported(*names, reason="orders"):
    return [{"namespace": name, "service": "api", "reason": reason} for name in names]


PODS = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize(
    ("some", "others"),
    [
        (
            [policy("AuthorizationPolicy", calling("acme", "globex"))],
            [policy("AuthorizationPolicy", calling("globex", "acme"))],
        ),
        ([policy("NetworkPolicy", PODS)], [policy("NetworkPolicy", {**PODS, "policyTypes": ["Egress", "Ingress"]})]),
        (
            [policy("NetworkPolicy", PODS), policy("NetworkPolicy", PODS, "two")],
            [policy("NetworkPolicy", PODS, "two"), policy("NetworkPolicy", PODS)],
        ),
        (
            [policy("Sidecar", {"egress": [{"hosts": ["acme/*", "globex/*"]}]})],
            [policy("Sidecar", {"egress": [{"hosts": ["globex/*", "acme/*"]}]})],
        ),
        ([namespace(imports=imported("globex", "initech"))], [namespace(imports=imported("initech", "globex"))]),
        ([namespace(exports=[{"to": ["globex", "initech"]}])], [namespace(exports=[{"to": ["initech", "globex"]}])]),
        ([namespace(peers=["globex", "initech"])], [namespace(peers=["initech", "globex"])]),
    ],
)
def test_order_that_means_nothing(some, others):
    assert written(read(*some)) == written(read(*others))


@pytest.mark.parametrize(
    ("some", "others"),
    [
        ([policy("VirtualService", leading("acme", "globex"))], [policy("VirtualService", leading("globex", "acme"))]),
        (
            [policy("VirtualService", leading("acme")), policy("VirtualService", leading("acme"), "two")],
            [policy("VirtualService", leading("acme"), "two"), policy("VirtualService", leading("acme"))],
        ),
        (
            [policy("Sidecar", {"egress": [{"port": {"number": 80}}, {"hosts": ["acme/*"]}]})],
            [policy("Sidecar", {"egress": [{"hosts": ["acme/*"]}, {"port": {"number": 80}}]})],
        ),
        (
            # For globex the first of the two is the one whose reason is told.
            [namespace(imports=[*imported("globex"), *imported("globex", reason="stock")])],
            [namespace(imports=[*imported("globex", reason="stock"), *imported("globex")])],
        ),
        ([policy("NetworkPolicy", PODS)], [policy("NetworkPolicy", {**PODS, "policyTypes": ["Ingress"]})]),
        ([policy("NetworkPolicy", PODS)], [policy("NetworkPolicy", PODS), policy("NetworkPolicy", PODS)]),
    ],
)
def test_order_that_means_something_and_what_is_more_than_an_order(some, others):
    assert written(read(*some)) != written(read(*others))


@pytest.mark.parametrize(
    "spec",
    [
        None,
        {"egress": None},
        {"egress": ["acme/*"]},
        {"egress": [{"hosts": None}]},
        {"egress": [{"hosts": ["acme/*", 8]}]},
    ],
)
def test_what_no_api_server_takes_is_left_as_it_is(spec):
    ((found, _),) = json.loads(written(read(policy("Sidecar", spec))))
    assert found["spec"] == json.loads(json.dumps(spec).replace("acme", "\x7f000"))


@pytest.mark.parametrize(
    "objects",
    [
        [policy("AuthorizationPolicy", calling("initech", "acme", "globex"))],
        [policy("AuthorizationPolicy", calling("globex")), policy("AuthorizationPolicy", calling("initech"))],
        [
            policy("AuthorizationPolicy", calling("globex", "initech")),
            policy("AuthorizationPolicy", calling("initech"), "initech-acme"),
            policy("AuthorizationPolicy", calling("globex"), "globex-acme"),
        ],
        [policy("Sidecar", {"egress": [{"hosts": ["globex/*", "acme/*", "initech/*"]}]})],
        [namespace(imports=imported("globex", "initech"), exports=[{"to": ["initech", "globex"]}])],
        [policy("VirtualService", leading("acme"))],
    ],
)
def test_names_that_all_sets_have_alike_can_be_exchanged(objects):
    assert blocks(read(*objects), 1, 3) == (0, 1, 1)


@pytest.mark.parametrize(
    "objects",
    [
        [policy("AuthorizationPolicy", calling("globex"))],
        [policy("AuthorizationPolicy", calling("globex", "initech")), policy("AuthorizationPolicy", calling("globex"))],
        [policy("AuthorizationPolicy", calling("globex", "globex", "initech"))],
        [
            policy("AuthorizationPolicy", calling("globex"), "initech"),
            policy("AuthorizationPolicy", calling("initech")),
        ],
        [policy("NetworkPolicy", {"podSelector": {"matchLabels": {"globex": "", "initech": ""}}})],
        [policy("VirtualService", leading("globex", "initech"))],
        [policy("VirtualService", leading("globex")), policy("VirtualService", leading("initech"))],
        [policy("Sidecar", {"egress": [{"hosts": ["globex/*"]}, {"hosts": ["initech/*"]}]})],
        [policy("Sidecar", {"egress": [{"hosts": ["globex/*", "*/initech"]}]})],
        [namespace(imports=[*imported("globex"), *imported("initech", reason="stock")])],
    ],
)
def test_names_that_something_tells_apart_can_not(objects):
    assert blocks(read(*objects), 1, 3) == (0, 1, 2)


def test_own_names_are_exchanged_for_none():
    assert blocks(read(policy("AuthorizationPolicy", calling("acme", "globex", "initech"))), 2, 3) == (0, 1, 2)


@pytest.mark.parametrize("letter", ["\x7f", "\\u007f", "\\u007F"])
def test_a_text_with_the_letter_that_names_begin_with_is_not_read(letter):
    body = json.dumps([namespace()]).replace("acme", f"acme {letter}001").encode()
    assert unordered(Templates().template(body, NAMES), 3) is None
