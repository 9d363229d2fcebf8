"""A tenant's plan, found object by object."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.manifest import Body, ObjectKey
from tenantmesh.plan.tenant import plan_app, plan_settings, plan_tenant


class Planned:
    """Bodies by kind, name and namespace."""

    def __init__(self, bodies: tuple[Body, ...]) -> None:
        self.bodies = bodies
        self._found = {ObjectKey.of(body): body for body in bodies}
        assert len(self._found) == len(bodies), "two objects of one name"

    def one(self, kind: str, name: str, namespace: str = "acme") -> Any:
        """The one object; its names are in the message when it is not there."""
        for key, body in self._found.items():
            if (key.kind, key.name, key.namespace) == (kind, name, namespace):
                return body
        raise AssertionError(f"no {kind} {namespace}/{name} in {self.names(kind)}")

    def spec(self, kind: str, name: str, namespace: str = "acme") -> Any:
        """The one object's spec."""
        return self.one(kind, name, namespace)["spec"]

    def names(self, kind: str) -> list[str]:
        """`namespace/name` of every object of a kind."""
        return [f"{key.namespace}/{key.name}".lstrip("/") for key in self._found if key.kind == kind]


@pytest.fixture
def planned() -> Callable[..., Planned]:
    """Plans tenant acme with the arguments given."""

    def plan(args: Mapping[str, Any] | None = None, **more: Any) -> Planned:
        return Planned(plan_tenant(parse_tenant("acme", args, **more)))

    return plan


@pytest.fixture
def planned_app() -> Callable[..., Planned]:
    """Plans the App web, or another name, of tenant acme."""

    def plan(args: Mapping[str, Any], tenant: Mapping[str, Any] | None = None, name: str = "web") -> Planned:
        spec = parse_tenant("acme", tenant)
        app = parse_app(name, {"tenant": "acme", **args}, spec)
        return Planned((*plan_settings(app), *plan_app(app, spec)))

    return plan
