"""The arguments as Pulumi's schema analyzer sees them, which is what other languages get."""

import typing

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from tenantmesh.args import app, gateway, mesh, rate_limits, sharing, sizes, tenant, traffic
from tenantmesh.args.app import AppArgs
from tenantmesh.args.mesh import MeshArgs
from tenantmesh.args.parse import parse_app, parse_grant, parse_mesh, parse_tenant
from tenantmesh.args.sharing import GrantArgs
from tenantmesh.args.tenant import TenantArgs
from tenantmesh.errors import ArgsError

MOST = {"MeshArgs": 10, "TenantArgs": 11}
"""A tenant's fields, and a mesh's, are its concerns, one each."""


class Tenant(pulumi.ComponentResource):
    def __init__(self, name: str, args: TenantArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...


class App(pulumi.ComponentResource):
    def __init__(self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...


class Mesh(pulumi.ComponentResource):
    def __init__(self, name: str, args: MeshArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...


class Grant(pulumi.ComponentResource):
    def __init__(self, name: str, args: GrantArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...


def typed_dicts():
    modules = (app, gateway, mesh, rate_limits, sharing, sizes, tenant, traffic)
    found = {value for module in modules for value in vars(module).values() if typing.is_typeddict(value)}
    return sorted(found, key=lambda made: made.__name__)


def test_components_with_these_arguments_are_analysable():
    result = Analyzer("tenantmesh").analyze([Tenant, App, Mesh, Grant])
    assert {made.__name__ for made in typed_dicts()} - {"TenantArgs", "AppArgs", "MeshArgs", "GrantArgs"} <= set(
        result["type_definitions"]
    )
    tls = result["type_definitions"]["ClientTls"]
    assert [member.value for member in tls.enum] == ["none", "simple", "mutual", "passthrough"]


@pytest.mark.parametrize("made", typed_dicts(), ids=lambda made: made.__name__)
def test_an_args_has_few_fields_each_with_a_meaning(made):
    descriptions = Analyzer("tenantmesh").get_docstring
    assert len(made.__annotations__) <= MOST.get(made.__name__, 9)
    for name in made.__annotations__:
        meaning = descriptions(made, name)
        assert meaning
        assert ("Default:" in meaning) == (name in made.__optional_keys__), name


def filled(kind):
    """Every field there is, to the last depth, with values that no reader can use."""
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.NotRequired else kind
    if typing.is_typeddict(kind):
        return {name: filled(field) for name, field in kind.__annotations__.items()}
    return [filled(typing.get_args(kind)[0])] if typing.get_origin(kind) is list else object()


@pytest.mark.parametrize(
    ("made", "parse"),
    [
        (TenantArgs, lambda args: parse_tenant("acme", args)),
        (MeshArgs, parse_mesh),
        (AppArgs, lambda args: parse_app("web", args, parse_tenant("acme"))),
        (GrantArgs, lambda args: parse_grant("reviews", args)),
    ],
    ids=["tenant", "mesh", "app", "grant"],
)
def test_every_argument_of_every_depth_is_read(made, parse):
    with pytest.raises(ArgsError) as caught:
        parse({**filled(made), "nonsense": 1})
    unknown = [problem for problem in caught.value.problems if problem.partition(": ")[2].startswith("is not known")]
    assert [problem.partition(": ")[0].rpartition(".")[2] for problem in unknown] == ["nonsense"]
