"""The hosts that a gateway's policies let in requests for, against those that are declared or served there."""

import json

import pytest

from tests.checks.breaches import of_rule, proven
from tests.checks.families.test_ranges import SELECTED, fence, pods, text

SHOP = "shop.acme.example.com"
DOOR = {"hosts": [SHOP, "*.web.acme.example.com"], "tls": "simple"}
PLAIN = {**DOOR, "tls": "none"}


def namespace(*said):
    annotations = {"tenantmesh.dev/doors": json.dumps(said)} if said else {}
    metadata = {"name": "acme", "labels": {"istio-injection": "enabled"}, "annotations": annotations}
    return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def gateway(*hosts, name="web", app="web"):
    server = {"port": {"name": "http", "number": 8080, "protocol": "HTTP"}, "hosts": [f"acme/{one}" for one in hosts]}
    return text("Gateway", name, {"selector": {"app": app}, "servers": [server]}, "networking.istio.io/v1")


def policy(*rules, name="clients", selected=SELECTED, action="ALLOW", namespace="acme"):
    spec = {"action": action, "rules": list(rules), **({"selector": selected} if selected else {})}
    return text("AuthorizationPolicy", name, spec, "security.istio.io/v1", namespace=namespace)


def to(*hosts, **operation):
    return {"to": [{"operation": {"hosts": list(hosts), **operation}}]}


def asking(*names, **operation):
    found = {"when": [{"key": "connection.sni", "values": list(names)}]}
    return {**found, **({"to": [{"operation": operation}]} if operation else {})}


ANY = {"to": [{"operation": {"ports": ["8080"]}}]}


def witnesses(*objects, said=(DOOR,), served=(SHOP,), intent=None):
    proof = proven(namespace(*said), gateway(*served), pods(), fence(), *objects, intent=intent)
    assert proof.unproven == ()
    return [one.witness.rpartition(" ")[2] for one in of_rule(proof, "door-widened")]


@pytest.mark.parametrize("said", [DOOR, PLAIN])
@pytest.mark.parametrize(
    "rule",
    [
        to(SHOP),
        to(f"{SHOP}:8080", SHOP.upper(), f"{SHOP}:*"),
        to("*.web.acme.example.com", "a.web.acme.example.com", ports=["8080"]),
        asking(SHOP, ports=["8080"]),
        {**to(SHOP), "from": [{"source": {"ipBlocks": ["203.0.113.0/24"]}}]},
    ],
)
def test_a_policy_for_the_declared_hosts_is_fine(rule, said):
    assert witnesses(policy(rule), said=(said,)) == []


@pytest.mark.parametrize("said", [DOOR, PLAIN])
@pytest.mark.parametrize(
    ("rule", "host"),
    [
        ({}, "elsewhere.invalid"),
        (ANY, "elsewhere.invalid"),
        (to("*"), "elsewhere.invalid"),
        (to(SHOP, "other.example.com"), "other.example.com"),
        (to("*.example.com"), "elsewhere.example.com"),
        (to("*web.acme.example.com"), "elsewhereweb.acme.example.com"),
        (to("shop.*"), "shop.elsewhere"),
        (to(f"x.{SHOP}:8080"), f"x.{SHOP}:8080"),
        (to(f"x.{SHOP}:*"), f"x.{SHOP}:80"),
        (asking(SHOP, "other.example.com"), "other.example.com"),
        ({"to": [{"operation": {"notHosts": [SHOP]}}]}, "elsewhere.invalid"),
        ({"from": [{"source": {"ipBlocks": ["203.0.113.0/24"]}}]}, "elsewhere.invalid"),
    ],
)
def test_a_policy_that_lets_in_requests_for_another_host_is_found(rule, host, said):
    assert witnesses(policy(rule), said=(said,)) == [host]


def test_a_rule_beside_a_narrow_one_is_found():
    assert witnesses(policy(to(SHOP), to("other.example.com"))) == ["other.example.com"]
    two = {"to": [*to(SHOP)["to"], *to("other.example.com")["to"]]}
    assert witnesses(policy(two)) == ["other.example.com"]


def test_a_policy_of_all_pods_is_one_of_the_gateways_too():
    assert witnesses(policy(ANY, selected=None)) == ["elsewhere.invalid"]
    assert witnesses(policy(ANY, selected=None, namespace="istio-system")) == ["elsewhere.invalid"]


def test_a_policy_for_some_of_the_gateways_pods_is_found_once_they_are_there():
    labels = {"app": "web", "version": "v2"}
    later = policy(ANY, selected={"matchLabels": labels})
    annotations = {"inject.istio.io/templates": "gateway"}
    containers = [{"name": "istio-proxy", "image": "auto"}]
    template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"containers": containers}}
    made = text("Deployment", "web-v2", {"selector": {"matchLabels": labels}, "template": template}, "apps/v1")
    assert witnesses(later) == []
    assert witnesses(later, made) == ["elsewhere.invalid"]


def test_a_policy_of_other_pods_is_not():
    assert witnesses(policy(to(SHOP)), policy(ANY, name="others", selected={"matchLabels": {"app": "other"}})) == []


def test_members_of_the_mesh_may_ask_for_anything():
    members = {"from": [{"source": {"principals": ["cluster.local/ns/acme/sa/*"]}}]}
    assert witnesses(policy(members, to(SHOP))) == []


def test_a_deny_of_all_other_hosts_does_as_well():
    denied = {"to": [{"operation": {"notHosts": [SHOP]}}]}
    assert witnesses(policy({}), policy(denied, name="others", action="DENY")) == []


def test_a_host_that_the_gateway_serves_is_its_own_to_open():
    assert witnesses(policy(to("more.example.com")), served=(SHOP, "more.example.com")) == []
    assert witnesses(policy({}), served=("*",)) == []


def test_what_another_gateway_serves_is_another_host():
    others = gateway("other.example.com", name="others", app="other")
    assert witnesses(policy(to(SHOP, "other.example.com")), others) == ["other.example.com"]


def test_each_gateway_is_held_to_what_is_said_of_it():
    own = {**DOOR, "selector": {"app": "web"}}
    other = {"hosts": ["other.example.com"], "tls": "simple", "selector": {"app": "other"}}
    assert witnesses(policy(to("other.example.com")), said=(own, other)) == ["other.example.com"]
    assert witnesses(policy(to("other.example.com")), said=(other,)) == []


def test_without_a_declaration_or_any_allow_nobody_said_that_policies_name_hosts():
    """That nothing is asked at all is another rule's to say."""
    assert witnesses(policy({}), said=()) == []
    assert witnesses() == []


def test_a_file_can_declare_it_for_a_tenant():
    file = {"doors": [{"tenant": "acme", **DOOR}]}
    assert witnesses(policy(ANY), said=(), intent=file) == ["elsewhere.invalid"]
