"""The fields that are known, held against the schemas of the kinds, so that none is forgotten."""

import typing

import pytest

from tenantmesh.graph.routing import shapes
from tenantmesh.graph.routing.fields import FREE, Named, read_fields
from tenantmesh.manifest import ManifestObject
from tenantmesh.plan.kinds import networking

# What changes where traffic goes in ways that objects alone don't tell.
ON_PURPOSE = {
    "DestinationRule": {"trafficPolicy.tunnel", "subsets[].trafficPolicy.tunnel"},
    "Sidecar": {"outboundTrafficPolicy.egressProxy"},
    "VirtualService": {
        "tcp[].match[].destinationSubnets",
        "tcp[].match[].sourceSubnet",
        "tls[].match[].destinationSubnets",
    },
}


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("DestinationRule", shapes.DESTINATION_RULE),
        ("Gateway", shapes.GATEWAY),
        ("ServiceEntry", shapes.SERVICE_ENTRY),
        ("Sidecar", shapes.SIDECAR),
        ("VirtualService", shapes.VIRTUAL_SERVICE),
        ("WorkloadEntry", shapes.WORKLOAD_ENTRY),
    ],
)
def test_every_field_of_a_kind_is_known_or_left_out_on_purpose(kind, shape):
    missing = set(_missing(getattr(networking, f"{kind}Spec"), shape, ""))
    assert missing == ON_PURPOSE.get(kind, set())


def _missing(kind, shape, path):
    """The fields of a TypedDict that `shape` has no place for."""
    for name, hint in typing.get_type_hints(kind).items():
        within = shape.get(name)
        where = f"{path}.{name}".removeprefix(".")
        if within is None:
            yield where
        elif within is not FREE:
            yield from _nested(hint, within, where)


def _nested(hint, shape, path):
    arguments = typing.get_args(hint)
    if isinstance(shape, list):
        yield from _nested(arguments[0], shape[0], f"{path}[]")
    elif isinstance(shape, Named):
        yield from _nested(arguments[1], shape.shape, f"{path}.*")
    elif isinstance(shape, dict):
        yield from _missing(hint, shape, path)


@pytest.mark.parametrize(
    ("spec", "unknown", "usable"),
    [
        ({"hosts": ["a"]}, [], True),
        ({"hosts": None}, [], True),
        ({"hosts": ["a"], "extra": {}}, ["spec.extra"], True),
        ({"hosts": "a"}, ["spec.hosts"], False),
        ({"hosts": [1]}, ["spec.hosts[0]"], False),
        (
            {"http": [{"match": [{"port": 80.0, "headers": {"x": {"like": "y"}}}]}]},
            ["spec.http[0].match[0].headers.x.like"],
            True,
        ),
        ({"http": [{"match": [{"port": True}]}]}, ["spec.http[0].match[0].port"], False),
        ({"http": [{"match": [{"port": "80"}]}]}, ["spec.http[0].match[0].port"], False),
        (["hosts"], ["spec"], False),
    ],
)
def test_what_is_not_understood_is_named_and_values_of_a_wrong_type_make_it_unusable(spec, unknown, usable):
    one = ManifestObject(body={"kind": "VirtualService", "metadata": {"name": "x"}, "spec": spec})
    found = read_fields(one, shapes.VIRTUAL_SERVICE)
    assert [evidence.path for evidence in found.unknown] == unknown
    assert found.usable is usable
