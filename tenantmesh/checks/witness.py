"""Concrete flows for what is only known as a set: a stranger's pod, a pod that a tenant could make."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.crossing import Crossing, Other
from tenantmesh.checks.layers import Flow
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.verdict import Layer

STRANGER = "stranger"
"""The namespace that nobody declared, as witnesses call it."""
ANY_POD = "any-pod"


def stranger(context: Context, like: Workload | None = None) -> Workload:
    """A pod of a namespace that nobody declared, with the mesh's identity where there is a mesh."""
    name = STRANGER
    while name in context.cluster.namespaces:
        name += "-x"
    pod = like or Workload(namespace=name, name=ANY_POD)
    member = context.has_mesh and pod.proxy is Proxy.NONE
    return replace(pod, namespace=name, name=ANY_POD, proxy=Proxy.SIDECAR if member else pod.proxy)


def pod_in(context: Context, namespace: str, like: Workload | None = None) -> Workload:
    """A pod that could be made in a namespace; `like` says what it has to have."""
    pod = like or Workload(namespace=namespace, name=ANY_POD)
    member = context.proxy_in(namespace) if pod.proxy is Proxy.NONE else pod.proxy
    known = namespace in context.cluster.namespaces
    return replace(
        pod,
        namespace=namespace,
        name=pod.name or ANY_POD,
        proxy=member if known or not context.has_mesh else Proxy.SIDECAR,
    )


def labelled(context: Context, namespace: str, labels: Mapping[str, str]) -> Workload:
    """The first real pod with these labels, or one that could be made."""
    for one in context.cluster.workloads.get(namespace, ()):
        if labels.items() <= one.labels.items():
            return one
    return pod_in(context, namespace, Workload(namespace=namespace, name=ANY_POD, labels=labels))


def crossing_flow(context: Context, crossing: Crossing) -> Flow:
    """One flow through the opening, to or from the party at the other end."""
    opening = crossing.opening
    other = _party(context, crossing)
    if opening.direction is Direction.INGRESS:
        return Flow(other, opening.workload, opening.request)
    # What the infrastructure is asked (names, configuration) the proxy asks itself, or does not see.
    own = replace(opening.workload, proxy=Proxy.NONE) if crossing.other is Other.SHARED else opening.workload
    return Flow(own, other, opening.request)


def plain_flows(context: Context, crossing: Crossing, flow: Flow) -> Iterator[Flow]:
    """The flow to what takes plain text, from a pod without a sidecar, where the network's opening lets it in."""
    opening = crossing.opening
    source = replace(flow.source, proxy=Proxy.NONE) if isinstance(flow.source, Workload) else flow.source
    if opening.layer is Layer.NETWORK and opening.direction is Direction.INGRESS:
        for one in context.permitted.get(crossing.tenant, ()):
            for port in one.said.ports if one.namespace == opening.namespace else ():
                if not opening.ports or any(first <= port <= last for first, last in opening.ports):
                    pod = labelled(context, one.namespace, one.said.selector)
                    yield Flow(source, pod, replace(flow.request, port=port))


def _party(context: Context, crossing: Crossing) -> Endpoint:
    if crossing.other is Other.OUTSIDE:
        return Outside()
    if crossing.other is Other.EVERYBODY:
        return stranger(context, crossing.opening.peer)
    pod = pod_in(context, crossing.namespace, crossing.opening.peer)
    return replace(pod, proxy=context.proxy_in(crossing.namespace)) if crossing.other is Other.SHARED else pod


def fence_flow(context: Context, tenant: str) -> Flow:
    """What a stranger would try first: the first workload of the tenant that has a port and is no gateway."""
    source = stranger(context)
    for namespace in context.intent.tenants[tenant]:
        for one in context.cluster.workloads.get(namespace, ()):
            if one.ports and one.proxy is not Proxy.GATEWAY:
                return Flow(source, one, Request(port=one.ports[0].number, protocol=one.ports[0].protocol))
    return Flow(source, pod_in(context, context.intent.tenants[tenant][0]), Request(port=8080))
