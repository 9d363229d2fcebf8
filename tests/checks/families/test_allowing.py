"""An ALLOW for others than the tenant's own is found while a DENY keeps them out."""

import json

import pytest

from tests.checks.breaches import of_rule, proven

OWN = "cluster.local/ns/acme/sa/*"
OTHER = "cluster.local/ns/globex/sa/web"


def allow(*rules, **spec):
    body = {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy"}
    meta = {"name": "more", "namespace": "acme"}
    return json.dumps({**body, "metadata": meta, "spec": {"rules": list(rules), **spec}})


def source(**fields):
    return {"from": [{"source": fields}]}


def found(*texts, **more):
    return [one.tenants for one in of_rule(proven(*texts, **more), "allow-beyond-grant")]


@pytest.mark.parametrize(
    "fields",
    [
        {"principals": [OWN, OTHER]},
        {"namespaces": ["globex"]},
        {"serviceAccounts": ["globex/web"]},
    ],
)
def test_another_tenant_that_an_allow_names_is_found(fields):
    assert found(allow(source(**fields))) == [("acme", "globex")]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"to": [{"operation": {"methods": ["GET"]}}]},
        source(principals=["*"]),
        source(principals=["cluster.local/*"]),
        source(namespaces=["*"]),
        source(notPrincipals=[OTHER]),
    ],
)
def test_an_allow_for_everybody_is_found(rule):
    assert found(allow(rule)) == [("acme",)]


@pytest.mark.parametrize(
    "rule",
    [
        source(principals=[OWN]),
        source(namespaces=["acme", "istio-system"]),
        source(serviceAccounts=["web", "acme/web"]),
        source(principals=["*"], namespaces=["acme"]),
        source(requestPrincipals=["issuer/*"]),
        {"when": [{"key": "source.namespace", "values": ["acme"]}]},
        {"when": [{"key": "request.auth.claims[iss]", "values": ["issuer"]}]},
    ],
)
def test_an_allow_for_its_own_or_by_something_else_is_fine(rule):
    assert found(allow(rule)) == []


def test_a_deny_is_no_allow():
    assert found(allow(source(principals=["*"]), action="DENY")) == []


def test_who_was_granted_may_be_named():
    grant = {"source": "globex", "destination": "acme", "service": "web", "ports": [8080], "reason": "orders"}
    assert found(allow(source(principals=[OTHER])), intent={"grants": [grant]}) == []


def test_a_gateway_is_for_everybody():
    server = {"port": {"name": "http", "number": 8080, "protocol": "HTTP"}, "hosts": ["shop.acme.example.com"]}
    spec = {"selector": {"app": "web"}, "servers": [server]}
    meta = {"name": "web", "namespace": "acme"}
    gateway = {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": meta, "spec": spec}
    assert found(json.dumps(gateway), allow({}, selector={"matchLabels": {"app": "web"}})) == []


def test_what_really_opens_is_told_as_that_alone():
    fence = json.loads(allow(source(principals=["cluster.local/ns/x/sa/y"]), action="DENY"))
    fence["metadata"]["name"] = "fence"
    proof = proven(json.dumps(fence), allow({}))
    assert of_rule(proof, "identity-reach")
    assert of_rule(proof, "allow-beyond-grant") == []
