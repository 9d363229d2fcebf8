"""Sets of identities: the namespaces of those whom a rule's conditions may mean, or surely mean.

`Peers` are read here as members of the mesh by namespace, and `outside` as all who prove nothing, wherever they are.
Nothing lists all namespaces unless a pattern of a policy leaves no other way, and then once for each pattern.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.identity.circumstances import SPIFFE
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.patterns import namespace_pattern, pattern, trust_domain_pattern
from tenantmesh.graph.opening import Peers

IDENTITY: Final = frozenset({"source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"})
"""The attributes that only an identity has."""
STRANGERS: Final = ("9-nobody-knows-9", "0-nobody-knows-0", "q-nobody-knows-q")
"""Namespaces that no policy names, so unlike that no pattern that means some namespaces only fits all of them."""
ANY_ACCOUNT: Final = "any"
ANYBODY: Final = Peers(everywhere=True, outside=True)
MEMBERS: Final = Peers(everywhere=True)
NOBODY: Final = Peers()


class Meaning(Struct, frozen=True):
    """Whom one value may mean: workloads of `peers` with the service account `account` ("" is any).

    `whole`: every identity of those namespaces is meant.
    """

    peers: Peers
    account: str = ""
    whole: bool = False


class Sure(Struct, frozen=True):
    """Whom a rule surely means, whatever they ask for; `exact`: it means nobody else, whatever they ask for."""

    peers: Peers
    exact: bool


_EVERY_MEMBER: Final = Meaning(MEMBERS, whole=True)
_NOT_SURE: Final = Sure(NOBODY, exact=False)


class Identities:
    """Reads conditions on identities as sets, with an index of the namespaces that are there."""

    def __init__(self, cluster: Cluster) -> None:
        self._names: Sequence[str] = list(cluster.namespaces)
        self._domain = cluster.mesh.asking_domain
        self._start = f"{self._domain}/ns/"
        self._meanings: dict[tuple[str, str], Meaning] = {}

    def meaning(self, attribute: str, value: str) -> Meaning:
        """Whom a value of an attribute may mean, among those who ask."""
        if value == "*":
            return _EVERY_MEMBER
        if attribute == "source.principal" and value.endswith("/sa/*") and value.startswith(self._start):
            name = value[len(self._start) : -5]
            if "/" not in name and "*" not in name:
                return Meaning(Peers(frozenset((name,))), whole=True)
        key = (attribute, value)
        found = self._meanings.get(key)
        if found is None:
            found = self._meanings[key] = self._read(attribute, value)
        return found

    def at_most(self, group: Iterable[Condition]) -> Peers:
        """All who may fulfil the conditions, and perhaps more."""
        found = ANYBODY
        for one in group:
            if one.attribute not in IDENTITY or one.unknown:
                continue
            if one.values:
                found = intersection(found, joined(self.meaning(one.attribute, value).peers for value in one.values))
            whole = [self.meaning(one.attribute, value) for value in one.not_values]
            found = minus(found, (each.peers for each in whole if each.whole))
        return found

    def surely(self, group: Iterable[Condition]) -> Sure:
        """Those who fulfil the conditions whatever they ask for."""
        found, exact = ANYBODY, True
        for one in group:
            if one.attribute not in IDENTITY or one.unknown:
                return _NOT_SURE
            if one.values:
                meant = [self.meaning(one.attribute, value) for value in one.values]
                exact = exact and all(each.whole for each in meant)
                found = intersection(found, joined(each.peers for each in meant if each.whole))
            if one.not_values:
                meant = [self.meaning(one.attribute, value) for value in one.not_values]
                exact = exact and all(each.whole for each in meant)
                found = minus(found, (each.peers for each in meant))
        return Sure(found, exact)

    def meanings(self, group: Iterable[Condition]) -> Iterator[Meaning]:
        """What the values of the conditions mean, those that they exclude too."""
        for one in group:
            if one.attribute in IDENTITY:
                for value in (*one.values, *one.not_values):
                    yield self.meaning(one.attribute, value)

    def named(self, group: Iterable[Condition]) -> Iterator[str]:
        """The namespaces that the conditions tell from others by some value."""
        for one in self.meanings(group):
            yield from one.peers.namespaces

    def stranger(self, groups: Iterable[Iterable[Condition]]) -> str:
        """A namespace that none of the conditions tells from others."""
        patterns = [
            namespace_pattern(value) if one.attribute == "source.namespace" else pattern(value, SPIFFE)
            for group in groups
            for one in group
            if one.attribute in ("source.namespace", "source.principal")
            for value in (*one.values, *one.not_values)
            if "*" in value and not self.meaning(one.attribute, value).peers.everywhere
        ]
        for name in STRANGERS:
            if not any(one.matches(f"{SPIFFE}{self._start}{name}/sa/{ANY_ACCOUNT}") for one in patterns):
                return name
        return STRANGERS[0]

    def _read(self, attribute: str, value: str) -> Meaning:
        match attribute:
            case "source.namespace":
                return self._of_namespace(value)
            case "source.serviceAccount":
                namespace, _, account = value.partition("/")
                return Meaning(Peers(frozenset((namespace,))), account)
            case "source.trustDomain":
                fits = trust_domain_pattern(value).matches(f"{SPIFFE}{self._start}any/sa/any")
                return _EVERY_MEMBER if fits else Meaning(NOBODY, whole=True)
            case _:
                return self._of_principal(value)

    def _of_namespace(self, value: str) -> Meaning:
        if "*" not in value:
            return Meaning(Peers(frozenset((value,))), whole=True)
        wanted = namespace_pattern(value)

        def fits(name: str) -> bool:
            # As in the expression that Istio makes, a star may stand for more than a part of the namespace.
            return wanted.matches(f"{SPIFFE}{self._start}{name}/sa/{ANY_ACCOUNT}")

        if all(map(fits, STRANGERS)):
            return _EVERY_MEMBER
        return Meaning(
            Peers(frozenset(name for name in self._starting(value.partition("*")[0]) if fits(name))), whole=True
        )

    def _of_principal(self, value: str) -> Meaning:
        if value.startswith("*"):
            return self._by_end(value[1:])
        if value.endswith("*"):
            return self._by_start(value[:-1])
        parts = value.removeprefix(self._start).split("/")
        if not value.startswith(self._start) or len(parts) != 3 or parts[1] != "sa":
            return Meaning(NOBODY, whole=True)
        return Meaning(Peers(frozenset((parts[0],))), parts[2])

    def _by_start(self, text: str) -> Meaning:
        """All whose identity begins like that."""
        if self._start.startswith(text):
            return _EVERY_MEMBER
        if not text.startswith(self._start):
            return Meaning(NOBODY, whole=True)
        namespace, slash, rest = text[len(self._start) :].partition("/")
        if not slash:
            return Meaning(Peers(frozenset(self._starting(namespace))), whole=True)
        peers = Peers(frozenset((namespace,)))
        if "sa/".startswith(rest):
            return Meaning(peers, whole=True)
        return Meaning(peers, rest[3:] + ANY_ACCOUNT) if rest.startswith("sa/") else Meaning(NOBODY, whole=True)

    def _by_end(self, text: str) -> Meaning:
        """All whose identity ends like that."""
        before, slash, account = text.rpartition("/")
        if not slash:
            return Meaning(MEMBERS, ANY_ACCOUNT + account)
        if f"/ns/{STRANGERS[0]}/sa".endswith(before) and "/ns/" not in before:
            return Meaning(MEMBERS, account)
        wanted = pattern(f"*{text}", SPIFFE)
        names = frozenset(
            one for one in self._ending(before) if wanted.matches(f"{SPIFFE}{self._start}{one}/sa/{account}")
        )
        return Meaning(Peers(names), account)

    def _ending(self, before: str) -> Iterable[str]:
        """The namespaces of identities that may end in `before` and the account; one that is named whole comes too."""
        namespace = before.removesuffix("/sa").rpartition("/")
        return (namespace[2],) if namespace[1] else self._names

    def _starting(self, prefix: str) -> Iterable[str]:
        for index in range(bisect_left(self._names, prefix), len(self._names)):
            if not self._names[index].startswith(prefix):
                return
            yield self._names[index]


def joined(some: Iterable[Peers]) -> Peers:
    """All of several sets together."""
    names: frozenset[str] = frozenset()
    excluded: frozenset[str] | None = None
    outside = False
    for one in some:
        outside |= one.outside
        if one.everywhere:
            excluded = one.namespaces if excluded is None else excluded & one.namespaces
        else:
            names |= one.namespaces
    if excluded is None:
        return Peers(names, everywhere=False, outside=outside)
    return Peers(excluded - names, everywhere=True, outside=outside)


def intersection(one: Peers, other: Peers) -> Peers:
    """Those who are in both."""
    outside = one.outside and other.outside
    if one.everywhere and other.everywhere:
        return Peers(one.namespaces | other.namespaces, everywhere=True, outside=outside)
    if one.everywhere:
        return Peers(other.namespaces - one.namespaces, everywhere=False, outside=outside)
    if other.everywhere:
        return Peers(one.namespaces - other.namespaces, everywhere=False, outside=outside)
    return Peers(one.namespaces & other.namespaces, everywhere=False, outside=outside)


def minus(one: Peers, others: Iterable[Peers]) -> Peers:
    """`one` but for all of `others`."""
    for other in others:
        one = intersection(one, Peers(other.namespaces, everywhere=not other.everywhere, outside=not other.outside))
    return one
