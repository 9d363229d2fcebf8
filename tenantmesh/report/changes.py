"""Changed objects as a reader may see them: what a Secret holds never leaves, whoever compared it."""

from collections.abc import Iterable

from msgspec import Struct

from tenantmesh.checks.differences.difference import Change, Difference, FieldChange, ObjectChange
from tenantmesh.manifest import ManifestObject, ObjectKey
from tenantmesh.report.wording import shortened

SECRET_CHANGED = "[secret changed]"  # noqa: S105 - the words shown in the place of a secret
_MASK = "[secret]"
_LONGEST = 160
_BREAKING = (Change.REPLACE, Change.DELETE)
_OPEN_FIELDS = ("type", "immutable", "metadata.labels", "metadata.name", "metadata.namespace")


def subject(change: ObjectChange) -> ManifestObject:
    """The object as it will be, or as it was when it goes away."""
    found = change.after or change.before
    if found is None:
        raise ValueError("an object change needs an object before or after it")
    return found


def is_secret(change: ObjectChange, field: FieldChange) -> bool:
    """Whether the field's values may not be shown."""
    masked = _MASK in field.before or _MASK in field.after
    held = subject(change).key.kind == "Secret" and not field.path.startswith(_OPEN_FIELDS)
    return masked or held


def values(change: ObjectChange, field: FieldChange) -> str:
    """`before → after`, cut when long, an absent one as `(absent)`; `[secret changed]` for a secret."""
    if is_secret(change, field):
        return SECRET_CHANGED
    before, after = (shortened(value, _LONGEST) or "(absent)" for value in (field.before, field.after))
    return f"{before} → {after}"


def masked(change: ObjectChange, field: FieldChange) -> tuple[str, str]:
    """The field's values for machines, with `[secret changed]` for both of a secret."""
    return (SECRET_CHANGED, SECRET_CHANGED) if is_secret(change, field) else (field.before, field.after)


class Portions(Struct, frozen=True, kw_only=True):
    """The changed objects of a difference in the order in which they matter; each object is in one portion.

    `secrets` are apart: they name objects again, without what they hold.
    """

    breaking: tuple[ObjectChange, ...]
    quotas: tuple[ObjectChange, ...]
    certificates: tuple[ObjectChange, ...]
    others: tuple[ObjectChange, ...]
    secrets: tuple[ObjectChange, ...]


def portions(difference: Difference) -> Portions:
    """Replaced objects, then deleted ones; quotas; certificates; then all others that are updated or new."""
    ranks = list(Change)
    ordered = sorted(difference.objects, key=lambda one: ranks.index(one.change))
    taken = {subject(one).key for one in ordered if one.change in _BREAKING}
    quotas = _without(difference.quotas, taken)
    taken |= {subject(one).key for one in quotas}
    certificates = _without(difference.certificates, taken)
    taken |= {subject(one).key for one in certificates}
    return Portions(
        breaking=tuple(one for one in ordered if one.change in _BREAKING),
        quotas=quotas,
        certificates=certificates,
        others=_without(ordered, taken),
        secrets=tuple(one for one in ordered if any(is_secret(one, field) for field in one.fields)),
    )


def _without(changes: Iterable[ObjectChange], taken: set[ObjectKey]) -> tuple[ObjectChange, ...]:
    return tuple(one for one in changes if subject(one).key not in taken)
