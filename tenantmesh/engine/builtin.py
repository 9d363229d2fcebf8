"""The provider `pulumi` that is part of every engine: StackReference, Stash and the functions that the SDK calls."""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

from tenantmesh.engine.provider import Checked, CheckFailure, Created, Diff, Found, Resource
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Properties, Value, has_secrets
from tenantmesh.errors import ProviderError

_STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
_STASH: Final = "pulumi:index:Stash"
_INPUT: Final = {_STACK_REFERENCE: "name", _STASH: "input"}
"""The one input of each type."""

Outputs = Callable[[str], Properties]
"""Gives the outputs of another stack by its name."""

Lookup = Callable[[str], ResourceState | None]
"""Gives a resource of this run by its URN."""


class BuiltinProvider:
    """Reads other stacks' outputs through `outputs` and this run's resources through `lookup`."""

    package = "pulumi"

    def __init__(self, outputs: Outputs, lookup: Lookup) -> None:
        self._outputs = outputs
        self._lookup = lookup

    def version(self) -> str:
        """The engine's own provider has none."""
        return ""

    def configure(self, config: Properties) -> None:
        """Nothing to configure."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Never replaced."""
        del old, new
        return Diff(changes=False)

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        """Exactly the type's one input."""
        del old
        wanted = self._input(resource)
        failures = [CheckFailure(property=key, reason=f"unknown property {key!r}") for key in new if key != wanted]
        if wanted not in new:
            failures.append(CheckFailure(property=wanted, reason=f"missing required property {wanted!r}"))
        return Checked(inputs=new, failures=tuple(failures))

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        """Another stack's name is another reference; a stash takes a new input and keeps its output."""
        del identifier, old
        key = self._input(resource)
        if old_inputs.get(key) == new.get(key):
            return Diff(changes=False)
        return Diff(changes=True, changed=(key,), replaces=(key,) if resource.type == _STACK_REFERENCE else ())

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        """Read the other stack, or stash the value."""
        identifier = "" if preview else str(uuid4())
        if resource.type == _STACK_REFERENCE:
            return Created(id=identifier, outputs=self._read_stack(inputs))
        value = inputs[self._input(resource)]
        return Created(id=identifier, outputs={"input": value, "output": value})

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        """The other stack's outputs as they are now."""
        if self._input(resource) not in inputs:
            raise ProviderError(f"a {resource.type} can't be imported")
        found = self._read_stack(inputs) if resource.type == _STACK_REFERENCE else outputs
        return Found(id=identifier, outputs=found, inputs=inputs)

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
        """Only a stash is ever updated."""
        del old_inputs, preview
        value = new[self._input(resource)]
        return Created(id=identifier, outputs={"input": value, "output": old.outputs.get("output")})

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        """Nothing exists outside of the state."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The functions that the SDK calls by itself."""
        match token:
            case "pulumi:pulumi:readStackOutputs":
                return self._read_stack(arguments)
            case "pulumi:pulumi:getResource":
                return self._get_resource(arguments.get("urn"))
            case _:
                raise ProviderError(f"the engine has no function {token}")

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        """A crash leaves nothing behind."""
        del resource, inputs

    def types(self) -> frozenset[str] | None:
        """The types that the engine has itself."""
        return frozenset(_INPUT)

    def secret_outputs(self, type_: str) -> frozenset[str]:
        """The other stack's secrets are marked one by one."""
        del type_
        return frozenset()

    def _input(self, resource: Resource) -> str:
        if resource.type not in _INPUT:
            raise ProviderError(f"the engine has no resource type {resource.type}")
        return _INPUT[resource.type]

    def _read_stack(self, inputs: Properties) -> Properties:
        name = inputs["name"]
        if not isinstance(name, str):
            raise ProviderError("the name of a stack reference has to be known in the preview; it must be a text")
        outputs = self._outputs(name)
        secret = sorted(key for key, value in outputs.items() if has_secrets(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}

    def _get_resource(self, urn: Value) -> Properties:
        state = self._lookup(urn) if isinstance(urn, str) else None
        if state is None:
            raise ProviderError(f"unknown resource {urn}")
        return {"urn": state.urn, "id": state.id, "provider": state.provider, "state": state.outputs}
