"""JSON Patches (RFC 6902) that a tenant's author lays over planned objects, for what no argument says."""

from collections.abc import Sequence
from typing import Any

import jsonpatch
import jsonpointer

from tenantmesh.errors import ArgsError
from tenantmesh.manifest import Body, ObjectKey
from tenantmesh.spec.tenant import PatchSpec, TenantSpec


def patched(tenant: TenantSpec, bodies: Sequence[Body]) -> list[Body]:
    """The bodies with the tenant's patches applied, in order.

    Raises:
        ArgsError: a patch matches no object, does not fit it, or would make another object of it.
    """
    found = list(bodies)
    problems: list[str] = []
    for index, patch in enumerate(tenant.patches):
        path = f"tenants.{tenant.name}.settings.patches[{index}]"
        places = [place for place, body in enumerate(found) if _fits(patch, ObjectKey.of(body))]
        if not places:
            problems.append(f"{path}: matches no object of the tenant: there is no {_wanted(patch)}")
        for place in places:
            found[place] = _apply(patch, found[place], path, problems)
    if problems:
        raise ArgsError(problems)
    return found


def _fits(patch: PatchSpec, key: ObjectKey) -> bool:
    return (patch.kind, patch.name) == (key.kind, key.name) and patch.namespace in ("", key.namespace)


def _wanted(patch: PatchSpec) -> str:
    return f"{patch.kind} {patch.namespace}/{patch.name}" if patch.namespace else f"{patch.kind} {patch.name}"


def _apply(patch: PatchSpec, body: Body, path: str, problems: list[str]) -> Body:
    key = ObjectKey.of(body)
    try:
        made = jsonpatch.apply_patch(_copied(body), list(patch.operations), in_place=True)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        problems.append(f"{path}: does not fit {key}: {error}")
        return body
    if ObjectKey.of(made) != key:
        problems.append(f"{path}: may not change the kind, name or namespace of {key}")
        return body
    return made


def _copied(value: Any) -> Any:
    """A copy of the structure that shares its leaves: an opaque one can't be copied."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
