"""Exposure: Services that open past a gateway, and pods that are more than pods."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import labels, spec
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.graph.exposure import Exposure
from tenantmesh.graph.fact import Fact
from tenantmesh.graph.flow import Proxy
from tenantmesh.manifest import ManifestObject

_SERVICES = frozenset({Exposure.EXTERNAL_IPS, Exposure.LOAD_BALANCER, Exposure.NODE_PORT})
_NOBODYS = frozenset({Exposure.EXTERNAL_IPS})
_HARDENING = frozenset(
    {
        Exposure.ESCALATION,
        Exposure.KEEPS_CAPABILITIES,
        Exposure.MAY_BE_ROOT,
        Exposure.MAY_CALL,
        Exposure.MAY_ESCALATE,
        Exposure.ROOT,
    }
)


def check(context: Context, outcome: Outcome) -> None:
    """Add what a tenant's Services and pods expose."""
    for namespace in context.intent.tenants[outcome.tenant]:
        found = context.exposures.of(namespace)
        outcome.unproven += unknown_facts(outcome.tenant, found)
        known = [one for one in found if not one.unknown]
        outcome.findings += _services(context, outcome.tenant, known)
        pods = [one for one in known if one.kind not in _SERVICES]
        outcome.findings += by_workload(rules.ESCAPES, outcome.tenant, [one for one in pods if not _is_soft(one)])
        outcome.findings += by_workload(rules.HARDENING, outcome.tenant, [one for one in pods if _is_soft(one)])


def by_workload(rule: Rule, tenant: str, facts: Iterable[Fact]) -> Iterator[Finding]:
    """One finding for each object and all that is said of it."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for one in facts:
        found[str(one.object.key) if one.object else one.namespace].append(one)
    for name, some in found.items():
        first = some[0]
        reasons = "; ".join(dict.fromkeys(f"{one.kind} ({one.path})" if one.path else str(one.kind) for one in some))
        yield finding(
            rule,
            (tenant,),
            (first.object,) if first.object else (),
            witness=f"{name}: {first.reason}",
            message=f"{name}: {reasons}",
            evidence=tuple(part for one in some for part in one.evidence),
        )


def unknown_facts(tenant: str, facts: Iterable[Fact]) -> Iterator[Unproven]:
    """What of an object is not understood."""
    for one in facts:
        if one.unknown:
            name = str(one.object.key) if one.object else one.namespace
            yield Unproven(tenants=(tenant,), reason=f"{name}: {one.reason} ({one.path})", object=one.object)


def _is_soft(one: Fact) -> bool:
    return one.kind in _HARDENING


def _services(context: Context, tenant: str, facts: Iterable[Fact]) -> Iterator[Finding]:
    for one in facts:
        if one.kind in _SERVICES and one.object and not _is_gateways(context, one, one.object):
            name = one.object.key
            yield finding(
                rules.EXPOSED,
                (tenant,),
                (one.object,),
                witness=f"outside -> {name} by its {one.kind}",
                message=f"{name}: {one.reason} ({one.path}), and it is no gateway's",
                evidence=one.evidence,
            )


def _is_gateways(context: Context, fact: Fact, service: ManifestObject) -> bool:
    """Whether a Service is for gateway pods and nothing else; external addresses are nobody's to take."""
    selected: Mapping[str, str] = labels(spec(service).get("selector"))
    if fact.kind in _NOBODYS or not selected:
        return False
    pods = context.cluster.workloads.get(fact.namespace, ())
    fitting = [pod for pod in pods if selected.items() <= pod.labels.items()]
    doors = context.doors.of(fact.namespace)
    if any(door.selector.items() <= selected.items() for door in doors):
        return True
    return bool(fitting) and all(pod.proxy is Proxy.GATEWAY or context.doors.is_gateway(pod) for pod in fitting)
