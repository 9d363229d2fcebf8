"""Where a name leads in the end: lists of addresses, aliases, and what goes where it is asked to."""

import pytest

from tenantmesh.graph.flow import Proxy, Request
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.asking import ASK, CLOSED, OPEN, A, answer
from tests.graph.routing.objects import istio, layer, pod, service, sidecar, to


def slice_(namespace, name, address, managed="somebody"):
    return f"""
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: {name}-1
  namespace: {namespace}
  labels: {{kubernetes.io/service-name: {name}, endpointslice.kubernetes.io/managed-by: {managed}}}
addressType: IPv4
ports: [{{name: http, port: 8080}}]
endpoints: [{{addresses: [{address}]}}]
---
"""


LIVE = """
apiVersion: v1
kind: Pod
metadata: {name: shop-1, namespace: b, labels: {app: shop}}
spec: {containers: [{name: app}]}
status: {podIPs: [{ip: 10.1.2.3}]}
---
"""


def test_a_service_that_lists_another_namespaces_address_leads_there():
    """EndpointSlices without a selector may name any address."""
    texts = (LIVE, service("a/mine", selector=None), CLOSED)
    there = pod("b/shop-1", labels={"app": "shop"})
    assert layer(*texts, slice_("a", "mine", "10.1.2.3")).verdict(A, there, ASK).answer is Answer.ALLOWED
    assert layer(*texts, slice_("a", "mine", "10.1.2.4")).verdict(A, there, ASK).answer is Answer.UNPROVEN
    assert layer(*texts, slice_("a", "mine", "8.8.8.8")).verdict(A, there, ASK).answer is Answer.DENIED
    away = layer(*texts, slice_("a", "mine", "10.1.2.4"), pod_cidrs=("10.2.0.0/16",))
    assert away.verdict(A, there, ASK).answer is Answer.DENIED
    controlled = slice_("a", "mine", "10.1.2.3", "endpointslice-controller.k8s.io")
    assert layer(*texts, controlled).verdict(A, there, ASK).answer is Answer.DENIED


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"resolution": "DNS", "endpoints": [{"address": "shop.b.svc.cluster.local"}]}, Answer.ALLOWED),
        ({"resolution": "DNS", "endpoints": [{"address": "shop.b"}]}, Answer.ALLOWED),
        ({"resolution": "DNS", "endpoints": [{"address": "other.b.svc.cluster.local"}]}, Answer.DENIED),
        ({"resolution": "DNS"}, Answer.DENIED),
        ({"resolution": "STATIC", "endpoints": [{"address": "8.8.8.8"}]}, Answer.DENIED),
        ({"resolution": "STATIC", "endpoints": [{"address": "10.0.0.9", "ports": {"http": 8080}}]}, Answer.UNPROVEN),
    ],
)
def test_a_service_entry_leads_where_it_says(entry, expected):
    """A ServiceEntry's endpoint by DNS may be another namespace's service, past every exportTo."""
    ports = [{"name": "http", "number": 80, "protocol": "HTTP"}]
    made = istio("ServiceEntry", "a/x", hosts=["x.example"], ports=ports, **entry)
    assert answer(service("b/shop", "b"), CLOSED, made) is expected


def test_a_service_entry_for_a_services_own_name_leads_to_it():
    ports = [{"name": "http", "number": 80, "protocol": "HTTP"}]
    made = istio("ServiceEntry", "a/x", hosts=["shop.b.svc.cluster.local"], ports=ports, resolution="DNS")
    assert answer(service("b/shop", "b"), CLOSED, made) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("spec", "request_", "expected"),
    [
        ({"clusterIP": "None", "ports": [{"name": "http", "port": 8080}]}, ASK, Answer.ALLOWED),
        ({"clusterIP": "None", "ports": [{"name": "http", "port": 9090}]}, ASK, Answer.DENIED),
        ({"clusterIP": "None", "ports": [{"name": "tcp", "port": 8080}]}, ASK, Answer.DENIED),
        (
            {"clusterIP": "None", "ports": [{"name": "http", "port": 8080}]},
            Request(port=8080, method=""),
            Answer.DENIED,
        ),
        ({"ports": [{"name": "http", "port": 8080}]}, ASK, Answer.DENIED),
    ],
)
def test_a_headless_http_service_goes_to_any_address_on_its_port(spec, request_, expected):
    """Its cluster is of type ORIGINAL_DST, behind a listener for all addresses."""
    assert answer(service("a/any", **spec), CLOSED, request=request_) is expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [([], Answer.ALLOWED), (["10.0.0.0/8"], Answer.UNPROVEN), (["8.8.8.0/24"], Answer.DENIED)],
)
def test_a_service_entry_without_resolution_goes_to_any_address_that_it_has(addresses, expected):
    ports = [{"name": "tcp", "number": 8080, "protocol": "TCP"}]
    made = istio("ServiceEntry", "a/x", hosts=["x.example"], ports=ports, addresses=addresses, resolution="NONE")
    assert answer(CLOSED, made) is expected


def test_a_workload_entry_may_be_another_namespaces_pod():
    entry = istio(
        "ServiceEntry",
        "a/x",
        hosts=["x.example"],
        resolution="STATIC",
        workloadSelector={"labels": {"vm": "x"}},
        ports=[{"name": "http", "number": 80, "protocol": "HTTP", "targetPort": 8080}],
    )
    vm = istio("WorkloadEntry", "a/vm", address="10.1.2.3", labels={"vm": "x"})
    there = pod("b/shop-1", labels={"app": "shop"})
    assert layer(LIVE, CLOSED, entry, vm).verdict(A, there, ASK).answer is Answer.ALLOWED
    assert layer(LIVE, CLOSED, entry).verdict(A, there, ASK).answer is Answer.DENIED


def test_services_that_list_each_other_come_to_an_end():
    """A loop of addresses is followed no further than it can lead."""
    loop = service("a/mine", selector=None, clusterIP="10.9.9.9") + slice_("a", "mine", "10.9.9.9")
    assert answer(loop, CLOSED) is Answer.DENIED


def test_a_client_that_chooses_the_address_may_choose_a_services_or_a_nodes():
    """Port 80 of the Service, or its node port, leads to port 8080 of the pod."""
    doors = service("b/shop", "b", ports=[{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}])

    def entry(port):
        ports = [{"name": "tcp", "number": port, "protocol": "TCP"}]
        return istio("ServiceEntry", "a/x", hosts=["x.example"], ports=ports, resolution="NONE")

    for port, expected in ((80, Answer.ALLOWED), (30080, Answer.ALLOWED), (8080, Answer.ALLOWED), (81, Answer.DENIED)):
        assert answer(doors, CLOSED, entry(port)) is expected


def test_a_name_that_is_resolved_anew_for_each_request_may_be_any():
    ports = [{"name": "http", "number": 80, "protocol": "HTTP"}]
    made = istio("ServiceEntry", "a/x", hosts=["*"], ports=ports, resolution="DYNAMIC_DNS")
    assert answer(service("b/shop", "b"), CLOSED, made) is Answer.ALLOWED


ALIAS = service("a/alias", selector=None, type="ExternalName", externalName="shop.b.svc.cluster.local", ports=[])


def test_another_name_of_a_service_leads_no_further_than_its_own():
    """ExternalName is an alias: the service that it stands for has to be known itself."""
    request = Request(port=8080, host="alias")
    assert answer(service("b/shop"), ALIAS, OPEN, request=request) is Answer.ALLOWED
    assert answer(service("b/shop"), ALIAS, CLOSED, request=request) is Answer.DENIED
    assert answer(service("b/shop", "b"), ALIAS, OPEN, request=request) is Answer.DENIED


@pytest.mark.parametrize(
    ("imported", "expected"),
    [("b/*", Answer.ALLOWED), ("b/shop.b.svc.cluster.local", Answer.DENIED), ("c/*", Answer.DENIED)],
)
def test_another_name_belongs_to_the_namespace_of_what_it_stands_for(imported, expected):
    """Whose it is, and to whom that one exports it, does not count (matchingAliasService in Istio's sidecar.go)."""
    foreign = service("c/alias", "~", selector=None, type="ExternalName", externalName="shop.b.svc.cluster.local")
    request = Request(port=8080, host="alias.c.svc.cluster.local")
    assert answer(service("b/shop"), foreign, sidecar("a", imported), request=request) is expected


def test_a_route_to_another_name_leads_to_what_it_stands_for():
    """That service need not be imported, as no destination has to be; it has to be exported."""
    led = istio("VirtualService", "a/route", hosts=["mine"], http=[{"route": [to("alias.a.svc.cluster.local", 80)]}])
    assert answer(service("b/shop"), ALIAS, service("a/mine"), CLOSED) is Answer.DENIED
    assert answer(service("b/shop"), ALIAS, service("a/mine"), led, CLOSED) is Answer.ALLOWED
    assert answer(service("b/shop", "b"), ALIAS, service("a/mine"), led, CLOSED) is Answer.DENIED


def test_a_sidecar_that_knows_another_name_alone_passes_it_on():
    """To the address that the cluster's DNS has for it, unless it drops what it does not know."""
    texts = (LIVE, service("b/shop", "b"), ALIAS)
    found = layer(*texts).resolve(A, "alias", 80, Request(port=8080))
    assert [(str(one.destination), one.port) for one in found.arrivals] == [("b/shop-1", 8080)]
    assert layer(*texts, registry_only=True).resolve(A, "alias", 80, Request(port=8080)).arrivals == ()


def test_another_name_of_a_host_outside_is_that_host():
    away = ALIAS.replace("shop.b.svc.cluster.local", "api.example.com")
    found = layer(away).resolve(A, "alias", 80, ASK)
    assert [(one.destination.host, one.port) for one in found.arrivals] == [("api.example.com", 80)]


def test_an_endpoint_by_another_name_is_the_service_that_it_stands_for():
    """A proxy that asks the DNS follows the CNAME past every export."""
    ports = [{"name": "http", "number": 80, "protocol": "HTTP"}]
    endpoints = [{"address": "alias.a.svc.cluster.local"}]
    made = istio("ServiceEntry", "a/x", hosts=["x.example"], ports=ports, resolution="DNS", endpoints=endpoints)
    assert answer(service("b/shop", "b"), ALIAS, CLOSED, made) is Answer.ALLOWED


def test_aliases_in_a_circle_come_to_an_end():
    other = ALIAS.replace("name: alias", "name: shop").replace("namespace: a", "namespace: b")
    circle = other.replace("shop.b.svc", "alias.a.svc")
    assert answer(circle, ALIAS, OPEN, request=Request(port=8080, host="alias")) is Answer.DENIED
    assert layer(circle, ALIAS).resolve(pod("a/web", proxy=Proxy.NONE), "alias", 80, ASK).answer is Answer.DENIED
