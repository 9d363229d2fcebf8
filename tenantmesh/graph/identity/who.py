"""Sets of identities: which namespaces' workloads, and whether those who prove nothing, by the conditions of a rule.

Nothing here lists all namespaces unless a pattern of a policy leaves no other way.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.opening import Peers

_PRINCIPAL: Final = re.compile(r"(?P<domain>[^/]+)/ns/(?P<namespace>[^/*]+)/(?:sa/(?P<account>[^/]+)|\*)")
_IDENTITY: Final = frozenset({"source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"})
ANY: Final = Peers(everywhere=True, outside=True)
MEMBERS: Final = Peers(everywhere=True)


class Who(NamedTuple):
    """Identities: `peers` with `outside` for all that prove nothing, wherever they are.

    `account` is the one service account that is meant ("" when any is).
    """

    peers: Peers
    account: str = ""


EVERYBODY: Final = Who(ANY)


class Identities:
    """Reads conditions on identities as sets, with an index of the namespaces that are there."""

    def __init__(self, cluster: Cluster) -> None:
        self._names: Sequence[str] = sorted(cluster.namespaces)
        self._domain = cluster.mesh.trust_domain
        self._accounts = (
            {"default"} | {one.key.name for some in cluster.objects("", "ServiceAccount").values() for one in some}
            if len(self._names) < _FEW
            else {"default"}
        )

    def at_most(self, group: Iterable[Condition]) -> Who:
        """All who may fulfil the conditions, and perhaps more."""
        found = EVERYBODY
        for one in group:
            if one.attribute not in _IDENTITY or one.unknown:
                continue
            if one.values:
                found = _both(found, _union(self._named(one.attribute, value) for value in one.values))
            whole = [self._whole(one.attribute, value) for value in one.not_values]
            found = Who(minus(found.peers, whole), found.account)
        return found

    def surely(self, group: Iterable[Condition]) -> Peers:
        """All who fulfil the conditions whatever they send, or fewer; nobody when it depends on the request."""
        found = ANY
        for one in group:
            if one.unknown or one.attribute not in _IDENTITY:
                return Peers()
            if one.values:
                whole = [self._whole(one.attribute, value) for value in one.values]
                found = _intersection(found, _joined(whole))
            for value in one.not_values:
                excluded = self._named(one.attribute, value).peers
                found = minus(found, [excluded])
        return found

    def _named(self, attribute: str, value: str) -> Who:
        """All whom one value may mean."""
        if value == "*":
            return Who(MEMBERS)
        match attribute:
            case "source.principal":
                return self._principal(value)
            case "source.namespace":
                return Who(self._like(value))
            case "source.serviceAccount":
                space, slash, account = value.rpartition("/")
                return Who(Peers(frozenset({space})), account) if slash else Who(MEMBERS, account)
            case _:
                return Who(MEMBERS)

    def _whole(self, attribute: str, value: str) -> Peers:
        """The namespaces all of whose identities one value means; those without one are never meant."""
        if value == "*":
            return MEMBERS
        if attribute == "source.namespace":
            return self._like(value)
        if attribute == "source.principal":
            found = _PRINCIPAL.fullmatch(value)
            if found and found["domain"] == self._domain and found["account"] in (None, "*"):
                return Peers(frozenset({found["namespace"]}))
            if value.endswith("*") and not value.startswith("*"):
                space = value[:-1].removeprefix(f"{self._domain}/ns/")
                if value.startswith(f"{self._domain}/ns/") and "/" not in space:
                    return Peers(frozenset(self._starting(space)))
        return Peers()

    def _principal(self, value: str) -> Who:
        found = _PRINCIPAL.fullmatch(value)
        if found:
            if found["domain"] not in (self._domain, "*"):
                return Who(Peers())
            account = found["account"] or ""
            return Who(Peers(frozenset({found["namespace"]})), "" if account.endswith("*") else account)
        start = f"{self._domain}/ns/"
        if value.endswith("*") and value.startswith(start) and "/" not in value[len(start) : -1]:
            return Who(Peers(frozenset(self._starting(value[len(start) : -1]))))
        return self._scanned(value)

    def _scanned(self, value: str) -> Who:
        """A pattern of another form, held against all that is there."""
        body = value.strip("*")
        account = value.rpartition("/sa/")[2] if "/sa/" in value and not value.endswith("*") else ""
        wanted = re.compile(
            f"{'.*' if value.startswith('*') else ''}{re.escape(body)}{'.*' if value.endswith('*') else ''}"
        )
        accounts = {account} if account else self._accounts
        names = frozenset(
            name
            for name in self._names
            if any(wanted.fullmatch(f"{self._domain}/ns/{name}/sa/{each}") for each in accounts)
        )
        everywhere = any(wanted.fullmatch(f"{self._domain}/ns/{_UNHEARD}/sa/{each}") for each in accounts)
        left = frozenset(self._names) - names
        return Who(Peers(left, everywhere=True) if everywhere else Peers(names), account)

    def _like(self, value: str) -> Peers:
        if "*" not in value:
            return Peers(frozenset({value}))
        if value == "*":
            return MEMBERS
        if value.count("*") == 1 and value.endswith("*"):
            return Peers(frozenset(self._starting(value[:-1])))
        wanted = re.compile(".*".join(re.escape(part) for part in value.split("*")))
        return Peers(frozenset(name for name in self._names if wanted.fullmatch(name)))

    def _starting(self, prefix: str) -> Iterable[str]:
        for index in range(bisect_left(self._names, prefix), len(self._names)):
            if not self._names[index].startswith(prefix):
                return
            yield self._names[index]


_FEW: Final = 2000
"""Namespaces up to which every service account is tried against patterns of unusual form."""
_UNHEARD: Final = "unheard-of"


def _both(one: Who, other: Who) -> Who:
    return Who(_intersection(one.peers, other.peers), one.account or other.account)


def _union(some: Iterable[Who]) -> Who:
    found = list(some)
    accounts = {one.account for one in found}
    return Who(_joined(one.peers for one in found), accounts.pop() if len(accounts) == 1 else "")


def _joined(some: Iterable[Peers]) -> Peers:
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
        return Peers(names, outside=outside)
    return Peers(excluded - names, everywhere=True, outside=outside)


def _intersection(one: Peers, other: Peers) -> Peers:
    outside = one.outside and other.outside
    if one.everywhere and other.everywhere:
        return Peers(one.namespaces | other.namespaces, everywhere=True, outside=outside)
    if one.everywhere:
        return Peers(other.namespaces - one.namespaces, outside=outside)
    if other.everywhere:
        return Peers(one.namespaces - other.namespaces, outside=outside)
    return Peers(one.namespaces & other.namespaces, outside=outside)


def minus(one: Peers, others: Iterable[Peers]) -> Peers:
    """`one` but for all of `others`."""
    for other in others:
        outside = one.outside and not other.outside
        inverse = Peers(other.namespaces, everywhere=not other.everywhere, outside=True)
        found = _intersection(one, inverse)
        one = Peers(found.namespaces, found.everywhere, outside)
    return one
