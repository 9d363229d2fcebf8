"""What is recorded, from what users write."""

import pytest

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.args.telemetry import MeshTelemetryArgs, TelemetryArgs, TracingArgs
from tenantmesh.errors import ArgsError
from tenantmesh.spec.telemetry import AccessLog, Logged, MeshTelemetrySpec, TelemetrySpec
from tenantmesh.spec.tracing import TracingProtocol, TracingSpec


def refused(read, *args):
    with pytest.raises(ArgsError) as caught:
        read(*args)
    return str(caught.value)


def tenant(telemetry, mesh=None):
    return parse_tenant("acme", {"settings": {"telemetry": telemetry}}, parse_mesh(mesh))


def test_nothing_is_recorded_of_a_tenant_unless_asked():
    assert parse_tenant("acme").telemetry is None
    assert tenant({}).telemetry == TelemetrySpec()


def test_a_tenant_says_what_is_logged_and_over_which_time():
    wanted = TelemetrySpec(logged=Logged.ERRORS, window_minutes=10)
    assert tenant(TelemetryArgs(access_log="errors", window_minutes=10)).telemetry == wanted


def test_a_mesh_says_how_is_logged_and_where_prometheus_is():
    mesh = parse_mesh({"telemetry": MeshTelemetryArgs(access_log="json", namespace="monitoring")})
    assert mesh.telemetry == MeshTelemetrySpec(access_log=AccessLog.JSON, namespace="monitoring")


def test_without_a_word_the_first_of_the_observability_namespaces_watches():
    assert parse_mesh().watching_namespace == "monitoring"
    assert parse_mesh({"infrastructure": {"observability_namespaces": ["b", "a"]}}).watching_namespace == "a"


def test_every_wrong_field_is_named():
    said = refused(tenant, {"access_log": "errrs", "window_minutes": 0})
    assert "tenants.acme.settings.telemetry.access_log: 'errrs' is none of all, errors, none" in said
    assert "tenants.acme.settings.telemetry.window_minutes: 0 is not a number of minutes (1-1440)" in said


def test_prometheus_has_to_be_let_in():
    said = refused(parse_mesh, {"telemetry": {"namespace": "elsewhere"}})
    assert said.endswith(
        "mesh.telemetry.namespace: 'elsewhere' may not read metrics: add it to infrastructure.observability_namespaces"
    )


def test_a_mesh_that_nobody_may_watch_has_no_place_for_rules():
    said = refused(tenant, {}, {"infrastructure": {"observability_namespaces": []}})
    assert "tenants.acme.settings.telemetry: nobody may watch" in said


def test_rules_are_not_put_where_the_tenant_may_change_them():
    said = refused(tenant, {}, {"infrastructure": {"observability_namespaces": ["acme"]}})
    assert "tenants.acme.settings.telemetry: 'acme' is the tenant's own" in said


def test_a_mesh_says_where_spans_go():
    tracing = TracingArgs(service="otel", namespace="tracing", protocol="http", target_port=14318, sampling=5)
    found = parse_mesh({"telemetry": MeshTelemetryArgs(tracing=tracing)}).telemetry.tracing
    assert found == TracingSpec(
        service="otel", namespace="tracing", protocol=TracingProtocol.HTTP, target_port=14318, sampling=5.0
    )
    assert (found.service_port, found.pod_port) == (4318, 14318)


def test_a_collector_without_ports_has_those_of_its_protocol():
    found = TracingSpec(service="otel", namespace="tracing")
    assert (found.service_port, found.pod_port) == (4317, 4317)


def test_every_wrong_field_of_the_collector_is_named():
    said = refused(parse_mesh, {"telemetry": {"tracing": {"protocol": "zipkin", "sampling": 101, "port": 0}}})
    for problem in (
        "mesh.telemetry.tracing.service: is missing",
        "mesh.telemetry.tracing.namespace: is missing",
        "mesh.telemetry.tracing.protocol: 'zipkin' is none of grpc, http",
        "mesh.telemetry.tracing.sampling: 101 is not a percentage (0-100)",
        "mesh.telemetry.tracing.port: 0 is not a port (1-65535)",
    ):
        assert problem in said


def test_a_collector_is_known_by_its_labels():
    tracing = {"service": "otel", "namespace": "tracing", "pod_labels": {}}
    said = refused(parse_mesh, {"telemetry": {"tracing": tracing}})
    assert "mesh.telemetry.tracing.pod_labels: are empty: name those of the collector's pods" in said


def test_where_all_tenants_send_is_not_where_all_of_them_are_asked_from():
    said = refused(parse_mesh, {"telemetry": {"tracing": {"service": "otel", "namespace": "monitoring"}}})
    assert "mesh.telemetry.tracing.namespace: 'monitoring' may read the metrics of all tenants" in said


def test_a_collector_is_no_tenants():
    mesh = {"telemetry": {"tracing": {"service": "otel", "namespace": "acme"}}}
    said = refused(tenant, {}, mesh)
    assert "tenants.acme.namespaces: 'acme' is the mesh's own" in said


def test_a_tenant_is_not_traced_for_nobody():
    said = refused(tenant, {"sampling": 10})
    assert "tenants.acme.settings.telemetry.sampling: nobody takes spans: give the mesh telemetry.tracing" in said
    assert tenant({"sampling": 0}).telemetry == TelemetrySpec(sampling=0.0)
