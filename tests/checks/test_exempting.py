"""Exemptions hold for a rule, tenants and objects, until a day, and have to be used."""

import datetime

import pytest

from tenantmesh.checks.declarations.statements import ExemptionSaid
from tenantmesh.checks.exempting import judged
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.rules.isolation import NETWORK_REACH, RELAY
from tenantmesh.manifest import ManifestObject

TODAY = datetime.date(2030, 6, 1)


def breach(*tenants, rule=NETWORK_REACH, name="allow"):
    body = {"apiVersion": "v1", "kind": "NetworkPolicy", "metadata": {"namespace": tenants[0], "name": name}}
    return Finding(rule=rule, tenants=tenants, objects=(ManifestObject(body=body),), witness="", message=name, fix="")


def exemption(rule="network-reach", *, expires="2030-06-01", **more):
    return ExemptionSaid.model_validate({"rule": rule, "reason": "why", "expires": expires, **more})


def ids(found):
    return [one.rule.id for one in found]


def test_what_is_exempted_is_kept_apart_on_the_last_day_too():
    result = judged([breach("acme"), breach("acme", rule=RELAY)], [exemption()], TODAY)
    assert ids(result.exempted) == ["network-reach"]
    assert ids(result.standing) == ["relay"]


@pytest.mark.parametrize(
    ("fields", "borne"),
    [
        ({"tenants": ["acme"]}, True),
        ({"tenants": ["ac*"]}, True),
        ({"tenants": ["globex"]}, False),
        ({"objects": ["NetworkPolicy acme/allow"]}, True),
        ({"objects": ["acme/al*"]}, True),
        ({"objects": ["Service acme/*"]}, False),
        ({"rule": "relay"}, False),
    ],
)
def test_an_exemption_is_for_its_rule_tenants_and_objects(fields, borne):
    result = judged([breach("acme")], [exemption(**fields)], TODAY)
    assert (ids(result.exempted) == ["network-reach"]) == borne


def test_an_exemption_of_one_tenant_does_not_bear_what_touches_another():
    result = judged([breach("acme", "globex")], [exemption(tenants=["acme"])], TODAY)
    assert ids(result.standing) == ["exemption-unused", "network-reach"]


def test_an_exemption_that_is_over_bears_nothing_and_is_an_error():
    result = judged([breach("acme")], [exemption(expires="2030-05-31")], TODAY)
    assert ids(result.standing) == ["exemption-expired", "network-reach"]
    assert "held until 2030-05-31" in result.standing[0].message


def test_an_exemption_that_bears_nothing_is_an_error():
    result = judged([], [exemption("misspelt")], TODAY)
    assert ids(result.standing) == ["exemption-unused"]


def test_findings_come_worst_first_and_in_the_order_of_their_names():
    found = [breach("b", rule=RELAY), breach("b"), breach("a"), breach("a", name="zz")]
    result = judged(found, [], TODAY)
    assert [(one.rule.id, one.tenants[0], one.message) for one in result.standing] == [
        ("network-reach", "a", "allow"),
        ("network-reach", "a", "zz"),
        ("network-reach", "b", "allow"),
        ("relay", "b", "allow"),
    ]
