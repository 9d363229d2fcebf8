"""What a namespace's policies let through at most, for pods that are there and for those that could be made."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.flow import ContainerPort, Request, Workload
from tenantmesh.graph.labels import EVERYTHING, Selector, assignment, escape
from tenantmesh.graph.network.peers import ANYBODY, Reach
from tenantmesh.graph.network.rules import Action, Policy, Rule
from tenantmesh.graph.network.surroundings import Surroundings
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.ports import PROTOCOLS, PortMatch, example
from tenantmesh.graph.verdict import Effect, Evidence, Layer

ANY: Final = "any"
"""The name of a pod that could be made."""


class Passage(NamedTuple):
    """Ports of one protocol: their ranges (none is every port), a request to one, and the named port that it means."""

    ranges: tuple[tuple[int, int], ...]
    request: Request
    named: ContainerPort | None


class Openings:
    """The openings of one namespace, made of its compiled policies."""

    def __init__(self, namespace: str, around: Surroundings) -> None:
        self._namespace = namespace
        self._around = around
        self._workloads = around.cluster.workloads.get(namespace, ())
        self._pods: dict[tuple[Selector, ContainerPort | None], Workload | None] = {}

    def of_policy(self, policy: Policy, direction: Direction) -> Sequence[Opening]:
        """What one policy lets through in one direction; everything, when it is not understood."""
        if policy.unknown:
            path, reason = policy.unknown
            evidence = (Evidence(Effect.UNKNOWN, reason, policy.object, path),)
            return [self._everything(direction, self._pod(policy.pods, None), evidence)]
        side = policy.side(direction)
        made: list[Opening] = []
        for rule in side.allow if side else ():
            if rule.action is Action.ALLOW or rule.unknown:
                made.extend(self.of_rule(rule, policy, direction))
        return made

    def of_rule(self, rule: Rule, policy: Policy, direction: Direction) -> list[Opening]:
        """What one rule lets through: an opening for each protocol and each kind of pod at the other end."""
        doubt, ingress = rule.doubt, direction is Direction.INGRESS
        effect, reason = (Effect.UNKNOWN, doubt) if doubt else (Effect.ALLOWS, _REASONS[direction])
        made: list[Opening] = []
        for paths, reach in _by_pods(rule.reaches(self._around)):
            evidence = tuple([Evidence(effect, reason, policy.object, path) for path in paths])
            for ranges, request, named in passages(rule.ports) if reach.peers else ():
                workload = self._pod(policy.pods, named if ingress else None)
                if workload is not None:
                    opening = Opening(
                        layer=Layer.NETWORK,
                        direction=direction,
                        namespace=self._namespace,
                        workload=workload,
                        peers=reach.peers,
                        request=rule.asks.example(request) if rule.asks else request,
                        ports=ranges,
                        peer=_other_end(reach.pods, reach.service_account, None if ingress else named),
                        evidence=evidence,
                    )
                    made.append(opening)
        return made

    def of_unselected(self, policies: Iterable[Policy], direction: Direction) -> Iterator[Opening]:
        """Everything, for a pod that no policy isolates, if there can be one."""
        isolating = [one.pods for one in policies if _isolates(one, direction)]
        if EVERYTHING in isolating:
            return
        labels = escape(isolating)
        if labels is None:
            return
        free = (one for one in self._workloads if not any(pods.matches(one.labels, one.given) for pods in isolating))
        workload = next(free, None) or Workload(namespace=self._namespace, name=ANY, labels=labels)
        reason = f"no policy of namespace {self._namespace} isolates pods like {workload.name} for {direction}"
        yield self._everything(direction, workload, (Evidence(Effect.ALLOWS, reason),))

    def of_host_network(self, direction: Direction) -> Iterator[Opening]:
        """Everything, for each workload in the host's network."""
        for one in self._workloads:
            if one.host_network:
                reason = f"{one} is in the host's network, where policies have no effect"
                yield self._everything(direction, one, (Evidence(Effect.ALLOWS, reason, one.object),))

    def _everything(self, direction: Direction, workload: Workload | None, evidence: tuple[Evidence, ...]) -> Opening:
        return Opening(
            layer=Layer.NETWORK,
            direction=direction,
            namespace=self._namespace,
            workload=workload or Workload(namespace=self._namespace, name=ANY),
            peers=ANYBODY.peers,
            request=passages(())[0].request,
            evidence=evidence,
        )

    def _pod(self, pods: Selector, named: ContainerPort | None) -> Workload | None:
        """A pod that `pods` selects and that has the port `named`: one that is there, else one that could be made."""
        key = (pods, named)
        if key not in self._pods:
            self._pods[key] = self._found(pods, named)
        return self._pods[key]

    def _found(self, pods: Selector, named: ContainerPort | None) -> Workload | None:
        for one in self._workloads:
            if not one.host_network and (named is None or named in one.ports) and pods.matches(one.labels, one.given):
                return one
        labels = assignment(pods)
        if labels is None:
            return None
        return Workload(namespace=self._namespace, name=ANY, labels=labels, ports=(named,) if named else ())


_REASONS: Final = {Direction.INGRESS: "lets traffic in", Direction.EGRESS: "lets traffic out"}


def _isolates(policy: Policy, direction: Direction) -> bool:
    side = policy.side(direction)
    return side is not None and side.isolates and not policy.unknown and not policy.pods.unknown


@lru_cache(maxsize=1 << 12)
def passages(ports: tuple[PortMatch, ...]) -> tuple[Passage, ...]:
    """`ports` by protocol. A named port may be any, for a pod may call any port by the name."""
    if not ports or any(one.unknown for one in ports):
        return (Passage((), example(())[0], None),)
    found = {name: [one for one in ports if one.protocol in (name, "")] for name in (*PROTOCOLS, "ICMP")}
    return tuple(_passage(name, some) for name, some in found.items() if some)


def _passage(protocol: str, ports: Sequence[PortMatch]) -> Passage:
    request, named = example(ports)
    every = any(one.every for one in ports)
    ranges = () if every else tuple(sorted((one.first, one.last) for one in ports))
    return Passage(ranges, replace(request, protocol=protocol), named and replace(named, protocol=protocol))


def _by_pods(reaches: Sequence[tuple[str, Reach]]) -> Iterable[tuple[list[str], Reach]]:
    """Peers that are alike but for their namespaces, together."""
    if len(reaches) == 1:
        return (([reaches[0][0]], reaches[0][1]),)
    kinds: dict[tuple[Selector, str], tuple[list[str], Reach]] = {}
    for path, reach in reaches:
        kind = (reach.pods, reach.service_account)
        paths, known = kinds.get(kind, ([], reach))
        kinds[kind] = ([*paths, path], known._replace(peers=_union(known.peers, reach.peers)))
    return kinds.values()


def _union(one: Peers, other: Peers) -> Peers:
    outside = one.outside or other.outside
    if one.everywhere and other.everywhere:
        return Peers(one.namespaces & other.namespaces, everywhere=True, outside=outside)
    if one.everywhere:
        return Peers(one.namespaces - other.namespaces, everywhere=True, outside=outside)
    if other.everywhere:
        return Peers(other.namespaces - one.namespaces, everywhere=True, outside=outside)
    return Peers(one.namespaces | other.namespaces, everywhere=False, outside=outside)


@lru_cache(maxsize=1 << 12)
def _other_end(pods: Selector, account: str, named: ContainerPort | None) -> Workload | None:
    """What a pod at the other end has to be like; None when any pod will do."""
    if not pods.constraints and not account and named is None:
        return None
    return Workload(
        namespace="",
        name=ANY,
        labels=assignment(pods) or {},
        service_account=account or "default",
        ports=(named,) if named else (),
    )
