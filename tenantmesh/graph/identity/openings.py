"""What the proxies of a namespace take at most, for pods that are there and for those that could be made."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.identity.conditions import Condition
from tenantmesh.graph.identity.patterns import path_pattern, pattern
from tenantmesh.graph.identity.peer import Mode
from tenantmesh.graph.identity.policies import Action, Policy, Rule
from tenantmesh.graph.identity.who import ANY, EVERYBODY, Identities, Who, minus
from tenantmesh.graph.labels import EVERYTHING, Selector, assignment
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer
from tenantmesh.graph.workloads import proxy

if TYPE_CHECKING:
    from tenantmesh.graph.identity.layer import IdentityLayer

ANY_POD: Final = "any"
_PROBES: Final = 400
"""Requests that are tried to find one that passes an opening to others."""
_NOBODY: Final = "nobody-knows"


class _Candidate(NamedTuple):
    """One way in: who, by which policy and rule, on which request."""

    who: Who
    operation: tuple[Condition, ...]
    source: tuple[Condition, ...] = ()
    policy: Policy | None = None
    path: str = ""


class Openings:
    """The openings of every namespace, made of the layer's compiled policies."""

    def __init__(self, layer: "IdentityLayer") -> None:
        self._layer = layer
        self._identities = Identities(layer.cluster)

    def of(self, namespace: str) -> Iterator[Opening]:
        """What each kind of pod of the namespace takes: those that a policy selects, and one that none does."""
        for pod in self._pods(namespace):
            if pod.proxy is Proxy.NONE:
                reason = f"{pod} has no proxy, so no policy of the mesh is asked"
                yield self._opening(pod, ANY, Request(port=8080), Evidence(Effect.ALLOWS, reason))
            else:
                yield from self._taken(pod)

    def _pods(self, namespace: str) -> list[Workload]:
        around = self._layer.cluster.namespaces.get(namespace)
        labels = around.labels if around else {}
        selectors: dict[Selector, None] = {EVERYTHING: None}
        for one in self._layer.policies(namespace):
            if not one.targets:
                selectors[one.pods] = None
        real = self._layer.cluster.workloads.get(namespace, ())
        made: list[Workload] = []
        for wanted in selectors:
            pod = next((one for one in real if wanted.constraints and wanted.matches(one.labels, one.given)), None)
            if pod is None:
                needed = assignment(wanted)
                if needed is None:
                    continue
                kind = proxy(needed, {}, labels, host_network=False)
                pod = Workload(namespace=namespace, name=ANY_POD, labels=needed, proxy=kind)
            made.append(pod)
        # Pods that take part in the mesh in another way than the namespace says, and ports with a mode of their own.
        made += [one for one in real if one not in made and (one.proxy is not made[0].proxy or self._is_open(one))]
        return made

    def _is_open(self, pod: Workload) -> bool:
        """Whether the pod takes plain text on a port where a pod with no labels does not."""
        peers = self._layer.peers
        return any(peers.asked(pod, port).mode is not Mode.STRICT for port in (0, *peers.ports(pod)))

    def _taken(self, pod: Workload) -> Iterator[Opening]:
        applying = list(self._layer.applying(pod))
        allows = [one for one in applying if one.action is Action.ALLOW]
        denies = [one for one in applying if one.action is Action.DENY and not one.unknown]
        denied = [some for policy in denies for rule in policy.rules for some in self._surely(rule)]
        for candidate in self._candidates(allows):
            for peers, ports in self._reaching(pod, minus(candidate.who.peers, denied)):
                if peers:
                    yield self._made(pod, candidate, peers, ports)

    def _surely(self, rule: Rule) -> Iterator[Peers]:
        """Whom a rule that denies keeps out, whatever they ask for."""
        if any(not group for group in rule.operations):
            for group in rule.sources:
                yield self._identities.surely(group)

    def _candidates(self, allows: Iterable[Policy]) -> Iterator[_Candidate]:
        found = False
        for policy in allows:
            found = True
            if policy.unknown:
                yield _Candidate(EVERYBODY, (), (), policy, policy.unknown[0])
            for rule in policy.rules:
                for source, operation in product(rule.sources, rule.operations):
                    yield _Candidate(self._identities.at_most(source), operation, source, policy, rule.path)
        if not found:
            yield _Candidate(EVERYBODY, ())

    def _reaching(self, pod: Workload, peers: Peers) -> Iterator[tuple[Peers, tuple[int, ...]]]:
        """Who of `peers` gets to the policies at all, and on which ports (none is all)."""
        if self._layer.fronts.is_gateway(pod):
            fronts = self._layer.fronts.of(pod)
            members = tuple(one.port for one in fronts if one.shows_mesh_identity)
            others = tuple(one.port for one in fronts if not one.shows_mesh_identity)
            if members:
                yield replace(peers, outside=False), members
            if peers.outside and (others or not fronts):
                yield ANY, others
            return
        peer = self._layer.peers
        plain = tuple(port for port in peer.ports(pod) if peer.asked(pod, port).mode is not Mode.STRICT)
        yield replace(peers, outside=False), ()
        if peers.outside and peer.asked(pod, 0).mode is not Mode.STRICT:
            yield ANY, ()
        elif peers.outside and plain:
            yield ANY, plain

    def _made(self, pod: Workload, candidate: _Candidate, peers: Peers, ports: tuple[int, ...]) -> Opening:
        said = _ports(candidate.operation)
        allowed = tuple(one for one in said if one in ports) if said and ports else said or ports
        request = _request(pod, candidate, allowed)
        account = candidate.who.account
        peer = Workload(namespace="", name=ANY_POD, service_account=account) if account else None
        if peers.outside:
            request = replace(request, mtls=False)
        if peers.outside or peers.everywhere or peers.namespaces != frozenset({pod.namespace}):
            request = self._passing(pod, peers, request, account)
        reason = "lets it in" if candidate.policy else "no ALLOW policy selects it, so all is allowed"
        effect = Effect.UNKNOWN if candidate.policy and candidate.policy.unknown else Effect.ALLOWS
        one = candidate.policy.object if candidate.policy else None
        evidence = Evidence(effect, reason, one, candidate.path)
        return self._opening(pod, peers, request, evidence, allowed, peer)

    def _passing(self, pod: Workload, peers: Peers, request: Request, account: str) -> Request:
        """A request that passes, if one of those that the policies tell apart does; `request` otherwise."""
        source = self._somebody(pod, peers, account)
        doubtful: Request | None = None
        for one in islice(_variants(request, self._layer.applying(pod), pod), _PROBES):
            answer = self._layer.verdict(source, pod, one).answer
            if answer is Answer.ALLOWED:
                return one
            if answer is Answer.UNPROVEN and doubtful is None:
                doubtful = one
        return doubtful or request

    def _somebody(self, pod: Workload, peers: Peers, account: str) -> Endpoint:
        if peers.everywhere:
            if peers.outside:
                return Outside()
            name = _NOBODY
        else:
            others = sorted(peers.namespaces - {pod.namespace})
            if not others:
                return Outside()
            name = others[0]
        return Workload(namespace=name, name=ANY_POD, service_account=account or "default", proxy=Proxy.SIDECAR)

    def _opening(
        self,
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


def _ports(operation: Iterable[Condition]) -> tuple[int, ...]:
    found: tuple[int, ...] = ()
    for one in operation:
        if one.attribute == "destination.port" and one.values and not one.unknown:
            ports = tuple(int(value) for value in one.values)
            found = tuple(port for port in found if port in ports) if found else ports
    return found


def _request(pod: Workload, candidate: _Candidate, ports: tuple[int, ...]) -> Request:
    """A request as the rule asks for it, by the first value of each of its conditions."""
    port = ports[0] if ports else pod.ports[0].number if pod.ports else 8080
    request = Request(port=port)
    for one in (*candidate.operation, *candidate.source):
        if one.values:
            request = _with(request, one.attribute, one.values[0])
    return request


def _with(request: Request, attribute: str, value: str) -> Request:
    name, _, inner = attribute.partition("[")
    match name:
        case "request.method":
            return replace(request, method=pattern(value).example)
        case "request.path":
            return replace(request, path=_as_path(path_pattern(value).example))
        case "request.host":
            return replace(request, host=pattern(value).example)
        case "connection.sni":
            return replace(request, sni=pattern(value).example)
        case "destination.port":
            return replace(request, port=int(value)) if value.isdigit() else request
        case "request.headers":
            return replace(request, headers={**request.headers, inner.rstrip("]").lower(): pattern(value).example})
        case "request.auth.principal":
            issuer, slash, subject = value.rpartition("/")
            made = f"{pattern(issuer).example}/{pattern(subject).example}" if slash else "any/any"
            return replace(request, request_principal=made)
        case "request.auth.audiences":
            return replace(request, audiences=(pattern(value).example,))
        case "request.auth.presenter":
            return replace(request, presenter=pattern(value).example)
        case _:
            return request


def _as_path(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"


def _variants(request: Request, policies: Iterable[Policy], pod: Workload) -> Iterator[Request]:
    """`request`, then others by every value that the policies name and by values that none names."""
    yield request
    ports, methods, paths = {request.port: None}, {request.method: None}, {request.path: None}
    for policy in policies:
        for rule in policy.rules:
            for one in (condition for group in rule.operations for condition in group):
                for value in (*one.values, *one.not_values):
                    if one.attribute == "destination.port" and value.isdigit():
                        ports[int(value)] = None
                    elif one.attribute == "request.method":
                        methods[pattern(value).example] = None
                    elif one.attribute == "request.path":
                        paths[_as_path(path_pattern(value).example)] = None
    ports |= dict.fromkeys(one.number for one in pod.ports)
    ports[next(number for number in range(8080, 65536) if number not in ports)] = None
    methods["UNHEARD"] = paths["/unheard/of"] = None
    for port, method, path in product(ports, methods, paths):
        yield replace(request, port=port, method=method, path=path)
