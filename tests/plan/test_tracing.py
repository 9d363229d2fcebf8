"""Which spans proxies send, in whose name, and what is opened for them."""

import pytest

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.plan.mesh import mesh_config, plan_mesh
from tenantmesh.plan.telemetry.tracing import PROVIDER
from tenantmesh.plan.tenant import plan_tenant

HOST = "otel.tracing.svc.cluster.local"


def meshed(**tracing):
    return parse_mesh({"telemetry": {"tracing": {"service": "otel", "namespace": "tracing", **tracing}}})


def made(telemetry=None, **tracing):
    """The Telemetry and the NetworkPolicies of spans of a tenant with two namespaces, each by its namespace."""
    args = {"namespaces": [{"name": "db"}], "settings": {"telemetry": telemetry} if telemetry is not None else {}}
    bodies = plan_tenant(parse_tenant("acme", args, meshed(**tracing)))

    def of(kind, name):
        found = [one for one in bodies if one["kind"] == kind and one["metadata"]["name"] == name]
        return {one["metadata"]["namespace"]: one["spec"] for one in found}

    return of("Telemetry", "default"), of("NetworkPolicy", "allow-tracing")


def test_a_mesh_without_a_collector_says_nothing_of_spans(planned):
    mesh = parse_mesh()
    assert "extensionProviders" not in mesh_config(mesh)
    assert [one["metadata"]["name"] for one in plan_mesh(mesh)] == ["default", "default"]
    assert not [name for name in planned().names("NetworkPolicy") if name.endswith("allow-tracing")]


@pytest.mark.parametrize(
    ("protocol", "port", "sending"),
    [
        ("grpc", 4317, {"grpc": {"timeout": "5s"}}),
        ("http", 4318, {"http": {"path": "/v1/traces", "timeout": "5s"}}),
    ],
)
def test_the_mesh_knows_the_collector_by_its_name_in_the_root_namespace(protocol, port, sending):
    mesh = meshed(protocol=protocol)
    (provider,) = mesh_config(mesh)["extensionProviders"]
    wanted = {"port": port, "service": f"istio-system/{HOST}", **sending}
    assert provider == {"name": PROVIDER, "opentelemetry": wanted}
    (entry,) = [one["spec"] for one in plan_mesh(mesh) if one["kind"] == "ServiceEntry"]
    assert (entry["hosts"], entry["exportTo"]) == ([HOST], ["*"])
    assert entry["ports"] == [{"name": protocol, "number": port, "protocol": protocol.upper()}]


def test_no_request_of_a_workload_is_routed_to_the_collector():
    (route,) = [one["spec"] for one in plan_mesh(meshed()) if one["kind"] == "VirtualService"]
    assert (route["hosts"], route["gateways"], route["exportTo"]) == ([HOST], ["mesh"], ["*"])
    assert route["http"] == [{"directResponse": {"status": 403}}]


def test_each_namespace_sends_spans_in_the_tenants_name():
    telemetries, policies = made()
    assert sorted(telemetries) == sorted(policies) == ["acme", "acme--db"]
    for spec in telemetries.values():
        (tracing,) = spec["tracing"]
        assert tracing["customTags"]["tenant"] == {"literal": {"value": "acme"}}
        assert tracing["providers"] == [{"name": PROVIDER}]
        assert tracing["randomSamplingPercentage"] == 1


def test_the_url_of_a_span_has_no_query():
    telemetries, _ = made()
    (tracing,) = telemetries["acme"]["tracing"]
    assert "PATH(NQ:" in tracing["customTags"]["http.url"]["formatter"]["value"]


def test_the_network_opens_the_collectors_pods_at_their_port_and_nothing_else():
    _, policies = made(pod_labels={"app": "otel"}, port=4317, target_port=14317)
    (rule,) = policies["acme"]["egress"]
    assert rule["ports"] == [{"port": 14317, "protocol": "TCP"}]
    (peer,) = rule["to"]
    assert peer["podSelector"] == {"matchLabels": {"app": "otel"}}
    assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == ["tracing"]
    assert policies["acme"]["policyTypes"] == ["Egress"]


def test_a_tenant_says_how_much_of_it_is_traced():
    telemetries, policies = made({"sampling": 12.5})
    assert telemetries["acme"]["tracing"][0]["randomSamplingPercentage"] == 12.5
    assert policies


@pytest.mark.parametrize(("telemetry", "tracing"), [({"sampling": 0}, {}), (None, {"sampling": 0})])
def test_a_tenant_that_is_not_traced_is_told_so_and_opens_nothing(telemetry, tracing):
    telemetries, policies = made(telemetry, **tracing)
    assert telemetries["acme"]["tracing"] == [{"disableSpanReporting": True}]
    assert policies == {}


def test_one_telemetry_a_namespace_says_what_is_logged_and_what_is_traced():
    telemetries, _ = made({"access_log": "none", "sampling": 50})
    assert sorted(telemetries["acme"]) == ["accessLogging", "tracing"]
