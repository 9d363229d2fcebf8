"""Callers of hosts outside: that an egress gateway takes requests for a host from those who were declared."""

from collections.abc import Iterator

from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.statements import CallersSaid
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.outcome import Outcome, allowing, deciders, finding
from tenantmesh.checks.parts import spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import doors as rules
from tenantmesh.checks.witness import ANY_POD, pod_in
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Answer, Effect, LayerVerdict

_OTHER = "some-other-account"
_OTHER_METHOD, _OTHER_PATH = "PROPFIND", "/tenantmesh-probe"


def check(context: Context, outcome: Outcome) -> None:
    """Add the hosts that others of a tenant's service accounts can call by its egress gateway than it declared."""
    said = context.intent.callers.get(outcome.tenant, ()) if context.has_mesh else ()
    for namespace in context.intent.tenants[outcome.tenant] if said else ():
        openings = context.layers.identity.openings(namespace)
        for one in said:
            _called(context, outcome, one, [each for each in openings if _is_at(each, one)])


def _is_at(opening: Opening, said: CallersSaid) -> bool:
    return said.selector.items() <= opening.workload.labels.items()


def _called(context: Context, outcome: Outcome, said: CallersSaid, openings: list[Opening]) -> None:
    """The first of the others whom some opening lets through to the host, or of whom that is not known."""
    for source in _others(context, outcome.tenant, said):
        for opening, request in ((one, each) for one in openings for each in _requests(one, said.host)):
            flow = Flow(source, opening.workload, request)
            verdict = context.layers.identity.verdict(source, opening.workload, request)
            if verdict.answer is Answer.UNPROVEN:
                outcome.unproven.append(_doubt(outcome.tenant, said, flow, verdict))
                return
            if verdict.answer is Answer.ALLOWED:
                outcome.findings.append(_finding(context, outcome.tenant, said, flow, verdict))
                return


def _requests(opening: Opening, host: str) -> Iterator[Request]:
    """What the opening lets through, for the host, and what a DENY of some methods or paths leaves over."""
    request = replace(opening.request, sni=host, host=host, mtls=None)
    yield request
    yield replace(request, method=_OTHER_METHOD, path=_OTHER_PATH)


def _others(context: Context, tenant: str, said: CallersSaid) -> Iterator[Workload]:
    """Pods of the tenant with other service accounts: one that nobody has yet, and those that are there."""
    for namespace in context.intent.tenants[tenant]:
        account = _OTHER
        while account in said.service_accounts:
            account += "-x"
        yield pod_in(context, namespace, Workload(namespace=namespace, name=ANY_POD, service_account=account))
        for pod in context.cluster.workloads.get(namespace, ()):
            if pod.service_account not in said.service_accounts and not _is_gateway(pod, said):
                yield pod


def _is_gateway(pod: Workload, said: CallersSaid) -> bool:
    return said.selector.items() <= pod.labels.items()


def _finding(context: Context, tenant: str, said: CallersSaid, flow: Flow, verdict: LayerVerdict) -> Finding:
    account = flow.source.service_account if isinstance(flow.source, Workload) else ""
    found = allowing(context, verdict.evidence, _namespace(flow))
    # Without the Gateway, and what only did not refuse.
    by = tuple(one for one in found if one.key.kind == "AuthorizationPolicy" and spec(one).get("action") != "DENY")
    by = by or found
    return finding(
        rules.CALLERS_WIDENED,
        (tenant,),
        by,
        witness=f"{flow}, for {said.host}",
        message=f"{flow.destination} takes requests for {said.host} from the service account {account} too, by "
        f"{' and '.join(str(one.key) for one in by)}: declared were {', '.join(said.service_accounts)}",
        evidence=verdict.evidence,
    )


def _doubt(tenant: str, said: CallersSaid, flow: Flow, verdict: LayerVerdict) -> Unproven:
    objects = deciders(verdict.evidence, Effect.UNKNOWN)
    reason = f"{verdict.layer}: {flow}, for {said.host}: {verdict.reason}"
    return Unproven(tenants=(tenant,), reason=reason, object=next(iter(objects), None))


def _namespace(flow: Flow) -> str:
    return flow.destination.namespace if isinstance(flow.destination, Workload) else ""
