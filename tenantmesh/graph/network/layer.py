"""The network layer: whether packets of a flow get from one end to the other."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.network import admin, cilium, policies, words
from tenantmesh.graph.network.answers import agreed, joined
from tenantmesh.graph.network.isolation import PolicyTier, yields
from tenantmesh.graph.network.openings import Openings
from tenantmesh.graph.network.ordered import OrderedTier
from tenantmesh.graph.network.outside import representatives
from tenantmesh.graph.network.rules import Policy
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.network.tiers import ALLOW, Decision, Tier, settle
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, best

_RANKED: Final = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")


class NetworkLayer:
    """All policies of a cluster's network, compiled namespace by namespace when they are first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._around = Surroundings(cluster)
        self._objects = cluster.objects("networking.k8s.io", "NetworkPolicy")
        self._cilium = cluster.objects(cilium.GROUP, "CiliumNetworkPolicy")
        clusterwide = cluster.objects(cilium.GROUP, "CiliumClusterwideNetworkPolicy").get("", ())
        self._clusterwide = [policy for one in clusterwide for policy in cilium.read(one, cluster)]
        # Read again when it is asked for much later: to keep what is read of all namespaces costs more than that.
        self._namespaced: Callable[[str], tuple[Policy, ...]] = lru_cache(maxsize=1 << 10)(self._policies)
        ranked = [admin.read(one) for kind in _RANKED for one in cluster.objects(admin.GROUP, kind).get("", ())]
        self._admin = OrderedTier((one for one in ranked if not one.baseline), self._around)
        self._baseline = OrderedTier((one for one in ranked if one.baseline), self._around)
        namespaces = PolicyTier(self._namespaced, self._around)
        self._tiers: tuple[Tier, ...] = (*_used(self._admin), namespaces, *_used(self._baseline))

    def _policies(self, namespace: str) -> tuple[Policy, ...]:
        """The namespace's policies in the tier of namespaces, Cilium's cluster-wide ones among them."""
        return tuple(self._read(namespace))

    def _read(self, namespace: str) -> Iterator[Policy]:
        yield from map(policies.read, self._objects.get(namespace, ()))
        for one in self._cilium.get(namespace, ()):
            yield from cilium.read(one, self._around.cluster)
        for policy in self._clusterwide:
            if policy.concerns(namespace, self._around) is not Fit.NO:
                yield policy

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:
        """Whether `source` gets packets of `request` to `destination`, by the policies on both of them."""
        if source == destination and isinstance(source, Workload) and _is_one_pod(source):
            return LayerVerdict(
                Layer.NETWORK, Answer.ALLOWED, f"{source} is one pod, and no policy keeps it from itself"
            )
        if isinstance(source, Workload) and isinstance(destination, Workload):
            egress = Flow(Direction.EGRESS, source, destination, request)
            return joined([self._decide(egress), self._decide(Flow(Direction.INGRESS, destination, source, request))])
        if isinstance(destination, Workload):
            return self._across(Flow(Direction.INGRESS, destination, source, request))
        if isinstance(source, Workload):
            return self._across(Flow(Direction.EGRESS, source, destination, request))
        return LayerVerdict(Layer.NETWORK, Answer.ALLOWED, "no pod takes part, so no policy of the cluster does")

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        """What lets traffic through to and from pods of `namespace`, real ones and such as could be made.

        Traffic of nodes is in none of them: pods in the host's network are openings of their own namespace.
        """
        made = Openings(namespace, self._around)
        policies = self._namespaced(namespace)
        below = [one for one in self._baseline.policies if any(map(yields, policies))]
        beside = (*self._admin.policies, *below)
        overriding = [one for one in beside if one.concerns(namespace, self._around) is not Fit.NO]
        found: list[Opening] = []
        for direction in Direction:
            for policy in (*policies, *overriding):
                found.extend(made.of_policy(policy, direction))
            found.extend(made.of_unselected(policies, direction))
            found.extend(made.of_host_network(direction))
        return tuple(found)

    def _across(self, flow: Flow) -> LayerVerdict:
        """The verdict of a flow whose other end is outside, where it may have any address that is not known."""
        who = flow.peer
        if not isinstance(who, Outside):
            return joined([self._decide(flow)])
        rules = [rule for tier in self._tiers for rule in tier.rules(flow)]
        pods = self._around.pod_networks if self._around.cluster.pod_cidrs else ()
        ends = representatives(who, rules, pods)
        verdicts = ((one, joined([self._decide(replace(flow, peer=one))])) for one in ends)
        return agreed(tuple(verdicts), who) if who.host else best(one for _, one in verdicts)

    def _decide(self, flow: Flow) -> Decision:
        if flow.subject.host_network:
            reason = f"{flow.subject} is in the host's network, where policies have no effect"
            evidence = Evidence(Effect.ALLOWS, reason, flow.subject.object)
            return Decision(ALLOW, reason, (evidence,), f"take hostNetwork from {flow.subject}")
        return settle(self._tiers, flow, _unfenced)


def _unfenced(flow: Flow) -> Decision:
    reason = f"no policy isolates {flow.subject} for {flow.direction}"
    return Decision(ALLOW, reason, (Evidence(Effect.ALLOWS, reason),), words.fence(flow))


def _used(tier: OrderedTier) -> tuple[OrderedTier, ...]:
    """The tier, if there is a policy in it: few clusters have any, and each flow would be asked about there."""
    return (tier,) if any(True for _ in tier.policies) else ()


def _is_one_pod(workload: Workload) -> bool:
    return workload.object is not None and workload.object.body.get("kind") == "Pod"
