"""Administrators' policies against https://network-policy-api.sigs.k8s.io/."""

import pytest

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.network.objects import TCP_80, answer, layer, made, namespace, pod, policy, web

case = pytest.param
ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
A, C = pod("a"), pod("c")
EVERYBODY = {"namespaces": {}}
X = {"namespaces": {"matchLabels": {"team": "x"}}}
SPACES = (namespace("a", team="x"), namespace("b", team="y"), namespace("c", team="z"))
OPEN = policy({"podSelector": {}, "ingress": [{}]}, name="open")
SHUT = policy({"podSelector": {}}, name="shut")


def rule(action: str, peer: dict, **fields: object) -> dict:
    return {"action": action, "from": [peer], **fields}


def admin(*rules: dict, priority: int = 10, name: str = "admin", **spec: object):
    body = {"priority": priority, "subject": EVERYBODY, "ingress": list(rules), **spec}
    return made("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", name, spec=body)


def baseline(*rules: dict, **spec: object):
    body = {"subject": EVERYBODY, "ingress": list(rules), **spec}
    return made("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "default", spec=body)


def cluster(tier: str, *rules: dict, priority: int = 10, name: str = "cluster", **spec: object):
    body = {"tier": tier, "priority": priority, "subject": EVERYBODY, "ingress": list(rules), **spec}
    return made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", name, spec=body)


TIERS = [
    case((admin(rule("Deny", X)), OPEN), DENIED, id="deny comes before the namespace's policies"),
    case((admin(rule("Allow", X)), SHUT), ALLOWED, id="allow does too"),
    case((admin(rule("Pass", X), rule("Deny", X)), OPEN), ALLOWED, id="pass skips the rest of the tier"),
    case((admin(rule("Pass", X)), SHUT), DENIED, id="pass leaves it to the namespace"),
    case((admin(rule("Allow", X), rule("Deny", X)),), ALLOWED, id="the first rule that matches decides"),
    case((admin(rule("Deny", X), priority=2, name="a"), admin(rule("Allow", X), priority=1)), ALLOWED, id="rank"),
    case((admin(rule("Deny", X), name="a"), admin(rule("Allow", X))), UNPROVEN, id="equal priority: either"),
    case((admin(rule("Deny", X), subject=X),), ALLOWED, id="not the subject"),
    case((admin(),), ALLOWED, id="no rules: no effect"),
    case((baseline(rule("Deny", X)),), DENIED, id="the baseline, where nothing else decides"),
    case((baseline(rule("Deny", X)), OPEN), ALLOWED, id="a namespace's policy overrides the baseline"),
    case((baseline(rule("Allow", X)), SHUT), DENIED, id="in both directions"),
    case((admin(rule("Pass", X)), baseline(rule("Deny", X))), DENIED, id="pass, down to the baseline"),
    case((cluster("Admin", rule("Accept", X)), SHUT), ALLOWED, id="accept in the admin tier"),
    case((cluster("Baseline", rule("Deny", X)),), DENIED, id="deny in the baseline tier"),
    case((cluster("Baseline", rule("Deny", X)), OPEN), ALLOWED, id="which is the last"),
]


@pytest.mark.parametrize(("objects", "expected"), TIERS)
def test_tiers(objects, expected):
    """Administrators first, then namespaces, then the baseline, then everything is open."""
    assert answer((*SPACES, *objects), A, web()) is expected


MATCHING = [
    case(rule("Deny", {"pods": {"namespaceSelector": {}, "podSelector": {}}}), ALLOWED, id="own pods too"),
    case(rule("Deny", X, ports=[{"portNumber": {"protocol": "TCP", "port": 81}}]), ALLOWED, id="another port"),
    case(rule("Deny", X, ports=[{"portNumber": {"port": 80}}]), DENIED, id="TCP is the default"),
    case(rule("Deny", X, ports=[{"portRange": {"start": 1, "end": 80}}]), DENIED, id="a range"),
    case(rule("Deny", X, ports=[{"namedPort": "http"}]), DENIED, id="a name"),
    case(rule("Deny", X, protocols=[{"tcp": {"destinationPort": {"number": 80}}}]), DENIED, id="v1alpha2"),
    case(
        rule("Deny", X, protocols=[{"tcp": {"destinationPort": {"range": {"start": 81, "end": 90}}}}]),
        ALLOWED,
        id="apart",
    ),
    case(rule("Deny", X, protocols=[{"udp": {}}]), ALLOWED, id="another protocol"),
    case(rule("Deny", X, protocols=[{"destinationNamedPort": "http"}]), DENIED, id="v1alpha2's names"),
]


@pytest.mark.parametrize(("one", "expected"), MATCHING)
def test_peers_and_ports(one, expected):
    """Who and which port a rule is about."""
    expected = DENIED if "pods" in one["from"][0] else expected
    assert answer((*SPACES, admin(one)), A, web()) is expected


def out(action: str, peer: dict) -> dict:
    return {"action": action, "to": [peer]}


@pytest.mark.parametrize(
    ("peer", "end", "expected"),
    [
        ({"networks": ["203.0.113.0/24"]}, Outside(address="203.0.113.7"), DENIED),
        ({"networks": ["203.0.113.0/24"]}, Outside(address="198.51.100.7"), ALLOWED),
        ({"networks": ["0.0.0.0/0"]}, A, DENIED),
        ({"networks": ["10.0.0.0/9"]}, A, UNPROVEN),
        ({"networks": ["10.0.0.0/9"]}, pod("a", addresses=("10.200.0.1",)), ALLOWED),
        ({"networks": ["10.0.0.0/9"]}, pod("a", addresses=("10.0.0.1", "fd00::1")), UNPROVEN),
        ({"nodes": {}}, pod("a", host_network=True), DENIED),
        ({"nodes": {"matchLabels": {"zone": "1"}}}, pod("a", host_network=True), UNPROVEN),
        ({"nodes": {}}, A, ALLOWED),
        ({"namespaces": {}}, pod("a", host_network=True), ALLOWED),
        ({"namespaces": {}}, Outside(), ALLOWED),
    ],
)
def test_egress_peers(peer, end, expected):
    """Networks mean pods too, by all their addresses; nodes are pods in the host's network, perhaps."""
    assert answer((admin(egress=[out("Deny", peer)]),), web(), end) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("api.example.com", ALLOWED), ("a.b.example.com", ALLOWED), ("example.com", DENIED), ("", ALLOWED)],
)
def test_domain_names(host, expected):
    """A wildcard is one or more labels, never none; anybody outside may be of the name."""
    rules = [out("Allow", {"domainNames": ["*.example.com"]}), out("Deny", {"networks": ["0.0.0.0/0", "::/0"]})]
    assert answer((admin(egress=rules),), web(), Outside(host=host)) is expected


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (admin(rule("Reject", X)), "spec.ingress[0].action"),
        (admin(rule("Deny", {"services": {}})), "spec.ingress[0].from[0].services"),
        (admin(rule("Deny", {})), "spec.ingress[0].from[0]"),
        (
            admin(rule("Deny", X, ports=[{"portNumber": {"port": 80, "host": 1}}])),
            "spec.ingress[0].ports[0].portNumber.host",
        ),
        (admin(subject={}), "spec.subject"),
        (admin(priority=None), "spec.priority"),
        (admin(targets=[]), "spec.targets"),
        (cluster("Middle", rule("Deny", X)), "spec.tier"),
    ],
)
def test_what_is_not_understood_is_unproven(one, path):
    """With its path; the rule or policy may then do anything."""
    verdict = layer(*SPACES, one, OPEN).verdict(A, web(), TCP_80)
    assert verdict.answer is UNPROVEN
    assert path in [part.path for part in verdict.evidence if part.effect is Effect.UNKNOWN]


def test_what_a_certain_rule_decides_first_is_certain():
    """An unknown rule behind one that matches makes nothing unsure."""
    assert answer((*SPACES, admin(rule("Deny", X), rule("Reject", X))), A, web()) is DENIED


def test_evidence_names_every_policy_that_selects():
    """What passed it on, and what decided."""
    verdict = layer(*SPACES, admin(rule("Pass", X)), SHUT).verdict(A, web(), Request(port=80))
    assert [(str(one.key), one.path) for one in verdict.evidence if one.object] == [
        ("AdminNetworkPolicy admin", "spec.subject"),
        ("AdminNetworkPolicy admin", "spec.ingress[0].from[0]"),
        ("NetworkPolicy b/shut", "spec.podSelector"),
    ]
