"""Ranges at gateways: that they answer, and call, no address past those that were declared, in each layer by itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_network
from typing import Final

from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.statements import RangesSaid
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow, FlowLayer
from tenantmesh.checks.outcome import Outcome, allowing, deciders, finding
from tenantmesh.checks.parts import labels, part, spec, text, texts
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import doors as rules
from tenantmesh.checks.witness import labelled, pod_in, stranger
from tenantmesh.graph.cidrs import Network, address, network, uncovered
from tenantmesh.graph.flow import Outside, Workload
from tenantmesh.graph.identity.where import places
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer, Effect, Layer, LayerVerdict
from tenantmesh.manifest import ManifestObject, ObjectKey

# Whose objects may tell addresses apart.
_GROUPS: Final = ("cilium.io", "networking.k8s.io", "policy.networking.k8s.io", "security.istio.io")
_NOBODY: Final = (ip_network("0.0.0.0/8"), ip_network("127.0.0.0/8"))
_OPENED: Final = ("LoadBalancer", "NodePort")
_EVERYBODY: Final = ("0.0.0.0/0",)
# What a cloud's load balancer goes by where the Service's own field says nothing.
_ANNOTATION: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"


@dataclass(frozen=True)
class _Held:
    """The pods of one gateway in one namespace, and the ranges that they are to keep to in one direction."""

    context: Context
    namespace: str
    pods: Mapping[str, str]
    ranges: tuple[Network, ...]
    direction: Direction
    excepted: tuple[Network, ...] = ()

    @cached_property
    def beyond(self) -> tuple[Outside, ...]:
        """Somebody in each part of the address space that policies tell apart, but for what was declared."""
        named = {*map(str, (*self.ranges, *self.excepted)), *_named(self.context, self.namespace)}
        known = tuple(map(network, self.context.cluster.pod_cidrs))
        found = [one for one in places(sorted(named), (*known, *_NOBODY)) if not self.allows(one)]
        return tuple(Outside(address=one) for one in sorted(found, key=_public_first))

    def allows(self, text: str) -> bool:
        """Whether an address was declared."""
        found = address(text)
        return any(found in one for one in self.ranges) and not any(found in one for one in self.excepted)

    @property
    def declared(self) -> str:
        """The ranges in words."""
        but = f" without {', '.join(map(str, self.excepted))}" if self.excepted else ""
        return f"{', '.join(map(str, self.ranges))}{but}"

    def shown(self, opening: Opening) -> Iterator[Workload]:
        """The gateway's pods that are there, or one that could be, and the opening's own if it is one too."""
        there = self.context.cluster.workloads.get(self.namespace, ())
        found = [pod for pod in there if self.pods.items() <= pod.labels.items()]
        yield from found or [labelled(self.context, self.namespace, self.pods)]
        if opening.workload not in found and self.pods.items() <= opening.workload.labels.items():
            yield opening.workload


def check(context: Context, outcome: Outcome) -> None:
    """Add the gateways of a tenant that answer or call other addresses than it declared."""
    for said in context.intent.ranges.get(outcome.tenant, ()):
        for namespace in context.intent.tenants[outcome.tenant]:
            for held in _held(context, namespace, said):
                outcome.findings += _balanced(outcome.tenant, held)
                _opened(outcome, held, Layer.NETWORK, context.layers.network)
                if context.has_mesh:
                    _opened(outcome, held, Layer.IDENTITY, context.layers.identity)


def _held(context: Context, namespace: str, said: RangesSaid) -> Iterator[_Held]:
    said_of = ((Direction.INGRESS, said.sources, ()), (Direction.EGRESS, said.destinations, said.excepted))
    for direction, some, but in said_of:
        if some:
            ranges, excepted = tuple(map(network, some)), tuple(map(network, but))
            yield _Held(context, namespace, said.selector, ranges, direction, excepted)


def _opened(outcome: Outcome, held: _Held, layer: Layer, answers: FlowLayer) -> None:
    """Each way of one layer by which somebody beyond the ranges gets through, by the first who does."""
    told: set[tuple[ObjectKey, ...]] = set()
    for opening in answers.openings(held.namespace):
        if opening.direction is held.direction:
            for flow, verdict in _tried(held, opening, answers):
                by = tuple(one.key for one in _letting(held, verdict))
                if verdict.answer is Answer.UNPROVEN:
                    outcome.unproven.append(_doubt(outcome.tenant, layer, flow, verdict))
                elif by not in told:
                    told.add(by)
                    outcome.findings.append(_finding(outcome.tenant, held, layer, flow, verdict))


def _tried(held: _Held, opening: Opening, answers: FlowLayer) -> Iterator[tuple[Flow, LayerVerdict]]:
    """For each pod of the gateway the first from beyond who is not refused, and what is said of him."""
    others = (*(held.beyond if opening.peers.outside else ()), *_strangers(held, opening))
    named = next(_named_tenants(held, opening), None)
    for pod in held.shown(opening) if others or named else ():
        for who in others:
            ends = (who, pod) if held.direction is Direction.INGRESS else (pod, who)
            verdict = answers.verdict(*ends, opening.request)
            if verdict.answer is not Answer.DENIED:
                yield Flow(*ends, opening.request), verdict
                break
        if named is not None:
            # Whether the other tenant lets its pods out, is not this tenant's to say.
            reason = opening.evidence[0].reason if opening.evidence else ""
            verdict = LayerVerdict(Layer.NETWORK, Answer.ALLOWED, reason, opening.evidence)
            yield Flow(named, pod, opening.request), verdict


def _strangers(held: _Held, opening: Opening) -> Iterator[Workload]:
    """A pod of nobody whose address was not declared, if the network lets pods of every namespace in to a gateway."""
    if opening.peers.everywhere and _asks_pods(held, opening) and held.beyond:
        yield replace(stranger(held.context, opening.peer), addresses=(held.beyond[0].address,))


def _named_tenants(held: _Held, opening: Opening) -> Iterator[Workload]:
    """Pods of other tenants that the network lets in to a gateway by name, without a grant."""
    intent = held.context.intent
    said = {*intent.tenants[intent.owners[held.namespace]], *intent.exported.get(held.namespace, ())}
    if not opening.peers.everywhere and _asks_pods(held, opening):
        for name in sorted(opening.peers.namespaces - said):
            if not intent.is_shared(name):
                yield pod_in(held.context, name, opening.peer)


def _asks_pods(held: _Held, opening: Opening) -> bool:
    return opening.layer is Layer.NETWORK and held.direction is Direction.INGRESS


def _balanced(tenant: str, held: _Held) -> Iterator[Finding]:
    """The Services that let in more, or that hide from where somebody comes."""
    for one in held.context.cluster.objects("", "Service").get(held.namespace, ()):
        selected, body = labels(spec(one).get("selector")), spec(one)
        fits = selected and (selected.items() <= held.pods.items() or held.pods.items() <= selected.items())
        if not fits or body.get("type") not in _OPENED or held.direction is not Direction.INGRESS:
            continue
        if body.get("externalTrafficPolicy") != "Local":
            what = "shows the gateway its nodes' addresses for its clients', for its externalTrafficPolicy is not Local"
            yield _of_service(tenant, one, "a node's address", what)
        for said in _balancing(one) if body.get("type") == "LoadBalancer" else ():
            who = _first_beyond(said, held.ranges)
            if who:
                yield _of_service(
                    tenant, one, who, f"has its load balancer let in {who} ({said}), which was not declared"
                )


def _of_service(tenant: str, service: ManifestObject, who: str, what: str) -> Finding:
    return finding(
        rules.RANGE_WIDENED,
        (tenant,),
        (service,),
        witness=f"{who} -> {service.key}",
        message=f"{service.key} {what}",
    )


def _balancing(service: ManifestObject) -> Iterable[str]:
    annotation = text(part(service.body, "metadata", "annotations").get(_ANNOTATION))
    said = texts(spec(service).get("loadBalancerSourceRanges")) or [one.strip() for one in annotation.split(",") if one]
    return said or _EVERYBODY


def _first_beyond(said: str, ranges: tuple[Network, ...]) -> str:
    try:
        found = uncovered(network(said), (*ranges, *_NOBODY))
    except ValueError:
        return ""
    return str(found) if found else ""


def _named(context: Context, namespace: str) -> set[str]:
    """Every range that some policy of a namespace, of the mesh or of the whole cluster has in it."""
    found: set[str] = set()
    for group, kind in context.cluster.kinds:
        if group in _GROUPS:
            objects = context.cluster.objects(group, kind)
            for place in {namespace, context.cluster.mesh.root_namespace, ""}:
                for one in objects.get(place, ()):
                    found.update(_ranges(one.body.get("spec")))
    return found


def _ranges(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, list | tuple):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _ranges(one)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, str):
        yield from _range(value)


def _range(value: str) -> Iterator[str]:
    """A range, or an address alone as the range of itself."""
    try:
        yield str(network(value if "/" in value else f"{value}/{address(value).max_prefixlen}"))
    except ValueError:
        return


def _public_first(text: str) -> tuple[bool, int, int]:
    found = address(text)
    return found.is_private, found.version, int(found)


def _finding(tenant: str, held: _Held, layer: Layer, flow: Flow, verdict: LayerVerdict) -> Finding:
    who = flow.source if held.direction is Direction.INGRESS else flow.destination
    by = _letting(held, verdict)
    verb = "answer" if held.direction is Direction.INGRESS else "call"
    return finding(
        rules.RANGE_WIDENED,
        (tenant,),
        by,
        witness=str(flow),
        message=f"{layer}: by {' and '.join(str(one.key) for one in by)} the gateway's pods {verb} {who}, past the "
        f"declared {held.declared}",
        evidence=verdict.evidence,
    )


def _letting(held: _Held, verdict: LayerVerdict) -> tuple[ManifestObject, ...]:
    """The objects that let somebody through, without those that only did not refuse."""
    found = allowing(held.context, verdict.evidence, held.namespace)
    return tuple(one for one in found if one.key.kind != "Gateway" and spec(one).get("action") != "DENY") or found


def _doubt(tenant: str, layer: Layer, flow: Flow, verdict: LayerVerdict) -> Unproven:
    objects = deciders(verdict.evidence, Effect.UNKNOWN)
    reason = f"{layer}: {flow}: {verdict.reason}"
    return Unproven(tenants=(tenant,), reason=reason, object=next(iter(objects), None))
