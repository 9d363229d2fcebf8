"""What the benchmark of the mesh says that it measures is there, and is gone afterwards."""

import json
from dataclasses import replace

import pytest

from benchmarks.measure import Plan
from benchmarks.mesh import latency, limits
from benchmarks.mesh.parts import parts
from benchmarks.mesh.scope import scope
from benchmarks.mesh.stage import NO_TOKENS, SIDECAR, TOKENS, staged

RATE, SECONDS = 50, 1
GONE = {
    "without the access log": "access_log",
    "without tracing's decisions": "tracing",
    "without filters that nothing asks for": "envoy.filters.http.grpc_stats",
    "without ids and headers of the mesh": "SANITIZE_SET",
    "without any but the checks": "envoy.filters.http.cors",
    "without authorization": "-policy[fence]-",
    "without tokens and authorization": "envoy.filters.http.jwt_authn",
}
"""By the part that is switched off, what the gateway's listener does not hold then."""


@pytest.fixture(scope="module")
def stage(mesh):
    with staged(mesh) as found:
        yield found


@pytest.fixture(scope="module")
def ways(stage):
    with latency.ways(stage) as found:
        yield found


def listener(mesh):
    """What tenant1's gateway does with requests over TLS."""
    dumps = [one for one in mesh.config_dump(mesh.gateway(TOKENS))["configs"] if "dynamic_listeners" in one]
    return json.dumps([one["active_state"] for one in dumps[0]["dynamic_listeners"] if "8443" in one["name"]])


def test_every_way_to_the_app_answers_and_costs_its_proxies_time(stage, ways):
    found = {name: way.measured(stage, RATE, SECONDS) for name, way in ways.items()}
    assert {name: one.failed for name, one in found.items()} == dict.fromkeys(ways, 0)
    assert {name for name, one in found.items() if one.cpu > 0} == set(ways) - {latency.DIRECT}


def test_a_way_without_the_token_or_with_another_tenants_certificate_is_refused(stage, ways):
    """By the hand-written Envoys as well, or they would not make the same checks."""
    for name in (latency.MINIMAL, latency.GATEWAY, latency.MINIMAL_BOTH, latency.BOTH):
        way = ways[name]
        for load in (without_token(way.load), with_certificate(way.load, stage.mesh.credential(NO_TOKENS))):
            found = latency.Way(load=load).measured(stage, RATE, SECONDS)
            assert found.failed == RATE * SECONDS, name


def without_token(load):
    return replace(load, headers={})


def with_certificate(load, other):
    own = load.credential
    return replace(load, credential=replace(own, certificate=other.certificate, key=other.key))


@pytest.mark.parametrize("part", GONE)
def test_what_is_switched_off_is_gone_for_as_long(stage, part):
    assert GONE[part] in listener(stage.mesh)
    with stage.mesh.applied(*parts()[part]):
        assert GONE[part] not in listener(stage.mesh)
    assert GONE[part] in listener(stage.mesh)


def test_every_part_is_looked_at():
    assert set(parts()) == set(GONE)


@pytest.mark.skipif(not limits.can_be_held(), reason="needs control groups of version 1")
def test_a_container_is_held_to_its_limit_and_let_go_again(stage):
    pod = stage.pod(TOKENS, SIDECAR)
    with limits.held(stage.mesh, [pod]):
        groups = {path.name.removeprefix(pod["metadata"]["uid"]): path for path in limits.PARENT.glob("*-*")}
        assert set(groups) == {"-echo", "-istio-proxy"}
        assert all((path / "cgroup.procs").read_text() for path in groups.values())
        quotas = {int((path / "cpu.cfs_quota_us").read_text()) for path in groups.values()}
        assert quotas == {50_000}, "half a core of 100 ms"
    assert not limits.PARENT.exists()


def test_what_proxies_are_told_is_a_row_for_each_number_and_scope(mesh):
    (table,) = scope(mesh, Plan(runs=1, sizes=(1, 3)))
    rows = {(row[0], row[1]): row for row in table.rows}
    assert list(rows) == [("scoped", "1"), ("scoped", "3"), ("open", "1"), ("open", "3")]
    assert {rows["scoped", count][8] for count in "13"} == {"0.0 KB"}, "another's change"
    assert rows["open", "3"][8] != "0.0 KB"
