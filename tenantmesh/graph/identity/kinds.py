"""The kinds of pods that a namespace's policies tell apart: those that are there and those that could be made.

A policy selects by labels that have to be there, so among all pods that it selects the one with no other labels is
selected by the fewest others: what no DENY keeps from that pod is what the policy opens at most.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.identity.enforcement import Enforcement
from tenantmesh.graph.identity.policies import Action, Policy
from tenantmesh.graph.identity.redirection import ports_passed_by
from tenantmesh.graph.labels import Selector, assignment
from tenantmesh.graph.workloads import proxy

ANY_POD: Final = "any"
"""The name of a pod that could be made."""


class Kind(NamedTuple):
    """Pods, by one of them; `opened_by` are the ALLOW policies that are asked here, None where none selects them.

    `plain_only`: only those who prove nothing are of interest, for others are told of with another kind.
    """

    pod: Workload
    opened_by: tuple[Policy, ...] | None
    plain_only: bool = False


class Kinds:
    """Finds the kinds of each namespace."""

    def __init__(self, enforced: Enforcement) -> None:
        self._enforced = enforced
        self._cluster = enforced.cluster

    def of(self, namespace: str) -> Iterator[Kind]:
        """The kinds of pods in a namespace that take part in the mesh."""
        usual = self._usual(namespace)
        if usual in (Proxy.SIDECAR, Proxy.AMBIENT):
            yield from self._made(namespace, usual)
        for pod in self._cluster.workloads.get(namespace, ()):
            member = pod.proxy is not Proxy.NONE or self._enforced.connections.fronts.is_gateway(pod)
            if member and pod.proxy is not usual:
                held = self._enforced.policies.holding(pod).allowing
                yield Kind(pod, tuple(one.policy for one in held) or None)
                if held and all(one.unsure for one in held):
                    yield Kind(pod, None)

    def unasked(self, namespace: str) -> Iterator[tuple[Workload, tuple[int, ...]]]:
        """Pods at which no policy is asked, each with the ports where that is so (none is every port)."""
        if self._usual(namespace) is Proxy.NONE:
            yield Workload(namespace=namespace, name=ANY_POD), ()
            return
        for pod in self._cluster.workloads.get(namespace, ()):
            if pod.proxy is Proxy.NONE and not self._enforced.connections.fronts.is_gateway(pod):
                yield pod, ()
            elif pod.proxy is Proxy.SIDECAR and pod.annotations:
                ports, others = ports_passed_by(pod)
                if others or ports:
                    yield pod, () if others else ports

    def shown(self, pod: Workload, wanted: Selector) -> Workload:
        """A pod that is there and that the policies take for the same as `pod`; `pod` itself if there is none."""
        if pod.object is not None:
            return pod
        seen: object = None
        for one in self._cluster.workloads.get(pod.namespace, ()):
            if one.proxy is pod.proxy and wanted.matches(one.labels, one.given):
                seen = seen or self._treated(pod)
                if self._treated(one) == seen:
                    return one
        return pod

    def _treated(self, pod: Workload) -> tuple[object, ...]:
        """All that tells two pods apart: what refuses, whether anything allows, mutual TLS and how ports are read."""
        holding = self._enforced.policies.holding(pod)
        refusing = [id(one.policy) for one in holding.refusing]
        peers = self._enforced.connections.peers
        modes = {port: peers.asked(pod, port).mode for port in (0, *peers.ports(pod))}
        return refusing, bool(holding.allowing), modes, self._reads_tokens(pod)

    def _usual(self, namespace: str) -> Proxy:
        space = self._cluster.namespaces.get(namespace)
        return proxy({}, {}, space.labels if space else {}, host_network=False)

    def _is_allowed(self, pod: Workload) -> bool:
        return bool(self._enforced.policies.holding(pod).allowing)

    def _made(self, namespace: str, usual: Proxy) -> Iterator[Kind]:
        for wanted, policies in self._selectors(namespace).items():
            for number, labels in enumerate(self._variants(namespace, wanted)):
                pod = Workload(namespace=namespace, name=ANY_POD, labels=labels, proxy=usual)
                if not policies and number and self._is_allowed(pod):
                    continue
                # A variant differs in its mutual TLS only, unless tokens are read at it.
                yield Kind(pod, policies or None, plain_only=number > 0 and not self._reads_tokens(pod))

    def _selectors(self, namespace: str) -> dict[Selector, tuple[Policy, ...]]:
        """The ALLOW policies by what they select; first those that select everything, even if there are none."""
        found: dict[Selector, list[Policy]] = {Selector(): []}
        for one in self._enforced.policies.around(namespace):
            if one.action is Action.ALLOW and not one.targets:
                found.setdefault(Selector(one.pods.constraints), []).append(one)
        return {wanted: tuple(some) for wanted, some in found.items()}

    def _variants(self, namespace: str, wanted: Selector) -> Iterator[dict[str, str]]:
        """The fewest labels that satisfy `wanted`, then with those by which a pod takes plain text, or reads tokens."""
        base = assignment(wanted)
        if base is None:
            return
        yield base
        connections, tokens = self._enforced.connections, self._enforced.tokens
        extra = [*connections.peers.weaker(namespace), *tokens.selectors(namespace)]
        seen = [base]
        for one in extra:
            labels = assignment(wanted, one)
            if labels is not None and labels not in seen:
                seen.append(labels)
                yield labels
        if len(extra) > 1:
            labels = assignment(wanted, *extra)
            if labels is not None and labels not in seen:
                yield labels

    def _reads_tokens(self, pod: Workload) -> bool:
        return any(True for _ in self._enforced.tokens.issuers(pod))
