"""Grants: each works whole, opens nothing beside what it says, and was said by both tenants."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.grants import Grant, Word
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.matrix import ANY_PORT
from tenantmesh.checks.outcome import Outcome, deciders, finding
from tenantmesh.checks.parts import labels, spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import ANY_POD, labelled, pod_in
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.verdict import Answer, Effect, Layer, LayerVerdict, Verdict

_OTHER_METHODS = ("DELETE", "GET", "POST")
_OTHER_PATH = "/tenantmesh-probe"
_OTHER_ACCOUNT = "tenantmesh-probe"
_OTHER_PORT = 65533


def grants(context: Context, outcome: Outcome) -> None:
    """Add the edges of what a tenant grants others, and what is wrong with them."""
    for grant in context.intent.granted.get(outcome.tenant, ()):
        outcome.parties |= {context.intent.owners[grant.caller], context.intent.owners[grant.owner]}
        if context.intent.owners[grant.owner] == outcome.tenant:
            _edge(context, outcome, grant)
            outcome.findings += _exceeding(context, grant)


def halves(context: Context) -> Iterator[Finding]:
    """What one tenant said and the other did not."""
    for word in context.intent.halves:
        ends = (context.intent.owners[word.caller], context.intent.owners[word.owner])
        said, silent = ("owner", "caller") if word.exports else ("caller", "owner")
        yield finding(
            rules.HALF_GRANT,
            ends,
            (word.object,) if word.object else (),
            witness=str(word),
            message=f"the {said} declares that {word}, the {silent} does not",
            fix=f"declare it on namespace {word.caller if word.exports else word.owner} too, or take it back",
        )


def _edge(context: Context, outcome: Outcome, grant: Grant) -> None:
    word = grant.word
    ends = (context.intent.owners[grant.caller], context.intent.owners[grant.owner])
    cell = outcome.matrix.cell(*ends, declared=True, reason=grant.reason)
    cell.ports |= {f"{port}/TCP" for port in word.ports} or {ANY_PORT}
    cell.paths |= {f"{method} {path}" for method in word.methods or ("*",) for path in word.paths or ("*",)} - {"* *"}
    cell.objects |= {one.key: one for one in grant.objects}
    for flow in _flows(context, word):
        verdict = _verdict(context, flow)
        cell.flows.append((flow, verdict))
        outcome.findings += _broken(grant, ends, flow, verdict)
        outcome.unproven += _doubts(ends, flow, verdict)


def _flows(context: Context, word: Word) -> Iterable[Flow]:
    """One flow for each port that was granted, from a pod of the caller to a pod that the grant means."""
    destination = labelled(context, word.owner, word.selector or _any_selector(context, word))
    for port in word.ports or _ports(destination):
        for account in word.service_accounts or ("",):
            yield Flow(_caller(context, word, account), destination, _request(word, port))


def _any_selector(context: Context, word: Word) -> Mapping[str, str]:
    """The pods of a first Service, where all pods are meant."""
    services = context.cluster.objects("", "Service").get(word.owner, ())
    return next((wanted for one in services if (wanted := labels(spec(one).get("selector")))), {})


def _ports(destination: Workload) -> tuple[int, ...]:
    return tuple(one.number for one in destination.ports if one.protocol == "TCP")[:1] or (8080,)


def _caller(context: Context, word: Word, account: str) -> Workload:
    """A pod with the account; without one the caller's workloads are meant, and no gateway, which only routes."""
    for one in context.cluster.workloads.get(word.caller, ()):
        if account == one.service_account or not (account or context.doors.is_gateway(one)):
            return one
    return replace(pod_in(context, word.caller), service_account=account or "default")


def _request(word: Word, port: int) -> Request:
    method = (word.methods or ("GET",))[0]
    path = (word.paths or ("/",))[0]
    return Request(port=port, method=method, path=concrete(path))


def concrete(pattern: str) -> str:
    """A path that a pattern of an AuthorizationPolicy matches."""
    text = pattern.replace("{**}", "x").replace("{*}", "x")
    if text.endswith("*"):
        return f"{text[:-1]}x" if text.startswith("/") else "/x"
    return f"/x{text[1:]}" if text.startswith("*") else text


def _verdict(context: Context, flow: Flow) -> Verdict:
    """What the layers say; of routing only where there is a Service that something could be routed to."""
    verdict = context.layers.verdict(flow)
    if _has_service(context, flow):
        return verdict
    return Verdict(tuple(one for one in verdict.layers if one.layer is not Layer.ROUTING))


def _has_service(context: Context, flow: Flow) -> bool:
    """Whether the called pods are behind a Service."""
    pod = flow.destination
    return isinstance(pod, Workload) and any(
        wanted.items() <= pod.labels.items()
        for one in context.cluster.objects("", "Service").get(pod.namespace, ())
        if (wanted := labels(spec(one).get("selector")))
    )


def _broken(grant: Grant, ends: tuple[str, str], flow: Flow, verdict: Verdict) -> Iterable[Finding]:
    for one in verdict.layers:
        if one.answer is Answer.DENIED:
            yield finding(
                rules.GRANT_BROKEN,
                ends,
                (*deciders(one.evidence, Effect.DENIES), *grant.objects),
                witness=str(flow),
                message=f"{one.layer} denies what was granted ({grant.reason or grant.word}): {one.reason}",
                fix=one.change,
                evidence=one.evidence,
            )


def _doubts(ends: tuple[str, str], flow: Flow, verdict: Verdict) -> Iterable[Unproven]:
    for one in verdict.layers:
        if one.answer is Answer.UNPROVEN:
            objects = deciders(one.evidence, Effect.UNKNOWN)
            reason = f"{one.layer}: {flow}: {one.reason}"
            yield Unproven(tenants=tuple(sorted(ends)), reason=reason, object=next(iter(objects), None))


def _exceeding(context: Context, grant: Grant) -> Iterable[Finding]:
    """Flows beside the grant that a layer lets through; a wider grant of the same two namespaces may mean them."""
    side = context.intent.exported[grant.owner][grant.caller]
    for layer, what, flow in _probes(context, grant.word):
        if any(_means(word, flow, layer) for word in side):
            continue
        answers = context.layers.network if layer is Layer.NETWORK else context.layers.identity
        if layer is Layer.IDENTITY and not context.has_mesh:
            continue
        verdict = answers.verdict(flow.source, flow.destination, flow.request)
        if verdict.answer is Answer.ALLOWED:
            yield _excess(context, grant, what, flow, verdict)


def _excess(context: Context, grant: Grant, what: str, flow: Flow, verdict: LayerVerdict) -> Finding:
    return finding(
        rules.GRANT_EXCEEDED,
        (context.intent.owners[grant.caller], context.intent.owners[grant.owner]),
        (*deciders(verdict.evidence, Effect.ALLOWS), *grant.objects),
        witness=str(flow),
        message=f"{verdict.layer} lets through {what} that the grant does not name ({grant.reason or grant.word})",
        fix=verdict.change,
        evidence=verdict.evidence,
    )


def _probes(context: Context, word: Word) -> Iterator[tuple[Layer, str, Flow]]:
    """For each thing that the grant restricts, a flow that differs from it in nothing else."""
    flow = next(iter(_flows(context, word)))
    if word.ports:
        port = next(port for port in range(_OTHER_PORT, 0, -1) if port not in word.ports)
        other = replace(flow.request, port=port)
        yield Layer.NETWORK, "a port", replace(flow, request=other)
        yield Layer.IDENTITY, "a port", replace(flow, request=other)
    if word.methods:
        method = next((one for one in _OTHER_METHODS if one not in word.methods), "TRACE")
        yield Layer.IDENTITY, "a method", replace(flow, request=replace(flow.request, method=method))
    if word.paths:
        yield Layer.IDENTITY, "a path", replace(flow, request=replace(flow.request, path=_OTHER_PATH))
    if word.service_accounts and isinstance(flow.source, Workload):
        source = replace(flow.source, name=ANY_POD, service_account=_OTHER_ACCOUNT, object=None)
        yield Layer.IDENTITY, "a service account", replace(flow, source=source)
    if word.selector:
        pod = pod_in(context, word.owner)
        yield Layer.NETWORK, "a pod", replace(flow, destination=pod)
        yield Layer.IDENTITY, "a pod", replace(flow, destination=pod)


def _means(word: Word, flow: Flow, layer: Layer) -> bool:
    """Whether a word permits a flow, as far as the layer can tell."""
    request, source, destination = flow.request, flow.source, flow.destination
    if word.ports and request.port not in word.ports:
        return False
    if not isinstance(source, Workload) or not isinstance(destination, Workload):
        return False
    if not word.selector.items() <= destination.labels.items():
        return False
    return layer is Layer.NETWORK or (
        (not word.methods or request.method in word.methods)
        and (not word.paths or any(_fits(path, request.path) for path in word.paths))
        and (not word.service_accounts or source.service_account in word.service_accounts)
    )


def _fits(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1].partition("{")[0])
    return path == pattern or "{" in pattern or (pattern.startswith("*") and path.endswith(pattern[1:]))
