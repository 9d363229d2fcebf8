"""Ports that take plain text for a while, from what users write."""

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.args.permissive import PermissiveArgs
from tenantmesh.errors import ArgsError
from tenantmesh.spec.permissive import PermissiveSpec

ORDERS = {"service": "orders", "ports": [8080], "until": "2027-03-31", "reason": "old jobs"}
AT = "settings.permissive"


def tenant(*given, **args):
    return parse_tenant("acme", {**args, "settings": {"permissive": list(given)}})


def refused(*given, **args):
    with pytest.raises(ArgsError) as caught:
        tenant(*given, **args)
    return [problem.removeprefix("tenants.acme.") for problem in caught.value.problems]


def test_nothing_takes_plain_text_unless_told():
    assert parse_tenant("acme").permissive == ()


def test_it_is_read_whole():
    args = PermissiveArgs(
        service="orders",
        ports=[9000, 8080, 9000],
        until="2027-03-31",
        reason="old jobs",
        namespace="db",
        selector={"app": "orders"},
    )
    (found,) = tenant(args, namespaces=[{"name": "db"}]).permissive
    assert found == PermissiveSpec(
        service="orders",
        ports=(8080, 9000),
        until="2027-03-31",
        reason="old jobs",
        part="db",
        selector=(("app", "orders"),),
    )


def test_without_a_selector_the_pods_are_an_apps():
    (found,) = tenant(ORDERS).permissive
    assert found.pods == {"app.kubernetes.io/name": "orders"}


def test_there_is_no_plain_text_without_a_service_ports_a_day_and_a_reason():
    missing = [f"{AT}[0].{field}: is missing" for field in ("service", "ports", "until", "reason")]
    assert refused({}) == missing
    assert refused({**ORDERS, "reason": " "}) == [f"{AT}[0].reason: is empty: write something"]


@pytest.mark.parametrize("day", ["soon", "2027-02-30", "20270331", "2027-W13-3", "31.3.2027", ""])
def test_a_day_is_written_as_a_day(day):
    assert refused({**ORDERS, "until": day}) == [f"{AT}[0].until: {day!r} is not a day such as 2027-03-31"]


def test_a_service_in_a_namespace_that_is_not_there_is_refused():
    assert refused({**ORDERS, "namespace": "db"}) == [
        f"{AT}[0].namespace: 'db' is none of the tenant's namespaces",
    ]


@pytest.mark.parametrize(
    ("selector", "together"),
    [({"app": "x"}, True), ({"app.kubernetes.io/name": "bills"}, False), ({}, True)],
)
def test_a_pod_is_named_once(selector, together):
    """Of several policies for one pod Istio takes the oldest."""
    other = {**ORDERS, **({"service": "bills", "selector": selector} if selector else {})}
    said = [f"{AT}[1].service: pods of {other['service']!r} may be those of 'orders': say both in one"]
    if together:
        assert refused(ORDERS, other) == said
    else:
        assert len(tenant(ORDERS, other).permissive) == 2


@pytest.mark.parametrize(
    "selector",
    [
        {"istio": "acme-ingress"},
        {"app.kubernetes.io/name": "acme-egress"},
        {"app.kubernetes.io/managed-by": "tenantmesh"},
    ],
)
def test_gateways_are_not_among_the_pods(selector):
    (problem,) = refused({**ORDERS, "selector": selector})
    assert problem.startswith(f"{AT}[0].selector: selects the tenant's gateways too")


@pytest.mark.parametrize("limit", [{"methods": ["GET"]}, {"paths": ["/v1/*"]}, {"service_accounts": ["web"]}])
def test_a_grant_that_goes_by_more_than_the_port_is_refused(limit):
    """Nobody in plain text can be held to it."""
    export = {"service": "orders", "ports": [8080], "to": ["globex"], "reason": "why", **limit}
    (problem,) = refused(ORDERS, sharing={"exports": [export]})
    assert problem.startswith(f"{AT}[0].ports: are exported to globex")
    elsewhere = {**export, "ports": [9090]}
    assert tenant(ORDERS, sharing={"exports": [elsewhere]}).permissive


def test_a_grant_of_the_whole_port_may_stay():
    export = {"service": "orders", "ports": [8080], "to": ["globex"], "reason": "why"}
    assert tenant(ORDERS, sharing={"exports": [export]}).permissive


@pytest.mark.parametrize(("name", "port", "wrong"), [("orders", 8080, 1), ("orders", 9090, 0), ("web", 8080, 0)])
def test_a_port_has_callers_by_name_or_in_plain_text(name, port, wrong):
    args = {"tenant": "acme", "image": "i", "ports": [{"port": 80, "target": port, "callers": ["shop"]}]}
    if not wrong:
        assert parse_app(name, args, tenant(ORDERS))
        return
    with pytest.raises(ArgsError) as caught:
        parse_app(name, args, tenant(ORDERS))
    (problem,) = caught.value.problems
    assert problem.startswith("apps.orders.ports[0].callers: settings.permissive lets in who shows no identity")
