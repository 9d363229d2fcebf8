"""What one tenant's part of a proof is, and how its findings are put."""

from collections.abc import Iterable

from msgspec import Struct, field

from tenantmesh.checks.claim import Claim
from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.matrix import Matrix
from tenantmesh.checks.proof import Edge, Fence, Unproven
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject


class Outcome(Struct, kw_only=True):
    """One tenant's part: a function of its own objects, of what they name, and of what is worked out for all.

    `shape` is equal for tenants that are equal in all that was looked at.
    """

    tenant: str
    matrix: Matrix = field(default_factory=Matrix)
    findings: list[Finding] = field(default_factory=list[Finding])
    unproven: list[Unproven] = field(default_factory=list[Unproven])
    claims: list[Claim] = field(default_factory=list[Claim])
    shared: list[Crossing] = field(default_factory=list[Crossing])
    edges: tuple[Edge, ...] = ()
    fence: Fence | None = None
    shape: tuple[object, ...] = ()
    parties: set[str] = field(default_factory=set[str])


def finding(
    rule: Rule,
    tenants: Iterable[str],
    objects: Iterable[ManifestObject],
    *,
    witness: str,
    message: str,
    fix: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    """A breach of `rule`; tenants are sorted, and what to change is the rule's own advice unless there is better."""
    return Finding(
        rule=rule,
        tenants=tuple(sorted(set(tenants))),
        objects=tuple({one.key: one for one in objects}.values()),
        witness=witness,
        message=message,
        fix=fix or rule.fix,
        evidence=evidence,
    )


def deciders(evidence: Iterable[Evidence], effect: Effect) -> tuple[ManifestObject, ...]:
    """The objects that had this effect, each once."""
    return tuple({one.object.key: one.object for one in evidence if one.effect is effect and one.object}.values())


def allowing(context: Context, evidence: Iterable[Evidence], namespace: str) -> tuple[ManifestObject, ...]:
    """What lets something through: the objects, or, where it is the lack of one, the namespace that lacks it."""
    return deciders(evidence, Effect.ALLOWS) or context.namespace_object(namespace)
