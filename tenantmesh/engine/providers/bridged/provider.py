"""The provider that a table of resource types makes: check, plan, diff, create, read, update and delete."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Resource
from tenantmesh.engine.providers.bridged.inputs import imported_inputs, refreshed_inputs
from tenantmesh.engine.providers.bridged.normalise import normalise
from tenantmesh.engine.providers.bridged.plan import diff, plan
from tenantmesh.engine.providers.bridged.rawstate import annotate, schema_version
from tenantmesh.engine.providers.bridged.schema import ResourceType, check, is_known
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError


class BridgedProvider:
    """Manages resources that live in the state only: nothing outside is ever touched, so a crash leaves nothing."""

    package = ""
    distribution = ""
    """The Python package whose version a checkpoint records."""

    def __init__(self, ambient: Ambient, kinds: Iterable[ResourceType]) -> None:
        self.ambient = ambient
        self._kinds = {kind.token: kind for kind in kinds}

    def version(self) -> str:
        """The version of the installed SDK, which is that of the provider that it asks for."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return ""

    def configure(self, config: Properties) -> None:
        """Nothing of these resources depends on the configuration."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """A change of the configuration never replaces a resource."""
        changed = tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
        return Diff(changes=bool(changed), changed=changed)

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        """The inputs as they are (the bridge's defaults appear in the outputs only), with everything wrong in them."""
        del old
        kind = self._kind(resource)
        values, failures = normalise(kind.fields, new)
        mistyped = {failure.property.split(".")[0].split("[")[0] for failure in failures}
        others = tuple(one for one in check(kind.fields, values) if one.property not in mistyped)
        return Checked(inputs=new, failures=(*failures, *others))

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        """How the plan for these inputs differs from the state."""
        del identifier, old_inputs
        kind = self._kind(resource)
        return diff(kind, _prior(kind, old.outputs), _config(kind, new))

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        """Make it, or in a preview plan it."""
        kind = self._kind(resource)
        planned = plan(kind, None, _config(kind, inputs)).values
        if preview:
            return Created(id="", outputs=planned)
        made = {**planned, **kind.make(planned)}
        outputs = {name: made[name] for name in kind.fields if is_known(made.get(name))}
        return Created(id=kind.identify(outputs), outputs=annotate(kind.fields, kind.version, outputs))

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        """What the state says, brought up to date; without a state, what the id alone tells."""
        kind = self._kind(resource)
        if outputs:
            current = kind.refresh(_prior(kind, outputs))
            wanted = refreshed_inputs(inputs, current)
        else:
            current = _restore(kind, identifier)
            wanted = imported_inputs(kind.fields, current)
        annotated = annotate(kind.fields, kind.version, current)
        return Found(id=kind.identify(current), outputs=annotated, inputs=wanted)

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
        """Take over the planned values; what was generated stays."""
        del old_inputs
        kind = self._kind(resource)
        planned = plan(kind, _prior(kind, old.outputs), _config(kind, new)).values
        outputs = planned if preview else annotate(kind.fields, kind.version, planned)
        return Created(id=identifier, outputs=outputs)

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        """Nothing exists outside of the state."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """No function unless a subclass has some."""
        del arguments
        raise ProviderError(f"{self.package} has no function {token}")

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        """A crashed create leaves nothing behind."""
        del resource, inputs

    def types(self) -> frozenset[str] | None:
        """The type tokens of its resources."""
        return frozenset(self._kinds)

    def secret_outputs(self, type_: str) -> frozenset[str]:
        """The properties that are always secret, in the outputs and in the inputs of the same name."""
        return self._kinds[type_].secrets if type_ in self._kinds else frozenset()

    def _kind(self, resource: Resource) -> ResourceType:
        try:
            return self._kinds[resource.type]
        except KeyError:
            raise ProviderError(f"{self.package} has no resource type {resource.type}") from None


def _config(kind: ResourceType, inputs: Properties) -> Properties:
    values, failures = normalise(kind.fields, inputs)
    if failures:
        raise ProviderError("; ".join(failure.reason for failure in failures))
    return {name: value for name, value in values.items() if kind.fields[name].is_input}


def _prior(kind: ResourceType, outputs: Properties) -> Properties:
    written = schema_version(outputs)
    if written > kind.version:
        raise ProviderError(
            f"the state of this {kind.token} was written by a newer provider (schema {written}, known {kind.version});"
            f" upgrade tenantmesh"
        )
    values, _failures = normalise(kind.fields, outputs)
    # Schemas before the current one did not store defaults; without them every default would look like a change.
    filled = {name: item.default for name, item in kind.fields.items() if item.default is not None}
    return {**filled, **values}


def _restore(kind: ResourceType, identifier: str) -> Properties:
    if kind.restore is None:
        raise ProviderError(f"{kind.token} can't be imported or read by id; create it instead")
    values = kind.restore(identifier)
    return {name: values[name] for name in kind.fields if values.get(name) is not None}
