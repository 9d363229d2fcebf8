"""What is meant: whose namespaces are whose, what is shared, who may call whom, and what is borne until when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from tenantmesh.checks.declarations.declared import (
    declared_callers,
    declared_doors,
    declared_ranges,
    declared_tokens,
    declared_words,
    file_words,
)
from tenantmesh.checks.declarations.grants import Grant, Sides, Word, paired
from tenantmesh.checks.declarations.permissive import Permitted, permitted
from tenantmesh.checks.declarations.statements import (
    TENANT_LABEL,
    CallersSaid,
    DoorSaid,
    ExemptionSaid,
    IntentFile,
    OfGateways,
    RangesSaid,
    TokenSaid,
)
from tenantmesh.graph.cluster import Cluster

SYSTEM_NAMESPACES = ("cert-manager", "istio-system", "monitoring")
"""Namespaces that are shared unless a label says whose they are, beside those that begin with `kube-`."""

_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What somebody declared, as far as a proof needs it.

    `tenants` gives each tenant its namespaces, sorted. `shared` are the other namespaces that are there,
    `infrastructure` the names that are shared wherever they are met. `grants` were said by both sides, `halves` by one
    of two that are both there, and `abroad` by one whose other side is not among the objects. `doors` are what the
    gateways of each tenant ask of clients, `tokens` whose tokens, `ranges` which addresses they answer and call,
    `callers` who may call what by them; `filed` is what of these four an intent file says, and no object.
    `permitted` is who takes plain text until when.
    """

    tenants: Mapping[str, tuple[str, ...]]
    shared: frozenset[str] = _NOBODY
    infrastructure: frozenset[str] = frozenset(SYSTEM_NAMESPACES)
    grants: tuple[Grant, ...] = ()
    halves: tuple[Word, ...] = ()
    abroad: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()
    doors: Mapping[str, tuple[DoorSaid, ...]] = field(default_factory=dict[str, tuple[DoorSaid, ...]])
    tokens: Mapping[str, tuple[TokenSaid, ...]] = field(default_factory=dict[str, tuple[TokenSaid, ...]])
    ranges: Mapping[str, tuple[RangesSaid, ...]] = field(default_factory=dict[str, tuple[RangesSaid, ...]])
    callers: Mapping[str, tuple[CallersSaid, ...]] = field(default_factory=dict[str, tuple[CallersSaid, ...]])
    filed: Mapping[str, tuple[OfGateways, ...]] = field(default_factory=dict[str, tuple[OfGateways, ...]])
    exemptions: tuple[ExemptionSaid, ...] = ()
    permitted: tuple[Permitted, ...] = ()
    harmless_kinds: frozenset[str] = _NOBODY
    label: str = TENANT_LABEL

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The tenant of each namespace."""
        return {namespace: tenant for tenant, spaces in self.tenants.items() for namespace in spaces}

    def is_shared(self, namespace: str) -> bool:
        """Whether a namespace is infrastructure, also if it is in no manifest."""
        return namespace not in self.owners and (namespace in self.infrastructure or namespace.startswith("kube-"))

    def within(self, tenants: Set[str]) -> "Intent":
        """What is meant of these tenants alone."""
        gone = {space for space, tenant in self.owners.items() if tenant not in tenants}
        return replace(
            self,
            tenants={tenant: spaces for tenant, spaces in self.tenants.items() if tenant in tenants},
            grants=tuple(one for one in self.grants if one.caller not in gone and one.owner not in gone),
            halves=tuple(one for one in self.halves if one.caller not in gone and one.owner not in gone),
            words=tuple(one for one in self.words if one.caller not in gone and one.owner not in gone),
        )

    @cached_property
    def exported(self) -> Sides:
        """What the owner's side said, by the owner's and the caller's namespace."""
        return _by_side((word.owner, word.caller, word) for word in self.words if word.exports)

    @cached_property
    def imported(self) -> Sides:
        """What the caller's side said, by the caller's and the owner's namespace."""
        return _by_side((word.caller, word.owner, word) for word in self.words if word.imports)

    @cached_property
    def granted(self) -> Mapping[str, tuple[Grant, ...]]:
        """The grants that each tenant has a part in."""
        found: defaultdict[str, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            for tenant in {self.owners[grant.caller], self.owners[grant.owner]}:
                found[tenant].append(grant)
        return {tenant: tuple(some) for tenant, some in found.items()}


def find_intent(
    cluster: Cluster, said: IntentFile | None = None, *, tenant_label: str = "", shared: Iterable[str] = ()
) -> Intent:
    """The intent in `cluster`'s namespaces and in what was `said` beside them; `tenant_label` goes before the file's.

    Raises IntentError when a declaration can't be read or names what is not there.
    """
    file = said or IntentFile()
    label = tenant_label or file.tenant_label
    mesh = cluster.mesh
    # All tenants' proxies are set by the one and may send spans to the others: the mesh's settings say so.
    of_mesh = (mesh.root_namespace, *mesh.collectors)
    shared_names = frozenset((*SYSTEM_NAMESPACES, *file.shared_namespaces, *shared, *of_mesh))
    owners = _owners(cluster, file, label, shared_names)
    tenants = _spaces(owners)
    words = (*declared_words(cluster, owners), *file_words(cluster, file, tenants))
    pairing = paired(words, owners)
    return Intent(
        tenants=tenants,
        shared=frozenset(cluster.namespaces) - owners.keys(),
        infrastructure=shared_names,
        grants=pairing.grants,
        halves=pairing.halves,
        abroad=pairing.abroad,
        words=words,
        doors=declared_doors(cluster, owners, file),
        tokens=declared_tokens(cluster, owners, file),
        ranges=declared_ranges(cluster, owners, file),
        callers=declared_callers(cluster, owners, file),
        filed=_filed(file),
        exemptions=file.exemptions,
        permitted=permitted(cluster, owners, words),
        harmless_kinds=frozenset(file.harmless_kinds),
        label=label,
    )


def _owners(cluster: Cluster, file: IntentFile, label: str, shared: frozenset[str]) -> dict[str, str]:
    listed = {namespace: tenant for tenant, spaces in file.tenants.items() for namespace in spaces}
    owners: dict[str, str] = {}
    for name, namespace in cluster.namespaces.items():
        tenant = listed.get(name) or namespace.labels.get(label)
        if tenant is None and not (name in shared or name.startswith("kube-")):
            tenant = name
        if tenant is not None:
            owners[name] = str(tenant)
    return owners


def _spaces(owners: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for namespace, tenant in owners.items():
        found[tenant].append(namespace)
    return MappingProxyType({tenant: tuple(sorted(found[tenant])) for tenant in sorted(found)})


def _filed(file: IntentFile) -> Mapping[str, tuple[OfGateways, ...]]:
    found: defaultdict[str, tuple[OfGateways, ...]] = defaultdict(tuple)
    for one in (*file.doors, *file.tokens, *file.ranges, *file.callers):
        found[one.tenant] += (one,)
    return found


def _by_side(found: Iterable[tuple[str, str, Word]]) -> Sides:
    sides: dict[str, dict[str, list[Word]]] = {}
    for here, there, word in found:
        sides.setdefault(here, {}).setdefault(there, []).append(word)
    return sides
