"""What is recorded, from what users write."""

import pytest

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.args.telemetry import MeshTelemetryArgs, TelemetryArgs
from tenantmesh.errors import ArgsError
from tenantmesh.spec.telemetry import AccessLog, Logged, MeshTelemetrySpec, TelemetrySpec


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
