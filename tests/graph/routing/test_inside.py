"""Between pods with sidecars: what is visible, imported, routed, listed or passed on."""

import pytest

from tenantmesh.graph.flow import Proxy, Request
from tenantmesh.graph.verdict import Answer, Effect, Layer
from tests.graph.routing.objects import cluster, deployment, istio, layer, pod, service, sidecar, to

SHOP = deployment("b/shop")
ASK = Request(port=8080)
A, B = pod("a/web"), pod("b/shop")
CLOSED = sidecar("a", "./*")
OPEN = sidecar("a", "./*", "b/*")


def answer(*texts, request=ASK, source=A, destination=B, **settings):
    return layer(SHOP, *texts, **settings).verdict(source, destination, request).answer


@pytest.mark.parametrize(
    ("export", "hosts", "expected"),
    [
        (None, ["./*", "b/*"], Answer.ALLOWED),
        ("*", ["*/*"], Answer.ALLOWED),
        ("a", ["b/shop.b.svc.cluster.local"], Answer.ALLOWED),
        ("b, a", ["b/*"], Answer.ALLOWED),
        (".", ["b/*"], Answer.DENIED),
        ("~", ["*/*"], Answer.DENIED),
        ("c", ["*/*"], Answer.DENIED),
        ("*", ["./*"], Answer.DENIED),
        ("*", ["c/*"], Answer.DENIED),
        ("*", ["b/other.b.svc.cluster.local"], Answer.DENIED),
        ("*", ["b/*.b.svc.cluster.local"], Answer.ALLOWED),
        ("*", ["*/*", "~b/*"], Answer.DENIED),
        ("*", ["~/*"], Answer.DENIED),
    ],
)
def test_a_service_has_to_be_exported_and_imported(export, hosts, expected):
    """https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener"""
    assert answer(service("b/shop", export), sidecar("a", *hosts)) is expected


def test_a_denial_names_the_service_and_the_sidecar():
    """Each object that stands between says so, and the change names both."""
    verdict = layer(SHOP, service("b/shop", "b"), CLOSED).verdict(A, B, ASK)
    assert verdict.layer is Layer.ROUTING
    assert {str(one.key) for one in verdict.evidence if one.effect is Effect.DENIES} == {
        "Service b/shop",
        "Sidecar a/default",
    }
    assert "export shop.b.svc.cluster.local to a" in verdict.change
    assert "Sidecar a/default" in verdict.change


def test_defaults_of_the_mesh_say_who_sees_a_service_without_an_annotation():
    assert answer(service("b/shop"), OPEN, service_export=(".",)) is Answer.DENIED
    assert answer(service("b/shop", "*"), OPEN, service_export=(".",)) is Answer.ALLOWED


def test_what_no_service_names_passes_unless_the_mesh_or_the_sidecar_keeps_it():
    """outboundTrafficPolicy of the Sidecar goes before the mesh's."""
    assert answer() is Answer.ALLOWED
    assert answer(registry_only=True) is Answer.DENIED
    assert answer(sidecar("a", "./*", mode="ALLOW_ANY"), registry_only=True) is Answer.ALLOWED
    assert answer(istio("Sidecar", "a/default", egress=[{"hosts": ["./*"]}]), registry_only=True) is Answer.DENIED
    assert answer(istio("Sidecar", "a/default", outboundTrafficPolicy={})) is Answer.DENIED


def test_the_root_namespaces_sidecar_holds_where_there_is_none():
    """Its `.` is then the namespace of the pod."""
    root = sidecar("istio-system", "./*")
    assert answer(service("b/shop"), root) is Answer.DENIED
    own = layer(deployment("a/api"), service("a/api"), root)
    assert own.verdict(A, pod("a/api"), ASK).answer is Answer.ALLOWED


def test_a_sidecar_with_a_selector_goes_before_one_without():
    chosen = istio(
        "Sidecar",
        "a/zz",
        workloadSelector={"labels": {"app": "web"}},
        egress=[{"hosts": ["b/*"]}],
        outboundTrafficPolicy={"mode": "REGISTRY_ONLY"},
    )
    assert answer(service("b/shop"), CLOSED, chosen) is Answer.ALLOWED
    assert answer(service("b/shop"), CLOSED, chosen, source=pod("a/other")) is Answer.DENIED


def test_a_listener_with_a_port_imports_services_on_that_port_only():
    def listening(port):
        return istio(
            "Sidecar",
            "a/default",
            egress=[{"hosts": ["b/*"], "port": {"number": port, "protocol": "HTTP", "name": "x"}}],
            outboundTrafficPolicy={"mode": "REGISTRY_ONLY"},
        )

    assert answer(service("b/shop"), listening(80)) is Answer.ALLOWED
    assert answer(service("b/shop"), listening(81)) is Answer.DENIED


@pytest.mark.parametrize(("port", "expected"), [(8080, Answer.ALLOWED), (9090, Answer.DENIED), (80, Answer.DENIED)])
def test_only_target_ports_are_led_to(port, expected):
    assert answer(service("b/shop"), OPEN, request=Request(port=port)) is expected


def test_a_named_target_port_is_what_the_pods_call_so():
    named = service("b/shop", ports=[{"name": "http", "port": 80, "targetPort": "web"}])
    assert answer(named, OPEN) is Answer.DENIED
    assert answer(named, OPEN, destination=cluster(SHOP).workloads["b"][0]) is Answer.ALLOWED


@pytest.mark.parametrize("proxy", [Proxy.NONE, Proxy.AMBIENT])
def test_without_a_sidecar_any_address_can_be_asked(proxy):
    """ztunnel knows no Sidecar and no REGISTRY_ONLY."""
    verdict = layer(SHOP, CLOSED).verdict(pod("a/web", proxy=proxy), B, ASK)
    assert verdict.answer is Answer.ALLOWED
    assert "no sidecar" in verdict.reason


# Routes ----------------------------------------------------------------------------------------------------------


def test_a_route_leads_to_services_that_are_exported_but_not_imported():
    """A Sidecar does not keep out what a VirtualService of its own namespace names."""
    route = istio(
        "VirtualService", "a/mine", hosts=["mine.example"], http=[{"route": [to("shop.b.svc.cluster.local")]}]
    )
    assert answer(service("b/shop"), CLOSED, route) is Answer.ALLOWED
    assert answer(service("b/shop", "b"), CLOSED, route) is Answer.DENIED


def test_a_route_of_another_namespace_acts_on_all_who_see_it():
    """ISTIO-SECURITY-2026-002: c routes a's calls of its own service to itself."""
    texts = (deployment("c/trap"), service("c/trap"), service("a/api"), sidecar("a", "*/*"))
    stolen = {"hosts": ["api.a.svc.cluster.local"], "http": [{"route": [to("trap.c.svc.cluster.local", 80)]}]}
    request = Request(port=8080, host="api.a.svc.cluster.local")
    for export, expected in ((["*"], Answer.ALLOWED), (["."], Answer.DENIED), (["a"], Answer.ALLOWED)):
        built = layer(*texts, istio("VirtualService", "c/steal", exportTo=export, **stolen))
        assert built.verdict(A, pod("c/trap"), request).answer is expected


def test_a_route_decides_where_its_host_goes():
    """With a route for its host, a service gets only what a rule sends it."""
    away = istio(
        "VirtualService",
        "b/shop",
        hosts=["shop"],
        http=[{"match": [{"uri": {"prefix": "/v1"}}], "route": [to("shop")]}, {"directResponse": {"status": 404}}],
    )
    built = layer(SHOP, service("b/shop"), OPEN, away)
    assert built.verdict(A, B, Request(port=8080, path="/v1/x")).answer is Answer.ALLOWED
    denied = built.verdict(A, B, Request(port=8080, path="/v2"))
    assert denied.answer is Answer.DENIED
    assert any("answers by itself" in one.reason for one in denied.evidence)


@pytest.mark.parametrize(
    ("match", "request_", "expected"),
    [
        ({"uri": {"exact": "/x"}}, Request(port=8080, path="/x?y=1"), Answer.ALLOWED),
        ({"uri": {"exact": "/x"}}, Request(port=8080, path="/X"), Answer.DENIED),
        ({"uri": {"exact": "/x"}, "ignoreUriCase": True}, Request(port=8080, path="/X"), Answer.ALLOWED),
        ({"uri": {"regex": "/a.*"}}, Request(port=8080, path="/abc"), Answer.ALLOWED),
        ({"uri": {"regex": "/a"}}, Request(port=8080, path="/abc"), Answer.DENIED),
        ({"uri": {"regex": "("}}, Request(port=8080), Answer.UNPROVEN),
        ({"method": {"exact": "POST"}}, Request(port=8080), Answer.DENIED),
        ({"headers": {"X-A": {"exact": "1"}}}, Request(port=8080, headers={"x-a": "1"}), Answer.ALLOWED),
        ({"headers": {"x-a": {}}}, Request(port=8080), Answer.DENIED),
        ({"withoutHeaders": {"x-a": {}}}, Request(port=8080), Answer.ALLOWED),
        ({"withoutHeaders": {"x-a": {}}}, Request(port=8080, headers={"x-a": "1"}), Answer.DENIED),
        ({"queryParams": {"v": {"exact": "2"}}}, Request(port=8080, path="/?v=2"), Answer.ALLOWED),
        ({"queryParams": {"v": {"exact": "2"}}}, Request(port=8080, path="/?v=3"), Answer.DENIED),
        ({"sourceNamespace": "a"}, ASK, Answer.ALLOWED),
        ({"sourceNamespace": "c"}, ASK, Answer.DENIED),
        ({"sourceLabels": {"app": "web"}}, ASK, Answer.ALLOWED),
        ({"sourceLabels": {"app": "x"}}, ASK, Answer.DENIED),
        ({"port": 80}, ASK, Answer.ALLOWED),
        ({"port": 81}, ASK, Answer.DENIED),
        ({"gateways": ["mesh"]}, ASK, Answer.ALLOWED),
        ({"gateways": ["b/gate"]}, ASK, Answer.DENIED),
        ({"authority": {"exact": "shop"}}, Request(port=8080, host="shop.b"), Answer.DENIED),
    ],
)
def test_conditions_of_http_rules(match, request_, expected):
    """https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest"""
    gateways = {"gateways": ["mesh", "b/gate"]}
    route = istio(
        "VirtualService", "b/shop", hosts=["shop"], http=[{"match": [match], "route": [to("shop")]}], **gateways
    )
    assert answer(service("b/shop"), OPEN, route, request=request_) is expected


@pytest.mark.parametrize(
    ("weights", "expected"),
    [((None, None), Answer.DENIED), ((100, 0), Answer.DENIED), ((99, 1), Answer.ALLOWED), ((0, 100), Answer.ALLOWED)],
)
def test_a_destination_with_some_weight_is_reached(weights, expected):
    routes = [{**to("other", 80), "weight": weights[0] or 0}, {**to("shop", 80), "weight": weights[1] or 0}]
    route = istio("VirtualService", "b/shop", hosts=["shop"], http=[{"route": routes}])
    assert answer(service("b/shop"), OPEN, route) is expected


def test_mirrors_are_reached_too():
    route = istio(
        "VirtualService", "b/x", hosts=["x.example"], http=[{"route": [to("other")], "mirror": {"host": "shop"}}]
    )
    assert answer(service("b/shop"), OPEN, route) is Answer.ALLOWED


def test_a_delegate_takes_what_its_root_hands_over():
    root = istio(
        "VirtualService",
        "a/root",
        hosts=["x.example"],
        http=[{"match": [{"uri": {"prefix": "/shop"}}], "delegate": {"name": "part", "namespace": "b"}}],
    )
    part = {"http": [{"match": [{"uri": {"prefix": "/shop/v1"}}], "route": [to("shop")]}]}
    texts = (SHOP, service("b/shop"), CLOSED, root)
    for export, path, expected in (
        (["*"], "/shop/v1/a", Answer.ALLOWED),
        (["*"], "/shop/v2", Answer.DENIED),
        (["."], "/shop/v1/a", Answer.DENIED),
    ):
        built = layer(*texts, istio("VirtualService", "b/part", exportTo=export, **part))
        assert built.verdict(A, B, Request(port=8080, path=path)).answer is expected


def test_the_oldest_route_of_a_host_decides_and_without_ages_any_may():
    def route(name, host, born):
        text = istio("VirtualService", f"b/{name}", hosts=["shop"], http=[{"route": [to(host)]}])
        return text.replace("  name: " + name, f"  name: {name}\n  creationTimestamp: '{born}'") if born else text

    def sent(*born):
        return answer(service("b/shop"), OPEN, route("one", "shop", born[0]), route("two", "other", born[1]))

    assert sent("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z") is Answer.ALLOWED
    assert sent("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z") is Answer.DENIED
    assert sent("", "") is Answer.ALLOWED


def test_a_subset_keeps_to_its_labels_and_an_unknown_one_leads_nowhere():
    def built(labels, name="v1"):
        rule = istio("DestinationRule", "b/shop", host="shop", subsets=[{"name": "v1", "labels": labels}])
        route = istio("VirtualService", "b/shop", hosts=["shop"], http=[{"route": [to("shop", subset=name)]}])
        return answer(service("b/shop"), OPEN, rule, route)

    assert built({"app": "shop"}) is Answer.ALLOWED
    assert built({"version": "v1"}) is Answer.DENIED
    assert built({"app": "shop"}, "v2") is Answer.DENIED


# Lists of addresses, aliases, and what goes where it is asked to --------------------------------------------------


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
