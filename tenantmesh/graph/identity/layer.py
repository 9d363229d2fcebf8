"""The identity layer: whether the proxy of a destination takes a request from whoever its peer proves to be."""

from collections.abc import Iterator

from tenantmesh.graph.cidrs import Address, address
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Endpoint, Outside, Proxy, Request, Workload
from tenantmesh.graph.identity.answers import Step, step, verdict
from tenantmesh.graph.identity.certificates import DestinationRules
from tenantmesh.graph.identity.circumstances import Circumstances, mesh_principal
from tenantmesh.graph.identity.fronts import Front, Fronts
from tenantmesh.graph.identity.openings import Openings
from tenantmesh.graph.identity.peer import GROUP, Mode, PeerAuthentications
from tenantmesh.graph.identity.policies import Action, Policy, read
from tenantmesh.graph.identity.tokens import RequestAuthentications
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict

NOT_REDIRECTED = frozenset({15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090})
"""Ports of Istio's own in a pod, whose traffic policies never see; the proxy serves health and metrics on some."""


class IdentityLayer:
    """All that Istio asks of peers and requests, compiled namespace by namespace when it is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.peers = PeerAuthentications(cluster)
        self.tokens = RequestAuthentications(cluster)
        self.fronts = Fronts(cluster)
        self._rules = DestinationRules(cluster)
        self._objects = cluster.objects(GROUP, "AuthorizationPolicy")
        self._read: dict[str, tuple[Policy, ...]] = {}
        self._openings = Openings(self)

    def verdict(self, source: Endpoint, destination: Endpoint, request: Request) -> LayerVerdict:
        """Whether the destination's proxy takes the request; nobody asks where there is no proxy of the mesh."""
        if not isinstance(destination, Workload):
            return _free(f"{destination} is outside: no policy of the mesh is asked there")
        if destination.proxy is Proxy.NONE:
            return _free(f"{destination} has no proxy, so no policy of the mesh is asked")
        if request.protocol != "TCP":
            return _free(f"the mesh does not see {request.protocol}")
        if request.port in NOT_REDIRECTED:
            return _free(f"port {request.port} is Istio's own, and its traffic does not pass the policies")
        return verdict(list(self._steps(source, destination, request)))

    def openings(self, namespace: str) -> tuple[Opening, ...]:
        """What the proxies of a namespace's pods take, real pods and such as could be made."""
        return tuple(self._openings.of(namespace))

    def policies(self, namespace: str) -> tuple[Policy, ...]:
        """The policies that stand in a namespace."""
        found = self._read.get(namespace)
        if found is None:
            mesh = self.cluster.mesh
            made = (read(one, mesh) for one in self._objects.get(namespace, ()))
            found = self._read[namespace] = tuple(one for one in made if one is not None)
        return found

    def applying(self, workload: Workload) -> Iterator[Policy]:
        """The policies that hold for a workload: its namespace's and the root namespace's that select it."""
        spaces = dict.fromkeys((workload.namespace, self.cluster.mesh.root_namespace))
        for space in spaces:
            for one in self.policies(space):
                if one.targets:
                    # Attached to a gateway or a waypoint, not to pods.
                    if _is_target(one, workload):
                        yield one
                elif one.pods.matches(workload.labels, workload.given):
                    yield one

    def front(self, workload: Workload, port: int) -> Front | None:
        """The server that a gateway has on a port."""
        return next((one for one in self.fronts.of(workload) if one.port == port), None)

    def _steps(self, source: Endpoint, destination: Workload, request: Request) -> Iterator[Step]:
        certificate, principal = self._certificate(source, destination, request)
        yield certificate
        accepted = self.tokens.accept(destination, request)
        if accepted.fit is not Fit.YES and accepted.object is not None:
            answer = Answer.DENIED if accepted.fit is Fit.NO else Answer.UNPROVEN
            yield step(answer, accepted.reason, accepted.object, accepted.path)
        token = request.request_principal if accepted.fit is Fit.YES else ""
        here, there = _address(source), _address(destination)
        yield from self._decisions(Circumstances(destination, request, principal, here, here, there, token))

    def _certificate(self, source: Endpoint, destination: Workload, request: Request) -> tuple[Step, str | None]:
        """Whether the connection comes about, and the name in the certificate that the peer shows."""
        mine = mesh_principal(source, self.cluster.mesh.trust_domain) if isinstance(source, Workload) else None
        if self.fronts.is_gateway(destination):
            return self._at_gateway(source, destination, request, mine)
        asked = self.peers.asked(destination, request.port)
        if asked.unknown:
            return step(Answer.UNPROVEN, asked.unknown, asked.object, asked.path), mine
        shows = self._shows(source, destination, request) if asked.mode is not Mode.DISABLE else False
        path = asked.path if asked.object else ""
        if shows:
            reason = f"{source} proves by mutual TLS to be {mine}"
            return step(Answer.ALLOWED, reason, asked.object, path), mine
        if asked.mode is Mode.STRICT:
            reason = f"{destination} asks for mutual TLS, and {source} has no certificate of the mesh"
            change = f"set PERMISSIVE in {asked.object.key}" if asked.object else ""
            return step(Answer.DENIED, reason, asked.object, path, change=change), None
        change = f"make a PeerAuthentication in namespace {destination.namespace} with mode STRICT"
        reason = f"{destination} takes plain text from {source}, who proves nothing ({asked.mode.value})"
        return step(Answer.ALLOWED, reason, asked.object, path, change=change), None

    def _at_gateway(
        self, source: Endpoint, destination: Workload, request: Request, mine: str | None
    ) -> tuple[Step, str | None]:
        front = self.front(destination, request.port)
        if front is None:
            if self.fronts.of(destination):
                return step(Answer.DENIED, f"no server of the gateway {destination} listens on {request.port}"), None
            return step(Answer.ALLOWED, f"{destination} is a gateway whose servers are not known"), None
        if front.shows_mesh_identity:
            shows = isinstance(source, Workload) and self._shows(source, destination, request)
            if not shows:
                reason = f"the gateway {destination} asks for mutual TLS of the mesh on {request.port}"
                return step(Answer.DENIED, reason, front.object, front.path), None
            return step(Answer.ALLOWED, f"{source} proves to be {mine}", front.object, front.path), mine
        shown = source.principal if isinstance(source, Outside) and front.shows_client_certificate else ""
        reason = f"the gateway {destination} serves {source} on {request.port}"
        return step(Answer.ALLOWED, reason, front.object, front.path), shown or None

    def _shows(self, source: Endpoint, destination: Workload, request: Request) -> bool:
        if not isinstance(source, Workload) or source.proxy is Proxy.NONE:
            return False
        if request.mtls is not None:
            return request.mtls
        said = self._rules.shown(source, destination)
        return said.certificate if said else True

    def _decisions(self, circumstances: Circumstances) -> Iterator[Step]:
        """CUSTOM, then DENY, then ALLOW: https://istio.io/latest/docs/concepts/security/#implicit-enablement."""
        destination = circumstances.destination
        applying = list(self.applying(destination))
        for action in (Action.CUSTOM, Action.DENY):
            for policy in applying:
                if policy.action is action:
                    yield from _against(policy, circumstances)
        allows = [policy for policy in applying if policy.action is Action.ALLOW]
        yield _allowed(allows, circumstances)


def _against(policy: Policy, circumstances: Circumstances) -> Iterator[Step]:
    found, path = policy.fit(circumstances)
    if found is Fit.NO:
        return
    key = policy.object.key
    if found is Fit.UNSURE or policy.action is Action.CUSTOM:
        why = policy.unknown[1] if policy.unknown else "it matches or may match, and what comes of it is not known here"
        yield step(Answer.UNPROVEN, f"{key} ({policy.action}): {why}", policy.object, path)
    else:
        yield step(
            Answer.DENIED,
            f"{key} denies it",
            policy.object,
            path,
            change=f"change {path} of {key} so that it matches not",
        )


def _allowed(policies: list[Policy], circumstances: Circumstances) -> Step:
    destination = circumstances.destination
    if not policies:
        change = f"make an AuthorizationPolicy in namespace {destination.namespace} that allows only what is meant"
        return step(Answer.ALLOWED, f"no ALLOW policy selects {destination}, so all is allowed", change=change)
    fits = [(policy, *policy.fit(circumstances)) for policy in policies]
    for policy, found, path in fits:
        if found is Fit.YES:
            key = policy.object.key
            return step(Answer.ALLOWED, f"{key} allows it", policy.object, path, change=f"narrow {path} of {key}")
    for policy, found, path in fits:
        if found is Fit.UNSURE:
            why = policy.unknown[1] if policy.unknown else "what it asks for is not known"
            return step(Answer.UNPROVEN, f"{policy.object.key}: {why}", policy.object, path)
    names = ", ".join(str(policy.object.key) for policy in policies)
    reason = f"none of {names} allows it" if len(policies) > 1 else f"{names} does not allow it"
    evidence = tuple(Evidence(Effect.DENIES, "no rule matches", policy.object, "spec.rules") for policy in policies)
    return Step(Answer.DENIED, reason, evidence, f"add a rule to {policies[0].object.key} that matches it")


def _is_target(policy: Policy, workload: Workload) -> bool:
    name = workload.labels.get("gateway.networking.k8s.io/gateway-name")
    return any(
        kind == "GatewayClass" or (kind == "Gateway" and target == name) for kind, target in policy.targets if name
    )


def _address(endpoint: Endpoint) -> Address | None:
    if isinstance(endpoint, Outside):
        return address(endpoint.address) if endpoint.address and "/" not in endpoint.address else None
    return address(endpoint.addresses[0]) if len(endpoint.addresses) == 1 else None


def _free(reason: str) -> LayerVerdict:
    return LayerVerdict(Layer.IDENTITY, Answer.ALLOWED, reason, (Evidence(Effect.ALLOWS, reason),))
