"""NetworkPolicy against https://kubernetes.io/docs/concepts/services-networking/network-policies/."""

import pytest

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.network.objects import TCP_80, answer, layer, namespace, pod, policy, web

A_APP = pod("a", "app", labels={"app": "client"})
PEERS = (namespace("a", team="x"), namespace("b", team="y"))
ALLOWED, DENIED, UNPROVEN = Answer.ALLOWED, Answer.DENIED, Answer.UNPROVEN
TEAM_X, OTHER_APP = {"matchLabels": {"team": "x"}}, {"matchLabels": {"app": "other"}}
OUTSIDE, HOST = Outside(address="203.0.113.7"), pod("a", "agent", labels={"app": "client"}, host_network=True)


def ingress(*rules: dict, **spec: object) -> dict:
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": list(rules), **spec}


def egress(*rules: dict, **spec: object) -> dict:
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules), **spec}


TO_WEB = [
    # spec, who asks, what comes of it
    pytest.param({"podSelector": {}}, A_APP, DENIED, id="policyTypes absent: ingress is isolated"),
    pytest.param({"podSelector": {}, "policyTypes": []}, A_APP, DENIED, id="policyTypes empty: as absent"),
    pytest.param(None, A_APP, DENIED, id="no spec: selects everything, allows nothing in"),
    pytest.param({"podSelector": None}, A_APP, DENIED, id="podSelector null: everything"),
    pytest.param(ingress(), A_APP, DENIED, id="ingress empty: nothing"),
    pytest.param({"podSelector": {}, "policyTypes": ["Ingress"]}, A_APP, DENIED, id="ingress absent: nothing"),
    pytest.param({"podSelector": {}, "policyTypes": ["Egress"]}, A_APP, ALLOWED, id="only egress is isolated"),
    pytest.param(ingress({}), A_APP, ALLOWED, id="an empty rule: everybody"),
    pytest.param(ingress({}), OUTSIDE, ALLOWED, id="an empty rule: outside too"),
    pytest.param(ingress({"from": []}), OUTSIDE, ALLOWED, id="from empty: everybody"),
    pytest.param(ingress({"from": None, "ports": None}), OUTSIDE, ALLOWED, id="null: everybody"),
    pytest.param(ingress({"from": [{"podSelector": {}}]}), A_APP, DENIED, id="podSelector: own namespace"),
    pytest.param(ingress({"from": [{"podSelector": {}}]}), pod("b"), ALLOWED, id="podSelector empty: all of it"),
    pytest.param(ingress({"from": [{"podSelector": {}}]}), OUTSIDE, DENIED, id="pods are not outside"),
    pytest.param(ingress({"from": [{"namespaceSelector": {}}]}), A_APP, ALLOWED, id="all namespaces"),
    pytest.param(ingress({"from": [{"namespaceSelector": {}}]}), OUTSIDE, DENIED, id="all namespaces are not outside"),
    pytest.param(
        ingress({"from": [{"namespaceSelector": TEAM_X, "podSelector": None}]}),
        A_APP,
        ALLOWED,
        id="null podSelector beside namespaceSelector: all its pods",
    ),
    pytest.param(
        ingress({"from": [{"namespaceSelector": TEAM_X, "podSelector": OTHER_APP}]}),
        A_APP,
        DENIED,
        id="both in one entry: both have to match",
    ),
    pytest.param(
        ingress(
            {
                "from": [
                    {"namespaceSelector": TEAM_X},
                    {"podSelector": OTHER_APP},
                ]
            }
        ),
        A_APP,
        ALLOWED,
        id="in two entries: either",
    ),
    pytest.param(
        ingress({"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "a"}}}]}),
        A_APP,
        ALLOWED,
        id="a namespace by its name",
    ),
    pytest.param(ingress({"from": [{"namespaceSelector": {}}]}), HOST, ALLOWED, id="the own node, always"),
    pytest.param(
        ingress({"ports": [{"port": 80}], "from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}),
        OUTSIDE,
        ALLOWED,
        id="block",
    ),
    pytest.param(
        ingress({"from": [{"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.0/29"]}}]}),
        OUTSIDE,
        DENIED,
        id="a block's exception",
    ),
    pytest.param(ingress({"from": [{"ipBlock": {"cidr": "::/0"}}]}), OUTSIDE, DENIED, id="a block of the other family"),
    pytest.param(
        ingress({}, podSelector={"matchLabels": {"app": "db"}}), A_APP, ALLOWED, id="a pod that is not selected is open"
    ),
]


@pytest.mark.parametrize(("spec", "source", "expected"), TO_WEB)
def test_who_gets_in(spec, source, expected):
    """Each sentence of the specification that decides who may connect to a selected pod."""
    assert answer((*PEERS, policy(spec)), source, web()) is expected


PORTS = [
    pytest.param([], 80, "TCP", ALLOWED, id="empty list: every port"),
    pytest.param([{}], 80, "TCP", ALLOWED, id="no port: every port of TCP"),
    pytest.param([{}], 80, "UDP", DENIED, id="protocol absent: TCP only"),
    pytest.param([{"protocol": "SCTP"}], 9, "SCTP", ALLOWED, id="every port of a protocol"),
    pytest.param([{"port": 80}], 81, "TCP", DENIED, id="another port"),
    pytest.param([{"port": 80.0, "protocol": "UDP"}], 80, "UDP", ALLOWED, id="a number may arrive as a float"),
    pytest.param([{"port": 80, "endPort": 90}], 90, "TCP", ALLOWED, id="the last port of a range"),
    pytest.param([{"port": 80, "endPort": 90}], 91, "TCP", DENIED, id="behind a range"),
    pytest.param([{"port": 80, "endPort": 79}], 80, "TCP", UNPROVEN, id="a range that ends before it begins"),
    pytest.param([{"port": "http"}], 80, "TCP", ALLOWED, id="a name: the destination's container port"),
    pytest.param([{"port": "http"}], 81, "TCP", DENIED, id="a name is one number"),
    pytest.param([{"port": "http", "protocol": "UDP"}], 80, "UDP", DENIED, id="a name is of one protocol"),
    pytest.param([{"port": "grpc"}], 80, "TCP", DENIED, id="a name that no container has"),
    pytest.param([{"port": "80"}], 80, "TCP", UNPROVEN, id="digits in quotes are no name"),
    pytest.param([{"port": 80, "protocol": "QUIC"}], 80, "TCP", UNPROVEN, id="unknown protocol"),
    pytest.param([{"endPort": 90}], 80, "TCP", UNPROVEN, id="a last port without a first"),
    pytest.param([{"port": 80, "hostPort": 1}], 80, "TCP", UNPROVEN, id="unknown field of a port"),
    pytest.param([{"port": 70000}], 80, "TCP", UNPROVEN, id="no port at all"),
]


@pytest.mark.parametrize(("ports", "number", "protocol", "expected"), PORTS)
def test_on_which_port(ports, number, protocol, expected):
    """Numbers, ranges, names and protocols; a named port means what the destination calls so."""
    spec = ingress({"ports": ports})
    assert answer((policy(spec),), A_APP, web(), Request(port=number, protocol=protocol)) is expected


TO_OUTSIDE = [
    pytest.param({"podSelector": {}}, ALLOWED, id="no egress rules: policyTypes default to ingress only"),
    pytest.param({"podSelector": {}, "egress": []}, ALLOWED, id="egress empty: the default is ingress only"),
    pytest.param({"podSelector": {}, "egress": [{"to": [{"podSelector": {}}]}]}, DENIED, id="egress rules: isolated"),
    pytest.param(egress(), DENIED, id="egress empty under its policyType: nothing"),
    pytest.param(egress({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}), ALLOWED, id="block"),
    pytest.param(egress({"to": [{"namespaceSelector": {}}]}), DENIED, id="namespaces are not outside"),
    pytest.param(egress({"ports": [{"port": "http"}]}), DENIED, id="nobody outside has named ports"),
]


@pytest.mark.parametrize(("spec", "expected"), TO_OUTSIDE)
def test_who_gets_out(spec, expected):
    """Egress to an address outside."""
    assert answer((policy(spec),), web(), OUTSIDE) is expected


def test_both_ends_have_to_allow():
    """Egress of the source and ingress of the destination both have to let a connection through."""
    objects = (policy(egress(), "a"), policy(ingress({}), "b"))
    verdict = layer(*objects).verdict(A_APP, web(), TCP_80)
    assert verdict.answer is DENIED
    assert [(str(one.key), one.effect) for one in verdict.evidence] == [
        ("NetworkPolicy a/policy", Effect.DENIES),
        ("NetworkPolicy b/policy", Effect.ALLOWS),
    ]


def test_policies_add_up():
    """What any policy allows is allowed, and the ones that have a rule about it are the evidence."""
    rule = {"from": [{"podSelector": {}}, {"namespaceSelector": {}}]}
    objects = (policy(ingress(), name="deny"), policy(ingress({"ports": [{"port": 1}]}, rule), name="allow"))
    verdict = layer(*objects).verdict(A_APP, web(), TCP_80)
    assert verdict.answer is ALLOWED
    assert [(one.effect, one.path) for one in verdict.evidence if one.object] == [
        (Effect.ALLOWS, "spec.ingress[1].from[1]"),
    ]
    assert verdict.change == "remove spec.ingress[1].from[1] of NetworkPolicy b/allow"


def test_a_denied_flow_says_what_would_open_it():
    """One sentence for each end that has to change."""
    objects = (policy(egress(), "a", "out"), policy(ingress(), "b", "in"))
    assert layer(*objects).verdict(A_APP, web(), TCP_80).change == (
        "add a rule to NetworkPolicy a/out that lets a/app out to b/web on port 80/TCP; and "
        "add a rule to NetworkPolicy b/in that lets a/app in on port 80/TCP"
    )


def test_where_several_policies_shut_a_pod_another_one_opens_it():
    """One policy for each exception reads best."""
    objects = (policy(ingress(), name="deny"), policy(ingress({"ports": [{"port": 1}]}), name="allow"))
    assert layer(*objects).verdict(A_APP, web(), TCP_80).change == (
        "make a NetworkPolicy in namespace b, on b/web, that lets a/app in on port 80/TCP"
    )


def test_host_network_is_beyond_policies():
    """Policies have no effect on pods in the host's network, and selectors never mean them."""
    shut = policy(ingress({"from": [{"podSelector": {}}]}))
    assert answer((shut,), A_APP, web(host_network=True)) is ALLOWED
    elsewhere = pod("b", "agent", host_network=True, spec={"nodeName": "one"})
    assert answer((shut,), elsewhere, web(spec={"nodeName": "two"})) is DENIED
    assert answer((shut,), elsewhere, web(spec={"nodeName": "one"})) is ALLOWED


def test_a_pod_reaches_itself():
    """A policy can't keep a pod from itself, but it can keep the pods of one Deployment from one another."""
    shut = policy(ingress())
    itself = web(object=policy({}).__class__(body={"kind": "Pod"}))
    assert answer((shut,), itself, itself) is ALLOWED
    assert answer((shut,), web(), web()) is DENIED


BLOCK = ingress({"from": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.7.0/24"]}}]})
POD_ADDRESSES = [
    pytest.param(("10.1.2.3",), (), ALLOWED, id="known address inside"),
    pytest.param(("10.2.0.1",), (), DENIED, id="known address beside"),
    pytest.param(("10.1.7.1",), (), DENIED, id="known address in the exception"),
    pytest.param(("10.2.0.1", "10.1.0.1"), (), ALLOWED, id="one of two addresses is enough to be let in"),
    pytest.param((), ("10.1.0.0/20",), UNPROVEN, id="pods partly inside"),
    pytest.param((), ("10.1.16.0/20",), ALLOWED, id="all pods inside"),
    pytest.param((), ("10.2.0.0/16",), DENIED, id="all pods beside"),
    pytest.param((), (), UNPROVEN, id="nobody knows where pods are"),
]


@pytest.mark.parametrize(("addresses", "pod_cidrs", "expected"), POD_ADDRESSES)
def test_blocks_mean_pods_by_their_addresses(addresses, pod_cidrs, expected):
    """By the known addresses, else by the cluster's pod CIDRs, else it is unproven."""
    source = pod("a", "app", addresses=addresses)
    assert layer(policy(BLOCK), pod_cidrs=pod_cidrs).verdict(source, web(), TCP_80).answer is expected


def test_public_blocks_do_not_mean_pods():
    """Where nobody says what addresses pods have, they are private; and everywhere is everywhere."""
    public = {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]}
    assert answer((policy(ingress({"from": [{"ipBlock": public}]})),), A_APP, web()) is DENIED
    assert answer((policy(ingress({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})),), A_APP, web()) is ALLOWED


def test_a_block_that_is_unsure_does_not_matter_when_another_rule_allows():
    """Unproven only when the block alone decides."""
    spec = ingress({"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}, {"from": [{"namespaceSelector": {}}]})
    assert answer((policy(spec),), A_APP, web()) is ALLOWED


ANYBODY = [
    pytest.param("203.0.113.0/24", [], ALLOWED, ALLOWED, UNPROVEN, id="some addresses: somebody"),
    pytest.param("0.0.0.0/0", ["10.0.0.0/8"], ALLOWED, ALLOWED, ALLOWED, id="version 4: hosts have such addresses"),
    pytest.param("::/0", [], ALLOWED, ALLOWED, UNPROVEN, id="version 6 only: not every host has one"),
    pytest.param("10.0.0.0/8", [], ALLOWED, ALLOWED, DENIED, id="a private network: somebody, but no public host"),
]


@pytest.mark.parametrize(("cidr", "excluded", "into", "out", "host"), ANYBODY)
def test_anybody_outside(cidr, excluded, into, out, host):
    """Anybody gets through where some address does; a host whose address is unknown only where all do."""
    block = {"ipBlock": {"cidr": cidr, "except": excluded}}
    objects = (policy({"podSelector": {}, "ingress": [{"from": [block]}], "egress": [{"to": [block]}]}),)
    assert answer(objects, Outside(), web()) is into
    assert answer(objects, web(), Outside()) is out
    assert answer(objects, web(), Outside(host="api.example.com")) is host


UNKNOWN = [
    pytest.param({"ingresses": []}, "spec.ingresses", id="in the spec"),
    pytest.param({"policyTypes": ["Both"]}, "spec.policyTypes[0]", id="a policy type"),
    pytest.param(ingress({"form": []}), "spec.ingress[0].form", id="in a rule"),
    pytest.param(ingress({"from": [{"serviceSelector": {}}]}), "spec.ingress[0].from[0].serviceSelector", id="a peer"),
    pytest.param(ingress({"from": [{}]}), "spec.ingress[0].from[0]", id="an empty peer"),
    pytest.param(ingress({"from": [{"ipBlock": {"cidr": "x"}}]}), "spec.ingress[0].from[0].ipBlock", id="an address"),
    pytest.param(ingress({"from": "everybody"}), "spec.ingress[0].from", id="text for a list"),
]


@pytest.mark.parametrize(("spec", "path"), UNKNOWN)
def test_what_is_not_understood_is_unproven(spec, path):
    """Neither allowed nor denied, with the object and the path; and an opening for everybody."""
    network = layer(policy({"podSelector": {}, **spec}))
    verdict = network.verdict(A_APP, web(), TCP_80)
    assert verdict.answer is UNPROVEN
    assert (Effect.UNKNOWN, path) in [(one.effect, one.path.removesuffix(".")) for one in verdict.evidence]
    assert path in verdict.reason
    assert any("a" in one.peers for one in network.openings("b") if one.evidence[0].effect is Effect.UNKNOWN)


def test_an_unknown_selector_leaves_it_open_whom_a_policy_selects():
    """An operator that is not known: the pod may be isolated or not."""
    expression = {"matchExpressions": [{"key": "app", "operator": "Like", "values": ["web"]}]}
    assert answer((policy(ingress(podSelector=expression)),), A_APP, web()) is UNPROVEN


def test_a_denial_at_the_other_end_stays_one():
    """What is not understood at one end can't open what is shut at the other."""
    objects = (policy({"what": 1}, "a"), policy(ingress()))
    assert answer(objects, A_APP, web()) is DENIED
