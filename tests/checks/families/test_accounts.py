"""Service accounts that policies name, against those that are there."""

import json

import pytest

from tests.checks.breaches import of_rule, proven

SPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme--db", "labels": {}}}
SPACE["metadata"]["labels"] = {"tenantmesh.dev/tenant": "acme", "istio-injection": "enabled"}


def policy(*values, field="notPrincipals"):
    spec = {"action": "DENY", "rules": [{"from": [{"source": {field: list(values)}}]}]}
    metadata = {"name": "callers", "namespace": "acme"}
    body = {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata}
    return json.dumps({**body, "spec": spec})


def account(name, namespace="acme"):
    metadata = {"name": name, "namespace": namespace}
    return json.dumps({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})


def missing(*texts):
    return [one.witness for one in of_rule(proven(*texts), "names-nobody")]


def principal(account, namespace="acme"):
    return f"cluster.local/ns/{namespace}/sa/{account}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notPrincipals", principal("wbe")),
        ("principals", principal("wbe")),
        ("serviceAccounts", "wbe"),
        ("notServiceAccounts", "acme/wbe"),
    ],
)
def test_an_account_that_is_not_there_is_found_in_every_field(field, value):
    assert missing(policy(value, field=field)) == ["nobody runs as wbe in acme"]
    assert missing(policy(value, field=field), account("wbe")) == []


@pytest.mark.parametrize(
    "value",
    [
        principal("web"),
        principal("default"),
        principal("*"),
        principal("we*"),
        principal("wbe", "elsewhere"),
        "client.example.com",
        "*",
    ],
)
def test_what_a_pod_runs_as_patterns_and_other_names_are_fine(value):
    """A namespace that is not among the objects is another program's, with its accounts."""
    assert missing(policy(value)) == []


def test_an_account_is_there_if_one_of_the_tenants_namespaces_has_it():
    """As a port's callers are named for all of them."""
    both = (principal("jobs"), principal("jobs", "acme--db"))
    assert missing(json.dumps(SPACE), policy(*both)) == ["nobody runs as jobs in acme or acme--db"]
    assert missing(json.dumps(SPACE), policy(*both), account("jobs", "acme--db")) == []


def test_another_tenants_account_is_looked_for_too():
    assert missing(policy(principal("jobs", "globex"))) == ["nobody runs as jobs in globex"]
    assert missing(policy(principal("jobs", "globex")), account("jobs", "globex")) == []
