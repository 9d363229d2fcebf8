"""The addresses that gateways answer and call, against those that were declared."""

import json

import pytest

from tenantmesh.errors import IntentError
from tests.checks.breaches import of_rule, proven

DECLARED = "203.0.113.0/24"
IN = {"selector": {"app": "web"}, "from": [DECLARED]}
OUT = {"selector": {"app": "web"}, "to": [DECLARED]}
LOCAL = {"externalTrafficPolicy": "Local"}
SELECTED = {"matchLabels": {"app": "web"}}


def text(kind, name, spec, group="networking.k8s.io/v1", **metadata):
    body = {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": "acme", **metadata}}
    return json.dumps({**body, "spec": spec})


def namespace(*said):
    annotations = {"tenantmesh.dev/ranges": json.dumps(said)} if said else {}
    metadata = {"name": "acme", "labels": {"istio-injection": "enabled"}, "annotations": annotations}
    return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def gateway(app="web"):
    server = {"port": {"name": "http", "number": 8080, "protocol": "HTTP"}, "hosts": ["shop.acme.example.com"]}
    return text("Gateway", app, {"selector": {"app": app}, "servers": [server]}, "networking.istio.io/v1")


def pods():
    """The tenants' own pods, as a gateway."""
    metadata = {"labels": {"app": "web"}, "annotations": {"inject.istio.io/templates": "gateway"}}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "istio-proxy", "image": "auto"}]}}
    return text("Deployment", "web", {"selector": SELECTED, "template": template}, "apps/v1")


def blocks(*cidrs):
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


def clients(*peers, selected=SELECTED):
    rule = {"ports": [{"port": 8080}], **({"from": list(peers)} if peers else {})}
    return text("NetworkPolicy", "clients", {"podSelector": selected, "policyTypes": ["Ingress"], "ingress": [rule]})


def outside(*peers):
    rule = {"ports": [{"port": 443}], **({"to": list(peers)} if peers else {})}
    return text("NetworkPolicy", "outside", {"podSelector": SELECTED, "policyTypes": ["Egress"], "egress": [rule]})


def allow(**source):
    rule = {"to": [{"operation": {"ports": ["8080"]}}], **({"from": [{"source": source}]} if source else {})}
    return text("AuthorizationPolicy", "clients", {"selector": SELECTED, "rules": [rule]}, "security.istio.io/v1")


def fence():
    """The tenants' own lets nobody in without an identity of the mesh."""
    source = {"principals": ["*"], "notPrincipals": ["cluster.local/ns/acme/sa/*"]}
    spec = {"action": "DENY", "rules": [{"from": [{"source": source}]}]}
    return text("AuthorizationPolicy", "fence", spec, "security.istio.io/v1")


def balanced(annotations=None, **more):
    spec = {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 8080}], **LOCAL, **more}
    return text("Service", "web", spec, "v1", annotations=annotations or {})


def witnesses(*objects, said=(IN,), intent=None):
    proof = proven(namespace(*said), gateway(), pods(), fence(), *objects, intent=intent)
    return [one.witness for one in of_rule(proof, "range-widened")]


@pytest.mark.parametrize("cidrs", [[DECLARED], ["203.0.113.128/25"], ["203.0.113.0/25", "203.0.113.128/25"]])
def test_what_is_within_the_declared_ranges_is_fine(cidrs):
    assert witnesses(clients(*blocks(*cidrs)), allow(ipBlocks=cidrs), balanced(loadBalancerSourceRanges=cidrs)) == []


@pytest.mark.parametrize(
    ("peers", "who"),
    [
        (blocks(DECLARED, "198.51.100.0/24"), "198.51.100.0"),
        (blocks("203.0.112.0/22"), "203.0.112.0"),
        (blocks("0.0.0.0/0"), "1.0.0.0"),
        (blocks(DECLARED, "2001:db8::/32"), "2001:db8::"),
        (blocks(DECLARED, "10.0.0.0/8"), "10.0.0.0"),
        ([{"ipBlock": {"cidr": "203.0.112.0/23", "except": ["203.0.112.0/25"]}}], "203.0.112.128"),
        ((), "1.0.0.0"),
    ],
)
def test_a_network_policy_that_lets_in_more_is_found_by_an_address(peers, who):
    assert witnesses(clients(*peers)) == [f"{who} -> acme/web:8080/TCP"]


@pytest.mark.parametrize(
    ("selector", "who"),
    [({}, "stranger/any-pod"), ({"matchLabels": {"kubernetes.io/metadata.name": "globex"}}, "globex/any-pod")],
)
def test_pods_of_other_tenants_are_none_of_the_declared_addresses(selector, who):
    peers = [*blocks(DECLARED), {"namespaceSelector": selector}]
    assert witnesses(clients(*peers)) == [f"{who} -> acme/web:8080/TCP"]


def test_own_and_shared_pods_may_call_the_gateway():
    expression = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["acme", "monitoring"]}
    peers = [*blocks(DECLARED), {"namespaceSelector": {"matchExpressions": [expression]}}]
    assert witnesses(clients(*peers)) == []


def test_a_declared_range_in_which_pods_might_be_is_fine():
    said = {"selector": {"app": "web"}, "from": ["10.20.0.0/16"]}
    assert witnesses(clients(*blocks("10.20.0.0/16")), said=(said,)) == []


def test_an_exception_that_leaves_the_declared_addresses_is_fine():
    assert witnesses(clients({"ipBlock": {"cidr": "203.0.112.0/23", "except": ["203.0.112.0/24"]}})) == []


def test_a_policy_for_all_pods_is_one_for_the_gateways_too():
    assert witnesses(clients(*blocks("198.51.100.0/24"), selected={})) == ["198.51.100.0 -> acme/web:8080/TCP"]


def test_a_policy_for_pods_of_the_gateway_that_are_not_there_yet_is_found():
    others = {"matchLabels": {"app": "web", "version": "v2"}}
    assert witnesses(clients(*blocks("198.51.100.0/24"), selected=others)) == ["198.51.100.0 -> acme/any:8080/TCP"]


def test_other_pods_may_answer_whom_they_like():
    """That they are no gateway's is another rule's to say."""
    others = {"matchLabels": {"app": "other"}}
    assert witnesses(clients(*blocks("198.51.100.0/24"), selected=others)) == []


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ({"ipBlocks": [DECLARED, "198.51.100.7"]}, "198.51.100.7"),
        ({"ipBlocks": ["203.0.112.0/23"]}, "203.0.112.0"),
        ({"notIpBlocks": ["198.51.100.0/24"]}, "1.0.0.0"),
        ({}, "1.0.0.0"),
    ],
)
def test_an_authorization_policy_that_lets_in_more_is_found_while_the_network_is_shut(source, who):
    (found,) = witnesses(clients(*blocks(DECLARED)), allow(**source))
    assert found.endswith(f"{who} -> acme/web:8080/TCP")


def test_a_deny_of_all_other_addresses_does_as_well():
    rule = {"from": [{"source": {"notIpBlocks": [DECLARED]}}]}
    deny = {"action": "DENY", "selector": SELECTED, "rules": [rule]}
    assert witnesses(allow(), text("AuthorizationPolicy", "others", deny, "security.istio.io/v1")) == []


@pytest.mark.parametrize(
    ("service", "who"),
    [
        (balanced(), "1.0.0.0"),
        (balanced(loadBalancerSourceRanges=[DECLARED, "198.51.100.0/24"]), "198.51.100.0"),
        (
            balanced({"service.beta.kubernetes.io/load-balancer-source-ranges": f"{DECLARED}, 192.0.2.0/24"}),
            "192.0.2.0",
        ),
    ],
)
def test_a_load_balancer_that_lets_in_more_is_found(service, who):
    assert witnesses(service) == [f"{who} -> Service acme/web"]


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_that_hides_its_clients_addresses_is_found(kind):
    made = balanced(type=kind, loadBalancerSourceRanges=[DECLARED], externalTrafficPolicy="Cluster")
    assert witnesses(made) == ["a node's address -> Service acme/web"]
    assert witnesses(balanced(type="ClusterIP", externalTrafficPolicy="Cluster")) == []


@pytest.mark.parametrize(
    "service",
    [
        balanced({"service.beta.kubernetes.io/load-balancer-source-ranges": DECLARED}),
        balanced(type="NodePort"),
        balanced(selector={"app": "other"}),
    ],
)
def test_only_the_gateways_load_balancer_is_held_to_it(service):
    assert witnesses(service) == []


@pytest.mark.parametrize(
    ("peers", "found"), [(blocks(DECLARED), []), (blocks(DECLARED, "198.51.100.0/24"), ["198.51.100.0"])]
)
def test_a_gateway_that_calls_past_the_declared_ranges_is_found(peers, found):
    assert witnesses(outside(*peers), said=(OUT,)) == [f"acme/web -> {who}:443/TCP" for who in found]


def test_each_direction_is_held_to_its_own_ranges():
    assert witnesses(outside(*blocks("198.51.100.0/24"))) == []
    assert witnesses(clients(*blocks("198.51.100.0/24")), said=(OUT,)) == []


def test_each_gateway_is_held_to_its_own_ranges():
    other = {"selector": {"app": "other"}, "from": ["198.51.100.0/24"]}
    others = {"matchLabels": {"app": "other"}}
    assert witnesses(clients(*blocks("198.51.100.0/24"), selected=others), gateway("other"), said=(IN, other)) == []
    assert witnesses(clients(*blocks("198.51.100.0/24")), gateway("other"), said=(IN, other)) != []


def test_without_a_declaration_any_range_is_fine():
    assert witnesses(clients(*blocks("0.0.0.0/0")), allow(), balanced(), said=()) == []


def test_a_file_can_declare_it_for_a_tenant():
    file = {"ranges": [{"tenant": "acme", **IN}]}
    assert witnesses(clients(*blocks("198.51.100.0/24")), said=(), intent=file) != []


def test_every_wrong_declaration_is_named():
    with pytest.raises(IntentError) as raised:
        proven(namespace({"selector": {}, "from": ["203.0.113.7"]}, {"to": [DECLARED]}))
    where = "namespace acme: tenantmesh.dev/ranges"
    assert list(raised.value.problems) == [
        f"{where}[0].selector: dictionary should have at least 1 item after validation, not 0",
        f"{where}[0].from[0]: is not a range of addresses like 203.0.113.0/24",
        f"{where}[1].selector: is required",
    ]
