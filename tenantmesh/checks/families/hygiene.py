"""Hygiene: selectors that select nothing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, labels, part, parts, spec
from tenantmesh.checks.rules import hygiene as rules
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.labels import selector
from tenantmesh.manifest import ManifestObject

_Read = Callable[[Part], tuple[str, Part]]


def _label_selector(field: str) -> _Read:
    return lambda body: (f"spec.{field}", part(body, field))


def _labels(field: str) -> _Read:
    return lambda body: (f"spec.{field}", _equal(body.get(field)))


def _workload_selector(body: Part) -> tuple[str, Part]:
    return "spec.workloadSelector", _equal(part(body, "workloadSelector").get("labels"))


def _equal(found: Any) -> Part:
    return {"matchLabels": dict(labels(found))} if labels(found) else {}


# What selects pods of the object's own namespace, by kind.
_SELECTORS: Mapping[tuple[str, str], _Read] = {
    ("", "Service"): _labels("selector"),
    ("networking.istio.io", "Gateway"): _labels("selector"),
    ("networking.istio.io", "Sidecar"): _workload_selector,
    ("networking.k8s.io", "NetworkPolicy"): _label_selector("podSelector"),
    ("policy", "PodDisruptionBudget"): _label_selector("selector"),
    ("security.istio.io", "AuthorizationPolicy"): _label_selector("selector"),
    ("security.istio.io", "PeerAuthentication"): _label_selector("selector"),
    ("security.istio.io", "RequestAuthentication"): _label_selector("selector"),
}

# What the selectors above already say.
_OWN_KINDS = frozenset(kind for _, kind in _SELECTORS)


def check(context: Context, outcome: Outcome) -> None:
    """Add the selectors that select no pod of a namespace in which there are pods."""
    for (group, kind), read in _SELECTORS.items():
        by_namespace = context.cluster.objects(group, kind)
        for namespace in context.intent.tenants[outcome.tenant]:
            workloads = context.cluster.workloads.get(namespace, ())
            for one in by_namespace.get(namespace, ()) if workloads else ():
                outcome.findings += _idle(context, outcome.tenant, one, read, workloads)


def check_cluster(context: Context) -> Iterator[Finding]:
    """Routes and destination rules for what is not there."""
    for one in context.layers.routing.dangling():
        tenant = context.intent.owners.get(one.object.key.namespace)
        if tenant and one.object.key.kind not in _OWN_KINDS:
            yield finding(
                rules.LEADS_NOWHERE,
                (tenant,),
                (one.object,),
                witness=f"a request that {one.object.key} is for",
                message=f"{one.reason} ({one.path})",
            )


def _idle(
    context: Context, tenant: str, one: ManifestObject, read: _Read, workloads: tuple[Workload, ...]
) -> Iterator[Finding]:
    path, wanted = read(spec(one))
    if not wanted:
        return
    compiled = selector(wanted)
    if any(compiled.matches(pod.labels) for pod in workloads) or _is_declared(context, one, wanted):
        return
    yield finding(
        rules.SELECTS_NOTHING,
        (tenant,),
        (one,),
        witness=f"no pod of namespace {one.key.namespace} has {_shown(wanted)}",
        message=f"{one.key} selects no pod at {path}",
    )


def _is_declared(context: Context, one: ManifestObject, wanted: Part) -> bool:
    """Whether a grant of the namespace names these pods: they may be another program's, made after the grant."""
    words = context.intent.exported.get(one.key.namespace, {}).values()
    return any(word.selector == wanted.get("matchLabels") for some in words for word in some)


def _shown(wanted: Part) -> str:
    equal = [f"{key}={value}" for key, value in sorted(part(wanted, "matchLabels").items())]
    expressions = [f"{one.get('key')} {one.get('operator')}" for one in parts(wanted.get("matchExpressions"))]
    return ", ".join((*equal, *expressions))
