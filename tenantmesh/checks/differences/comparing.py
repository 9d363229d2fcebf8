"""What one set of objects changes against another, worked out from the proofs and the objects of both."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.checks.differences.difference import Change, Difference, ObjectChange
from tenantmesh.checks.differences.fields import changed_fields
from tenantmesh.checks.differences.immutable import fixed
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.matrix import ANY_PORT
from tenantmesh.checks.proof import Edge, Proof
from tenantmesh.manifest import Manifest, ManifestObject

_QUOTAS = ("LimitRange", "ResourceQuota")
_CERTIFICATES = ("Certificate", "ClusterIssuer", "Issuer")
_TLS = "kubernetes.io/tls"

_Name = tuple[str, str, str, str]


class Compared(Struct, frozen=True, kw_only=True):
    """One side: the objects, what is meant by them, and what was proven of them."""

    manifest: Manifest
    intent: Intent
    proof: Proof


def compare(base: Compared, head: Compared) -> Difference:
    """What `head` changes against `base`, sorted."""
    before, after = _open(base.proof), _open(head.proof)
    common = sorted(before.keys() & after.keys())
    pairs = [(before[key], after[key]) for key in common]
    objects = _objects(base, head)
    found, fixed_ones = _new(base.proof, head.proof), _new(head.proof, base.proof)
    opened = tuple(after[key] for key in sorted(after.keys() - before.keys()))
    closed = tuple(before[key] for key in sorted(before.keys() - after.keys()))
    widened = tuple(pair for pair in pairs if _is_wider(*pair))
    narrowed = tuple((one, other) for one, other in pairs if _is_wider(other, one))
    edges = (*opened, *closed, *(edge for pair in (*widened, *narrowed) for edge in pair))
    return Difference(
        base=base.proof,
        head=head.proof,
        opened=opened,
        closed=closed,
        widened=widened,
        narrowed=narrowed,
        found=found,
        fixed=fixed_ones,
        objects=objects,
        quotas=tuple(one for one in objects if _subject(one).key.kind in _QUOTAS),
        certificates=tuple(one for one in objects if _is_certificate(_subject(one))),
        tenants=_touched(base, head, edges, objects, (*found, *fixed_ones)),
    )


def _open(proof: Proof) -> dict[tuple[str, str, bool], Edge]:
    return {(one.source, one.destination, one.declared): one for one in proof.matrix if one.open}


def _is_wider(before: Edge, after: Edge) -> bool:
    """Whether `after` lets through a port or a path that `before` does not."""
    ports = ANY_PORT not in before.ports and not set(after.ports) <= set(before.ports)
    paths = bool(before.paths) and (not after.paths or not set(after.paths) <= set(before.paths))
    return ports or paths


def _new(before: Proof, after: Proof) -> tuple[Finding, ...]:
    known = {_identity(one) for one in before.findings}
    return tuple(one for one in after.findings if _identity(one) not in known)


def _identity(one: Finding) -> tuple[object, ...]:
    return (one.rule.id, one.tenants, tuple(item.key for item in one.objects), one.message)


def _objects(base: Compared, head: Compared) -> tuple[ObjectChange, ...]:
    before, after = _by_name(base.manifest), _by_name(head.manifest)
    owners = (base.intent, head.intent)
    found: list[ObjectChange] = []
    for name in sorted(before.keys() | after.keys()):
        change = _change(before.get(name), after.get(name), owners)
        if change is not None:
            found.append(change)
    order = list(Change)
    return tuple(sorted(found, key=lambda one: (order.index(one.change), _subject(one).key)))


def _by_name(manifest: Manifest) -> Mapping[_Name, ManifestObject]:
    """Objects by what stays the same when a kind's version changes."""
    keys = ((one.key, one) for one in manifest)
    return {(key.api_version.rpartition("/")[0], key.kind, key.namespace, key.name): one for key, one in keys}


def _change(
    before: ManifestObject | None, after: ManifestObject | None, intents: tuple[Intent, Intent]
) -> ObjectChange | None:
    tenants = tuple(sorted({owner for one in (before, after) if one for owner in _owners(one, intents)}))
    if before is None or after is None:
        return ObjectChange(
            change=Change.CREATE if before is None else Change.DELETE, before=before, after=after, tenants=tenants
        )
    fields = changed_fields(before.body, after.body)
    why = next((field.path for field in fields if fixed(before, field.path)), "")
    if not fields:
        return None
    change = Change.REPLACE if why else Change.UPDATE
    return ObjectChange(change=change, before=before, after=after, tenants=tenants, fields=fields, why=why)


def _owners(one: ManifestObject, intents: tuple[Intent, Intent]) -> Iterable[str]:
    key = one.key
    namespace = key.name if (key.api_version, key.kind) == ("v1", "Namespace") else key.namespace
    return [owner for intent in intents if (owner := intent.owners.get(namespace))]


def _subject(one: ObjectChange) -> ManifestObject:
    found = one.after or one.before
    if found is None:
        raise ValueError("a change is of an object that is there before or after")
    return found


def _is_certificate(one: ManifestObject) -> bool:
    kind = one.key.kind
    return kind in _CERTIFICATES or (kind == "Secret" and one.body.get("type") == _TLS)


def _touched(
    base: Compared, head: Compared, edges: Iterable[Edge], objects: Iterable[ObjectChange], found: Iterable[Finding]
) -> tuple[str, ...]:
    tenants = {*base.proof.tenants, *head.proof.tenants}
    named = {name for edge in edges for name in (edge.source, edge.destination)}
    named |= {name for one in objects for name in one.tenants}
    named |= {name for one in found for name in one.tenants}
    return tuple(sorted(named & tenants))
