"""Objects with anything in the place of a field are proven or refused by one error, and nothing else happens."""

import contextlib
import copy
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.cli.fitting import fitted
from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.errors import ManifestError, TenantmeshError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.reading import read_files
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.report import Format, render_proof
from tests.checks.breaches import NAMES, TODAY, breach, objects

ODD = (Path(__file__).parent / "odd.yaml").read_text()
FEW = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = [{"a": value}]
    return value


PLAIN = (
    *(
        None,
        True,
        0,
        -1,
        70_000,
        1.5,
        10**30,
        "",
        "x",
        "*",
        "é",
        "a/b",
        "1-2-3",
        "::/0",
        "0.0.0.0/0",
        "%%%",
        "[5]",
        "{",
    ),
    *([], [None], [5], ["x"], [[]], [{}], {}, {"a": None}, {"a": 5}, {"name": "x"}, {"matchLabels": {"a": 5}}),
    *({"matchExpressions": [{}]}, nested(20), nested(80)),
)
OPAQUE = (UNKNOWN, Secret("x"), Secret(5), Secret([]), Secret({"a": "x"}))
NAMED = (("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace"))


def paths(value, path=()):
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in steps:
        yield (*path, key)
        yield from paths(below, (*path, key))


def fields(body):
    """The paths in a body whose values may be others; a body that is no more than a name has none."""
    return [path for path in paths(body) if path not in NAMED]


@cache
def beside(rule):
    """The fenced tenants' bodies and those that breach a rule (without one: what few use), and where these are."""
    texts = (breach(rule).base, breach(rule).bad) if rule else (ODD,)
    fenced = {one.key for one in objects()}
    manifest = objects(*texts)
    return [one.body for one in manifest], [at for at, one in enumerate(manifest) if one.key not in fenced]


@st.composite
def manifests(draw, odd):
    """The fenced tenants beside something to find, with one to three fields that hold another value."""
    rule = draw(st.sampled_from([*NAMES, ""]))
    everything, found = beside(rule)
    bodies = copy.deepcopy(everything)
    new = [bodies[at] for at in found if fields(bodies[at])]
    for _ in range(draw(st.integers(1, 3))):
        body = draw(st.sampled_from(new or [one for one in bodies if fields(one)]))
        *parents, last = draw(st.sampled_from(fields(body)))
        place = body
        for step in parents:
            place = place[step]
        place[last] = copy.deepcopy(draw(st.sampled_from(odd)))
    return bodies


def judged(manifest):
    cluster = Cluster(manifest)
    return render_proof(prove(cluster, find_intent(cluster), today=TODAY), Format.JSON)


@FEW
@given(manifests(PLAIN))
def test_files_with_odd_fields_are_proven_or_refused(tmp_path, bodies):
    file = tmp_path / "all.yaml"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}))
    with contextlib.suppress(TenantmeshError):
        assert judged(read_files([file]))


@FEW
@given(manifests(PLAIN + OPAQUE * 4))
def test_programs_with_odd_fields_are_proven_or_refused(bodies):
    with contextlib.suppress(TenantmeshError):
        assert judged(fitted(Manifest.of(ManifestObject(body=one, source="main.py:1") for one in bodies)))


def service(**spec):
    metadata = {"name": "a", "namespace": "b"}
    return ManifestObject(
        body={"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}, source="main.py:7"
    )


def test_what_a_program_makes_is_refused_by_its_line_and_every_wrong_field():
    wrong = service(selector=[], ports=[{"port": UNKNOWN}], externalIPs=UNKNOWN, clusterIP=UNKNOWN)
    with pytest.raises(ManifestError) as caught:
        fitted(Manifest((wrong,)))
    assert caught.value.problems == (
        "main.py:7: Service b/a: spec.externalIPs: must be array that is known before a deployment",
        "main.py:7: Service b/a: spec.ports[0].port: must be integer that is known before a deployment",
        "main.py:7: Service b/a: spec.selector: must be object, not array",
    )


def test_a_secret_map_is_read_and_its_leaves_stay_secret():
    (found,) = fitted(Manifest((service(selector=Secret({"app": "x"}), type=None),)))
    assert found.body["spec"] == {"selector": {"app": Secret("x")}}
