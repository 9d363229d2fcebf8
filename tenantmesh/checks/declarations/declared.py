"""Who says what of whom: the annotations of namespaces, and the grants and projects of an intent file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from typing import Any, TypeVar

from tenantmesh.checks.declarations.grants import Word
from tenantmesh.checks.declarations.statements import (
    CallersSaid,
    DoorSaid,
    GrantSaid,
    IntentFile,
    RangesSaid,
    TokenSaid,
    callers,
    doors,
    exports,
    imports,
    names,
    ranges,
    tokens,
)
from tenantmesh.checks.parts import Part, labels, part, spec
from tenantmesh.errors import IntentError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import ManifestObject

EXPORTS = "tenantmesh.dev/exports"
IMPORTS = "tenantmesh.dev/imports"
PEERS = "tenantmesh.dev/peers"
CALLERS = "tenantmesh.dev/callers"
DOORS = "tenantmesh.dev/doors"
TOKENS = "tenantmesh.dev/tokens"
RANGES = "tenantmesh.dev/ranges"
KEYS = "tenantmesh.dev/keys-"
"""Begins the annotations with digests of key sets that were not known before they were deployed."""
PROJECT = "tenantmesh.dev/project"

Spaces = Mapping[str, tuple[str, ...]]
_Said = TypeVar("_Said", CallersSaid, DoorSaid, TokenSaid, RangesSaid)
_Read = Callable[[Any, str, Part], tuple[_Said, ...]]


def declared_words(cluster: Cluster, owners: Mapping[str, str]) -> tuple[Word, ...]:
    """What the namespaces that have an owner declare. Raises IntentError with every declaration that can't be read."""
    words: list[Word] = []
    problems: list[str] = []
    for name, namespace in cluster.namespaces.items():
        if name in owners and namespace.object is not None:
            try:
                words += _of_namespace(name, namespace.object, namespace.labels.get(PROJECT, ""))
            except IntentError as error:
                problems += error.problems
    if problems:
        raise IntentError(problems)
    return tuple(words)


def _of_namespace(name: str, made: ManifestObject, project: str) -> Iterator[Word]:
    annotations = part(made.body, "metadata", "annotations")
    if EXPORTS in annotations:
        for said in exports(annotations[EXPORTS], f"namespace {name}: {EXPORTS}"):
            for caller in said.to:
                yield Word(
                    owner=name,
                    caller=caller,
                    exports=True,
                    service=said.service,
                    ports=said.ports,
                    methods=said.methods,
                    paths=said.paths,
                    service_accounts=said.service_accounts,
                    selector=said.selector,
                    reason=said.reason,
                    object=made,
                )
    if IMPORTS in annotations:
        for wanted in imports(annotations[IMPORTS], f"namespace {name}: {IMPORTS}"):
            yield Word(
                owner=wanted.namespace,
                caller=name,
                imports=True,
                service=wanted.service,
                ports=wanted.ports,
                selector=wanted.selector,
                reason=wanted.reason,
                object=made,
            )
    if PEERS in annotations:
        for peer in names(annotations[PEERS], f"namespace {name}: {PEERS}"):
            yield from _membership(name, peer, project, made)


def _membership(name: str, peer: str, project: str, made: ManifestObject | None) -> Iterator[Word]:
    """A member lets each other in and calls it."""
    reason = f"project {project}" if project else "members of one project"
    yield Word(owner=name, caller=peer, exports=True, reason=reason, object=made)
    yield Word(owner=peer, caller=name, imports=True, reason=reason, object=made)


def declared_doors(cluster: Cluster, owners: Mapping[str, str], file: IntentFile) -> Mapping[str, tuple[DoorSaid, ...]]:
    """What each tenant's gateways are declared to ask of clients. Raises IntentError with all that can't be read."""
    return _of_gateways(cluster, owners, DOORS, _plainly(doors), [(one.tenant, one) for one in file.doors])


def declared_tokens(
    cluster: Cluster, owners: Mapping[str, str], file: IntentFile
) -> Mapping[str, tuple[TokenSaid, ...]]:
    """The tokens that each tenant's gateways are declared to ask for. Raises IntentError as the doors do."""
    return _of_gateways(cluster, owners, TOKENS, _tokens, [(one.tenant, one) for one in file.tokens])


def declared_ranges(
    cluster: Cluster, owners: Mapping[str, str], file: IntentFile
) -> Mapping[str, tuple[RangesSaid, ...]]:
    """The addresses that each tenant's gateways are declared to answer and call. Raises IntentError as the doors do."""
    return _of_gateways(cluster, owners, RANGES, _plainly(ranges), [(one.tenant, one) for one in file.ranges])


def declared_callers(
    cluster: Cluster, owners: Mapping[str, str], file: IntentFile
) -> Mapping[str, tuple[CallersSaid, ...]]:
    """Who of each tenant is declared to call which host outside. Raises IntentError as the doors do."""
    return _of_gateways(cluster, owners, CALLERS, _plainly(callers), [(one.tenant, one) for one in file.callers])


def _plainly(read: Callable[[Any, str], tuple[_Said, ...]]) -> _Read[_Said]:
    return lambda said, where, _: read(said, where)


def _tokens(said: Any, where: str, annotations: Part) -> tuple[TokenSaid, ...]:
    """Keys that are declared by another annotation are what that says, and stay its name while nobody knows."""
    return tuple(
        one.model_copy(update={"keys": known})
        if one.keys.startswith(KEYS) and isinstance(known := annotations.get(one.keys), str)
        else one
        for one in tokens(said, where)
    )


def _of_gateways(
    cluster: Cluster,
    owners: Mapping[str, str],
    annotation: str,
    read: _Read[_Said],
    filed: Iterable[tuple[str, _Said]],
) -> Mapping[str, tuple[_Said, ...]]:
    found: defaultdict[str, tuple[_Said, ...]] = defaultdict(tuple)
    problems: list[str] = []
    for name, namespace in cluster.namespaces.items():
        annotations = part(namespace.object.body, "metadata", "annotations") if namespace.object else {}
        if name in owners and annotation in annotations:
            try:
                found[owners[name]] += read(annotations[annotation], f"namespace {name}: {annotation}", annotations)
            except IntentError as error:
                problems += error.problems
    for at, (tenant, one) in enumerate(filed):
        found[tenant] += (one,)
        if tenant not in owners.values():
            problems.append(f"{annotation.rpartition('/')[2]}[{at}].tenant: no tenant is called {tenant!r}")
    if problems:
        raise IntentError(problems)
    return found


def file_words(cluster: Cluster, file: IntentFile, tenants: Spaces) -> tuple[Word, ...]:
    """What an intent file says for both sides. Raises IntentError with every name that is not there."""
    problems = [*_wrong_grants(file, tenants), *_wrong_projects(file, tenants)]
    if problems:
        raise IntentError(problems)
    words = [word for grant in file.grants for word in _granted(cluster, grant, tenants)]
    for project in file.projects:
        spaces = {name: tenants[name] for name in project.tenants}
        words += _members(project.name, spaces)
    return tuple(words)


def _wrong_grants(file: IntentFile, tenants: Spaces) -> Iterator[str]:
    for index, grant in enumerate(file.grants):
        if grant.source not in tenants:
            yield f"grants[{index}].source: no tenant is called {grant.source!r}"
        if grant.destination not in tenants:
            yield f"grants[{index}].destination: no tenant is called {grant.destination!r}"
        elif _owner(grant, tenants) not in tenants[grant.destination]:
            yield f"grants[{index}].namespace: has to be one of {', '.join(tenants[grant.destination])}"


def _wrong_projects(file: IntentFile, tenants: Spaces) -> Iterator[str]:
    for index, project in enumerate(file.projects):
        for at, name in enumerate(project.tenants):
            if name not in tenants:
                yield f"projects[{index}].tenants[{at}]: no tenant is called {name!r}"


def _owner(grant: GrantSaid, tenants: Spaces) -> str:
    spaces = tenants[grant.destination]
    return grant.namespace or (spaces[0] if len(spaces) == 1 else "")


def _granted(cluster: Cluster, grant: GrantSaid, tenants: Spaces) -> Iterator[Word]:
    owner = _owner(grant, tenants)
    selector = grant.selector or _selector(cluster, owner, grant.service)
    for caller in tenants[grant.source]:
        yield Word(
            owner=owner,
            caller=caller,
            exports=True,
            imports=True,
            service=grant.service,
            ports=grant.ports,
            methods=grant.methods,
            paths=grant.paths,
            service_accounts=grant.service_accounts,
            selector=selector,
            reason=grant.reason,
        )


def _selector(cluster: Cluster, namespace: str, service: str) -> Mapping[str, str]:
    """What the Service of that name selects; nothing when there is none, so that the grant is for no less than all."""
    for one in cluster.objects("", "Service").get(namespace, ()):
        if one.key.name == service:
            return labels(spec(one).get("selector"))
    return {}


def _members(project: str, spaces: Spaces) -> Iterable[Word]:
    for first, second in permutations(spaces, 2):
        for owner in spaces[first]:
            for caller in spaces[second]:
                yield Word(owner=owner, caller=caller, exports=True, imports=True, reason=f"project {project}")
