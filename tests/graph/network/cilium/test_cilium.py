"""Cilium's policies against https://docs.cilium.io/en/stable/security/policy/."""

import pytest

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.network.objects import TCP_80, answer, layer, made, namespace, pod, policy, web

case = pytest.param
ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
A, OWN = pod("a", labels={"app": "client"}), pod("b", labels={"app": "client"})
NODE = pod("a", host_network=True)
SPACES = (namespace("a", team="x"), namespace("b", team="y"))
PORT = [{"port": "80"}]
CLIENT = {"matchLabels": {"app": "client"}}


def cilium(place: str = "b", **spec: object):
    kind = "CiliumNetworkPolicy" if place else "CiliumClusterwideNetworkPolicy"
    return made("cilium.io/v2", kind, "cilium", place, spec={"endpointSelector": {}, **spec})


def allow(**rule: object):
    return cilium(ingress=[rule])


def labelled(**labels: str) -> dict:
    return {"matchLabels": {key.replace("__", ":"): value for key, value in labels.items()}}


IN_A = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "a"}}
TEAM_X = {"matchLabels": {"io.cilium.k8s.namespace.labels.team": "x"}}
ACCOUNT = {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "robot", **IN_A["matchLabels"]}}
WITH_ACCOUNT = pod("a", service_account="robot")
INGRESS = [
    case(cilium(ingress=[]), A, ALLOWED, id="no rule: not isolated"),
    case(allow(), A, DENIED, id="an empty rule allows nothing, and isolates"),
    case(allow(fromEndpoints=[]), A, DENIED, id="an empty list selects nothing"),
    case(allow(fromEndpoints=[{}]), A, DENIED, id="an empty selector: own namespace"),
    case(allow(fromEndpoints=[{}]), OWN, ALLOWED, id="which it selects whole"),
    case(allow(fromEndpoints=[labelled(any__app="client")]), OWN, ALLOWED, id="the source of a label"),
    case(allow(fromEndpoints=[IN_A]), A, ALLOWED, id="another namespace by name"),
    case(allow(fromEndpoints=[TEAM_X]), A, ALLOWED, id="another namespace by its labels"),
    case(allow(fromEndpoints=[ACCOUNT]), A, DENIED, id="another service account"),
    case(allow(fromEndpoints=[ACCOUNT]), WITH_ACCOUNT, ALLOWED, id="the service account"),
    case(cilium("", ingress=[{"fromEndpoints": [{}]}]), A, ALLOWED, id="clusterwide: any namespace"),
    case(cilium("", ingress=[{"fromEndpoints": [{}]}]), Outside(), DENIED, id="but no one outside"),
    case(allow(fromEntities=["cluster"]), A, ALLOWED, id="cluster: pods"),
    case(allow(fromEntities=["cluster"]), Outside(), DENIED, id="cluster: not outside"),
    case(allow(fromEntities=["world"]), Outside(), ALLOWED, id="world: outside"),
    case(allow(fromEntities=["world"]), A, DENIED, id="world: no pods"),
    case(allow(fromEntities=["all"]), A, ALLOWED, id="all"),
    case(allow(fromEntities=["none"]), A, DENIED, id="none"),
    case(allow(fromEntities=["moon"]), A, UNPROVEN, id="an unknown entity"),
    case(allow(), NODE, ALLOWED, id="the own node is let in"),
    case(allow(fromCIDR=["0.0.0.0/0"]), A, DENIED, id="addresses never mean pods"),
    case(allow(fromCIDR=["203.0.113.7"]), Outside(address="203.0.113.7"), ALLOWED, id="one address"),
    case(
        allow(fromCIDRSet=[{"cidr": "203.0.113.0/24", "except": ["203.0.113.7/32"]}]),
        Outside(address="203.0.113.7"),
        DENIED,
        id="an exception",
    ),
    case(allow(toPorts=[{"ports": [{"port": "80"}]}]), A, ALLOWED, id="ports alone: from anybody"),
    case(allow(toPorts=[{"ports": [{"port": "81"}]}]), A, DENIED, id="another port"),
    case(allow(toPorts=[{"ports": [{"port": "80", "protocol": "UDP"}]}]), A, DENIED, id="another protocol"),
    case(allow(toPorts=[{"ports": [{"port": "70", "endPort": 90}]}]), A, ALLOWED, id="a range"),
    case(allow(toPorts=[{"ports": [{"port": "0"}]}]), A, ALLOWED, id="zero is every port"),
    case(allow(toPorts=[{"ports": [{"port": "http"}]}]), A, ALLOWED, id="a name"),
    case(allow(icmps=[{"fields": [{"type": 8}]}]), A, DENIED, id="pings only"),
    case(cilium("a", endpointSelector=IN_A, ingress=[{}]), A, ALLOWED, id="the policy of another namespace"),
    case(cilium(endpointSelector=CLIENT, ingress=[{}]), A, ALLOWED, id="not selected"),
    case(cilium("", endpointSelector=TEAM_X, ingress=[{}]), A, ALLOWED, id="clusterwide, not selected"),
    case(cilium("", endpointSelector={}, ingress=[{}]), A, DENIED, id="clusterwide, selected"),
    case(
        cilium(enableDefaultDeny={"ingress": False}, ingress=[{"fromEntities": ["world"]}]),
        A,
        ALLOWED,
        id="no default deny",
    ),
    case(
        cilium(enableDefaultDeny={"ingress": False}, ingressDeny=[{"fromEndpoints": [IN_A]}]),
        A,
        DENIED,
        id="only denials",
    ),
    case(
        cilium(ingressDeny=[{"fromEndpoints": [IN_A]}], ingress=[{"fromEntities": ["all"]}]),
        A,
        DENIED,
        id="denials first",
    ),
    case(
        cilium(ingressDeny=[{"fromEndpoints": [IN_A]}], ingress=[{"fromEntities": ["all"]}]),
        OWN,
        ALLOWED,
        id="the others",
    ),
]


@pytest.mark.parametrize(("one", "source", "expected"), INGRESS)
def test_who_gets_in(one, source, expected):
    """Endpoints, entities, addresses, ports, denials and the default deny."""
    assert answer((*SPACES, one), source, web()) is expected


SERVICE = made("v1", "Service", "shop", "a", spec={"selector": {"app": "client"}})
GROUP = made("cilium.io/v2", "CiliumCIDRGroup", "office", spec={"externalCIDRs": ["203.0.113.0/24"]})
EGRESS = [
    case({"toFQDNs": [{"matchName": "api.example.com"}]}, Outside(host="API.example.com."), ALLOWED, id="name"),
    case({"toFQDNs": [{"matchPattern": "*.example.com"}]}, Outside(host="a.example.com"), ALLOWED, id="pattern"),
    case({"toFQDNs": [{"matchPattern": "*.example.com"}]}, Outside(host="a.b.example.com"), DENIED, id="a label"),
    case({"toFQDNs": [{"matchPattern": "**.example.com"}]}, Outside(host="a.b.example.com"), ALLOWED, id="more"),
    case({"toFQDNs": [{"matchPattern": "*"}]}, Outside(host="x.y"), ALLOWED, id="every name"),
    case({"toFQDNs": [{"matchPattern": "*"}]}, A, DENIED, id="names never mean pods"),
    case({"toFQDNs": [{"matchName": "example.com"}]}, Outside(address="192.0.2.1"), UNPROVEN, id="an address"),
    case({"toServices": [{"k8sService": {"serviceName": "shop", "namespace": "a"}}]}, A, ALLOWED, id="a service"),
    case({"toServices": [{"k8sService": {"serviceName": "none", "namespace": "a"}}]}, A, UNPROVEN, id="no such"),
    case({"toCIDRSet": [{"cidrGroupRef": "office"}]}, Outside(address="203.0.113.9"), ALLOWED, id="a group"),
    case({"toCIDRSet": [{"cidrGroupRef": "home"}]}, Outside(address="203.0.113.9"), DENIED, id="no such group"),
    case({"toGroups": [{"aws": {}}]}, Outside(), UNPROVEN, id="a group of the cloud"),
    case({"toEntities": ["host"]}, NODE, UNPROVEN, id="some node"),
    case({"toEntities": ["cluster"]}, NODE, ALLOWED, id="any node"),
    case({"toEntities": ["world"]}, NODE, DENIED, id="a node has to be allowed"),
]


@pytest.mark.parametrize(("rule", "destination", "expected"), EGRESS)
def test_who_gets_out(rule, destination, expected):
    """Names, services, groups of addresses and nodes."""
    assert answer((*SPACES, SERVICE, GROUP, cilium(egress=[rule])), web(), destination) is expected


HTTP = [
    case({"method": "GET", "path": "/v1/.*"}, {"path": "/v1/x"}, ALLOWED, id="both hold"),
    case({"method": "GET|PUT"}, {"method": "POST"}, DENIED, id="another method"),
    case({"path": "/v1"}, {"path": "/v1/x"}, DENIED, id="an expression has to match in full"),
    case({"host": r"shop\.example"}, {"host": "shop.example"}, ALLOWED, id="host"),
    case({"headers": ["X-Token: abc"]}, {"headers": {"x-token": "abc"}}, ALLOWED, id="a header's value"),
    case({"headers": ["X-Token: abc"]}, {"headers": {"x-token": "d"}}, DENIED, id="another value"),
    case({"headers": ["X-Token"]}, {"headers": {"x-token": "d"}}, ALLOWED, id="a header that is there"),
    case({"headerMatches": [{"name": "X-Token"}]}, {}, DENIED, id="a header that is not"),
    case({"headerMatches": [{"name": "X-Token", "mismatch": "LOG"}]}, {}, ALLOWED, id="only logged"),
    case(
        {"headerMatches": [{"name": "X-Token", "secret": {"name": "s"}}]},
        {"headers": {"x-token": "d"}},
        UNPROVEN,
        id="secret",
    ),
    case({}, {"method": ""}, DENIED, id="no HTTP at all"),
    case({"path": "[[:alpha:]]+"}, {}, UNPROVEN, id="an expression of another language"),
    case({"path": "("}, {}, UNPROVEN, id="no expression"),
]


@pytest.mark.parametrize(("http", "request_", "expected"), HTTP)
def test_http(http, request_, expected):
    """Method, path, host and headers of a request."""
    one = allow(fromEntities=["all"], toPorts=[{"ports": [{"port": "80"}], "rules": {"http": [http]}}])
    assert answer((one,), A, web(), Request(port=80, **request_)) is expected


@pytest.mark.parametrize(("sni", "expected"), [("a.example.com", ALLOWED), ("other.com", DENIED), ("", DENIED)])
def test_server_names(sni, expected):
    """The name in the TLS handshake has to be there, and one of those."""
    one = allow(toPorts=[{"ports": [{"port": "80"}], "serverNames": ["*.example.com"]}])
    assert answer((one,), A, web(), Request(port=80, sni=sni)) is expected


@pytest.mark.parametrize(
    "pattern", ["/", "/v1/.*", "^/items/[0-9]+$", "/(a|b)/[^/]+", r"/x\.html", r"/n\d+", "/v[12]?/a{2}"]
)
def test_an_opening_names_a_request_that_passes(pattern):
    """The request of an opening is one that the expressions match."""
    http = {"path": pattern, "method": "PUT|POST"}
    network = layer(allow(fromEndpoints=[IN_A], toPorts=[{"ports": [{"port": "80"}], "rules": {"http": [http]}}]))
    opening = next(one for one in network.openings("b") if one.evidence[0].object)
    assert network.verdict(A, opening.workload, opening.request).answer is ALLOWED


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (cilium(ingres=[]), "spec.ingres"),
        (allow(fromPods=[]), "spec.ingress[0].fromPods"),
        (allow(fromRequires=["x"]), "spec.ingress[0].fromRequires"),
        (
            allow(toPorts=[{"ports": [{"port": "80"}], "rules": {"kafka": []}}]),
            "spec.ingress[0].toPorts[0].rules.kafka",
        ),
        (allow(toPorts=[{"ports": [{"port": "80"}], "rules": {"dns": [{}]}}]), "spec.ingress[0].toPorts[0].rules.dns"),
        (allow(toPorts=[{"ports": [{"port": "80"}], "listener": {}}]), "spec.ingress[0].toPorts[0].listener"),
        (allow(fromEntities=["moon"]), "spec.ingress[0].fromEntities[0]"),
        (allow(fromEndpoints=[{}], fromEntities=["all"]), "spec.ingress[0]"),
    ],
)
def test_what_is_not_understood_is_unproven(one, path):
    """With the object and the path."""
    verdict = layer(*SPACES, one).verdict(A, web(), TCP_80)
    assert verdict.answer is UNPROVEN
    assert path in [part.path for part in verdict.evidence if part.effect is Effect.UNKNOWN]


def test_all_kinds_of_policies_add_up():
    """What a NetworkPolicy shuts, Cilium's may open; what Cilium's deny, no NetworkPolicy opens."""
    shut, opened = policy({"podSelector": {}}, name="np"), policy({"podSelector": {}, "ingress": [{}]}, name="np")
    assert answer((shut, allow(fromEntities=["cluster"])), A, web()) is ALLOWED
    assert answer((opened, cilium(ingressDeny=[{"fromEntities": ["cluster"]}])), A, web()) is DENIED


def test_several_specs_in_one_object():
    """Each of `specs` is a policy of its own, found by its path."""
    specs = [
        {"endpointSelector": {}, "ingress": [{}]},
        {"endpointSelector": {}, "ingress": [{"fromEndpoints": [IN_A]}]},
    ]
    one = made("cilium.io/v2", "CiliumNetworkPolicy", "cilium", "b", specs=specs)
    verdict = layer(one).verdict(A, web(), TCP_80)
    assert verdict.answer is ALLOWED
    assert "specs[1].ingress[0].fromEndpoints[0]" in [part.path for part in verdict.evidence]


def test_policies_on_nodes_are_none_on_pods():
    """A node selector is about nodes."""
    one = made("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "n", spec={"nodeSelector": {}, "ingress": [{}]})
    assert answer((one,), A, web()) is ALLOWED


def test_what_a_rule_allows_without_isolating_is_allowed_whatever_the_baseline_denies():
    """So Cilium's own engine answers, and what no rule allows is left to the baseline."""
    everybody = {"namespaces": {}}
    spec = {
        "tier": "Baseline",
        "priority": 1,
        "subject": everybody,
        "ingress": [{"action": "Deny", "from": [everybody]}],
    }
    baseline = made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "baseline", spec=spec)
    beside = cilium(enableDefaultDeny={"ingress": False}, ingress=[{"fromEndpoints": [IN_A]}])
    verdict = layer(*SPACES, baseline, beside).verdict(A, web(), TCP_80)
    assert verdict.answer is ALLOWED
    assert "CiliumNetworkPolicy b/cilium allows it" in verdict.reason
    assert answer((*SPACES, baseline, beside), OWN, web()) is DENIED
    # Where no baseline denies, the rule has to go and something has to isolate.
    assert "and make a NetworkPolicy in namespace b" in layer(*SPACES, beside).verdict(A, web(), TCP_80).change
    doubtful = cilium(enableDefaultDeny={"ingress": False}, ingress=[{"fromGroups": [{"aws": {}}]}])
    assert answer((*SPACES, baseline, doubtful), A, web()) is UNPROVEN
    assert answer((*SPACES, doubtful), A, web()) is ALLOWED
