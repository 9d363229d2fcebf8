"""The outcome of a proof: the matrix of tenants, what breaks a rule, and what could not be decided."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from tenantmesh.checks.finding import Finding, Severity
from tenantmesh.graph.verdict import Answer, Layer, Verdict
from tenantmesh.manifest import ManifestObject

EVERY_TENANT = "*"
"""A source or destination that stands for every tenant that has no edge of its own."""
OUTSIDE = "outside"
"""The world outside the cluster, as a source or destination."""


@dataclass(frozen=True)
class Shown:
    """What an edge or a fence is shown by.

    `witness` is one concrete flow in words and `verdict` its exact verdict, layer by layer; `objects` let it through.
    """

    witness: str = ""
    verdict: Verdict | None = None
    objects: tuple[ManifestObject, ...] = ()

    @property
    def answer(self) -> Answer | None:
        """The verdict's answer; None without a verdict."""
        return self.verdict.answer if self.verdict else None


class ShownLater(Struct, eq=False, dict=True):
    """What `find` works out when somebody looks at it; `known` is its answer, where that is known before."""

    find: Callable[[], Shown]
    known: Answer | None = None

    @cached_property
    def _found(self) -> Shown:
        return self.find()

    @property
    def answer(self) -> Answer | None:
        """The verdict's answer; None without a verdict."""
        return self.known or self._found.answer

    @property
    def witness(self) -> str:
        """One concrete flow in words."""
        return self._found.witness

    @property
    def verdict(self) -> Verdict | None:
        """Its exact verdict."""
        return self._found.verdict

    @property
    def objects(self) -> tuple[ManifestObject, ...]:
        """What lets it through."""
        return self._found.objects

    def __eq__(self, other: object) -> bool:
        return self._found == (other._found if isinstance(other, ShownLater) else other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # objects have no hash either


class Edge(Struct, frozen=True, kw_only=True):
    """One cell of the matrix: what `source` reaches of `destination`.

    Both are tenants, a shared namespace, `outside` or `*`. `ports` are readable (`9080/TCP`, `any`), sorted; `layers`
    are those that let it through, in Layer's order; traffic passes only if network, identity and routing all do, which
    `open` says. `reason` is the declared Grant's, "" when nobody declared it. `paths` are readable (`GET /v1/*`).
    """

    source: str
    destination: str
    ports: tuple[str, ...]
    layers: tuple[Layer, ...]
    open: bool
    declared: bool = False
    reason: str = ""
    paths: tuple[str, ...] = ()
    shown: Shown | ShownLater = Shown()


class Fence(Struct, frozen=True, kw_only=True):
    """What keeps a stranger, a namespace that nobody declared, out of a tenant: the exact verdict of one such flow."""

    tenant: str
    shown: Shown | ShownLater


class Unproven(Struct, frozen=True, kw_only=True):
    """Something that could not be decided, and which tenants it leaves open ("*" is all)."""

    tenants: tuple[str, ...]
    reason: str
    object: ManifestObject | None = None


class TenantClass(Struct, frozen=True, kw_only=True):
    """Tenants that are equal in all that the proof looks at; printing names one and counts the others."""

    tenants: tuple[str, ...]


class Proof(Struct, frozen=True, kw_only=True):
    """What holds between tenants. Everything is sorted, so that the same objects give the same bytes."""

    tenants: tuple[str, ...]
    shared: tuple[str, ...]
    matrix: tuple[Edge, ...]
    findings: tuple[Finding, ...]
    unproven: tuple[Unproven, ...]
    assumptions: tuple[str, ...] = ()
    exempted: tuple[Finding, ...] = ()
    classes: tuple[TenantClass, ...] = ()
    fences: tuple[Fence, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings; None when nothing was found."""
        return self.findings[0].severity if self.findings else None
