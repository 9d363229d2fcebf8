"""How the network layer says things: flows, what a policy did, and what would change the answer."""

from collections.abc import Iterable, Sequence

from tenantmesh.graph.flow import Endpoint, Request, Workload
from tenantmesh.graph.network.surroundings import Flow
from tenantmesh.graph.opening import Direction
from tenantmesh.manifest import ObjectKey

_IN_OUT = {Direction.INGRESS: ("from", "in"), Direction.EGRESS: ("to", "out")}


def port(request: Request) -> str:
    """The port as people write it: `80/TCP`."""
    return f"{request.port}/{request.protocol}"


def end(endpoint: Endpoint) -> str:
    """One end of a flow: `namespace/name`, an address, a host, `outside`."""
    if isinstance(endpoint, Workload) and endpoint.host_network:
        return f"the node of {endpoint}"
    return str(endpoint)


def traffic(flow: Flow) -> str:
    """What is asked of the subject's policies: `from a/app to port 80/TCP`."""
    preposition, _ = _IN_OUT[flow.direction]
    to = "to" if flow.direction is Direction.INGRESS else "on"
    return f"{preposition} {end(flow.peer)} {to} port {port(flow.request)}"


def letting(flow: Flow) -> str:
    """What a new rule would have to do: `lets a/app in on port 80/TCP`."""
    _, adverb = _IN_OUT[flow.direction]
    if flow.direction is Direction.INGRESS:
        return f"lets {end(flow.peer)} {adverb} on port {port(flow.request)}"
    return f"lets {flow.subject} {adverb} to {end(flow.peer)} on port {port(flow.request)}"


def opening(isolating: Sequence[ObjectKey], flow: Flow) -> str:
    """What would let a flow through to or from a pod that `isolating` policies shut: a rule, or a policy of its own."""
    first, *others = isolating
    if not others:
        return f"add a rule to {first} that {letting(flow)}"
    place = f" in namespace {first.namespace}" if first.namespace else ""
    return f"make a {first.kind}{place}, on {flow.subject}, that {letting(flow)}"


def fence(flow: Flow) -> str:
    """What would close a pod that no policy selects."""
    type_ = flow.direction.value.capitalize()
    subject = flow.subject
    return f"make a NetworkPolicy in namespace {subject.namespace} that selects {subject}, with policyTypes [{type_}]"


def listed(things: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
