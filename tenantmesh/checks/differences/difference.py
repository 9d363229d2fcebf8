"""What one set of objects changes against another: reachability, findings, objects, tenants."""

from enum import StrEnum

from msgspec import Struct

from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Edge, Proof
from tenantmesh.manifest import ManifestObject


class Change(StrEnum):
    """What happens to an object. A replaced one is deleted and made anew, for a field of it can't be changed."""

    REPLACE = "replace"
    DELETE = "delete"
    UPDATE = "update"
    CREATE = "create"


class FieldChange(Struct, frozen=True, kw_only=True):
    """One field, by its path, with both values as text ("" is absent); a secret's are `[secret]`."""

    path: str
    before: str
    after: str


class ObjectChange(Struct, frozen=True, kw_only=True):
    """One object that changes. `tenants` are those that it belongs to; `why` names the field that forces a replace."""

    change: Change
    before: ManifestObject | None
    after: ManifestObject | None
    tenants: tuple[str, ...]
    fields: tuple[FieldChange, ...] = ()
    why: str = ""


class Difference(Struct, frozen=True, kw_only=True):
    """What `head` changes against `base`. Edges are open ones; `widened` and `narrowed` pair before and after.

    `objects` are in the order replaced, deleted, updated, created; `quotas` and `certificates` are those among them
    that concern quotas and certificates.
    """

    base: Proof
    head: Proof
    opened: tuple[Edge, ...]
    closed: tuple[Edge, ...]
    widened: tuple[tuple[Edge, Edge], ...]
    narrowed: tuple[tuple[Edge, Edge], ...]
    found: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    objects: tuple[ObjectChange, ...]
    quotas: tuple[ObjectChange, ...]
    certificates: tuple[ObjectChange, ...]
    tenants: tuple[str, ...]
