"""The name under which a stack applies, by which the API server tells its fields from others'."""

import hashlib
from typing import Final

from tenantmesh.engine.provider import Ambient, Resource
from tenantmesh.engine.providers.kubernetes.bodies import FIELD_MANAGER, annotation
from tenantmesh.engine.values import Properties

_CHOSEN: Final = "pulumi.com/patchFieldManager"
_LONGEST: Final = 128
"""The API server's limit for a field manager's name."""


def stack_manager(ambient: Ambient) -> str:
    """The field manager of a stack: `tenantmesh-PROJECT-STACK`."""
    return _shortened(f"tenantmesh-{ambient.project}-{ambient.stack}")


def manager_of(resource: Resource, inputs: Properties, outputs: Properties, *, ambient: Ambient, patch: bool) -> str:
    """Who applies this resource: what its annotation says, else who did before, else the stack.

    Patch resources have managers of their own: two of them may patch one object, and an apply takes back what the same
    manager applied before.
    """
    recorded = outputs.get(FIELD_MANAGER)
    chosen = annotation(inputs, _CHOSEN) or (recorded if isinstance(recorded, str) else "")
    if chosen or not patch:
        return chosen or stack_manager(ambient)
    return _shortened(f"{stack_manager(ambient)}-{hashlib.sha256(resource.urn.encode()).hexdigest()[:8]}")


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
