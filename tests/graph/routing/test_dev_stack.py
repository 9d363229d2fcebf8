"""The dev stack: each tenant is served by its own gateway and routes to itself only."""

import pytest

from tenantmesh.cli.sources import Source
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.graph.verdict import Answer
from tests.proof.subjects import ROOT


@pytest.fixture(scope="module")
def stack():
    found = Source(stack="dev", program=ROOT).read()
    return Cluster(found.manifest, mesh=found.mesh)


@pytest.fixture(scope="module")
def routing(stack):
    return RoutingLayer(stack)


def pods(stack, namespace):
    return {one.name: one for one in stack.workloads[namespace]}


def test_the_outside_reaches_productpage_by_its_own_tenants_host_only(stack, routing):
    page = pods(stack, "tenant1")["productpage"]

    def answer(host, path="/productpage"):
        return routing.verdict(Outside(), page, Request(port=9080, host=host, path=path)).answer

    assert answer("tenant1.example.com") is Answer.ALLOWED
    assert answer("tenant2.example.com") is Answer.DENIED
    assert answer("tenant1.example.com", "/admin") is Answer.DENIED


def test_it_does_so_through_its_own_tenants_gateway(routing):
    found = routing.resolve(Outside(), "tenant1.example.com", 443, Request(port=9080, path="/productpage"))
    assert [(str(one.destination), [str(hop) for hop in one.gateways]) for one in found.arrivals] == [
        ("tenant1/productpage", ["tenant1/tenant1-ingress"])
    ]


def test_plain_http_is_only_sent_to_https(routing):
    request = Request(port=9080, path="/productpage")
    assert routing.resolve(Outside(), "tenant1.example.com", 80, request).answer is Answer.DENIED


def test_the_outside_reaches_nothing_else(stack, routing):
    for name, pod in pods(stack, "tenant1").items():
        if name not in ("productpage", "tenant1-ingress"):
            assert routing.verdict(Outside(), pod, Request(port=9080)).answer is Answer.DENIED


def test_a_tenant_routes_to_itself_and_to_no_other(stack, routing):
    reviews = pods(stack, "tenant1")["reviews--v1"]
    own, other = pods(stack, "tenant1")["productpage"], pods(stack, "tenant2")["productpage"]
    assert routing.verdict(own, reviews, Request(port=9080)).answer is Answer.ALLOWED
    assert routing.verdict(other, reviews, Request(port=9080)).answer is Answer.DENIED
    assert routing.verdict(other, Outside(host="example.com"), Request(port=443)).answer is Answer.DENIED


def test_its_openings_are_its_own_services_and_its_gateway(routing):
    for space in ("tenant1", "tenant2"):
        for one in routing.openings(space):
            assert not one.peers.everywhere
            assert one.peers.namespaces <= {space}


def test_nothing_dangles(routing):
    assert routing.dangling() == ()
