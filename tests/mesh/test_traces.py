"""Spans of each tenant's proxies reach one collector in the tenant's own name, and by no way but the one opened."""

import base64
import json
import socket
import uuid
from functools import partial

import pytest

from tests.mesh.asking import Request
from tests.mesh.bypassing import reach
from tests.mesh.collecting import monitoring
from tests.mesh.exhibits import as_guest
from tests.mesh.tracing import HTTP_PORT, LABELS, NAMESPACE, PORT, SERVICE, collector

TENANTS = ("tenant1", "tenant2")
HOST = f"{SERVICE}.{NAMESPACE}.svc.cluster.local"
SESSION = uuid.uuid4().hex
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_MESH = "tm.MeshArgs(domain=domain, "


def edit(program, protocol="grpc"):
    """The dev stack with the collector, all of its requests traced, and the tenants of the example beside."""
    main = program / "stacks" / "__main__.py"
    text = main.read_text()
    assert text.count(_MESH) == 1
    (program / "stacks" / "traces.py").write_text(as_guest("traces"))
    tracing = (
        f"telemetry=tm.MeshTelemetryArgs(tracing=tm.TracingArgs(service={SERVICE!r}, namespace={NAMESPACE!r},"
        f" pod_labels={LABELS!r}, sampling=100, protocol={protocol!r})), "
    )
    main.write_text(text.replace(_MESH, _MESH + tracing) + "\nimport traces\n")


@pytest.fixture(scope="module")
def spans(mesh, tmp_path_factory):
    """What has come to the collector, with the stack that sends to it.

    Connections that stood before would go on without spans until the proxies have drained them.
    """
    with monitoring(mesh), collector(mesh, tmp_path_factory.mktemp("spans")) as found, mesh.deployed(edit):
        mesh.restart(*TENANTS)
        yield found


@pytest.fixture(scope="module")
def asked(mesh, spans):  # noqa: ARG001 -- they are there to be sent to
    """What was asked, all before anything is looked for: Envoy sends spans every five seconds. A client a request."""
    traces = {tenant: uuid.uuid4().hex for tenant in TENANTS}
    for tenant, other in (TENANTS, TENANTS[::-1]):
        assert mesh.ask(tenant, headers=client(f"plain-{tenant}")).status == 200
        lies = {"tenant": other, "baggage": f"tenant={other}", "tracestate": f"tenant={other}"}
        assert mesh.ask(tenant, headers={**client(f"lying-{tenant}"), **lies, **parent(traces[tenant])}).status == 200
    assert mesh.ask("tenant1", "/login?token=hidden", headers=client("query")).status == 200
    for tenant in ("museum", "cinema"):
        wanted = {**client(tenant), "x-client-trace-id": uuid.uuid4().hex, **parent(uuid.uuid4().hex)}
        assert ask_example(mesh, tenant, headers=wanted).status == 200
    return traces


def client(name):
    """What a client calls itself; of this session, for a lab outlives it."""
    return {"User-Agent": f"{name}-{SESSION}"}


def arrived(mesh, spans, name, *services):
    """The spans of the one trace of a client's request, once the proxies of all these services have sent theirs."""
    (agent,) = client(name).values()

    def traces():
        return {one.trace for one in spans.spans(user_agent=agent)}

    mesh.eventually(lambda: any(set(services) <= {one.service for one in spans.trace(trace)} for trace in traces()), 60)
    (trace,) = traces()
    return spans.trace(trace)


def parent(trace):
    """What a client sends that has a trace of its own, and wants it recorded."""
    return {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}


def ask_example(mesh, tenant, **request):
    """Ask the gateway of a tenant of the example, which wants no certificate of a client."""
    secret = mesh.lab.api.get(f"/api/v1/namespaces/{tenant}/secrets/{tenant}-ingress-tls")
    chain = mesh.folder / f"{tenant}.crt"
    chain.write_bytes(base64.b64decode(secret["data"]["tls.crt"]))
    host = f"{tenant}.example.com"
    sent = Request(path="/", host=host, sni=host, ca=chain, **request)
    address = (mesh.lab.node_address, mesh.node_port(tenant, "https"))
    return sent.send(lambda: socket.create_connection(address, sent.timeout))


@pytest.mark.parametrize("tenant", TENANTS)
def test_gateway_and_sidecars_of_a_request_share_one_trace_in_the_tenants_name(mesh, spans, asked, tenant):  # noqa: ARG001
    services = [f"{app}.{tenant}" for app in (f"{tenant}-ingress", "productpage", "details")]
    found = arrived(mesh, spans, f"plain-{tenant}", *services)
    assert {one.tenant for one in found} == {tenant}
    assert {one.service.partition(".")[2] for one in found} == {tenant}


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_client_chooses_the_trace_of_its_spans_and_not_their_tenant(mesh, spans, asked, tenant):
    found = arrived(mesh, spans, f"lying-{tenant}", f"{tenant}-ingress.{tenant}", f"productpage.{tenant}")
    assert {(one.trace, one.tenant) for one in found} == {(asked[tenant], tenant)}


def test_a_span_has_the_path_and_not_the_query(mesh, spans, asked):  # noqa: ARG001
    found = arrived(mesh, spans, "query", "tenant1-ingress.tenant1", "productpage.tenant1")
    assert {one.tags["http.url"] for one in found if "http.url" in one.tags} == {"https://tenant1.example.com/login"}
    assert "hidden" not in spans.file.read_text()


def test_a_tenant_that_wants_no_spans_sends_none_whatever_a_client_asks_for(mesh, spans, asked):  # noqa: ARG001
    """And one that wants all, asked after it, has sent its own."""
    found = arrived(mesh, spans, "cinema", "cinema-ingress.cinema", "films.cinema")
    assert {one.tenant for one in found} == {"cinema"}
    assert spans.spans(tenant="museum") == []
    assert traced(mesh, mesh.gateway("cinema"))
    assert not traced(mesh, mesh.gateway("museum"))
    assert not traced(mesh, mesh.pod("museum", "app=films"))


def traced(mesh, pod):
    """Whether any listener of its proxy makes spans."""
    return '"type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig"' in json.dumps(mesh.config_dump(pod))


def test_a_client_can_have_its_request_traced_whatever_the_percentage_is(mesh, spans):
    """By a header of Envoy's own, and not by the flag of a trace that it brings."""
    there = mesh.lab.api.get("/apis/telemetry.istio.io/v1/namespaces/tenant2/telemetries/default")
    (tracing,) = there["spec"]["tracing"]
    never = {key: there[key] for key in ("apiVersion", "kind")}
    never |= {"metadata": {"name": "default", "namespace": "tenant2"}}
    never |= {"spec": {"tracing": [{**tracing, "randomSamplingPercentage": 0}]}}
    with mesh.changed(never):
        for _ in range(5):
            assert mesh.ask("tenant2", headers=client("by chance")).status == 200
        assert mesh.ask("tenant2", headers={**client("by flag"), **parent(uuid.uuid4().hex)}).status == 200
        forced = {"x-client-trace-id": uuid.uuid4().hex}
        assert mesh.ask("tenant2", headers={**client("forced"), **forced}).status == 200
        found = arrived(mesh, spans, "forced", "tenant2-ingress.tenant2", "productpage.tenant2")
        assert {one.tenant for one in found} == {"tenant2"}
        for name in ("by chance", "by flag"):
            assert spans.spans(user_agent=client(name)["User-Agent"]) == []


def test_a_workload_can_send_no_spans_of_its_own_making(mesh, spans):
    """Its sidecar has a route of that name, which answers by itself; past it, only who is traced gets to the port."""
    page = mesh.app("tenant1", "productpage")
    assert mesh.ask_inside(page, f"http://{HOST}:{PORT}{EXPORT}", method="POST").status == 403
    other = mesh.ask_inside(page, f"http://{HOST}:{PORT}{EXPORT}", method="POST", headers={"Host": "elsewhere"})
    assert other.status in (404, 502)
    films = mesh.pod("museum", "app=films")
    assert reach(mesh, films, spans.address, PORT) == "blocked"


def test_without_the_opening_in_the_network_no_span_arrives(mesh, spans):
    """The collector is started anew, so that no connection is left from before."""
    there = mesh.lab.api.get("/apis/networking.k8s.io/v1/namespaces/tenant1/networkpolicies/allow-tracing")
    shut = {key: there[key] for key in ("apiVersion", "kind")}
    shut |= {"metadata": {"name": "allow-tracing", "namespace": "tenant1"}, "spec": {**there["spec"], "egress": []}}
    spans.stop()
    with mesh.changed(shut):
        spans.start()
        before = failures(mesh, mesh.gateway("tenant1"))
        assert mesh.ask("tenant1", headers=client("shut")).status == 200
        mesh.eventually(lambda: failures(mesh, mesh.gateway("tenant1")) > before, 60)
        assert mesh.ask("tenant2", headers=client("open")).status == 200
        found = arrived(mesh, spans, "open", "tenant2-ingress.tenant2", "productpage.tenant2")
        assert {one.tenant for one in found} == {"tenant2"}
        assert spans.spans(user_agent=client("shut")["User-Agent"]) == []


def test_spans_come_by_http_too(mesh, spans):
    """By a port of its own, which is as shut to Apps as the other one."""
    with mesh.deployed(partial(edit, protocol="http")):
        mesh.restart("tenant2")
        assert mesh.ask("tenant2", headers=client("http")).status == 200
        found = arrived(
            mesh, spans, "http", *(f"{app}.tenant2" for app in ("tenant2-ingress", "productpage", "details"))
        )
        assert {one.tenant for one in found} == {"tenant2"}
        for pod in (mesh.gateway("tenant2"), mesh.app("tenant2", "productpage")):
            assert connections(mesh, pod, HTTP_PORT) > 0
            assert connections(mesh, pod, PORT) == 0
        page = mesh.app("tenant2", "productpage")
        assert mesh.ask_inside(page, f"http://{HOST}:{HTTP_PORT}/v1/traces", method="POST").status == 403


def connections(mesh, pod, port):
    """How many a proxy has had to a port of the collector."""
    lines = mesh.admin(pod, "/clusters").splitlines()
    return sum(int(one.rpartition("::")[2]) for one in lines if f"|{port}||{HOST}" in one and "::cx_total::" in one)


def failures(mesh, pod):
    """How often a proxy got no connection to the collector."""
    lines = mesh.admin(pod, "/clusters").splitlines()
    return sum(int(line.rpartition("::")[2]) for line in lines if HOST in line and "::cx_connect_fail::" in line)
