"""Several egress gateways: each host by its own one, which has its own pods, ports and ranges."""

import json

CARDS, LEDGER = {"host": "api.cards.example"}, {"host": "ledger.hq.example", "port": 8443, "gateway": "corporate"}
RANGES = ["203.0.113.0/24"]
MAIN, CORPORATE = "acme-egress", "acme-egress--corporate"


def egress(*services, ranges=RANGES, **more):
    corporate = {"destination_ranges": ranges, "replicas": {"minimum": 1}}
    return {"egress": {"services": list(services or (CARDS, LEDGER)), "gateways": {"corporate": corporate}, **more}}


def test_each_has_an_account_pods_and_a_service_of_its_own(planned):
    plan = planned(egress())
    for name in (MAIN, CORPORATE):
        pods = plan.spec("Deployment", name)["template"]
        assert pods["spec"]["serviceAccountName"] == plan.one("ServiceAccount", name)["metadata"]["name"] == name
        assert plan.spec("Service", name)["selector"] == {"istio": name}
        assert pods["metadata"]["labels"].items() >= {"istio": name, "app.kubernetes.io/component": "egress"}.items()
    assert plan.spec("Deployment", CORPORATE)["replicas"] == 1


def test_each_serves_and_is_wrapped_for_its_own_hosts_only(planned):
    plan = planned(egress())
    served = {name: [one["hosts"] for one in plan.spec("Gateway", name)["servers"]] for name in (MAIN, CORPORATE)}
    assert served == {MAIN: [["acme/api.cards.example"]], CORPORATE: [["acme/ledger.hq.example"]]}
    wrapped = {name: plan.spec("DestinationRule", name) for name in (MAIN, CORPORATE)}
    assert {name: [one["name"] for one in rule["subsets"]] for name, rule in wrapped.items()} == {
        MAIN: ["api-cards-example"],
        CORPORATE: ["ledger-hq-example"],
    }
    assert {name: rule["host"] for name, rule in wrapped.items()} == {
        name: f"{name}.acme.svc.cluster.local" for name in (MAIN, CORPORATE)
    }


def test_a_hosts_route_is_by_its_gateway(planned):
    spec = planned(egress()).spec("VirtualService", "ledger.hq.example")
    assert spec["gateways"] == ["mesh", f"acme/{CORPORATE}"]
    assert spec["tls"][0]["route"][0]["destination"]["host"] == f"{CORPORATE}.acme.svc.cluster.local"
    assert spec["tcp"][0]["match"] == [{"gateways": [f"acme/{CORPORATE}"], "port": 443}]


def test_each_leaves_on_the_ports_of_its_hosts_for_its_addresses(planned):
    plan = planned(egress())
    ways = {}
    for policy in ("allow-outside", "allow-outside--corporate"):
        spec = plan.spec("NetworkPolicy", policy)
        (rule,) = spec["egress"]
        ways[spec["podSelector"]["matchLabels"]["istio"]] = rule
    assert [one["port"] for one in ways[MAIN]["ports"]] == [443]
    assert [one["port"] for one in ways[CORPORATE]["ports"]] == [8443]
    assert [one["ipBlock"] for one in ways[CORPORATE]["to"]] == [{"cidr": RANGES[0]}]
    (block,) = [one["ipBlock"] for one in ways[MAIN]["to"] if "." in one["ipBlock"]["cidr"]]
    assert block["cidr"] == "0.0.0.0/0"
    assert set(RANGES) < set(block["except"])


def test_a_gateway_with_ranges_has_no_more_than_these(planned):
    plan = planned(egress(destination_ranges=["203.0.113.0/25"]))
    (rule,) = plan.spec("NetworkPolicy", "allow-outside")["egress"]
    assert [one["ipBlock"] for one in rule["to"]] == [{"cidr": "203.0.113.0/25"}]


def test_the_accounts_of_a_host_are_asked_for_at_its_gateway(planned):
    plan = planned(egress(CARDS, {**LEDGER, "service_accounts": ["stock"]}))
    spec = plan.spec("AuthorizationPolicy", "egress--ledger-hq-example")
    assert spec["selector"] == {"matchLabels": {"istio": CORPORATE}}


def test_there_is_only_the_gateway_that_hosts_name(planned):
    plan = planned(egress(LEDGER))
    assert {one["metadata"]["name"] for one in plan.bodies if one["kind"] == "Deployment"} == {CORPORATE}
    assert {one["metadata"]["name"] for one in plan.bodies if one["kind"] == "NetworkPolicy"} & {
        "allow-outside",
        "allow-outside--corporate",
    } == {"allow-outside--corporate"}


def declared(plan, annotation="tenantmesh.dev/ranges"):
    return json.loads(plan.one("Namespace", "acme", "")["metadata"]["annotations"][annotation])


def test_it_is_declared_which_hosts_and_addresses_are_whose(planned):
    assert declared(planned(egress())) == [
        {
            "selector": {"istio": MAIN},
            "to": ["0.0.0.0/0", "::/0"],
            "except": RANGES,
            "hosts": ["api.cards.example"],
        },
        {"selector": {"istio": CORPORATE}, "to": RANGES, "hosts": ["ledger.hq.example"]},
    ]


def test_gateways_without_ranges_declare_their_hosts(planned):
    assert declared(planned(egress(ranges=[]))) == [
        {"selector": {"istio": MAIN}, "hosts": ["api.cards.example"]},
        {"selector": {"istio": CORPORATE}, "hosts": ["ledger.hq.example"]},
    ]


def test_the_api_server_may_be_among_another_gateways_addresses(planned):
    """All of a tenant's pods may call it, this gateway's too."""
    infrastructure = {"api_server_cidrs": ["203.0.113.128/32"]}
    main, _ = declared(planned({**egress(), "settings": {"mesh": {"infrastructure": infrastructure}}}))
    assert "203.0.113.128/32" in main["to"]
    assert "203.0.113.0/25" in main["except"]
    assert RANGES[0] not in main["except"]


def test_admins_change_each_of_them(planned):
    plan = planned({**egress(), "access": [{"role": "admin", "groups": ["ops"]}]})
    (rule,) = [one for one in plan.one("Role", "tenant-admin")["rules"] if one["resources"] == ["gateways"]]
    assert rule["resourceNames"] == [MAIN, CORPORATE]


def test_it_is_declared_which_accounts_a_host_is_for_and_at_which_gateway(planned):
    bodies = planned(egress(CARDS, {**LEDGER, "service_accounts": ["stock", "audit"]}))
    assert declared(bodies, "tenantmesh.dev/callers") == [
        {"host": "ledger.hq.example", "serviceAccounts": ["audit", "stock"], "selector": {"istio": CORPORATE}}
    ]
