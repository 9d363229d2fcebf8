"""The one hierarchy of errors that tenantmesh raises on purpose.

TenantmeshError
├── ArgsError            what a user wrote is wrong; names every wrong field by its path
├── OwnershipError       two tenants claim the same host, namespace, port or egress host
├── BodyError            a planned object does not fit the schema of its kind
├── ManifestError        files or a cluster can't be read as objects; names every one that is wrong
├── IntentError          what was said of tenants, grants or exemptions can't be used; names every wrong field
├── ClusterError         the local control plane can't be built, started or reached
├── LabError             the mesh lab can't be started or reached
└── EngineError          a run of the embedded engine can't go on
    ├── UnsupportedError     the program asks for a Pulumi feature that the engine lacks
    ├── ProgramError         the Pulumi program itself failed
    ├── ProjectError         Pulumi.yaml or Pulumi.<stack>.yaml can't be used
    ├── StateError           a checkpoint or journal can't be read or written
    │   ├── LockError        another run holds the stack
    │   └── PassphraseError  the passphrase is missing or wrong
    └── ProviderError        a provider refused or failed an operation
"""

from collections.abc import Iterable


class TenantmeshError(Exception):
    """The root: catch it to catch everything that tenantmesh raises on purpose."""


class _ProblemsError(TenantmeshError):
    """An error that collects problems, so that one run shows all of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


class ArgsError(_ProblemsError):
    """Arguments are wrong; `problems` holds one line for each wrong field, led by its path."""


class OwnershipError(_ProblemsError):
    """A name that only one tenant may own has two owners; each problem names both."""


class BodyError(_ProblemsError):
    """An object does not fit its kind's schema; `problems` holds one line for each wrong field."""


class IntentError(_ProblemsError):
    """An intent file or a namespace's declaration is wrong; `problems` holds one line for each wrong field."""


class ManifestError(_ProblemsError):
    """Objects can't be read; `problems` holds one line for each, led by file and line."""


class ClusterError(TenantmeshError):
    """The local control plane can't be built, started, reached or stopped."""


class LabError(TenantmeshError):
    """The mesh lab can't be started, reached or stopped."""


class EngineError(TenantmeshError):
    """A run of the embedded engine can't go on."""


class UnsupportedError(EngineError):
    """The program asks for a Pulumi feature that the embedded engine lacks; the message names it."""


class ProgramError(EngineError):
    """The Pulumi program ended with an error of its own; the message carries its traceback."""


class ProjectError(EngineError):
    """Pulumi.yaml or a stack's configuration is missing or malformed."""


class StateError(EngineError):
    """A checkpoint, journal or backend folder can't be read or written."""


class LockError(StateError):
    """Another run holds the stack; the message says who, where and since when."""


class PassphraseError(StateError):
    """The passphrase for the stack's secrets is missing or does not fit."""


class ProviderError(EngineError):
    """A provider refused or failed an operation on one resource."""
