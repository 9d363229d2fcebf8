"""What the example of the two networks claims, looked up in the objects that it makes."""

from tests.examples.programs import objects

CORPORATE = "203.0.113.0/24"


def blocks(namespace, name, direction, end):
    (rule,) = objects("networks").spec("NetworkPolicy", name, namespace)[direction]
    return [peer["ipBlock"]["cidr"] for peer in rule.get(end, [])]


def test_the_store_is_open_to_everybody_and_calls_hosts_anywhere():
    assert blocks("store", "allow-clients", "ingress", "from") == []
    assert blocks("store", "allow-outside", "egress", "to") == ["0.0.0.0/0", "::/0"]


def test_the_office_answers_and_calls_the_corporate_network_only():
    found = objects("networks")
    assert blocks("office", "allow-clients", "ingress", "from") == [CORPORATE]
    assert blocks("office", "allow-outside", "egress", "to") == [CORPORATE]
    service = found.spec("Service", "office-ingress")
    assert (service["loadBalancerSourceRanges"], service["externalTrafficPolicy"]) == ([CORPORATE], "Local")
    rules = found.spec("AuthorizationPolicy", "allow-ingress", "office")["rules"]
    assert {tuple(rule["from"][0]["source"]["ipBlocks"]) for rule in rules} == {(CORPORATE,)}


def test_one_app_of_the_office_calls_one_service_of_the_store():
    rule = objects("networks").spec("AuthorizationPolicy", "grant--orders--office", "store")["rules"][0]
    assert rule["from"] == [{"source": {"principals": ["cluster.local/ns/office/sa/support"]}}]
