"""From the outside past all gateways: doors of Services, nodes and Ingress."""

import pytest

from tenantmesh.graph.flow import ContainerPort, Outside
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.objects import cluster, istio, layer, pod, service
from tests.graph.routing.outside import ANY, SHOP, answer, ask


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Answer.DENIED),
        ({"type": "NodePort"}, Answer.ALLOWED),
        ({"type": "LoadBalancer"}, Answer.ALLOWED),
        ({"externalIPs": ["1.2.3.4"]}, Answer.ALLOWED),
        ({"type": "LoadBalancer", "selector": {"app": "other"}}, Answer.DENIED),
        ({"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": 9090}]}, Answer.DENIED),
    ],
)
def test_services_that_are_open_to_the_outside(spec, expected):
    """https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"""
    assert answer(service("b/open", **{"selector": {"app": "shop"}, **spec})) is expected


@pytest.mark.parametrize(
    ("address", "node_ports", "expected"),
    [
        ("10.0.0.1", False, Answer.ALLOWED),
        ("11.0.0.1", False, Answer.DENIED),
        ("11.0.0.1", True, Answer.ALLOWED),
        ("", False, Answer.ALLOWED),
    ],
)
def test_source_ranges_hold_at_the_balancer_only(address, node_ports, expected):
    """Where node ports are allocated too, the range does not keep anybody from those."""
    spec = {
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "allocateLoadBalancerNodePorts": node_ports,
        "selector": {"app": "shop"},
    }
    assert answer(service("b/open", type="LoadBalancer", **spec), source=Outside(address=address)) is expected


def test_ports_and_network_of_the_node_are_open():
    spec = {"containers": [{"name": "app", "ports": [{"containerPort": 8080, "hostPort": 80}]}]}
    assert answer(destination=pod("b/shop", spec=spec)) is Answer.ALLOWED
    assert answer(destination=pod("b/shop", host_network=True)) is Answer.ALLOWED
    closed = {"containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]}
    assert answer(destination=pod("b/shop", spec=closed)) is Answer.DENIED


def test_between_two_outsiders_nothing_is_routed():
    assert layer(SHOP).verdict(ANY, Outside(host="x"), ask()).answer is Answer.DENIED


def ingress(host="shop.example", path="/", kind="Prefix", port=None):
    backend = {"service": {"name": "shop", "port": port or {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    return istio("Ingress", "b/shop", rules=[rule]).replace("networking.istio.io/v1", "networking.k8s.io/v1")


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        (ingress(), ask(), Answer.ALLOWED),
        (ingress(port={"name": "http"}), ask(), Answer.ALLOWED),
        (ingress(port={"number": 81}), ask(), Answer.DENIED),
        (ingress(), ask("other.example"), Answer.DENIED),
        (ingress("*.example"), ask("a.example"), Answer.ALLOWED),
        (ingress(path="/api"), ask(path="/apiary"), Answer.DENIED),
        (ingress(path="/api", kind="Exact"), ask(path="/api/x"), Answer.DENIED),
        (ingress(path="/a", kind="ImplementationSpecific"), ask(path="/a"), Answer.UNPROVEN),
    ],
)
def test_an_ingress_leads_to_services_beside_it(text, request_, expected):
    """https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types"""
    assert answer(text, request=request_) is expected


def test_a_container_port_is_not_a_door():
    real = cluster(SHOP).workloads["b"][0]
    assert real.ports == (ContainerPort(number=8080, name="web"),)
    assert answer(destination=real) is Answer.DENIED
