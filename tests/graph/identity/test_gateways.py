"""Gateways: who gets to which server, under which name, and policies that are attached to them.

Source: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSmode.
"""

import pytest

from tenantmesh.graph.flow import Outside, Proxy, Request, Workload
from tenantmesh.graph.verdict import Answer
from tests.graph.identity.objects import NETWORKING, STRANGER, answer, client, made, namespace, of, peers, policy, to

ALLOWED, DENIED = Answer.ALLOWED, Answer.DENIED
DOOR = Workload(namespace="b", name="door", labels={"istio": "door"}, proxy=Proxy.GATEWAY)
TLS = Request(port=8443, host="shop.example.com")
NAMED, NAMELESS = Outside(principal="CN=partner"), Outside()


def gateway(mode: str, protocol: str = "HTTPS", place: str = "b", selector=None, **fields):
    """A Gateway with one server on port 443, behind whose Service the pods listen on 8443."""
    server = {"port": {"number": 443, "name": "tls", "protocol": protocol}, "hosts": ["*"], **fields}
    tls = {"tls": {"mode": mode, "credentialName": "door"}} if mode else {}
    spec = {"selector": selector or {"istio": "door"}, "servers": [{**server, **tls}]}
    return made(NETWORKING, "Gateway", "door", place, spec=spec)


SERVICE = made(
    "v1", "Service", "door", "b", spec={"selector": {"istio": "door"}, "ports": [{"port": 443, "targetPort": 8443}]}
)
ANYBODY_NAMED, MEMBERS = policy("ALLOW", of(principals=["*"])), policy("ALLOW", of(namespaces=["*"]))
STRANGERS = policy("ALLOW", of(notPrincipals=["*"]))

# Who calls, and whether that passes without policies, with one for everybody named, for members, and for the nameless.
SERVERS = {
    ("SIMPLE", "outside"): (NAMELESS, ALLOWED, DENIED, DENIED, ALLOWED),
    ("SIMPLE", "member"): (client(), ALLOWED, DENIED, DENIED, ALLOWED),
    ("MUTUAL", "outside"): (NAMED, ALLOWED, ALLOWED, DENIED, DENIED),
    ("OPTIONAL_MUTUAL", "outside"): (NAMED, ALLOWED, ALLOWED, DENIED, ALLOWED),
    ("ISTIO_MUTUAL", "outside"): (NAMED, DENIED, DENIED, DENIED, DENIED),
    ("ISTIO_MUTUAL", "member"): (client(), ALLOWED, ALLOWED, ALLOWED, DENIED),
    ("ISTIO_MUTUAL", "stranger"): (STRANGER, DENIED, DENIED, DENIED, DENIED),
    ("PASSTHROUGH", "outside"): (NAMED, ALLOWED, DENIED, DENIED, ALLOWED),
}


@pytest.mark.parametrize("case", SERVERS, ids=" ".join)
def test_a_servers_mode_says_who_gets_to_it_under_which_name(case):
    source, *right = SERVERS[case]
    front = (SERVICE, gateway(case[0]))
    found = [answer((*front, *some), source, TLS, DOOR) for some in ((), (ANYBODY_NAMED,), (MEMBERS,), (STRANGERS,))]
    assert found == right


def test_a_gateway_listens_where_its_servers_are_and_nowhere_else():
    objects = (SERVICE, gateway("SIMPLE"))
    assert answer(objects, NAMELESS, TLS, DOOR) is ALLOWED
    assert answer(objects, NAMELESS, Request(port=9090), DOOR) is DENIED
    assert answer(objects, client(), Request(port=443), DOOR) is DENIED


def test_without_a_service_the_servers_number_is_the_pods():
    assert answer((gateway("SIMPLE"),), NAMELESS, Request(port=443), DOOR) is ALLOWED


def test_strict_mutual_tls_is_for_sidecars_and_not_for_the_servers_of_a_gateway():
    assert answer((SERVICE, gateway("SIMPLE"), peers()), NAMELESS, TLS, DOOR) is ALLOWED


def test_a_gateway_of_another_namespace_may_select_the_pods_unless_the_mesh_scopes_gateways():
    """PILOT_SCOPE_GATEWAY_TO_NAMESPACE."""
    objects = (gateway("ISTIO_MUTUAL"), gateway("SIMPLE", place="a"))
    assert answer(objects, NAMELESS, Request(port=443), DOOR) is ALLOWED
    assert answer(objects, NAMELESS, Request(port=443), DOOR, gateways_scoped=True) is DENIED


def test_what_is_passed_on_encrypted_is_no_request_that_a_policy_could_read():
    for_get = policy("ALLOW", to(methods=["GET"]))
    assert answer((SERVICE, gateway("SIMPLE"), for_get), NAMELESS, TLS, DOOR) is ALLOWED
    assert answer((SERVICE, gateway("PASSTHROUGH"), for_get), NAMELESS, TLS, DOOR) is DENIED
    assert answer((SERVICE, gateway("SIMPLE", "TLS"), for_get), NAMELESS, TLS, DOOR) is DENIED


# https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference.
API_POD = Workload(
    namespace="b", name="front", labels={"gateway.networking.k8s.io/gateway-name": "front"}, proxy=Proxy.GATEWAY
)
API = made(
    "gateway.networking.k8s.io/v1",
    "Gateway",
    "front",
    "b",
    spec={"gatewayClassName": "istio", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
)
TARGETS = {
    "its own": ("Gateway", "front", "b", DENIED),
    "another of the namespace": ("Gateway", "other", "b", ALLOWED),
    "one of that name elsewhere": ("Gateway", "front", "a", ALLOWED),
    "a Service": ("Service", "front", "b", ALLOWED),
}


@pytest.mark.parametrize("case", TARGETS)
def test_a_policy_that_is_attached_to_a_gateway_holds_for_its_pods_only(case):
    kind, name, place, right = TARGETS[case]
    group = "" if kind == "Service" else "gateway.networking.k8s.io"
    targets = [{"group": group, "kind": kind, "name": name}]
    attached = policy("DENY", {}, place=place, targetRefs=targets)
    assert answer((API, attached), NAMELESS, Request(port=80), API_POD) is right
    old = policy("DENY", {}, place=place, targetRef=targets[0])
    assert answer((API, old), NAMELESS, Request(port=80), API_POD) is right
    assert answer((API, attached), NAMELESS, Request(port=80), DOOR) is ALLOWED


# Ambient: https://istio.io/latest/docs/ambient/usage/l4-policy/ and .../waypoint/.
AMBIENT = namespace("b", istio_io_dataplane_mode="ambient")
AMBIENT.body["metadata"]["labels"] = {"istio.io/dataplane-mode": "ambient"}
POD = Workload(namespace="b", name="web", labels={"app": "web"}, proxy=Proxy.AMBIENT)
GET, PUT = Request(port=8080), Request(port=8080, method="PUT")


def test_ztunnel_lets_in_by_names_and_ports():
    assert answer((AMBIENT, policy("ALLOW", of(namespaces=["a"]))), client(), GET, POD) is ALLOWED
    assert answer((AMBIENT, policy("ALLOW", of(namespaces=["a"]))), client("c"), GET, POD) is DENIED
    assert answer((AMBIENT, policy("ALLOW", to(ports=["9090"]))), client(), GET, POD) is DENIED
    assert answer((AMBIENT, peers()), STRANGER, GET, POD) is DENIED


def test_ztunnel_reads_no_requests():
    """An ALLOW that asks for a method never matches; a DENY that does is taken for what it asks of the connection."""
    assert answer((AMBIENT, policy("ALLOW", to(methods=["GET"]))), client(), GET, POD) is DENIED
    by_name = {**of(namespaces=["a"]), **to(methods=["PUT"], ports=["8080"])}
    assert answer((AMBIENT, policy("DENY", by_name)), client(), GET, POD) is DENIED
    assert answer((AMBIENT, policy("DENY", by_name)), client("c"), PUT, POD) is ALLOWED


def test_a_waypoint_is_one_more_way_and_not_the_only_one():
    """A policy of the waypoint keeps nobody away who asks the pod itself."""
    place = namespace("b")
    place.body["metadata"]["labels"] = {"istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint"}
    service = made("v1", "Service", "web", "b", spec={"selector": {"app": "web"}, "ports": [{"port": 8080}]})
    targets = [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "waypoint"}]
    shut = policy("ALLOW", of(namespaces=["c"]), targetRefs=targets)
    assert answer((place, service, shut), client(), GET, POD) is ALLOWED
    pods = {"matchLabels": {"app": "web"}}
    only = policy("ALLOW", of(principals=["cluster.local/ns/b/sa/waypoint"]), name="only", selector=pods)
    assert answer((place, service, shut, only), client(), GET, POD) is DENIED
    assert answer((place, service, shut, only), client("c"), GET, POD) is ALLOWED
