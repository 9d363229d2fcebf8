"""Openings that lead out of a tenant: what is left after its own namespaces, by who is at the other end."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.grants import Word
from tenantmesh.checks.selecting import holds_only_for
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Layer


class Other(StrEnum):
    """Who is at the other end."""

    TENANT = "tenant"
    EVERYBODY = "everybody"
    SHARED = "shared"
    OUTSIDE = "outside"


class Crossing(Struct, frozen=True, kw_only=True):
    """One opening of `tenant` and one party at its other end.

    `namespace` is the other end's, "" for everybody and the outside. `name` is its tenant or shared namespace.
    `word` is what permits it, None when nobody declared it. `door` says that it is a gateway's front door.
    """

    tenant: str
    opening: Opening
    other: Other
    namespace: str = ""
    name: str = ""
    word: Word | None = None
    door: bool = False

    @property
    def layer(self) -> Layer:
        """The opening's."""
        return self.opening.layer


def crossings(context: Context, tenant: str) -> Iterator[Crossing]:
    """All that leads out of a tenant, in each layer by itself."""
    own = frozenset(context.intent.tenants[tenant])
    for layer, answers in context.layers:
        if layer is not Layer.NETWORK and not context.has_mesh:
            continue
        for namespace in context.intent.tenants[tenant]:
            for opening in answers.openings(namespace):
                yield from _parties(context, tenant, opening, own)


def _parties(context: Context, tenant: str, opening: Opening, own: frozenset[str]) -> Iterator[Crossing]:
    peers = opening.peers
    anybody = peers.everywhere or peers.outside
    strange = anybody or not peers.namespaces <= own
    if strange and opening.direction is Direction.INGRESS and context.doors.through(opening):
        # Whom a front door lets in by name gets no further than everybody else.
        if anybody:
            yield Crossing(tenant=tenant, opening=opening, other=Other.OUTSIDE, door=True)
        return
    if peers.everywhere:
        yield Crossing(tenant=tenant, opening=opening, other=Other.EVERYBODY)
    else:
        for namespace in sorted(peers.namespaces - own):
            yield _named(context, tenant, opening, namespace)
    if peers.outside:
        yield Crossing(tenant=tenant, opening=opening, other=Other.OUTSIDE)


def _named(context: Context, tenant: str, opening: Opening, namespace: str) -> Crossing:
    intent = context.intent
    if intent.is_shared(namespace):
        return Crossing(tenant=tenant, opening=opening, other=Other.SHARED, namespace=namespace, name=namespace)
    side = intent.exported if opening.direction is Direction.INGRESS else intent.imported
    words = side.get(opening.namespace, {}).get(namespace, ())
    return Crossing(
        tenant=tenant,
        opening=opening,
        other=Other.TENANT,
        namespace=namespace,
        name=intent.owners.get(namespace, namespace),
        word=next((word for word in words if covers(word, opening)), None),
    )


def covers(word: Word, opening: Opening) -> bool:
    """Whether what was said is at least as wide as the opening, in ports and in the pods that are called."""
    return _covers_ports(word, opening) and _covers_pods(word, opening)


def _covers_ports(word: Word, opening: Opening) -> bool:
    if not word.ports:
        return True
    return bool(opening.ports) and all(
        last - first < len(word.ports) and all(port in word.ports for port in range(first, last + 1))
        for first, last in opening.ports
    )


def _covers_pods(word: Word, opening: Opening) -> bool:
    if opening.direction is Direction.INGRESS:
        return holds_only_for(opening, word.selector)
    # What a caller may reach beyond it is held against the owner's own openings.
    return word.selector.items() <= (opening.peer.labels if opening.peer else {}).items()
