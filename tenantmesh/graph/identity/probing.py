"""Tries who gets through one way, with requests that stand for all: for what sets of identities alone don't tell."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final

from tenantmesh.graph.fits import Fit, every, some
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.identity.circumstances import SPIFFE, Circumstances
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.enforcement import Enforcement
from tenantmesh.graph.identity.patterns import pattern
from tenantmesh.graph.identity.policies import Action, Rule
from tenantmesh.graph.identity.requests import Attempts, attempts, guess
from tenantmesh.graph.identity.ways import Covered, Found, Way
from tenantmesh.graph.identity.who import ANY_ACCOUNT, IDENTITY, Identities
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.ports import first_port

_ADDRESSES: Final = frozenset({"source.ip", "remote.ip"})
_MEMBER: Final = Workload(namespace="", name="any", proxy=Proxy.SIDECAR)
_TOO_MANY: Final = "there are more kinds of requests than are tried"
_UNKNOWN: Final = "addresses decide that are not known"


class _Against:
    """Rules that may deny, their conditions, and requests that stand for all that they tell apart."""

    def __init__(
        self, rules: tuple[Rule, ...], others: tuple[Condition, ...], made: Callable[[tuple[Condition, ...]], Attempts]
    ) -> None:
        self.rules = rules
        self.others = others
        self._made = made

    @cached_property
    def attempts(self) -> Attempts:
        """What to try, worked out when the first guess fails."""
        return self._made(self.others)


class Probe:
    """Tries one way, on `only` some ports or (None) on all but those that are `shut`."""

    def __init__(
        self,
        enforced: Enforcement,
        identities: Identities,
        way: Way,
        only: tuple[int, ...] | None,
        shut: frozenset[int] = frozenset(),
    ) -> None:
        self._shut = shut
        self._enforced = enforced
        self._identities = identities
        self._way = way
        self._only = only
        self._mine = way.denials.seen((*way.operation, *way.source))
        self._rules: dict[tuple[int, ...], _Against] = {}
        self._named: dict[str | None, _Against] = {}

    @property
    def _others(self) -> tuple[Condition, ...]:
        """The conditions of all rules that deny."""
        return self._way.denials.conditions

    @cached_property
    def stranger(self) -> str:
        """A namespace that nothing here tells from others."""
        return self._identities.stranger((self._mine, self._others))

    def names(self, peers: Peers) -> tuple[str, ...]:
        """The namespaces to try so that all of `peers` are: each that is named and, for the others, a stranger."""
        if not peers.everywhere:
            return tuple(sorted(peers.namespaces))
        named = {*self._identities.named(self._mine), *self._identities.named(self._others), self._way.pod.namespace}
        return (*sorted(name for name in named if name in peers), self.stranger)

    def members(self, namespace: str) -> list[Found]:
        """What workloads of a namespace get through, by the service account that they need for it."""
        covered = Covered()
        for account in (ANY_ACCOUNT, *self._accounts(namespace)):
            found = self._found(self._principal(namespace, account))
            if found is not None:
                # What any account and the default one get through needs no account.
                usual = account == ANY_ACCOUNT and self._passes(self._principal(namespace, "default"), found)
                covered.add(found._replace(account="" if usual else account))
            if covered.is_all:
                break
        return self._all(covered, (self._principal(namespace, ANY_ACCOUNT),))

    def anybody(self, principal: str | None) -> list[Found]:
        """What somebody gets through who proves to be `principal` or nothing, from some address."""
        if not self._may_be(principal):
            return []
        covered = Covered()
        told = any(one.attribute in _ADDRESSES for one in (*self._mine, *self._others))
        for end in self._enforced.ends(Outside(), self._way.pod) if told else (Outside(),):
            found = self._found(principal, end)
            if found is not None:
                covered.add(found)
            if covered.is_all:
                break
        return self._all(covered, (principal,))

    def _all(self, covered: Covered, principals: Iterable[str | None]) -> list[Found]:
        """What was found; and something that may pass on all ports, where not all that there is could be tried."""
        if covered.is_all:
            return covered.found
        tried = [self._against(one).attempts for one in principals]
        if all(one.complete for one in tried):
            return covered.found
        port = next(iter(tried[0].ports), tried[0].other)
        return [*covered.found, Found(next(tried[0].on(port), Request(port=port)), doubt=_TOO_MANY)]

    def _passes(self, principal: str, found: Found) -> bool:
        fit = self._try(principal, found.request, _MEMBER, self._against(principal))
        return fit is (Fit.UNSURE if found.doubt else Fit.YES)

    def _may_be(self, principal: str | None) -> bool:
        """Whether the conditions on identities let somebody of this name through at all."""
        return self._way.pod.proxy is Proxy.AMBIENT or _may_be(self._way.source, _by_name(principal))

    def foreign(self) -> Iterator[str]:
        """Names in certificates that are not the mesh's, one like each that the conditions name."""
        for one in (*self._mine, *self._others):
            if one.attribute == "source.principal":
                for value in (*one.values, *one.not_values):
                    # Whom a gateway's own authority may name like workloads of the mesh is a matter of trust in it.
                    if not self._identities.meaning(one.attribute, value).peers:
                        yield SPIFFE + pattern(value).example

    @cached_property
    def _known_ports(self) -> tuple[int, ...]:
        pod = self._way.pod
        others = self._enforced.cluster.workloads.get(pod.namespace, ())
        return tuple(dict.fromkeys(port.number for each in (pod, *others) for port in each.ports))

    def _against(self, principal: str | None) -> _Against:
        """The rules that may deny somebody of this name something, and what to try against them."""
        if principal in self._named:
            return self._named[principal]
        named = _by_name(principal)
        denials = self._way.denials
        rules = tuple(rule for rule in denials.about(principal) if self._concerns(rule, named))
        key = tuple(map(id, rules))
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = _Against(rules, denials.told_apart(rules), self._attempts)
        self._named[principal] = found
        return found

    def _attempts(self, others: tuple[Condition, ...]) -> Attempts:
        issuers = tuple(self._enforced.tokens.issuers(self._way.pod))
        return attempts(self._mine, others, self._known_ports, issuers, self._only, self._shut)

    def _concerns(self, rule: Rule, named: Circumstances) -> bool:
        """Whether a rule may be about somebody of whom the name alone is known."""
        return self._way.pod.proxy is Proxy.AMBIENT or any(_may_be(group, named) for group in rule.sources)

    def _principal(self, namespace: str, account: str) -> str:
        return f"{SPIFFE}{self._enforced.cluster.mesh.asking_domain}/ns/{namespace}/sa/{account}"

    def _accounts(self, namespace: str) -> Iterable[str]:
        mine = self._identities.meanings(self._mine)
        own = (one.account for one in mine if one.account and namespace in one.peers)
        return dict.fromkeys(("default", *own, *self._way.denials.accounts(namespace)))

    def _found(self, principal: str | None, source: Endpoint = _MEMBER) -> Found | None:
        """The first request that passes and the ports on which some do; one that may pass when none surely does."""
        if not self._may_be(principal):
            return None
        against = self._against(principal)
        quick = self._guessed(principal, source, against)
        if quick is not None:
            return quick
        passing: dict[int, Request] = {}
        doubtful: dict[int, Request] = {}
        for port in against.attempts.ports:
            for request in against.attempts.on(port):
                fit = self._try(principal, request, source, against)
                if fit is Fit.YES:
                    passing[port] = request
                    break
                if fit is Fit.UNSURE:
                    doubtful.setdefault(port, request)
        ports = {**doubtful, **passing}
        if not ports:
            return None
        first = next(iter(passing.values()), None) or next(iter(doubtful.values()))
        on = () if against.attempts.other in ports and self._only is None else tuple(sorted(ports))
        is_all = len(passing) == len(against.attempts.ports)
        return Found(first, on, doubt="" if passing else _UNKNOWN, is_all=is_all)

    def _guessed(self, principal: str | None, source: Endpoint, against: _Against) -> Found | None:
        """What the rule asks for, where that passes at once; one port stands for all where nobody names any."""
        said = [one for one in self._mine if one.attribute == "destination.port"]
        if len(said) > 1 or (said and said[0].not_values):
            return None
        ports = tuple(int(one) for one in said[0].values if one.isdigit()) if said else self._only or ()
        if self._only is not None:
            ports = tuple(port for port in ports if port in self._only)
        if not ports and any(one.attribute == "destination.port" for one in against.others):
            return None
        tried = [port for port in ports or (first_port(self._way.pod),) if port not in self._shut]
        if not tried or (self._only is not None and not ports):
            return None
        found = [guess(self._mine, port) for port in tried]
        if all(self._try(principal, one, source, against) is Fit.YES for one in found):
            return Found(found[0], tuple(sorted(tried)) if ports else (), is_all=True)
        return None

    def _try(self, principal: str | None, request: Request, source: Endpoint, against: _Against) -> Fit:
        """Whether a request gets through this way: the rule has to match, and no rule that denies may."""
        way = self._way
        seen, refused = self._enforced.circumstances(source, way.pod, request, principal)
        if refused:
            return Fit.NO
        own = self._own(seen)
        if own is Fit.NO:
            return own
        if way.pod.proxy is Proxy.AMBIENT:
            denied = some(self._enforced.ambient.fit(one, seen).fit for one in way.denials.policies)
        else:
            denied = some(one.fit(seen, Action.DENY) for one in against.rules)
        return every((own, _OPPOSITE[denied]))

    def _own(self, seen: Circumstances) -> Fit:
        way = self._way
        if way.policy is None:
            return Fit.YES
        if way.pod.proxy is Proxy.AMBIENT:
            return self._enforced.ambient.fit(way.policy, seen).fit
        if not seen.is_http and way.is_http:
            return Fit.NO
        return every(one.fit(seen) for one in self._mine)


def _by_name(principal: str | None) -> Circumstances:
    """Somebody of whom the name alone is known."""
    return Circumstances(Request(port=0), principal=principal)


def _may_be(source: Iterable[Condition], named: Circumstances) -> bool:
    """Whether the identities that a rule asks for can be those of somebody of this name."""
    return all(one.fit(named) is not Fit.NO for one in source if one.attribute in IDENTITY)


_OPPOSITE: Final = {Fit.YES: Fit.NO, Fit.NO: Fit.YES, Fit.UNSURE: Fit.UNSURE}
