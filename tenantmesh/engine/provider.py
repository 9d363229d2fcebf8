"""The seam between the engine and what manages real resources.

The methods are those of Pulumi's provider protocol (proto/pulumi/provider.proto), with plain values: the engine reveals
secrets before it calls and marks them again afterwards, so a provider never sees a `Secret`; it names the properties
that are always secret, in outputs and checked inputs alike, in `secret_outputs`. A `Secret` that it returns (bridged
providers do, deep in their state's bookkeeping) stays one. Inputs may hold `UNKNOWN` in a preview.
All methods are called from several threads at once.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError

Status = Callable[[str], None]
"""Reports what a long operation is waiting for, in a few words, for the display."""


class Ambient(Struct, frozen=True, kw_only=True):
    """What a provider takes from its surroundings instead of from the program.

    `environment` replaces os.environ. `kubeconfig` wins over KUBECONFIG. With `render_to` the Kubernetes provider
    writes YAML into that folder and contacts no cluster; `offline` makes it contact no cluster and write nothing (for
    proofs). `render_secrets` includes the Secrets' data in rendered files.
    """

    organization: str = "organization"
    project: str = ""
    stack: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    kubeconfig: Path | None = None
    render_to: Path | None = None
    render_secrets: bool = False
    offline: bool = False


class Resource(Struct, frozen=True, kw_only=True):
    """Whose operation it is. `timeout` is in seconds, 0 for the default; `status` reports progress."""

    urn: str
    type: str
    name: str
    timeout: float = 0
    status: Status = lambda _message: None
    sequence: int = 0
    """How many times this resource was replaced; a provider may use it for random names."""
    ignore_changes: tuple[str, ...] = ()
    """The paths in the option of this name; a provider that compares with the live resource leaves them out too."""
    secret_inputs: tuple[str, ...] = ()
    """The paths of inputs that are secret, for a provider that writes inputs to files."""


class DiffKind(StrEnum):
    """How one property changes, spelled as in `pulumi preview --json`."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"


class PropertyDiff(Struct, frozen=True, kw_only=True):
    """A change of one property; `input_diff` tells whether inputs or outputs were compared."""

    kind: DiffKind
    input_diff: bool = True


class Diff(Struct, frozen=True, kw_only=True):
    """What would change. `replaces` are top-level keys (or paths) that force a replacement; `stables` never change."""

    changes: bool
    replaces: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: Mapping[str, PropertyDiff] = field(default_factory=dict[str, PropertyDiff])


class CheckFailure(Struct, frozen=True, kw_only=True):
    """Why an input can't be used; `property` is its path or empty when the whole is meant."""

    property: str
    reason: str


class Checked(Struct, frozen=True, kw_only=True):
    """Inputs with defaults filled in, and what is wrong with them."""

    inputs: Properties
    failures: tuple[CheckFailure, ...] = ()


class Created(Struct, frozen=True, kw_only=True):
    """A resource as the provider made or found it. In a preview, `id` is empty and outputs may hold `UNKNOWN`."""

    id: str
    outputs: Properties


class Found(Created, frozen=True, kw_only=True):
    """A resource as it was read, with inputs that would make it so (for refresh and import)."""

    inputs: Properties


class InitFailedError(ProviderError):
    """The resource exists but did not become ready; the engine keeps it with `reasons` and tries again next time."""

    def __init__(self, result: Created, reasons: tuple[str, ...], inputs: Properties | None = None) -> None:
        self.result = result
        self.reasons = reasons
        self.inputs = inputs
        super().__init__("; ".join(reasons))


class Provider(Protocol):
    """Manages the resources of one package, configured once."""

    package: str
    """The first part of its type tokens, such as `kubernetes`."""

    def version(self) -> str:
        """The version that is written into a checkpoint's provider resource, or empty."""
        ...

    def configure(self, config: Properties) -> None:
        """Take the provider resource's inputs; in a preview they may hold `UNKNOWN`. Raises ProviderError."""
        ...

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Whether a change of the provider's own configuration replaces it (and so all of its resources)."""
        ...

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        """`new` inputs with defaults (auto-naming included); `old` inputs are {} for a create or replacement."""
        ...

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        """What would change if the resource that `old` describes got the checked inputs `new`."""
        ...

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        """Make it. Raises InitFailedError when it exists but isn't ready, ProviderError when nothing was made."""
        ...

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        """The resource as it is now, or None when it is gone; outputs and inputs are {} for an import or a get."""
        ...

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
        """Change it in place."""
        ...

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        """Remove it; one that is gone already is removed."""
        ...

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Call the function `token`. Raises ProviderError, also for a function that isn't there."""
        ...

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        """The id of what a crashed `create` with these inputs has left behind, or None when it left nothing."""
        ...

    def types(self) -> frozenset[str] | None:
        """The type tokens that it manages, or None when any token of its package may be one."""
        ...

    def secret_outputs(self, type_: str) -> frozenset[str]:
        """The properties of `type_` that are always secret, in the outputs and in the checked inputs."""
        ...
