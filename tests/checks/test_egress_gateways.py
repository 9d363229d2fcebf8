"""A tenant with an egress gateway for each network: whatever brings a host or an address to the other one is found."""

import copy
import datetime

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

CARDS, LEDGER = "api.cards.example", "ledger.hq.example"
MAIN, CORPORATE = "acme-egress", "acme-egress--corporate"
RANGED = {"corporate": {"destination_ranges": ["203.0.113.0/24"]}}
PROTOCOLS = ["tls", "https"]


def planned(protocol="tls", gateways=RANGED):
    services = [{"host": CARDS, "protocol": protocol}, {"host": LEDGER, "protocol": protocol, "gateway": "corporate"}]
    tenant = parse_tenant("acme", {"egress": {"services": services, "gateways": gateways}})
    app = parse_app("web", {"tenant": "acme", "image": "web:1", "ports": [{"port": 8080}]}, tenant)
    return [*plan_tenant(tenant), *plan_app(app, tenant)]


def proven(bodies):
    mesh = MeshSettings.of(mesh_config(MeshSpec()), istiod_environment(MeshSpec()))
    cluster = Cluster(Manifest.of(ManifestObject(body=body) for body in bodies), mesh=mesh)
    return prove(cluster, find_intent(cluster), today=datetime.date(2030, 6, 1))


def found(proof):
    """The rules that something breaks, with the names of the objects."""
    return {(one.rule.id, each.key.name) for one in proof.findings for each in one.objects}


def edited(edit, protocol="tls", gateways=RANGED):
    bodies = copy.deepcopy(planned(protocol, gateways))
    edit({(one["kind"], one["metadata"]["name"]): one["spec"] for one in bodies if "spec" in one})
    return found(proven(bodies))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("gateways", [RANGED, {"corporate": {}}], ids=["ranges", "no ranges"])
def test_two_egress_gateways_prove_clean(protocol, gateways):
    proof = proven(planned(protocol, gateways))
    assert (found(proof), proof.unproven) == (set(), ())


def to_main(specs):
    """Sidecars bring the host to the other gateway."""
    for section in ("tls", "http"):
        for route in specs["VirtualService", LEDGER].get(section, ())[:1]:
            route["route"][0]["destination"]["host"] = f"{MAIN}.acme.svc.cluster.local"


def to_main_by_a_short_name(specs):
    specs["VirtualService", LEDGER]["tls"][0]["route"][0]["destination"]["host"] = MAIN


def copied_to_main(specs):
    route = specs["VirtualService", LEDGER]["http"][0]
    route["mirrors"] = [{"destination": {"host": f"{MAIN}.acme.svc.cluster.local"}}]


def behind_main(specs):
    """The other gateway passes it on."""
    specs["VirtualService", LEDGER]["gateways"] = ["mesh", f"acme/{MAIN}"]
    for section in ("tcp", "http"):
        for route in specs["VirtualService", LEDGER].get(section, ())[-1:]:
            route["match"][0]["gateways"] = [f"acme/{MAIN}"]


def behind_a_front_door(specs):
    specs["VirtualService", LEDGER]["tcp"][0]["match"][0]["gateways"] = ["acme/acme-ingress"]
    specs["Gateway", MAIN]["selector"] = {}


def straight_out(specs):
    specs["VirtualService", LEDGER]["tls"][0]["route"][0]["destination"] = {"host": LEDGER, "port": {"number": 443}}


def another_host_passed_on(specs):
    specs["VirtualService", CARDS]["tcp"][0]["route"][0]["destination"]["host"] = LEDGER


def served_at_main(specs):
    specs["Gateway", MAIN]["servers"] += specs["Gateway", CORPORATE]["servers"]


def all_served_at_main(specs):
    specs["Gateway", MAIN]["servers"][0]["hosts"] = ["acme/*"]


def served_by_other_pods(specs):
    specs["Gateway", CORPORATE]["selector"] = {"istio": MAIN}


def served_by_any_pods(specs):
    specs["Gateway", CORPORATE]["selector"] = {"app.kubernetes.io/component": "egress"}


def other_pods_behind(specs):
    specs["Service", CORPORATE]["selector"] = {"istio": MAIN}


def swapped(specs):
    one, other = specs["Gateway", MAIN], specs["Gateway", CORPORATE]
    one["selector"], other["selector"] = other["selector"], one["selector"]


ROUTED = [
    (to_main, "tls", LEDGER),
    (to_main, "https", LEDGER),
    (to_main_by_a_short_name, "tls", LEDGER),
    (copied_to_main, "https", LEDGER),
    (behind_main, "tls", LEDGER),
    (behind_main, "https", LEDGER),
    (behind_a_front_door, "tls", MAIN),
    (straight_out, "tls", LEDGER),
    (another_host_passed_on, "tls", CARDS),
    (served_at_main, "tls", MAIN),
    (served_at_main, "https", MAIN),
    (all_served_at_main, "tls", MAIN),
    (served_by_other_pods, "tls", CORPORATE),
    (served_by_any_pods, "tls", CORPORATE),
    (other_pods_behind, "tls", LEDGER),
    (swapped, "tls", MAIN),
    (swapped, "tls", CORPORATE),
]


@pytest.mark.parametrize(("edit", "protocol", "name"), ROUTED)
@pytest.mark.parametrize("gateways", [RANGED, {"corporate": {}}], ids=["ranges", "no ranges"])
def test_a_host_that_is_brought_to_the_other_gateway_is_found(edit, protocol, name, gateways):
    """Whether or not the network would keep it in."""
    assert ("wrong-egress", name) in edited(edit, protocol, gateways)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_host_that_no_route_leads_to_its_gateway_is_found(protocol):
    """Sidecars would send it to the outside by themselves."""
    bodies = [one for one in planned(protocol) if (one["kind"], one["metadata"]["name"]) != ("VirtualService", LEDGER)]
    assert ("wrong-egress", LEDGER) in found(proven(bodies))


def corporate_addresses_for_main(specs):
    specs["NetworkPolicy", "allow-outside--corporate"]["podSelector"] = {"matchLabels": {"istio": MAIN}}


def all_addresses_for_corporate(specs):
    specs["NetworkPolicy", "allow-outside"]["podSelector"] = {"matchLabels": {"istio": CORPORATE}}


def the_exception_left_out(specs):
    for peer in specs["NetworkPolicy", "allow-outside"]["egress"][0]["to"]:
        peer["ipBlock"].pop("except", None)


def for_all_egress(specs):
    pods = {"matchLabels": {"app.kubernetes.io/component": "egress"}}
    specs["NetworkPolicy", "allow-outside--corporate"]["podSelector"] = pods


def for_all_pods(specs):
    specs["NetworkPolicy", "allow-outside--corporate"]["podSelector"] = {}


ADDRESSED = [
    (corporate_addresses_for_main, "range-widened", "allow-outside--corporate"),
    (all_addresses_for_corporate, "range-widened", "allow-outside"),
    (the_exception_left_out, "range-widened", "allow-outside"),
    (for_all_egress, "range-widened", "allow-outside--corporate"),
    (for_all_pods, "range-widened", "allow-outside--corporate"),
    (for_all_pods, "egress-bypass", "allow-outside--corporate"),
]


@pytest.mark.parametrize(("edit", "rule", "name"), ADDRESSED)
def test_a_network_that_is_open_to_the_other_gateway_is_found(edit, rule, name):
    assert (rule, name) in edited(edit)


GRANTED = {"host": LEDGER, "gateway": "corporate", "service_accounts": ["web"]}
LIMIT = "egress--ledger-hq-example"


def limited(protocol="tls", **args):
    """Of two Apps, one may call the corporate host."""
    services = [{"host": CARDS, "protocol": protocol}, {**GRANTED, "protocol": protocol}]
    tenant = parse_tenant("acme", {"egress": {"services": services, "gateways": RANGED}, **args})
    ports = [{"port": 8080}]
    apps = [parse_app(name, {"tenant": "acme", "image": "i:1", "ports": ports}, tenant) for name in ("web", "other")]
    return [*plan_tenant(tenant), *(body for app in apps for body in plan_app(app, tenant))]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("args", [{}, {"namespaces": [{"name": "db"}], "settings": {"gateway_namespace": "gateway"}}])
def test_a_host_for_some_accounts_proves_clean(protocol, args):
    proof = proven(limited(protocol, **args))
    assert (found(proof), proof.unproven) == (set(), ())


def audited(spec):
    spec["action"] = "AUDIT"


def of_no_rules(spec):
    spec["rules"] = []


def of_the_other_gateway(spec):
    spec["selector"] = {"matchLabels": {"istio": MAIN}}


def of_another_host(spec):
    spec["rules"][0]["when"][0]["values"] = [CARDS]


def with_all_accounts(spec):
    spec["rules"][0]["from"][0]["source"]["notPrincipals"] = ["cluster.local/ns/acme/sa/*"]


def with_another_account(spec):
    spec["rules"][0]["from"][0]["source"]["notPrincipals"].append("cluster.local/ns/acme/sa/other")


def for_one_method(spec):
    spec["rules"][0]["to"] = [{"operation": {"methods": ["GET"]}}]


LIMITS = [
    audited,
    of_no_rules,
    of_the_other_gateway,
    of_another_host,
    with_all_accounts,
    with_another_account,
]
OPENED = [*((edit, protocol) for edit in LIMITS for protocol in PROTOCOLS), (for_one_method, "https")]
"""Of a connection that is no HTTP, Istio asks no method: what is denied for one of them is denied for all."""


@pytest.mark.parametrize(("edit", "protocol"), OPENED)
def test_a_host_that_other_accounts_may_call_is_found(edit, protocol):
    bodies = copy.deepcopy(limited(protocol))
    (policy,) = [one for one in bodies if one["metadata"]["name"] == LIMIT]
    edit(policy["spec"])
    assert "callers-widened" in {rule for rule, _ in found(proven(bodies))}


def test_a_host_whose_policy_is_gone_is_found():
    bodies = [one for one in limited() if one["metadata"]["name"] != LIMIT]
    (one,) = [one for one in proven(bodies).findings if one.rule.id == "callers-widened"]
    assert f"takes requests for {LEDGER} from the service account" in one.message
    assert one.message.endswith("declared were web")


def test_hosts_of_nobody_and_of_one_gateway_are_not_asked_about():
    """What is declared of no gateway, or of the only one, may go as it goes."""
    tenant = parse_tenant("acme", {"egress": {"services": [{"host": CARDS}]}})
    bodies = copy.deepcopy([*plan_tenant(tenant)])
    (route,) = [one for one in bodies if (one["kind"], one["metadata"]["name"]) == ("VirtualService", CARDS)]
    route["spec"]["tls"][0]["route"][0]["destination"]["host"] = "elsewhere.example"
    assert "wrong-egress" not in {rule for rule, _ in found(proven(bodies))}


def test_a_stand_in_of_the_tenants_own_is_no_way_out():
    """A route may lead a host to an App, where it is answered within."""

    def to_web(specs):
        specs["VirtualService", LEDGER]["tls"][0]["route"][0]["destination"]["host"] = "web"

    assert "wrong-egress" not in {rule for rule, _ in edited(to_web)}
