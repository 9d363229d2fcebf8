"""The same objects as three Pulumi programs: components, by hand in their order, and by hand with nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

import tenantmesh
from benchmarks import tenants
from tenantmesh.components.objects import kubernetes_version, type_token
from tenantmesh.manifest import Body, ObjectKey
from tenantmesh.spec.names import logical_name

Program = Callable[[], None]
Planned = Mapping[str, tuple[Body, ...]]


def components(planned: Planned) -> Program:
    """`Tenant` components, which plan their objects themselves."""

    def program() -> None:
        for name in planned:
            tenantmesh.Tenant(name, tenants.arguments(name))

    return program


def grouped(planned: Planned) -> Program:
    """What a careful author writes: a component for each tenant, and every object waits for its namespace."""

    def program() -> None:
        for name, bodies in planned.items():
            _Group(name, bodies)

    return program


def flat(planned: Planned) -> Program:
    """The least that can be written: each object by itself, with no parent and nothing to wait for."""

    def program() -> None:
        for name, bodies in planned.items():
            for body in bodies:
                _object(name, body, pulumi.ResourceOptions(version=kubernetes_version()))

    return program


class _Group(pulumi.ComponentResource):
    """A tenant as its author would write it without this library."""

    def __init__(self, name: str, bodies: tuple[Body, ...]) -> None:
        super().__init__("benchmark:index:Group", name)
        version = kubernetes_version()
        homes = {
            key.name: _object(name, body, pulumi.ResourceOptions(parent=self, version=version))
            for body in bodies
            if (key := ObjectKey.of(body)).kind == "Namespace"
        }
        for body in bodies:
            key = ObjectKey.of(body)
            if key.kind != "Namespace":
                home = homes.get(key.namespace)
                options = pulumi.ResourceOptions(parent=self, version=version, depends_on=[home] if home else None)
                _object(name, body, options)
        self.register_outputs({})


def _object(owner: str, body: Body, options: pulumi.ResourceOptions) -> pulumi.CustomResource:
    key = ObjectKey.of(body)
    return pulumi.CustomResource(type_token(body), logical_name(owner, key.name, key.namespace), dict(body), options)


class Mocks(pulumi.runtime.Mocks):
    """Pulumi's own stand-in for an engine: every resource is there at once with its inputs as outputs."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """The inputs again."""
        return args.name, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """No function is called."""
        return args.args, None
