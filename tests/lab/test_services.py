"""Services in the lab: what their ports lead to, and that connections really arrive there."""

from collections import Counter
from contextlib import ExitStack

import pytest

from tenantmesh.lab.services import Entry, Services, are_applied, entries, rules
from tests.lab.sockets import ask, ask_all, serving


def _service(name, port, *, kind="ClusterIP", address="10.96.0.50", **spec):
    return {
        "metadata": {"namespace": "tenant1", "name": name},
        "spec": {"type": kind, "clusterIP": address, "ports": [port], **spec},
    }


def _slice(service, port, *addresses, ready=True, **more):
    endpoints = [{"addresses": [address], "conditions": {"ready": ready}} for address in addresses]
    labels = {"kubernetes.io/service-name": service}
    return {
        "metadata": {"namespace": "tenant1", "name": f"{service}-{ready}", "labels": labels},
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [port],
        **more,
    }


_WEB = {"name": "http", "port": 80, "protocol": "TCP"}
_POD_WEB = {"name": "http", "port": 9080, "protocol": "TCP"}


def test_a_port_leads_to_the_ready_pods_of_the_slices_of_its_name():
    slices = [
        _slice("web", _POD_WEB, "10.0.0.2", "10.0.0.1"),
        _slice("web", _POD_WEB, "10.0.0.3", ready=False),
        _slice("web", {"name": "metrics", "port": 9090}, "10.0.0.4"),
        _slice("other", _POD_WEB, "10.0.0.5"),
        _slice("web", _POD_WEB, "fd00::1", addressType="IPv6"),
    ]
    assert list(entries([_service("web", _WEB)], slices, "10.0.0.9")) == [
        Entry(protocol="TCP", entrances=(("10.96.0.50", 80),), ends=(("10.0.0.1", 9080), ("10.0.0.2", 9080)))
    ]


def test_a_load_balancer_is_entered_by_all_its_addresses():
    service = _service("web", {**_WEB, "nodePort": 31080}, kind="LoadBalancer")
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "198.18.0.50"}, {"hostname": "lb.example.com"}]}}
    (found,) = entries([service], [], "10.0.0.9")
    assert found.entrances == (("10.96.0.50", 80), ("198.18.0.50", 80), ("10.0.0.9", 31080))


@pytest.mark.parametrize("spec", [{"clusterIP": "None"}, {"clusterIP": "10.96.0.1", "ports": []}])
def test_a_service_without_an_address_or_ports_leads_nowhere(spec):
    service = _service("web", _WEB)
    service["spec"] |= spec
    assert list(entries([service], [], "10.0.0.9")) == []


def test_without_ready_pods_there_is_no_rule():
    assert "SERVICE" not in rules(entries([_service("web", _WEB)], [], "10.0.0.9"))


@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_connections_to_the_address_reach_each_pod_behind_it(node, protocol):
    client = node.attach("tenant1/client")
    pods = [node.attach(f"tenant1/web-{number}") for number in range(3)]
    services = [_service("web", {**_WEB, "protocol": protocol})]
    slices = [_slice("web", {**_POD_WEB, "protocol": protocol}, *(pod.address for pod in pods))]
    with ExitStack() as stack:
        for pod in pods:
            stack.enter_context(serving(node.enter(pod.namespace), 9080, name=pod.address, protocol=protocol))
        Services(None, node).apply({"services": services, "slices": slices})
        answers = Counter(ask_all(node.enter(client.namespace), [("10.96.0.50", 80, protocol)] * 60))
    assert set(answers) == {f"{pod.address} {client.address}" for pod in pods}


def test_the_host_comes_in_by_the_node_port(node):
    """With its own address: a gateway sees who its client is."""
    pod = node.attach("tenant1/gateway")
    services = [_service("gateway", {**_WEB, "nodePort": 31080}, kind="NodePort")]
    Services(None, node).apply({"services": services, "slices": [_slice("gateway", _POD_WEB, pod.address)]})
    with serving(node.enter(pod.namespace), 9080, name="gateway"):
        assert ask([], node.address, 31080) == f"gateway {node.host_address}"


def test_a_pod_reaches_itself_by_its_service(node):
    pod = node.attach("tenant1/web")
    Services(None, node).apply({"services": [_service("web", _WEB)], "slices": [_slice("web", _POD_WEB, pod.address)]})
    with serving(node.enter(pod.namespace), 9080, name="web"):
        assert ask(node.enter(pod.namespace), "10.96.0.50", 80).startswith("web ")


def test_rules_are_replaced_as_a_whole(node):
    """A Service that is gone, or whose last pod is gone, is refused at once and not after a timeout."""
    client, pod = node.attach("tenant1/client"), node.attach("tenant1/web")
    services = Services(None, node)
    with serving(node.enter(pod.namespace), 9080, name="web"):
        services.apply({"services": [_service("web", _WEB)], "slices": [_slice("web", _POD_WEB, pod.address)]})
        assert ask(node.enter(client.namespace), "10.96.0.50", 80).startswith("web ")
        services.apply({"services": [], "slices": []})
        assert ask(node.enter(client.namespace), "10.96.0.50", 80) == "no OSError"


class _Api:
    """Serves these Services and EndpointSlices."""

    def __init__(self, services, slices):
        self._lists = {"services": services, "endpointslices": slices}

    def get(self, path):
        return {"items": self._lists[path.rpartition("/")[2]]}


def test_rules_are_applied_once_they_lead_to_the_ends_of_today_and_no_others(node):
    services = [_service("web", {**_WEB, "nodePort": 31080}, kind="NodePort"), _service("none", _WEB)]
    before, after = ([_slice("web", _POD_WEB, *addresses)] for addresses in (["10.0.0.1", "10.0.0.2"], ["10.0.0.2"]))
    kept = Services(None, node)
    assert not are_applied(_Api(services, before), node)
    kept.apply({"services": services, "slices": before})
    assert are_applied(_Api(services, before), node)
    assert not are_applied(_Api(services, after), node)
    kept.apply({"services": services, "slices": after})
    assert are_applied(_Api(services, after), node)
    assert not are_applied(_Api(services, before), node)
