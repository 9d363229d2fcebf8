"""What a namespace lets through: exact where it can be, and never less than a verdict allows."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.network.objects import layer, made, namespace, pod, policy

SHUT = policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, name="default-deny")


def of(network: NetworkLayer, direction: Direction) -> list[Opening]:
    return [one for one in network.openings("b") if one.direction is direction]


def test_a_namespace_without_policies_is_open_both_ways():
    """Everywhere and outside, by default, which no object is evidence of."""
    for one in layer().openings("b"):
        assert one.peers == Peers(everywhere=True, outside=True)
        assert (one.ports, one.peer, one.evidence[0].object) == ((), None, None)
    assert {one.direction for one in layer().openings("b")} == set(Direction)


def test_a_default_deny_for_every_pod_leaves_no_opening():
    """An empty selector covers every pod that could be made."""
    assert layer(SHUT).openings("b") == ()


def test_a_default_deny_for_some_pods_leaves_the_others_open():
    """A pod that could be made beside the selector is open, and it is named with its labels."""
    fence = policy({"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}})
    (opening,) = of(layer(fence), Direction.INGRESS)
    assert opening.workload.labels == {"app": "web"}
    assert opening.peers == Peers(everywhere=True, outside=True)


def test_a_rule_is_an_opening_with_its_peers_ports_and_path():
    """Namespaces as a set, ports as ranges, what the other end has to be like, and the entry that says so."""
    source = {"namespaceSelector": {"matchLabels": {"team": "x"}}, "podSelector": {"matchLabels": {"app": "c"}}}
    ports = [{"port": 80, "endPort": 90}, {"port": 443}]
    allow = policy({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"from": [source], "ports": ports}]})
    network = layer(SHUT, allow, namespace("a", team="x"), namespace("c", team="y"))
    (opening,) = of(network, Direction.INGRESS)
    assert opening.peers == Peers(frozenset({"a"}))
    assert opening.ports == ((80, 90), (443, 443))
    assert opening.workload.labels == {"app": "web"}
    assert opening.peer is not None
    assert opening.peer.labels == {"app": "c"}
    assert [one.path for one in opening.evidence] == ["spec.ingress[0].from[0]"]


def test_excluding_namespaces_is_everywhere_but_those():
    """A set of all other namespaces is never listed."""
    but = {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["x"]}]}
    allow = policy({"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": but}]}]})
    (opening,) = of(layer(allow, namespace("a", team="x")), Direction.INGRESS)
    assert opening.peers == Peers(frozenset({"a"}), everywhere=True)


def test_a_named_port_may_be_any():
    """The example declares the name; which number a pod gives it is the pod's business."""
    allow = policy({"podSelector": {}, "ingress": [{"ports": [{"port": "http"}]}]})
    network = layer(allow)
    (opening,) = of(network, Direction.INGRESS)
    assert opening.ports == ()
    assert network.verdict(pod("a"), opening.workload, opening.request).answer is Answer.ALLOWED


def test_protocols_are_apart():
    """One opening for each protocol, so that its request says which."""
    allow = policy({"podSelector": {}, "egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}]})
    assert {one.request.protocol for one in of(layer(allow), Direction.EGRESS)} == {"TCP", "UDP"}


def test_a_workload_in_the_host_network_is_open():
    """Whatever the policies are: they have no effect on it."""
    agent = made("v1", "Pod", "agent", "b", spec={"hostNetwork": True, "containers": []})
    for one in layer(SHUT, agent).openings("b"):
        assert one.workload.host_network
        assert one.peers == Peers(everywhere=True, outside=True)


def test_an_administrators_allow_is_an_opening_whatever_the_namespace_says():
    """It comes before the namespace's policies."""
    rule = {"action": "Allow", "from": [{"namespaces": {"matchLabels": {"team": "x"}}}]}
    spec = {"priority": 1, "subject": {"namespaces": {}}, "ingress": [rule]}
    admin = made("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "admin", spec=spec)
    (opening,) = layer(SHUT, admin, namespace("a", team="x")).openings("b")
    assert opening.peers == Peers(frozenset({"a"}))


NAMESPACES = ("a", "b", "c")
VALUES = ("x", "y")
labels = st.dictionaries(st.sampled_from(("app", "tier")), st.sampled_from(VALUES), max_size=2)
requirement = st.tuples(st.sampled_from(("app", "tier")), st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")))
selectors = st.one_of(
    st.just({}),
    labels.map(lambda some: {"matchLabels": some}),
    requirement.map(
        lambda one: {
            "matchExpressions": [{"key": one[0], "operator": one[1], "values": ["x"] if "In" in one[1] else []}]
        }
    ),
)
blocks = st.sampled_from(("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24")).map(lambda cidr: {"cidr": cidr})
peers = st.one_of(
    st.fixed_dictionaries({"podSelector": selectors}),
    st.fixed_dictionaries({"namespaceSelector": selectors}, optional={"podSelector": selectors}),
    st.fixed_dictionaries({"ipBlock": blocks}),
    st.just({"strange": 1}),
)
ports = st.one_of(
    st.fixed_dictionaries({"port": st.sampled_from((80, "http", 90))}),
    st.fixed_dictionaries({"port": st.just(80), "endPort": st.just(90)}),
    st.fixed_dictionaries({"protocol": st.sampled_from(("TCP", "UDP"))}),
)


def rules(field: str) -> st.SearchStrategy[list[dict]]:
    rule = st.fixed_dictionaries(
        {}, optional={field: st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)}
    )
    return st.lists(rule, max_size=2)


specs = st.fixed_dictionaries(
    {"podSelector": selectors},
    optional={
        "policyTypes": st.lists(st.sampled_from(("Ingress", "Egress")), unique=True),
        "ingress": rules("from"),
        "egress": rules("to"),
    },
)
policies = st.lists(st.tuples(st.sampled_from(NAMESPACES), specs), max_size=5).map(
    lambda some: [policy(spec, place, f"p{index}") for index, (place, spec) in enumerate(some)]
)
spaces = st.tuples(*(labels.map(lambda some, name=name: namespace(name, **some)) for name in NAMESPACES))
pods = st.builds(
    lambda place, some, address: pod(place, labels=some, addresses=address),
    st.sampled_from(NAMESPACES),
    labels,
    st.sampled_from(((), ("10.1.0.1",), ("10.2.0.1",), ("198.51.100.1",))),
)
ends = st.one_of(pods, st.sampled_from((Outside(), Outside(address="203.0.113.9"), Outside(host="x.example"))))
requests = st.builds(Request, port=st.sampled_from((80, 85, 443)), protocol=st.sampled_from(("TCP", "UDP")))


def covers(one: Opening, direction: Direction, peer: Workload | Outside, request: Request) -> bool:
    if one.direction is not direction:
        return False
    meant = one.peers.outside if isinstance(peer, Outside) else peer.namespace in one.peers
    return meant and (not one.ports or any(first <= request.port <= last for first, last in one.ports))


@given(spaces, policies, ends, ends, requests)
def test_openings_are_sound(places, objects, source, destination, request):
    """Whatever a verdict does not deny is covered by an opening at each end: nothing that may pass is missed."""
    # A live pod is an object of the cluster, so that its address is known to the openings too.
    live = [
        made("v1", "Pod", f"live-{index}", end.namespace, status={"podIPs": [{"ip": ip} for ip in end.addresses]})
        for index, end in enumerate((source, destination))
        if isinstance(end, Workload)
    ]
    network = layer(*places, *objects, *live)
    if network.verdict(source, destination, request).answer is Answer.DENIED:
        return
    if isinstance(source, Workload):
        openings = network.openings(source.namespace)
        assert any(covers(one, Direction.EGRESS, destination, request) for one in openings)
    if isinstance(destination, Workload):
        openings = network.openings(destination.namespace)
        assert any(covers(one, Direction.INGRESS, source, request) for one in openings)


@given(spaces, policies)
def test_openings_can_be_used(places, objects):
    """Each one's request passes at its own end, as far as the policies of namespaces decide and are understood."""
    network = layer(*places, *objects)
    for one in network.openings("b"):
        known = all(part.effect is Effect.ALLOWS for part in one.evidence)
        if known and one.peers.outside and not one.peers.everywhere:
            ends = (Outside(), one.workload) if one.direction is Direction.INGRESS else (one.workload, Outside())
            assert network.verdict(*ends, one.request).answer is Answer.ALLOWED
