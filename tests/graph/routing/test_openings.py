"""Openings: sound against the exact verdicts, narrower with a narrower exportTo."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.flow import Outside, Request
from tenantmesh.graph.opening import Direction, Peers
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.graph.verdict import Answer
from tests.graph.routing.objects import cluster, deployment, gateway_pods, istio, layer, pod, service, sidecar, to

SPACES = ("a", "b", "c")
PORTS = (8080, 9090)


def test_a_service_is_open_to_whom_it_is_exported():
    (opening,) = layer(
        deployment("b/shop"), service("b/shop", "b,a"), sidecar("b", "./*"), registry_only=True
    ).openings("b")
    assert opening.direction is Direction.INGRESS
    assert opening.peers == Peers(frozenset({"a", "b"}))
    assert opening.ports == ((8080, 8080),)
    assert str(opening.workload) == "b/shop"
    assert [str(one.key) for one in opening.evidence] == ["Service b/shop"]


def test_a_service_without_pods_is_open_for_pods_that_could_be_made():
    (opening,) = layer(service("b/shop", "b"), registry_only=True).openings("b")[:1]
    assert opening.workload.object is None
    assert opening.workload.labels == {"app": "shop"}


def test_an_import_of_what_is_not_exported_opens_nothing():
    texts = (service("b/shop", "b"), sidecar("a", "b/*"))
    assert layer(*texts).openings("a")[1:] == ()
    assert [one.peers for one in layer(service("b/shop"), sidecar("a", "b/*"), registry_only=True).openings("a")] == [
        Peers(frozenset({"b"}))
    ]


def test_an_import_of_all_is_one_opening_whatever_there_is():
    """Namespaces are never listed where there is a word for all of them."""
    many = "".join(service(f"n{number}/shop") for number in range(20))
    found = layer(many, sidecar("a", "*/*"), registry_only=True).openings("a")
    assert [one.peers for one in found] == [Peers(everywhere=True)]


def test_a_sidecar_that_passes_on_opens_to_everybody_and_the_outside():
    (opening,) = layer(sidecar("a", "./*", mode="ALLOW_ANY"), registry_only=True).openings("a")[-1:]
    assert opening.direction is Direction.EGRESS
    assert opening.peers == Peers(everywhere=True, outside=True)


def test_such_sidecars_are_an_opening_of_everybody_else_too():
    found = layer(sidecar("a", "./*", mode="ALLOW_ANY"), registry_only=True).openings("b")
    assert [one.peers for one in found if one.direction is Direction.INGRESS] == [Peers(frozenset({"a"}))]


def test_a_route_through_an_open_gateway_gives_a_request_that_passes():
    match = {"uri": {"prefix": "/api/"}, "method": {"exact": "POST"}, "headers": {"x-a": {"exact": "1"}}}
    built = layer(
        deployment("b/shop"),
        service("b/shop", "b"),
        gateway_pods("b/gate"),
        service("b/gate", "b", type="LoadBalancer"),
        istio(
            "Gateway",
            "b/gate",
            selector={"app": "gate"},
            servers=[{"hosts": ["*.example"], "port": {"number": 80, "name": "http", "protocol": "HTTP"}}],
        ),
        istio(
            "VirtualService",
            "b/shop",
            hosts=["*"],
            gateways=["gate"],
            http=[{"match": [match], "route": [to("shop", 80)]}],
        ),
        registry_only=True,
    )
    outside = [one for one in built.openings("b") if one.peers == Peers(outside=True)]
    (opening,) = [one for one in outside if one.workload.name == "shop"]
    assert (opening.request.method, opening.request.path, opening.request.host) == ("POST", "/api/", "any.example")
    assert built.verdict(Outside(), opening.workload, opening.request).answer is Answer.ALLOWED


# Laws ------------------------------------------------------------------------------------------------------------

exports = st.one_of(
    st.none(), st.sampled_from(["*", ".", "~"]), st.sets(st.sampled_from(SPACES), min_size=1).map(",".join)
)
imports = st.lists(
    st.sampled_from(
        ["./*", "*/*", "a/*", "b/*", "c/*", "*/app.b.svc.cluster.local", "b/app.b.svc.cluster.local", "~b/*"]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@st.composite
def routed(draw, space):
    """A route of `space` for sidecars, and maybe a ServiceEntry or a headless Service."""
    texts = []
    if draw(st.booleans()):
        target = draw(st.sampled_from(SPACES))
        host = draw(st.sampled_from(["x.example", "y.example", *(f"app.{name}.svc.cluster.local" for name in SPACES)]))
        export = draw(st.sampled_from([["*"], ["."], ["a"], ["b", "c"]]))
        leads = draw(st.sampled_from(["y.example", f"app.{target}.svc.cluster.local"]))
        destination = to(leads, draw(st.sampled_from([None, 80])))
        texts.append(
            istio("VirtualService", f"{space}/route", hosts=[host], exportTo=export, http=[{"route": [destination]}])
        )
    if draw(st.booleans()):
        target = draw(st.sampled_from(SPACES))
        resolution = draw(st.sampled_from(["DNS", "NONE", "DYNAMIC_DNS"]))
        endpoints = {"endpoints": [{"address": f"app.{target}.svc.cluster.local"}]} if resolution == "DNS" else {}
        ports = [{"name": "http", "number": draw(st.sampled_from([80, 8080])), "protocol": "HTTP"}]
        export = draw(st.sampled_from([["*"], ["."]]))
        texts.append(
            istio(
                "ServiceEntry",
                f"{space}/entry",
                hosts=["y.example"],
                ports=ports,
                resolution=resolution,
                exportTo=export,
                **endpoints,
            )
        )
    if draw(st.booleans()):
        texts.append(service(f"{space}/headless", clusterIP="None", ports=[{"name": "http", "port": 8080}]))
    return "".join(texts)


@st.composite
def clusters(draw):
    texts = []
    for space in SPACES:
        texts += [deployment(f"{space}/app"), service(f"{space}/app", draw(exports)), draw(routed(space))]
        if draw(st.booleans()):
            mode = draw(st.sampled_from(["REGISTRY_ONLY", "REGISTRY_ONLY", "ALLOW_ANY"]))
            texts.append(sidecar(space, *draw(imports), mode=mode))
    if draw(st.booleans()):
        texts.append(sidecar("istio-system", *draw(st.sampled_from([["./*"], ["*/*"]]))))
    return cluster(*texts, registry_only=draw(st.booleans()))


@given(clusters())
def test_whatever_a_verdict_allows_is_in_an_opening_of_both_ends(found):
    """Soundness, for pods that are there and pods that could be made."""
    built = RoutingLayer(found)
    openings = {space: built.openings(space) for space in SPACES}
    for source in SPACES:
        for other in SPACES:
            for port in PORTS:
                if source != other:
                    _check(built, openings, source, other, port)


def _check(built, openings, source, other, port):
    for destination in (pod(f"{other}/app"), pod(f"{other}/new")):
        verdict = built.verdict(pod(f"{source}/app"), destination, Request(port=port))
        if verdict.answer is not Answer.DENIED:
            assert _opened(openings[source], Direction.EGRESS, other, port), ("egress", verdict)
            assert _opened(openings[other], Direction.INGRESS, source, port), ("ingress", verdict)


def _opened(openings, direction, other, port):
    return any(
        one.direction is direction
        and other in one.peers
        and (not one.ports or any(first <= port <= last for first, last in one.ports))
        for one in openings
    )


@given(st.data())
def test_a_narrower_export_never_opens_anything(data):
    wide = data.draw(st.sets(st.sampled_from(SPACES), min_size=1))
    narrow = data.draw(st.sets(st.sampled_from(sorted(wide))))
    rest = data.draw(routed("a")) + data.draw(routed("b")) + deployment("b/app") + sidecar("a", *data.draw(imports))

    def answer(export):
        built = layer(rest, service("b/app", ",".join(sorted(export)) or "~"))
        return built.verdict(pod("a/app"), pod("b/app"), Request(port=8080)).answer

    if answer(wide) is Answer.DENIED:
        assert answer(narrow) is Answer.DENIED


@st.composite
def edged(draw):
    """Services, gateways with routes, and outside hosts, in two namespaces."""
    texts = []
    for space in ("a", "b"):
        kind = draw(st.sampled_from(["ClusterIP", "ClusterIP", "NodePort"]))
        texts += [deployment(f"{space}/app"), service(f"{space}/app", draw(exports), type=kind), sidecar(space, "./*")]
        door = draw(st.sampled_from(["ClusterIP", "LoadBalancer"]))
        ports = [{"name": "http", "port": 80, "targetPort": 8081}]
        texts += [gateway_pods(f"{space}/gate", 8081), service(f"{space}/gate", draw(exports), type=door, ports=ports)]
        port = {"number": 80, "name": "http", "protocol": "HTTP"}
        hosts = draw(st.sampled_from([["*"], ["./*.example"], ["b/x.example"]]))
        servers = [{"hosts": hosts, "port": port, "tls": {"httpsRedirect": draw(st.booleans())}}]
        texts.append(istio("Gateway", f"{space}/gate", selector={"app": "gate"}, servers=servers))
        gates = draw(st.sampled_from([["a/gate"], ["b/gate", "mesh"], ["gate"]]))
        host = draw(st.sampled_from(["app.a.svc.cluster.local", "app.b.svc.cluster.local", "out.example"]))
        rules = [{"route": [to(host)]}]
        export = draw(st.sampled_from([["*"], ["."]]))
        texts.append(
            istio("VirtualService", f"{space}/r", hosts=["x.example"], gateways=gates, exportTo=export, http=rules)
        )
        if draw(st.booleans()):
            ports = [{"name": "http", "number": 80, "protocol": "HTTP"}]
            resolution = draw(st.sampled_from(["DNS", "NONE"]))
            texts.append(
                istio("ServiceEntry", f"{space}/out", hosts=["out.example"], ports=ports, resolution=resolution)
            )
    return cluster(*texts, registry_only=True, gateways_scoped=draw(st.booleans()))


@given(edged())
def test_what_crosses_the_edge_of_the_cluster_is_in_an_opening(found):
    """Soundness towards the outside and through gateways."""
    built = RoutingLayer(found)
    for space, other in (("a", "b"), ("b", "a")):
        app, gate = (next(one for one in found.workloads[space] if one.name == name) for name in ("app", "gate"))
        there = next(one for one in found.workloads[other] if one.name == "app")
        openings = built.openings(space)
        request = Request(port=8080, host="x.example")
        if built.verdict(Outside(), app, request).answer is not Answer.DENIED:
            assert any(one.peers.outside and one.direction is Direction.INGRESS for one in openings)
        for source in (app, gate):
            if built.verdict(source, Outside(), Request(port=80, host="x.example")).answer is not Answer.DENIED:
                assert any(one.peers.outside and one.direction is Direction.EGRESS for one in openings)
        if built.verdict(gate, there, request).answer is not Answer.DENIED:
            assert _opened(openings, Direction.EGRESS, other, 8080)
            assert _opened(built.openings(other), Direction.INGRESS, space, 8080)
