"""What the example of several gateways claims of the way out, looked up in the objects that it makes."""

from tests.examples.programs import objects

CORPORATE = "203.0.113.0/24"


def test_the_hosts_of_the_corporate_network_leave_by_a_gateway_that_reaches_nothing_else():
    found = objects("gateways")
    (rule,) = found.spec("NetworkPolicy", "allow-outside--corporate", "mart")["egress"]
    assert [peer["ipBlock"]["cidr"] for peer in rule["to"]] == [CORPORATE]
    (server,) = found.spec("Gateway", "mart-egress--corporate", "mart")["servers"]
    assert server["hosts"] == ["mart/ledger.hq.example"]


def test_it_is_for_the_apps_of_staff():
    spec = objects("gateways").spec("AuthorizationPolicy", "egress--ledger-hq-example", "mart")
    (rule,) = spec["rules"]
    assert (spec["action"], spec["selector"]["matchLabels"]) == ("DENY", {"istio": "mart-egress--corporate"})
    assert rule["from"] == [{"source": {"notPrincipals": ["cluster.local/ns/mart/sa/stock"]}}]


def test_what_else_is_called_leaves_by_the_other_and_not_for_the_corporate_network():
    found = objects("gateways")
    (rule,) = found.spec("NetworkPolicy", "allow-outside", "mart")["egress"]
    (block,) = [peer["ipBlock"] for peer in rule["to"] if peer["ipBlock"]["cidr"] == "0.0.0.0/0"]
    assert CORPORATE in block["except"]
    (server,) = found.spec("Gateway", "mart-egress", "mart")["servers"]
    assert server["hosts"] == ["mart/api.cards.example"]
