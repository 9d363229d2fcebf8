"""Hosts at gateways: that their policies let in requests for those that are declared or served, and for no others."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.doors import Door
from tenantmesh.checks.families.fronts import covers, said_of_pods
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, deciders, finding
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import doors as rules
from tenantmesh.checks.witness import labelled
from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Answer, Effect, LayerVerdict
from tenantmesh.manifest import ManifestObject, ObjectKey

_WORD = "elsewhere"
_PORT = ":80"
# What a policy's conditions call the name that a client asks for.
_NAMES = ("connection.sni", "request.headers[:authority]", "request.headers[host]")


class _Answering(Struct, frozen=True, kw_only=True):
    """The pods of one gateway in one namespace, and the hosts that they are declared, or set up, to answer for."""

    context: Context
    namespace: str
    pods: Mapping[str, str]
    hosts: tuple[str, ...]

    def beyond(self) -> tuple[str, ...]:
        """A name of nobody, and one for each that some policy spells, but for those that may be answered."""
        word = _WORD
        while any(word in host for host in self.hosts):
            word += "-x"
        spelled = (
            one.lower().replace(":*", _PORT).replace("*", word)
            for one in _spelled(_allowing(self.context, self.namespace))
        )
        found = dict.fromkeys((f"{word}.invalid", *spelled))
        return tuple(one for one in found if one and not self.covers(one))

    def covers(self, host: str) -> bool:
        """Whether a host, or all that a pattern of hosts stands for, may be answered."""
        return any(covers(one, _bare(host)) for one in self.hosts)

    def is_narrow(self, rule: Part) -> bool:
        """Whether a rule is plainly for requests for these hosts, or for members of the mesh by name: the usual."""
        operations = [texts(part(one, "operation").get("hosts")) for one in parts(rule.get("to"))]
        conditions = [texts(one.get("values")) for one in parts(rule.get("when")) if one.get("key") in _NAMES]
        sources = [texts(part(one, "source").get("principals")) for one in parts(rule.get("from"))]
        return (
            (bool(operations) and all(some and all(map(self.covers, some)) for some in operations))
            or any(some and all(map(self.covers, some)) for some in conditions)
            or (bool(sources) and all(some and not any(one.startswith("*") for one in some) for some in sources))
        )

    def shown(self, opening: Opening) -> Iterator[Workload]:
        """The gateway's pods that are there, or one that could be, and the opening's own if it is one too."""
        first = labelled(self.context, self.namespace, self.pods)
        yield first
        if opening.workload != first and self.pods.items() <= opening.workload.labels.items():
            yield opening.workload


def check(context: Context, outcome: Outcome) -> None:
    """Add the policies that let more through to a tenant's gateways than requests for hosts that are theirs."""
    doors = context.intent.doors.get(outcome.tenant, ())
    for namespace in context.intent.tenants[outcome.tenant] if doors and context.has_mesh else ():
        for door in context.doors.of(namespace):
            declared = [host.lower() for said in said_of_pods(doors, door.selector) for host in said.hosts]
            hosts = (*declared, *_served(context, namespace, door))
            asked = _Answering(context=context, namespace=namespace, pods=door.selector, hosts=hosts)
            if "*" not in hosts and not all(map(asked.is_narrow, _allowing(context, namespace))):
                _opened(outcome, asked)


def _opened(outcome: Outcome, asked: _Answering) -> None:
    """Each policy by which somebody gets through who asks for another host, by the first such host."""
    told: set[tuple[ObjectKey, ...]] = set()
    beyond = asked.beyond()
    for opening in asked.context.layers.identity.openings(asked.namespace):
        # Where no policy allows anything, all is allowed, and another rule says so.
        if opening.peers.outside and any(one.object for one in opening.evidence):
            for pod in asked.shown(opening):
                request, verdict = _tried(asked, opening, pod, beyond)
                by = _letting(verdict)
                keys = tuple(one.key for one in by)
                if by and keys not in told:
                    told.add(keys)
                    outcome.findings.append(_finding(outcome.tenant, by, pod, request, verdict))


def _tried(asked: _Answering, opening: Opening, pod: Workload, beyond: tuple[str, ...]) -> tuple[Request, LayerVerdict]:
    """The first request for another host that is let in, or the last that is not."""
    found: list[tuple[Request, LayerVerdict]] = []
    for host in beyond:
        request = replace(opening.request, host=host, sni=_bare(host))
        found.append((request, asked.context.layers.identity.verdict(Outside(), pod, request)))
        if found[-1][1].answer is Answer.ALLOWED:
            break
    return found[-1]


def _letting(verdict: LayerVerdict) -> tuple[ManifestObject, ...]:
    """The policies that let somebody through, without those that only did not refuse."""
    found = deciders(verdict.evidence, Effect.ALLOWS) if verdict.answer is Answer.ALLOWED else ()
    return tuple(one for one in found if one.key.kind == "AuthorizationPolicy" and spec(one).get("action") != "DENY")


def _served(context: Context, namespace: str, door: Door) -> Iterator[str]:
    """The hosts of all gateways of a namespace whose pods may be a door's."""
    for one in context.doors.of(namespace):
        if all(door.selector.get(name, value) == value for name, value in one.selector.items()):
            for server in parts(spec(one.gateway).get("servers")):
                yield from (host.rpartition("/")[2].lower() for host in texts(server.get("hosts")))
            for listener in parts(spec(one.gateway).get("listeners")):
                yield text(listener.get("hostname")).lower() or "*"


def _allowing(context: Context, namespace: str) -> Iterator[Part]:
    """The rules of every ALLOW that may hold in a namespace."""
    found = context.cluster.objects("security.istio.io", "AuthorizationPolicy")
    for place in dict.fromkeys((namespace, context.cluster.mesh.root_namespace)):
        for one in found.get(place, ()):
            if spec(one).get("action") in (None, "", "ALLOW"):
                yield from parts(spec(one).get("rules"))


def _spelled(rules: Iterable[Part]) -> Iterator[str]:
    """The names of hosts in rules."""
    for rule in rules:
        for operation in parts(rule.get("to")):
            yield from texts(part(operation, "operation").get("hosts"))
        for condition in parts(rule.get("when")):
            yield from texts(condition.get("values")) if condition.get("key") in _NAMES else ()


def _bare(host: str) -> str:
    """A host as it is asked for, without the port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and (port.isdigit() or port == "*") else host.lower()


def _finding(
    tenant: str, by: tuple[ManifestObject, ...], pod: Workload, request: Request, verdict: LayerVerdict
) -> Finding:
    return finding(
        rules.DOOR_WIDENED,
        (tenant,),
        by,
        witness=f"outside -> {pod}:{request.port}, a request for {request.host}",
        message=f"{' and '.join(str(one.key) for one in by)} lets in requests for {request.host}, which the gateway "
        "neither is declared nor set up to serve",
        evidence=verdict.evidence,
    )
