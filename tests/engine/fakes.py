"""A provider that keeps its resources in a dict, and what a test needs around it."""
# ruff: noqa: ARG002 -- a fake has the whole signature of what it stands for

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any

import pulumi

from tenantmesh.engine.events import Event, Op, StepDone
from tenantmesh.engine.provider import (
    Ambient,
    Checked,
    CheckFailure,
    Created,
    Diff,
    DiffKind,
    Found,
    InitFailedError,
    PropertyDiff,
    Resource,
)
from tenantmesh.engine.values import UNKNOWN, Properties
from tenantmesh.errors import ProviderError


class Crash(BaseException):
    """Stands for kill -9: nothing after it is done."""


@dataclass
class Cloud:
    """What really exists, and what was asked of the provider."""

    things: dict[str, Properties] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Id → the URN that it was made for."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    configured: list[Properties] = field(default_factory=list)
    seen_inputs: list[Properties] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _call, _name: None
    """Called before a call takes effect; may raise."""
    after: Callable[[str, str], None] = lambda _call, _name: None
    """Called after a call took effect, before the engine hears of it; may raise."""
    lock: Lock = field(default_factory=Lock)
    ids: Any = field(default_factory=lambda: count(1))

    def called(self, *kinds: str) -> list[str]:
        """The names of the resources of which these calls were made, in order."""
        return [name for kind, name in self.calls if not kinds or kind in kinds]


class FakeProvider:
    """Manages resources `fake:index:*`.

    Inputs that are special: a change of `forces` replaces, one of `first` deletes before it replaces; `bad` fails the
    check, `broken` fails the create, `unready` is made but not ready, `stuck` is not deleted, `secretive` is secret,
    `fixed` is the id, which only one can have.
    """

    package = "fake"

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def version(self) -> str:
        return "1.2.3"

    def configure(self, config: Properties) -> None:
        self.cloud.configured.append(config)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        changed = tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
        return Diff(changes=bool(changed), changed=changed, replaces=tuple(key for key in changed if key == "region"))

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        self._call("check", resource)
        self.cloud.seen_inputs.append(new)
        if "bad" in new:
            return Checked(inputs=new, failures=(CheckFailure(property="bad", reason=f"is {new['bad']}"),))
        auto = old.get("name", f"{resource.name}-{next(self.cloud.ids)}")
        return Checked(inputs={"name": auto, **new} if new.get("named") else new)

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        self._call("diff", resource)
        changed = tuple(sorted(key for key in {*old_inputs, *new} if old_inputs.get(key) != new.get(key)))
        replaces = tuple(key for key in changed if key in ("forces", "first"))
        detailed = {
            key: PropertyDiff(kind=DiffKind.UPDATE_REPLACE if key in replaces else DiffKind.UPDATE) for key in changed
        }
        return Diff(
            changes=bool(changed),
            changed=changed,
            replaces=replaces,
            delete_before_replace="first" in replaces,
            detailed=detailed,
        )

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        if preview:
            return Created(id="", outputs={**inputs, "made": UNKNOWN})
        self._call("create", resource)
        if "broken" in inputs:
            raise ProviderError(f"can't make it with {inputs['broken']}")
        identifier = inputs.get("fixed") or f"{resource.name}-{next(self.cloud.ids)}"
        with self.cloud.lock:
            if identifier in self.cloud.things:
                raise ProviderError(f"{identifier} exists already")
            self.cloud.things[identifier] = dict(inputs)
            self.cloud.names[identifier] = resource.urn
        self.cloud.after("create", resource.name)
        outputs = {**inputs, "made": identifier}
        if inputs.get("unready"):
            raise InitFailedError(Created(id=identifier, outputs=outputs), ("still waiting",))
        return Created(id=identifier, outputs=outputs)

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        self._call("read", resource)
        with self.cloud.lock:
            found = self.cloud.things.get(identifier)
        if found is None:
            return None
        return Found(id=identifier, outputs={**found, "made": identifier}, inputs=dict(found))

    def update(
        self,
        resource: Resource,
        identifier: str,
        old: Created,
        old_inputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Created:
        if preview:
            return Created(id=identifier, outputs={**new, "made": identifier})
        self._call("update", resource)
        if "broken" in new:
            raise ProviderError(f"can't change it to {new['broken']}")
        with self.cloud.lock:
            if identifier not in self.cloud.things:
                raise ProviderError(f"{identifier} is gone")
            self.cloud.things[identifier] = dict(new)
        self.cloud.after("update", resource.name)
        return Created(id=identifier, outputs={**new, "made": identifier})

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        self._call("delete", resource)
        if inputs.get("stuck"):
            raise ProviderError("it does not go away")
        with self.cloud.lock:
            self.cloud.things.pop(identifier, None)
            self.cloud.names.pop(identifier, None)
        self.cloud.after("delete", resource.name)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        self.cloud.calls.append(("invoke", token))
        if "fail" in arguments:
            raise ProviderError(f"no {arguments['fail']}")
        return {"echo": arguments.get("value")}

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        with self.cloud.lock:
            made = [one for one, urn in self.cloud.names.items() if urn == resource.urn]
            return next((one for one in reversed(made) if self.cloud.things[one] == inputs), None)

    def types(self) -> frozenset[str] | None:
        return None

    def secret_outputs(self, type_: str) -> frozenset[str]:
        return frozenset({"secretive"})

    def _call(self, kind: str, resource: Resource) -> None:
        with self.cloud.lock:
            self.cloud.calls.append((kind, resource.name))
        self.cloud.before(kind, resource.name)


class FakeSource:
    """Opens fake providers for one cloud, whatever the package."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def open_provider(self, package: str, ambient: Ambient) -> FakeProvider:
        del package, ambient
        return FakeProvider(self.cloud)


class Thing(pulumi.CustomResource):
    """A resource of the fake provider."""

    made: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        props: Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        kind: str = "Thing",
    ) -> None:
        super().__init__(f"fake:index:{kind}", name, {"made": None, "secretive": None, **(props or {})}, opts)


class Group(pulumi.ComponentResource):
    """A component without inputs."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, kind: str = "Group") -> None:
        super().__init__(f"test:index:{kind}", name, None, opts)


class FakeCloudProvider(pulumi.ProviderResource):
    """An explicit provider of the fake package."""

    def __init__(
        self, name: str, props: Mapping[str, Any] | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fake", name, dict(props or {}), opts)


def ops(events: tuple[Event, ...] | list[Event]) -> dict[str, list[Op]]:
    """What was done to each resource by name, sames and providers left out."""
    found: dict[str, list[Op]] = {}
    for event in events:
        if isinstance(event, StepDone) and event.step.op is not Op.SAME and "pulumi:" not in event.step.type:
            found.setdefault(event.step.name, []).append(event.step.op)
    return found
