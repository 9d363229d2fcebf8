"""What the proxies of a namespace take at most, for pods that are there and for those that could be made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.flow import Proxy, Request, Workload
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.enforcement import Enforcement
from tenantmesh.graph.identity.fronts import Shown
from tenantmesh.graph.identity.kinds import ANY_POD, Kind, Kinds
from tenantmesh.graph.identity.peer import Mode
from tenantmesh.graph.identity.policies import Action, Rule
from tenantmesh.graph.identity.probing import Probe
from tenantmesh.graph.identity.ways import Denials, Found, Way
from tenantmesh.graph.identity.who import ANYBODY, IDENTITY, Identities, intersection, joined, minus
from tenantmesh.graph.labels import Selector
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.ports import EXAMPLE, first_port
from tenantmesh.graph.verdict import Effect, Evidence, Layer


class _Reach(NamedTuple):
    """On which ports members of the mesh, and those who prove nothing, get to the policies.

    None is all ports but those that are `shut` or, for members, `bare`: there nobody shows a certificate. `names` are
    what those may be called whose certificate is not the mesh's; None is no certificate.
    """

    members: tuple[int, ...] | None = None
    plain: tuple[int, ...] | None = ()
    names: tuple[str | None, ...] = (None,)
    shut: frozenset[int] = frozenset()
    bare: frozenset[int] = frozenset()


class Openings:
    """The openings of every namespace, made of what proxies enforce."""

    def __init__(self, enforced: Enforcement) -> None:
        self._enforced = enforced
        self._identities = Identities(enforced.cluster)
        self._kinds = Kinds(enforced)

    def of(self, namespace: str) -> Iterator[Opening]:
        """What each kind of pod of the namespace takes."""
        for pod, ports in self._kinds.unasked(namespace):
            evidence = Evidence(Effect.ALLOWS, f"no policy of the mesh is asked at {pod}", pod.object)
            yield _opening(pod, ANYBODY, Request(port=ports[0] if ports else first_port(pod)), evidence, ports)
        for kind in self._kinds.of(namespace):
            yield from self._of_kind(kind)
        if self._enforced.ambient.has_waypoint(namespace):
            reason = f"what the waypoint of {namespace} lets through is only known for one request at a time"
            pod = Workload(namespace=namespace, name=ANY_POD, proxy=Proxy.AMBIENT)
            yield _opening(pod, ANYBODY, Request(port=EXAMPLE), Evidence(Effect.UNKNOWN, reason))

    def _of_kind(self, kind: Kind) -> Iterator[Opening]:
        pod = kind.pod
        held = [one for one in self._enforced.policies.holding(pod).held if not one.unsure]
        denies = [one.policy for one in held if one.policy.action is Action.DENY and not one.policy.unknown]
        surely = [self._surely(rule) for policy in denies for rule in policy.rules]
        denied = [] if pod.proxy is Proxy.AMBIENT else [peers for some, _ in surely for peers in some]
        by_connection = pod.proxy is Proxy.AMBIENT
        every = Denials(denies, self._identities, by_connection=by_connection)
        # What the sets above don't say of the rules that deny is left to be tried.
        is_left = by_connection or not all(exact for _, exact in surely)
        left = every if is_left else Denials((), self._identities, by_connection=by_connection)
        for reach in self._reaches(kind):
            # The sets know nothing of names that are not the mesh's.
            for way in self._ways(kind, left if reach.names == (None,) else every):
                yield from self._through(kind, way, reach, minus(self._identities.at_most(_named(way)), denied))

    def _surely(self, rule: Rule) -> tuple[list[Peers], bool]:
        """Whom a rule that denies keeps out whatever they ask for, and whether it does nothing else."""
        if not any(not group for group in rule.operations):
            return [], False
        found = [self._identities.surely(group) for group in rule.sources]
        return [one.peers for one in found], all(one.exact for one in found)

    def _ways(self, kind: Kind, denials: Denials) -> Iterator[Way]:
        if kind.opened_by is None:
            yield Way(kind.pod, (), (), denials)
        for policy in kind.opened_by or ():
            if policy.unknown:
                yield Way(kind.pod, (), (), denials, policy, *policy.unknown)
            for rule in policy.rules:
                path, doubt = rule.doubt if any(one.unknown for one in _conditions(rule)) else (rule.path, "")
                for source, operation in product(rule.sources, rule.operations):
                    yield Way(kind.pod, source, operation, denials, policy, path, doubt, rule.is_http)

    def _reaches(self, kind: Kind) -> Iterator[_Reach]:
        pod, connections = kind.pod, self._enforced.connections
        if connections.fronts.is_gateway(pod):
            yield from self._of_gateway(pod)
            return
        peers = connections.peers
        usual = peers.asked(pod, 0).mode
        modes = {port: peers.asked(pod, port).mode for port in peers.ports(pod)}
        shut = frozenset(port for port, mode in modes.items() if mode is Mode.STRICT)
        # In ambient everybody shows a certificate who has one.
        bare = frozenset(port for port, mode in modes.items() if mode is Mode.DISABLE and pod.proxy is Proxy.SIDECAR)
        members: tuple[int, ...] | None = None
        if usual is Mode.DISABLE and pod.proxy is Proxy.SIDECAR:
            members = tuple(port for port in modes if port not in bare)
        plain = tuple(port for port in modes if port not in shut) if usual is Mode.STRICT else None
        yield _Reach(() if kind.plain_only else members, plain, shut=shut, bare=bare)

    def _of_gateway(self, pod: Workload) -> Iterator[_Reach]:
        fronts = self._enforced.connections.fronts.of(pod)
        if not fronts:
            yield _Reach(members=(), plain=None)
        by_shown: defaultdict[Shown, list[int]] = defaultdict(list)
        for one in fronts:
            by_shown[one.shown].append(one.port)
        for shown, ports in by_shown.items():
            here = tuple(dict.fromkeys(ports))
            if shown is Shown.MESH:
                yield _Reach(members=here)
            else:
                yield _Reach(members=(), plain=here, names=_NAMES[shown])

    def _through(self, kind: Kind, way: Way, reach: _Reach, peers: Peers) -> Iterator[Opening]:
        """The openings of one way, for members of the mesh and for those who prove nothing."""
        if reach.members != () and (peers.namespaces or peers.everywhere):
            for one in self._to_members(kind, way, reach, Peers(peers.namespaces, peers.everywhere)):
                yield self._shown_by_itself(one)
        if reach.plain != () and (peers.outside or reach.names != (None,)):
            probe = Probe(self._enforced, self._identities, way, reach.plain, reach.shut)
            yield from self._to_anybody(kind, way, reach, probe, plain=peers.outside)

    def _to_anybody(self, kind: Kind, way: Way, reach: _Reach, probe: Probe, *, plain: bool) -> Iterator[Opening]:
        shows = any(name is not None for name in reach.names)
        for name in dict.fromkeys((*reach.names, *(probe.foreign() if shows else ()))):
            if name is None and not plain:
                continue
            for found in probe.anybody(name):
                asked = found._replace(request=replace(found.request, mtls=False))
                said = f"lets in who shows a certificate of the name {name}" if name not in reach.names else ""
                yield self._made(kind, way, ANYBODY, asked, said)

    def _to_members(self, kind: Kind, way: Way, reach: _Reach, peers: Peers) -> Iterator[Opening]:
        own = kind.pod.namespace
        unlimited = reach.members is None and not reach.bare
        if not peers.everywhere and peers.namespaces == frozenset((own,)) and unlimited:
            yield self._made(kind, way, peers, Found(_simple(way), _ports(way.operation)))
            return
        is_sure = not way.denials.policies and not way.doubt and kind.pod.proxy is not Proxy.AMBIENT
        if is_sure and unlimited and _is_plain(way):
            for account, some in self._by_account(way, peers):
                yield self._made(kind, way, some, Found(_simple(way), _ports(way.operation), account))
            return
        probe = Probe(self._enforced, self._identities, way, reach.members, reach.bare)
        groups: defaultdict[Found, list[str]] = defaultdict(list)
        for name in probe.names(peers):
            for found in probe.members(name):
                groups[found].append(name)
        stranger = probe.stranger if peers.everywhere else None
        for found, names in groups.items():
            if stranger in names:
                others = {each for each in probe.names(peers) if each not in names}
                some = Peers(frozenset(others) | peers.namespaces, everywhere=True)
            else:
                some = Peers(frozenset(names))
            yield self._made(kind, way, some, found)

    def _shown_by_itself(self, one: Opening) -> Opening:
        """Where clients' proxies show no certificate, it takes one who does without."""
        automatic = self._enforced.connections.automatic(one.workload)
        return one if automatic else replace(one, request=replace(one.request, mtls=True))

    def _by_account(self, way: Way, peers: Peers) -> Iterator[tuple[str, Peers]]:
        """`peers` by the service account that they need to have."""
        if not way.source:
            yield "", peers
            return
        found: defaultdict[str, list[Peers]] = defaultdict(list)
        for value in way.source[0].values:
            meaning = self._identities.meaning(way.source[0].attribute, value)
            found[meaning.account].append(meaning.peers)
        for account, some in found.items():
            kept = intersection(joined(some), peers)
            if kept:
                yield account, kept

    def _made(self, kind: Kind, way: Way, peers: Peers, found: Found, said: str = "") -> Opening:
        unsure = way.doubt or found.doubt
        reason = unsure or said or ("lets it in" if way.policy else "no policy allows anything here, so all is allowed")
        evidence = Evidence(
            Effect.UNKNOWN if unsure else Effect.ALLOWS, reason, way.policy.object if way.policy else None, way.path
        )
        wanted = way.policy.pods if way.policy else Selector()
        pod = self._kinds.shown(kind.pod, wanted) if not kind.plain_only else kind.pod
        peer = Workload(namespace="", name=ANY_POD, service_account=found.account) if found.account else None
        return _opening(pod, peers, found.request, evidence, found.ports, peer)


_NAMES: Final = {
    Shown.NOTHING: (None,),
    Shown.CERTIFICATE: ("CN=client",),
    Shown.MAYBE: (None, "CN=client"),
}


def _named(way: Way) -> Iterable[Condition]:
    """The conditions that narrow who may pass; ztunnel takes no notice of trust domains, and of some negations less."""
    if way.pod.proxy is not Proxy.AMBIENT:
        return way.source
    return [one._replace(not_values=()) for one in way.source if one.attribute != "source.trustDomain"]


def _conditions(rule: Rule) -> Iterable[Condition]:
    return (one for group in (*rule.sources, *rule.operations) for one in group)


def _is_plain(way: Way) -> bool:
    """Whether who may pass depends on one list of identities only, and the request on its port at most."""
    if len(way.source) > 1 or any(one.attribute not in IDENTITY or one.not_values for one in way.source):
        return False
    return all(one.attribute == "destination.port" and not one.not_values for one in way.operation) and (
        len(way.operation) <= 1
    )


def _simple(way: Way) -> Request:
    ports = _ports(way.operation)
    return Request(port=ports[0] if ports else first_port(way.pod))


def _ports(operation: Iterable[Condition]) -> tuple[int, ...]:
    for one in operation:
        if one.attribute == "destination.port" and one.values:
            return tuple(sorted({int(value) for value in one.values if value.isdigit()}))
    return ()


def _opening(
    pod: Workload,
    peers: Peers,
    request: Request,
    evidence: Evidence,
    ports: tuple[int, ...] = (),
    peer: Workload | None = None,
) -> Opening:
    return Opening(
        layer=Layer.IDENTITY,
        direction=Direction.INGRESS,
        namespace=pod.namespace,
        workload=pod,
        peers=peers,
        request=request,
        ports=tuple((port, port) for port in sorted(set(ports))),
        peer=peer,
        evidence=(evidence,),
    )
