"""The providers of a run: opened once for each provider resource, and managed as resources themselves."""

from collections.abc import Callable
from threading import RLock
from typing import Protocol
from uuid import uuid4

from tenantmesh.engine import urn as urns
from tenantmesh.engine.builtin import BuiltinProvider
from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Provider, Resource
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Properties, reveal
from tenantmesh.errors import ProviderError


class ProviderSource(Protocol):
    """Opens the provider of a package; tests pass one of their own."""

    def open_provider(self, package: str, ambient: Ambient) -> Provider:
        """An unconfigured provider; raises UnsupportedError for a package that the engine lacks."""
        ...


class ProviderRegistry:
    """Providers by reference (`urn::id`); those that only the old state knows are opened when they are needed."""

    def __init__(
        self,
        source: ProviderSource,
        ambient: Ambient,
        remembered: Callable[[str], ResourceState | None],
        builtin: BuiltinProvider,
    ) -> None:
        self._source = source
        self._ambient = ambient
        self._remembered = remembered
        self._builtin = builtin
        self._configured: dict[str, Provider] = {}
        self._lock = RLock()

    def open(self, package: str) -> Provider:
        """A provider of this package that is not configured yet."""
        return self._builtin if package == "pulumi" else self._source.open_provider(package, self._ambient)

    def of(self, reference: str) -> Provider:
        """The configured provider that `reference` names."""
        found = self._configured.get(reference)
        return found if found is not None else self._recall(reference)

    def install(self, reference: str, config: Properties) -> Provider:
        """Open and configure a provider and remember it, in place of one that was known by the same reference."""
        package = urns.provided_package(urns.type_of(urns.split_reference(reference)[0]))
        provider = self.open(package)
        provider.configure(_external(config))
        with self._lock:
            self._configured[reference] = provider
        return provider

    def ensure(self, reference: str, config: Properties) -> Provider:
        """The configured provider, installed with `config` if it isn't yet."""
        with self._lock:
            return self._configured.get(reference) or self.install(reference, config)

    def manager(self, type_: str, reference: str) -> Provider:
        """What manages a resource of this type: its provider, or for a provider resource the registry itself."""
        return ProviderOfProviders(self) if urns.is_provider(type_) else self.of(reference)

    def _recall(self, reference: str) -> Provider:
        state = self._remembered(reference)
        if state is None:
            raise ProviderError(f"the provider {reference} is neither in the program nor in the state")
        return self.ensure(reference, reveal(state.inputs))


class ProviderOfProviders:
    """Manages provider resources: to create one is to configure it."""

    package = "pulumi"

    def __init__(self, registry: ProviderRegistry) -> None:
        self._registry = registry

    def version(self) -> str:
        """Providers of providers have none."""
        return ""

    def configure(self, config: Properties) -> None:
        """Nothing to configure."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Never replaced."""
        del old, new
        return Diff(changes=False)

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        """The inputs as they are, if the engine has such a provider."""
        del old
        self._registry.open(urns.provided_package(resource.type))
        return Checked(inputs=new)

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        """What the provider itself says about the change of its configuration."""
        del identifier, old
        provider = self._registry.open(urns.provided_package(resource.type))
        return provider.diff_config(_external(old_inputs), _external(new))

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        """Configure it under a new id."""
        identifier = urns.UNKNOWN_ID if preview else str(uuid4())
        self._registry.install(f"{resource.urn}::{identifier}", inputs)
        return Created(id=identifier, outputs=_external(inputs))

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        """A provider is what the state says."""
        del resource
        return Found(id=identifier, outputs=outputs, inputs=inputs)

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
        """Configure it anew."""
        del old, old_inputs, preview
        self._registry.install(f"{resource.urn}::{identifier}", new)
        return Created(id=identifier, outputs=_external(new))

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        """Nothing exists outside of the state."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """No functions."""
        del arguments
        raise ProviderError(f"there is no function {token}")

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        """A crash leaves nothing behind."""
        del resource, inputs

    def types(self) -> frozenset[str] | None:
        """Any type that is led by `pulumi:providers:`."""
        return None

    def secret_outputs(self, type_: str) -> frozenset[str]:
        """None by themselves."""
        del type_
        return frozenset()


def _external(config: Properties) -> Properties:
    """The configuration without the engine's own bookkeeping (pkg/resource/deploy/providers/registry.go)."""
    return {key: value for key, value in config.items() if key != "__internal"}
