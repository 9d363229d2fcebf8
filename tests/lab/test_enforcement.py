"""NetworkPolicies in the lab: what gets through the real network is what the oracle allows, and nothing else."""

import shutil
import socket
from contextlib import ExitStack, contextmanager

import pytest

from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.progress import silent
from tenantmesh.lab.enforcement import Enforcement
from tenantmesh.lab.flows import Ports, port_ranges
from tenantmesh.lab.namespaces import connect, within
from tenantmesh.lab.oracle import build_oracle
from tests.lab.sockets import ask, ask_all, serving_all
from tests.oracles import cyclonus
from tests.oracles.generator import sample
from tests.oracles.objects import policy
from tests.oracles.sample import Port, Sample

_SEEDS = (1, 2, 3, 5, 8, 13, 21, 34)
_BLOCKED = "no OSError"
"""What the client sees of an ICMP message: neither refused nor silence, which is a TimeoutError."""


@pytest.fixture(scope="module")
def program():
    if shutil.which("go") is None:
        pytest.skip("cyclonus is built with Go, and there is no go on PATH")
    return build_oracle(default_cache_folder(), silent)


def _in_ipv4(one):
    """The lab has no IPv6."""
    gone = {end.address for end in one.ends if ":" in end.address}
    pods = {pod["metadata"]["name"] for pod in one.of_kind("Pod") if pod["status"]["podIPs"][0]["ip"] in gone}
    objects = tuple(each for each in one.objects if each["kind"] != "Pod" or each["metadata"]["name"] not in pods)
    return Sample(objects=objects, outside=tuple(set(one.outside) - gone), ports=one.ports, seed=one.seed)


def _objects(one):
    return {
        "namespaces": one.of_kind("Namespace"),
        "pods": one.of_kind("Pod"),
        "policies": [{**each, "spec": {"podSelector": {}} | each["spec"]} for each in one.policies],
    }


@contextmanager
def _running(node, one):
    """The namespace of each end of the sample, in which a server listens on all ports that are asked for."""
    ports = [(port.number, port.protocol) for port in one.ports if port.protocol != "SCTP"]
    with ExitStack() as stack:
        found = {}
        for end in one.ends:
            network = node.attach(str(end).replace("/", "."), end.address)
            found[end.address] = prefix = node.enter(network.namespace)
            stack.enter_context(serving_all(prefix, ports, name=end.address))
        yield found


def _seen(prefixes, questions):
    """By question, whether its destination answered."""
    found = {}
    for source, prefix in prefixes.items():
        asked = [one for one in questions if one.source.address == source]
        lines = [(one.destination.address, *one.port) for one in asked]
        answers = ask_all(prefix, lines, seconds=5)
        found |= {str(one): answer != _BLOCKED for one, answer in zip(asked, answers, strict=True)}
        assert {answer for answer in answers if answer.startswith("no ")} <= {_BLOCKED}
    return found


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_flow_of_a_random_cluster_passes_only_if_the_oracle_allows_it(node, program, seed):
    """Asked flow by flow here, and by groups for the rules: the grouping is checked too."""
    one = _in_ipv4(sample(seed))
    (tables,) = cyclonus.ask(program, [one])
    asked = [question for question in one.questions() if question.port.protocol != "SCTP"]
    with _running(node, one) as prefixes:
        Enforcement(None, node, program).apply(_objects(one))
        seen = _seen(prefixes, asked)
    assert seen == {str(question): tables.kubernetes_labels[question.index] == "1" for question in asked}


_TO_WEB = {"podSelector": {"matchLabels": {"app": "web"}}}
_DNS = {"protocol": "UDP", "port": 53}
_CASES = {
    "no policy": ({}, {"friend 80", "friend 81", "friend 53", "stranger 80", "outside 80", "to outside 80"}),
    "default deny of ingress": ({"policyTypes": ["Ingress"]}, {"to outside 80"}),
    "default deny of egress": (
        {"policyTypes": ["Egress"]},
        {"friend 80", "friend 81", "friend 53", "stranger 80", "outside 80"},
    ),
    "a port": ({"ingress": [{"ports": [{"port": 80}]}]}, {"friend 80", "stranger 80", "outside 80", "to outside 80"}),
    "a range of ports": (
        {"ingress": [{"from": [_TO_WEB], "ports": [{"port": 80, "endPort": 90}]}]},
        {"friend 80", "friend 81", "to outside 80"},
    ),
    "a named port": ({"ingress": [{"from": [_TO_WEB], "ports": [{"port": "web"}]}]}, {"friend 80", "to outside 80"}),
    "UDP only": ({"ingress": [{"ports": [_DNS]}]}, {"friend 53", "to outside 80"}),
    "a namespace": (
        {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "there"}}}]}]},
        {"stranger 80", "to outside 80"},
    ),
    "a block": ({"ingress": [{"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}]}, {"outside 80", "to outside 80"}),
    "a block with an exception": (
        {
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.4/30"]}}]}],
        },
        {"friend 80", "friend 81", "friend 53", "stranger 80", "outside 80"},
    ),
}


@pytest.mark.parametrize("name", _CASES)
def test_each_feature_of_a_policy_does_what_its_documentation_says(node, program, name):
    """The expectations are written down by hand from Kubernetes' documentation, so the oracle is held to them too."""
    spec, expected = _CASES[name]
    one = _small([policy("here", **{"podSelector": {"matchLabels": {"app": "server"}}, **spec})] if spec else [])
    server, friend, stranger, outside = (end.address for end in one.ends)
    flows = {
        "friend 80": (friend, server, 80, "TCP"),
        "friend 81": (friend, server, 81, "TCP"),
        "friend 53": (friend, server, 53, "UDP"),
        "stranger 80": (stranger, server, 80, "TCP"),
        "outside 80": (outside, server, 80, "TCP"),
        "to outside 80": (server, outside, 80, "TCP"),
    }
    with _running(node, one) as prefixes:
        Enforcement(None, node, program).apply(_objects(one))
        seen = {name for name, (source, *to) in flows.items() if ask(prefixes[source], *to) != _BLOCKED}
    assert seen == expected


def _small(policies):
    """Pods here/server, here/web and there/stranger, and one host outside."""
    namespaces = [_named("Namespace", name, labels={"kubernetes.io/metadata.name": name}) for name in ("here", "there")]
    pods = [
        _pod("here", "server", "10.244.1.1"),
        _pod("here", "web", "10.244.1.2"),
        _pod("there", "stranger", "10.244.1.3"),
    ]
    ports = (Port(80, "TCP"), Port(81, "TCP"), Port(53, "UDP"))
    return Sample(objects=(*namespaces, *pods, *policies), outside=("203.0.113.5",), ports=ports)


def _named(kind, name, **metadata):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}


def _pod(namespace, name, address):
    ports = [{"containerPort": 80, "name": "web"}]
    return _named("Pod", name, namespace=namespace, labels={"app": name}) | {
        "spec": {"containers": [{"name": "main", "ports": ports}]},
        "status": {"podIPs": [{"ip": address}]},
    }


_DENY = policy("here", podSelector={}, policyTypes=["Ingress", "Egress"])


def test_the_node_reaches_a_pod_that_nobody_else_may(node, program):
    """Its kubelet has to probe whether the pod is ready."""
    one = _small([_DENY])
    with _running(node, one) as prefixes:
        Enforcement(None, node, program).apply(_objects(one))
        server, client, *_ = (end.address for end in one.ends)
        assert ask(prefixes[client], server, 80) == _BLOCKED
        assert ask(node.enter(node.namespace), server, 80) == f"{server} {node.address}"


def test_a_new_policy_decides_about_new_connections(node, program):
    """And a connection that stands lives on, as with other network plugins."""
    enforcement = Enforcement(None, node, program)
    one = _small([])
    server, client, *_ = (end.address for end in one.ends)
    enforcement.apply(_objects(one))
    with _running(node, one) as prefixes, _echoing(node, "here.server", server) as standing:
        assert ask(prefixes[client], server, 80) == f"{server} {client}"
        enforcement.apply(_objects(_small([_DENY])))
        assert ask(prefixes[client], server, 80) == _BLOCKED
        standing.sendall(b"still")
        assert standing.recv(10) == b"still"
        enforcement.apply(_objects(one))
        assert ask(prefixes[client], server, 80) == f"{server} {client}"


@contextmanager
def _echoing(node, name, address):
    """A connection from the client pod to a server in the namespace of `name`, both in this process."""
    server = within(node.attach(name).namespace, lambda: socket.create_server((address, 7000)))
    with server, connect(node.attach("here.web").namespace, address, 7000) as client:
        accepted, _ = server.accept()
        with accepted:
            accepted.settimeout(5)
            client.settimeout(5)
            yield _Echo(client, accepted)


class _Echo:
    """Both ends of a connection: what is sent at one is sent back by the other."""

    def __init__(self, client, server):
        self._client, self._server = client, server

    def sendall(self, content):
        self._client.sendall(content)
        self._server.sendall(self._server.recv(100))

    def recv(self, size):
        return self._client.recv(size)


def test_each_of_many_blocked_connections_is_told_so(node, program):
    """Kernels are sparing with such messages by default; who gets none tries again for seconds."""
    one = _small([_DENY])
    with _running(node, one) as prefixes:
        Enforcement(None, node, program).apply(_objects(one))
        server, client, *_ = (end.address for end in one.ends)
        assert set(ask_all(prefixes[client], [(server, 80, "TCP")] * 500, seconds=0.5)) == {_BLOCKED}


def test_an_address_that_no_pod_is_known_to_have_reaches_nothing(node, program):
    """A pod that just started waits for the rules about it, and does not slip through as a stranger from outside."""
    one = _small([])
    with _running(node, one):
        new = node.attach("here.new")
        Enforcement(None, node, program).apply(_objects(one))
        assert ask(node.enter(new.namespace), one.ends[0].address, 80) == _BLOCKED


def test_a_pod_whose_status_lags_behind_is_known_by_its_network(node, program):
    one = _small([])
    new = node.attach("here.new")
    known = _objects(one)
    known["pods"] = [*known["pods"], _pod("here", "new", new.address) | {"status": {}}]
    with _running(node, one):
        Enforcement(None, node, program).apply(known)
        assert ask(node.enter(new.namespace), one.ends[0].address, 80) == f"{one.ends[0].address} {new.address}"


def test_a_pod_that_has_ended_gives_its_address_back(node, program):
    """The next pod with that address must not have the rights of the one before."""
    ended = _pod("there", "ended", "10.244.1.1") | {"status": {"phase": "Succeeded", "podIPs": [{"ip": "10.244.1.1"}]}}
    open_there = policy("there", podSelector={}, ingress=[{}])
    known = _objects(_small([_DENY, open_there]))
    known["pods"] = [*known["pods"], ended]
    with _running(node, _small([])) as prefixes:
        Enforcement(None, node, program).apply(known)
        assert ask(prefixes["10.244.1.3"], "10.244.1.1", 80) == _BLOCKED


def test_ports_are_cut_only_where_policies_can_change_their_mind():
    spec = {"ingress": [{"ports": [{"port": 80}, {"port": 8000, "endPort": 9000}, {"protocol": "UDP"}]}]}
    found = [one for one in port_ranges([{"spec": spec}], []) if one.protocol == "TCP"]
    edges = [(1, 79), (80, 80), (81, 7999), (8000, 9000), (9001, 65535)]
    assert found == [Ports("TCP", *edge) for edge in edges]
