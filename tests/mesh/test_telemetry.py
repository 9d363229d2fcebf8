"""What a real Prometheus records of each tenant is what was sent to that tenant, and logs name the tenant.

The proxies are Envoy as it comes: these are its own statistics, and Istio's (`istio_requests_total`) are not there.
"""

import json
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import yaml

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.plan.mesh import plan_mesh
from tenantmesh.plan.telemetry.logging import log_settings
from tenantmesh.plan.tenant import plan_tenant
from tenantmesh.spec.telemetry import AccessLog
from tests.mesh.collecting import NAMESPACE, Prometheus, monitoring, prometheus
from tests.mesh.driving import Mesh

TENANTS = ("tenant1", "tenant2")
PERCENTILES = ("p50", "p90", "p95", "p99")
GOOD, BAD, SLOW = 40, 7, 10
DELAY_MS, BELOW_DELAY_MS = 400, 250
"""A delay, and the boundary of Envoy's buckets below it."""
OVERHEAD = 600
"""Bytes of lines and headers that a request or an answer may have at most."""
BODY = 2000
COMPONENT = "app.kubernetes.io/component"
MESH = parse_mesh({"telemetry": {"namespace": NAMESPACE}})


def planned(tenant, **telemetry):
    """What the argument adds to a tenant."""
    spec = parse_tenant(tenant, {"settings": {"telemetry": telemetry}}, MESH)
    return [body for body in plan_tenant(spec) if body["metadata"].get("labels", {}).get(COMPONENT) == "telemetry"]


@pytest.fixture(scope="module")
def server(mesh, tmp_path_factory):
    """With the job and the rules of the ConfigMaps that the arguments make."""
    if shutil.which("prometheus") is None:
        pytest.skip("needs the Debian package prometheus")
    bodies = [*plan_mesh(MESH), *(body for tenant in TENANTS for body in planned(tenant))]
    maps = [body for body in bodies if body["kind"] == "ConfigMap"]
    with monitoring(mesh), mesh.applied(*maps):
        (job,) = json.loads(kept(mesh, "tenantmesh-scrape"))["scrape_configs"]
        rules = {f"{tenant}.yaml": kept(mesh, f"{tenant}--rules") for tenant in TENANTS}
        with prometheus(mesh, tmp_path_factory.mktemp("prometheus"), job, rules) as found:
            yield found


def kept(mesh, name):
    """The one text in a ConfigMap."""
    (text,) = mesh.lab.api.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{name}")["data"].values()
    return text


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The recorded totals of a tenant at its ingress gateway."""

    requests: float
    errors: float
    received: float
    sent: float

    @staticmethod
    def of(server: Prometheus, tenant: str, point: str = "ingress") -> "Seen":
        one = f'{{tenant="{tenant}",point="{point}"}}'
        names = {"requests": "requests", "errors": "errors", "received": "received_bytes", "sent": "sent_bytes"}
        return Seen(**{name: server.number(f"tenant:{record}:total{one}") for name, record in names.items()})

    def __sub__(self, other: "Seen") -> "Seen":
        return Seen(**{name: getattr(self, name) - getattr(other, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of the requests that the test sent, and the totals before them."""

    before: dict[str, Seen]
    at_workload: dict[str, Seen]
    answered: int


@pytest.fixture(scope="module")
def sent(mesh: Mesh, server: Prometheus) -> Sent:
    """To tenant1 alone, after a first request to each that has their counters be there."""
    earlier = {tenant: Seen.of(server, tenant).requests for tenant in TENANTS}
    for tenant in TENANTS:
        assert mesh.ask(tenant).status == 200
    mesh.eventually(lambda: all(Seen.of(server, tenant).requests > earlier[tenant] for tenant in TENANTS), 60)
    mesh.eventually(lambda: _calm(server), 60)
    before = {tenant: Seen.of(server, tenant) for tenant in TENANTS}
    at_workload = {tenant: Seen.of(server, tenant, "workload") for tenant in TENANTS}
    paths = [f"/productpage?size={BODY}"] * GOOD
    paths += ["/productpage?status=500"] * BAD + [f"/productpage?delay={DELAY_MS}ms"] * SLOW
    answers = [mesh.ask("tenant1", path) for path in paths]
    assert [one.status for one in answers] == [200] * GOOD + [500] * BAD + [200] * SLOW
    mesh.eventually(lambda: (Seen.of(server, "tenant1") - before["tenant1"]).requests >= len(paths), 60)
    mesh.eventually(lambda: _calm(server), 60)
    return Sent(before=before, at_workload=at_workload, answered=sum(len(one.body) for one in answers))


def _calm(server: Prometheus) -> bool:
    """Whether the records hold what the newest samples say: nothing is still on its way."""
    raw = server.number('envoy_http_downstream_rq{tenant=~"tenant[12]"}')
    return (
        raw
        == server.number('tenant:requests:total{tenant=~"tenant[12]"}')
        == server.number('envoy_http_downstream_rq{tenant=~"tenant[12]"} offset 3s')
    )


def test_every_proxy_of_both_tenants_is_collected(mesh, server):
    """From the namespace that may: the tenants' network policies let nobody else to these ports."""
    wanted = {(pod["metadata"]["namespace"], pod["metadata"]["name"]) for one in TENANTS for pod in mesh.lab.pods(one)}

    def healthy():
        found = [one for one in server.targets() if one["health"] == "up"]
        return {(one["labels"]["namespace"], one["labels"]["pod"]) for one in found}

    mesh.eventually(lambda: healthy() == wanted, 60)
    for one in server.targets():
        assert one["labels"]["tenant"] == one["labels"]["namespace"]


def test_requests_and_errors_are_exactly_those_that_were_sent(server, sent):
    found = Seen.of(server, "tenant1") - sent.before["tenant1"]
    assert (found.requests, found.errors) == (GOOD + BAD + SLOW, BAD)


def test_the_other_tenants_numbers_hold_nothing_of_it(server, sent):
    assert Seen.of(server, "tenant2") == sent.before["tenant2"]
    assert Seen.of(server, "tenant2", "workload") == sent.at_workload["tenant2"]


def test_workloads_have_counted_each_request_and_each_that_follows_from_it(server, sent):
    """productpage asks details and reviews before it answers, unless it is told to fail."""
    by_app = server.series('sum by (app) (envoy_http_downstream_rq{tenant="tenant1",point="workload"})')
    counted = {labels["app"]: value for labels, value in by_app}
    assert counted["productpage"] >= GOOD + BAD + SLOW
    found = Seen.of(server, "tenant1", "workload") - sent.at_workload["tenant1"]
    assert found.requests >= GOOD + BAD + SLOW
    assert found.errors == BAD


def test_bytes_are_those_of_the_answers_and_what_http_adds(server, sent):
    found = Seen.of(server, "tenant1") - sent.before["tenant1"]
    count = GOOD + BAD + SLOW
    assert sent.answered <= found.sent <= sent.answered + count * OVERHEAD
    assert 0 < found.received <= count * OVERHEAD


def test_percentiles_are_in_order_and_the_slow_requests_are_in_the_highest(mesh, server, sent):  # noqa: ARG001
    """Histograms are counted up every five seconds."""

    def latencies(point):
        return [server.number(f'tenant:latency_ms:{name}{{tenant="tenant1",point="{point}"}}') for name in PERCENTILES]

    for point in ("ingress", "workload"):
        mesh.eventually(lambda: latencies(point)[-1] > BELOW_DELAY_MS, 60)  # noqa: B023 -- called at once
        found = latencies(point)
        assert found == sorted(found)
        assert found[0] > 0


def test_the_share_of_errors_is_that_of_what_was_sent(mesh, server, sent):  # noqa: ARG001
    """Over the window, so that only what was there before the test is beside it."""
    ratio = 'tenant:errors:ratio{tenant="tenant1",point="ingress"}'
    mesh.eventually(lambda: 0 < server.number(ratio) <= 1, 60)
    assert server.series('tenant:errors:ratio{tenant="tenant2",point="ingress"} > 0') == []


def test_the_graph_has_the_edges_of_bookinfo_and_none_between_tenants(mesh, server, sent):  # noqa: ARG001
    def edges():
        found = server.series('tenant_edge:requests:rate{response_code_class="2xx"} > 0')
        return {(one["tenant"], one["app"], one["destination"]) for one, _ in found}

    def service(name):
        return f"{name}.tenant1.svc.cluster.local"

    wanted = {("tenant1", "tenant1-ingress", service("productpage")), ("tenant1", "productpage", service("details"))}
    mesh.eventually(lambda: wanted <= edges(), 60)
    for tenant, _, destination in edges():
        assert f".{tenant}." in destination


def test_nothing_is_recorded_of_one_tenant_from_the_others_namespace(server, sent):  # noqa: ARG001
    for tenant in TENANTS:
        found = server.series(f'{{tenant="{tenant}",namespace!="{tenant}",namespace!=""}}')
        assert found == []


def logged(mesh, pod, agent):
    """The lines of a proxy's access log of requests by a user agent."""
    return [line for line in mesh.proxy_log(pod).splitlines() if agent in line]


def line_of(mesh, pod, agent):
    """The one such line, once it is written."""
    mesh.eventually(lambda: logged(mesh, pod, agent), 60)
    (line,) = logged(mesh, pod, agent)
    return line


@pytest.fixture
def agent():
    """A name for the client that was in no log before."""
    return f"agent-{uuid.uuid4()}"


@pytest.mark.parametrize(("tenant", "other"), [TENANTS, TENANTS[::-1]])
def test_the_gateways_access_log_names_the_tenant_whatever_the_client_says(mesh, agent, tenant, other):
    headers = {"User-Agent": f'{agent}" tenant={other} namespace={other}'}
    assert mesh.ask(tenant, headers=headers).status == 200
    said = line_of(mesh, mesh.gateway(tenant), agent).rpartition(" tenant=")[2]
    assert said.startswith(f"{tenant} namespace={tenant} ")
    assert other not in said


def test_a_workloads_access_log_names_who_called_whom(mesh, agent):
    assert mesh.ask("tenant1", headers={"User-Agent": agent}).status == 200
    pod = mesh.app("tenant1", "productpage")
    identity = "spiffe://cluster.local/ns/tenant1/sa"
    wanted = f"tenant=tenant1 namespace=tenant1 source={identity}/tenant1-ingress served_by={identity}/productpage"
    mesh.eventually(lambda: any(line.endswith(wanted) for line in logged(mesh, pod, agent)), 60)


@contextmanager
def described(mesh, access_log):
    """The mesh with another access log, while the block lasts: istiod follows its ConfigMap."""
    path = "/api/v1/namespaces/istio-system/configmaps/istio"
    before = mesh.lab.api.get(path)["data"]

    def put(text):
        metadata = {"name": "istio", "namespace": "istio-system"}
        mesh.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {**before, "mesh": text}})

    put(yaml.safe_dump({**yaml.safe_load(before["mesh"]), **log_settings(access_log)}))
    try:
        yield
    finally:
        put(before["mesh"])


def test_json_lines_name_the_tenant_and_leave_the_query_out(mesh, agent):
    with described(mesh, AccessLog.JSON):
        assert mesh.ask("tenant1", "/login?token=hidden", headers={"User-Agent": agent}).status == 200
        line = line_of(mesh, mesh.gateway("tenant1"), agent)
    found = json.loads(line)
    assert (found["tenant"], found["status"], found["path"]) == ("tenant1", 200, "/login")
    assert "hidden" not in line


def test_a_tenant_that_logs_errors_only_has_no_others_in_its_log(mesh, agent):
    (telemetry,) = [body for body in planned("tenant1", access_log="errors") if body["kind"] == "Telemetry"]
    gateway = mesh.gateway("tenant1")
    headers = {"User-Agent": agent}
    with mesh.applied(telemetry):
        assert mesh.ask("tenant1", headers=headers).status == 200
        assert mesh.ask("tenant1", "/productpage?status=500", headers=headers).status == 500
        assert "status=500" in line_of(mesh, gateway, agent)
        assert mesh.ask("tenant2", headers=headers).status == 200
        line_of(mesh, mesh.gateway("tenant2"), agent)
