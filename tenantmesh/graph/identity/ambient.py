"""Ambient: ztunnel in front of every pod decides by connections, and a waypoint, where there is one, by requests.

Source: https://istio.io/latest/docs/ambient/usage/waypoint/ and https://istio.io/latest/docs/ambient/usage/l4-policy/.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.answers import Step, step
from tenantmesh.graph.identity.attached import Held, Holding, Policies, by_label
from tenantmesh.graph.identity.circumstances import Circumstances, mesh_principal
from tenantmesh.graph.identity.deciding import decided, decisions
from tenantmesh.graph.identity.policies import GATEWAY_NAME, Action, Policy
from tenantmesh.graph.identity.ztunnel import Reading
from tenantmesh.graph.verdict import Answer

USE_WAYPOINT: Final = "istio.io/use-waypoint"
USE_WAYPOINT_NAMESPACE: Final = "istio.io/use-waypoint-namespace"
_CLASS: Final = "istio-waypoint"


class Waypoint(NamedTuple):
    """The waypoint of some traffic, by the name of its Gateway; `service` is whose traffic, "" for the pods' own."""

    namespace: str
    name: str
    service: str = ""

    @property
    def pods(self) -> Workload:
        """The pods that Istio makes for it."""
        labels = {GATEWAY_NAME: self.name}
        return Workload(namespace=self.namespace, name=self.name, labels=labels, service_account=self.name)


class Ambient:
    """What ztunnel and waypoints decide."""

    def __init__(self, cluster: Cluster, policies: Policies) -> None:
        self._cluster = cluster
        self._policies = policies
        self._services = cluster.objects("", "Service")
        self.fit = Reading().fit

    def ways(self, destination: Workload, seen: Circumstances, token: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
        """The steps of each way to the destination: straight to its ztunnel, and through each of its waypoints."""
        yield tuple(self._at_ztunnel(destination, seen))
        for waypoint in self.waypoints(destination):
            yield (*token, *self._through(waypoint, destination, seen))

    def has_waypoint(self, namespace: str) -> bool:
        """Whether anything in a namespace, or the namespace as a whole, asks for a waypoint."""
        space = self._cluster.namespaces.get(namespace)
        labels = [space.labels] if space else []
        labels += [one.labels for one in self._cluster.workloads.get(namespace, ())]
        for one in self._services.get(namespace, ()):
            labels.append((one.body.get("metadata") or {}).get("labels") or {})
        return any(one.get(USE_WAYPOINT, "none") != "none" for one in labels)

    def waypoints(self, destination: Workload) -> tuple[Waypoint, ...]:
        """The waypoints that requests may pass on their way: by a label of the pods, a Service or the namespace."""
        space = self._cluster.namespaces.get(destination.namespace)
        around: Mapping[str, str] = space.labels if space else {}
        found = [_waypoint(destination.namespace, "", destination.labels, around)]
        for one in self._services.get(destination.namespace, ()):
            if by_label(destination.labels, (one.body.get("spec") or {}).get("selector")):
                labels = (one.body.get("metadata") or {}).get("labels") or {}
                found.append(_waypoint(destination.namespace, one.key.name, labels, around))
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _at_ztunnel(self, destination: Workload, seen: Circumstances) -> Iterator[Step]:
        held = Holding(
            one
            for one in self._policies.holding(destination).held
            if not one.policy.targets and one.policy.action in (Action.ALLOW, Action.DENY)
        )
        return decided(held, seen, destination, self._cluster.mesh, self.fit)

    def _through(self, waypoint: Waypoint, destination: Workload, seen: Circumstances) -> Iterator[Step]:
        pods, mesh = waypoint.pods, self._cluster.mesh
        reason = f"{destination} is reached through the waypoint {waypoint.namespace}/{waypoint.name} too"
        yield step(Answer.ALLOWED, reason)
        own = Holding(one for one in self._policies.holding(pods).held if not one.policy.targets)
        yield from decisions(own, replace(seen, is_http=False), pods, mesh)
        yield from decisions(Holding(self._attached(waypoint, destination)), seen, pods, mesh)
        yield from self._at_ztunnel(destination, replace(seen, principal=mesh_principal(pods, mesh.trust_domain)))

    def _attached(self, waypoint: Waypoint, destination: Workload) -> Iterator[Held]:
        root = self._cluster.mesh.root_namespace
        for space in dict.fromkeys((root, waypoint.namespace, destination.namespace)):
            for policy in self._policies.of(space):
                if _is_attached(policy, waypoint, destination.namespace, root):
                    yield Held(policy)


def _waypoint(namespace: str, service: str, labels: Mapping[str, str], around: Mapping[str, str]) -> Waypoint | None:
    said = labels if USE_WAYPOINT in labels else around
    name = said.get(USE_WAYPOINT, "none")
    if name == "none" or (not service and said is around):
        return None
    return Waypoint(said.get(USE_WAYPOINT_NAMESPACE) or namespace, name, service)


def _is_attached(policy: Policy, waypoint: Waypoint, namespace: str, root: str) -> bool:
    space = policy.object.key.namespace
    for one in policy.targets:
        match one.kind:
            case "Gateway" if space == waypoint.namespace and one.name == waypoint.name:
                return True
            case "Service" if space == namespace and waypoint.service and one.name == waypoint.service:
                return True
            case "GatewayClass" if space == root and one.name == _CLASS:
                return True
            case _:
                pass
    return False
