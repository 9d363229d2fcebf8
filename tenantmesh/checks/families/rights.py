"""Rights that no power of a fence is in: reading every tenant's objects, and getting at what a tenant's pods hold."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import finding
from tenantmesh.checks.rules import api as rules
from tenantmesh.graph.api import EVERYBODY, Binding, Held, Power, RoleRule, Source, Subject, SubjectKind
from tenantmesh.graph.verdict import Effect, Evidence

_PAST_PODS = (Power.READ_SECRETS, Power.WRITE_SECRETS, Power.ENTER_PODS, Power.MAKE_TOKENS)
# Groups and kinds whose objects are in no namespace and say nothing of what is in one.
_NOBODYS_GROUPS = frozenset(
    {
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "node.k8s.io",
        "scheduling.k8s.io",
    }
)
_NOBODYS = frozenset(
    {
        ("", "componentstatuses"),
        ("", "namespaces"),
        ("", "nodes"),
        ("", "persistentvolumes"),
        ("gateway.networking.k8s.io", "gatewayclasses"),
        ("metrics.k8s.io", "nodes"),
        ("networking.k8s.io", "ingressclasses"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("storage.k8s.io", "csidrivers"),
        ("storage.k8s.io", "csinodes"),
        ("storage.k8s.io", "storageclasses"),
        ("storage.k8s.io", "volumeattachments"),
    }
)


def is_everybody(subject: Subject) -> bool:
    """Whether it is a group in which every tenant has members."""
    return subject.kind is SubjectKind.GROUP and subject.name in EVERYBODY


def tenants_of(context: Context, subject: Subject) -> list[str]:
    """The tenants that a subject is of: whose pods it is, or in whose namespaces people and groups are bound."""
    owners = context.intent.owners
    if subject.home:
        return [owners[subject.home]] if subject.home in owners else []
    if is_everybody(subject):
        return []
    return sorted({owners[place] for place in context.layers.api.places.get(subject, ()) if place in owners})


def of_every_tenant(context: Context, said: Container[Subject]) -> Iterator[Finding]:
    """What subjects of tenants, and everybody, are bound to in the whole cluster; `said` are told already."""
    for subject, bindings in context.layers.api.subjects_of("").items():
        tenants = tenants_of(context, subject) or (["*"] if is_everybody(subject) else [])
        found = next(_everywhere(context, bindings), None) if tenants and subject not in said else None
        if found is not None:
            yield _reads(subject, tenants, *found)


def _everywhere(context: Context, bindings: Iterable[Binding]) -> Iterator[tuple[Binding, Source, RoleRule, str]]:
    for binding in bindings:
        for source, rule in context.layers.api.rules_of(binding):
            for group in sorted(rule.grants.groups):
                for kind in sorted(rule.grants.resources):
                    if group not in _NOBODYS_GROUPS and (group, kind.partition("/")[0]) not in _NOBODYS:
                        yield binding, source, rule, f"{kind}.{group}" if group else kind


def _reads(
    subject: Subject, tenants: Iterable[str], binding: Binding, source: Source, rule: RoleRule, kind: str
) -> Finding:
    verb = min(rule.grants.verbs, default="get")
    return finding(
        rules.RBAC_ACROSS,
        tenants,
        (binding.object, source.object),
        witness=f"{subject}: {verb} {kind} in the whole cluster",
        message=f"{subject} can {verb} {kind} of every tenant",
        fix="bind it in the tenant's own namespaces, by RoleBindings",
        evidence=(
            Evidence(Effect.ALLOWS, f"gives the rights of {binding.role} everywhere", binding.object, "subjects"),
            Evidence(Effect.ALLOWS, "holds the rule that grants it", source.object, rule.path),
        ),
    )


def past_pods(context: Context, tenant: str, held: Iterable[Held]) -> Iterator[Finding]:
    """Rights to what pods hold, of subjects that may run none themselves; who may, mounts and runs all of it anyway."""
    found: defaultdict[Subject, list[Held]] = defaultdict(list)
    runs = {one.subject for one in held if one.power is Power.RUN_PODS}
    for one in held:
        shared = bool(one.subject.home) and context.intent.is_shared(one.subject.home)
        if one.power in _PAST_PODS and not one.implied_by and not one.names and not shared:
            found[one.subject].append(one)
    for subject, some in found.items():
        powers = dict.fromkeys(one.power for one in some)
        if subject not in runs and not (set(powers) == {Power.READ_SECRETS} and _is_gateways(context, subject)):
            yield finding(
                rules.RBAC_PODS,
                (tenant,),
                [part.object for one in some for part in one.evidence if part.object],
                witness=some[0].call,
                message=f"{subject} may run no pods in {some[0].namespace}, and can {', '.join(powers)} there",
                evidence=tuple(part for one in some for part in one.evidence),
            )


def _is_gateways(context: Context, subject: Subject) -> bool:
    """Whether it is the account of a gateway, which istiod gives the certificates that the account may list."""
    pods = context.cluster.workloads.get(subject.home, ())
    return any(pod.service_account == subject.name and context.doors.is_gateway(pod) for pod in pods)
