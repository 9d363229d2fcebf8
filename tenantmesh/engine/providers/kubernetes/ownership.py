"""Who owns which fields of a live object, and how fields pass to this stack's manager."""

from collections.abc import Iterable
from typing import Any, Final

from tenantmesh.engine.paths import parse
from tenantmesh.engine.providers.kubernetes.bodies import Body, pick

_TAKEN_OVER: Final = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    ("pulumi-kubernetes", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
)
"""Managers (by how their names begin) whose fields become this stack's at its first update: the real provider creates
with another manager than it updates with, and people make and mend objects with kubectl."""


def entries(live: Body) -> list[Body]:
    """The managed fields of an object."""
    found = pick(live, "metadata", "managedFields")
    return found if isinstance(found, list) else []


def is_applied_by(live: Body, manager: str) -> bool:
    """Whether `manager` has applied this object."""
    return any(entry.get("manager") == manager and entry.get("operation") == "Apply" for entry in entries(live))


def is_made_by(live: Body, body: Body, manager: str) -> bool:
    """Whether `manager` has made this object by applying `body`.

    The server records no manager for an apply of nothing but an identity; every other way of making one is recorded.
    """
    bare = set(body) <= {"apiVersion", "kind", "metadata"} and set(body["metadata"]) <= {"name", "namespace"}
    return is_applied_by(live, manager) or (bare and not entries(live))


def needs_take_over(live: Body) -> bool:
    """Whether fields belong to a manager that this stack's takes over from."""
    return any(_is_taken_over(entry) for entry in entries(live))


def taken_over(live: Body, manager: str) -> list[Body]:
    """The managed fields with those of the managers that are taken over given to `manager`."""
    kept = [entry for entry in entries(live) if not _passes(entry, manager)]
    fields: dict[str, Any] = {}
    for entry in entries(live):
        if _passes(entry, manager):
            fields = _union(fields, entry.get("fieldsV1") or {})
    own = {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": live.get("apiVersion"),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return [own, *kept]


def without_ignored(body: Body, live: Body, manager: str, ignored: Iterable[str]) -> Body:
    """`body` as it may be applied: ignored fields of other managers left out, own ones as they are live."""
    own: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for entry in entries(live):
        if entry.get("manager") == manager:
            own = _union(own, entry.get("fieldsV1") or {})
        else:
            theirs = _union(theirs, entry.get("fieldsV1") or {})
    for path in (parse(one) for one in ignored):
        keys = [key for key in path if isinstance(key, str) and key != "*"]
        if len(keys) != len(path):
            continue  # Items of lists have no fixed place among managed fields; the old inputs stand.
        if _owns(theirs, keys) and not _owns(own, keys):
            body = _removed(body, keys)
        elif (value := pick(live, *keys)) is not None:
            body = _placed(body, keys, value)
    return body


def _is_taken_over(entry: Body) -> bool:
    manager, operation = str(entry.get("manager")), entry.get("operation")
    listed = any(manager.startswith(prefix) and operation == one for prefix, one in _TAKEN_OVER)
    return listed and not entry.get("subresource")


def _passes(entry: Body, manager: str) -> bool:
    own = (entry.get("manager"), entry.get("operation")) == (manager, "Apply")
    return _is_taken_over(entry) or (own and not entry.get("subresource"))


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{key: _union(one.get(key, {}), value) for key, value in other.items()}}


def _owns(fields: dict[str, Any], keys: list[str]) -> bool:
    for key in keys:
        if f"f:{key}" not in fields:
            return False
        fields = fields[f"f:{key}"]
    return True


def _removed(body: Body, keys: list[str]) -> Body:
    head, rest = keys[0], keys[1:]
    if head not in body:
        return body
    if not rest:
        return {key: value for key, value in body.items() if key != head}
    return {**body, head: _removed(body[head], rest)} if isinstance(body[head], dict) else body


def _placed(body: Body, keys: list[str], value: Any) -> Body:
    head, rest = keys[0], keys[1:]
    if not rest:
        return {**body, head: value}
    inner = body.get(head)
    return {**body, head: _placed(inner if isinstance(inner, dict) else {}, rest, value)}
