"""What could not be decided and is not told already: a finding or an exemption may speak of the same object."""

from collections.abc import Iterable

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Proof, Unproven
from tenantmesh.manifest import ObjectKey

_Key = tuple[frozenset[str], str, ObjectKey | None]


def standing(proof: Proof) -> tuple[Unproven, ...]:
    """What nobody exempted."""
    return _without(proof.unproven, _told(proof.exempted))


def untold(proof: Proof) -> tuple[Unproven, ...]:
    """What neither a finding nor an exemption tells."""
    return _without(proof.unproven, _told((*proof.findings, *proof.exempted)))


def newly_untold(difference: Difference) -> tuple[Unproven, ...]:
    """What the head leaves undecided, the base did not, and no finding tells."""
    return _without(untold(difference.head), {_key(one) for one in difference.base.unproven})


def _without(unproven: Iterable[Unproven], known: set[_Key]) -> tuple[Unproven, ...]:
    return tuple(one for one in unproven if _key(one) not in known)


def _key(one: Unproven) -> _Key:
    return frozenset(one.tenants), one.reason, one.object.key if one.object else None


def _told(findings: Iterable[Finding]) -> set[_Key]:
    return {(frozenset(one.tenants), one.message, one.objects[0].key if one.objects else None) for one in findings}
