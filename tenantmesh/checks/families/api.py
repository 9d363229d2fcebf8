"""The Kubernetes API: rights of one tenant's pods in another, and rights against the fence."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.families.rights import is_everybody, of_every_tenant, past_pods, tenants_of
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import api as rules
from tenantmesh.graph.api import Held, Power, Subject

_FENCE = frozenset(
    {
        Power.ACT_AS,
        Power.CHANGE_ADMISSION,
        Power.CHANGE_ENDPOINTS,
        Power.CHANGE_IDENTITY,
        Power.CHANGE_LIMITS,
        Power.CHANGE_NAMESPACES,
        Power.CHANGE_NETWORK,
        Power.CHANGE_NODES,
        Power.CHANGE_PROXIES,
        Power.GIVE_ANY_ROLE,
        Power.GIVE_ROLES,
        Power.PROXY,
        Power.SIGN_CERTIFICATES,
    }
)
# Objects that a tenant may have of its own: only the right to all of them, or to make new ones, is against the fence.
_OWN = frozenset({Power.CHANGE_ROUTES})


def check(context: Context, outcome: Outcome) -> None:
    """Add the rights that bindings in a tenant's namespaces give and should not."""
    for namespace in context.intent.tenants[outcome.tenant]:
        for subject in context.layers.api.subjects_of(namespace):
            outcome.findings += _strangers(context, outcome.tenant, namespace, subject)
        held = context.layers.api.powers(namespace)
        outcome.findings += _against(context, outcome.tenant, held)
        outcome.findings += past_pods(context, outcome.tenant, held)
        outcome.unproven += _unread(outcome.tenant, held)


def check_cluster(context: Context) -> Iterator[Finding]:
    """Rights in the whole cluster of what tenants hold, and people of several tenants."""
    by_subject: defaultdict[Subject, list[Held]] = defaultdict(list)
    for held in context.layers.api.powers(""):
        if tenants_of(context, held.subject) or is_everybody(held.subject):
            by_subject[held.subject].append(held)
    for subject, some in by_subject.items():
        yield _held(rules.RBAC_ACROSS, tenants_of(context, subject) or ["*"], some)
    yield from of_every_tenant(context, by_subject)
    for subject, places in context.layers.api.places.items():
        tenants = sorted({context.intent.owners[place] for place in places if place in context.intent.owners})
        if len(tenants) > 1 and not subject.home and not is_everybody(subject):
            yield _shared(context, subject, tenants, places)


def _strangers(context: Context, tenant: str, namespace: str, subject: Subject) -> Iterator[Finding]:
    """Service accounts of other tenants, and everybody, among those who are bound in a tenant's namespace."""
    other = _tenant_of(context, subject)
    if is_everybody(subject) or (other and other != tenant):
        bindings = context.layers.api.subjects_of(namespace)[subject]
        objects = [one.object for one in bindings if one.object]
        yield finding(
            rules.RBAC_ACROSS,
            [name for name in (tenant, other) if name],
            objects,
            witness=f"{subject} acts in namespace {namespace}",
            message=f"{subject} has rights in namespace {namespace} of {tenant} by "
            + " and ".join(str(one.key) for one in objects),
        )


def _against(context: Context, tenant: str, held: Iterable[Held]) -> Iterator[Finding]:
    found: defaultdict[tuple[Subject, str], list[Held]] = defaultdict(list)
    for one in held:
        fence = one.power in _FENCE or (one.power in _OWN and not one.names)
        if fence and not _is_operator(context, one.subject):
            found[one.subject, str(one.binding.object.key) if one.binding.object else ""].append(one)
    for some in found.values():
        yield _held(rules.RBAC_FENCE, [tenant], some)


def _held(rule: Rule, tenants: Iterable[str], some: list[Held]) -> Finding:
    first = some[0]
    evidence = first.evidence
    powers = ", ".join(dict.fromkeys(str(one.power) for one in some))
    return finding(
        rule,
        tenants,
        [part.object for part in evidence if part.object],
        witness=first.call,
        message=f"{first.subject} can {powers} {f'in {first.namespace}' if first.namespace else 'everywhere'}",
        evidence=evidence,
    )


def _shared(context: Context, subject: Subject, tenants: list[str], places: Iterable[str]) -> Finding:
    api = context.layers.api
    bindings = [one for place in places if place in context.intent.owners for one in api.subjects_of(place)[subject]]
    names = f"{', '.join(tenants[:3])}{' and others' if len(tenants) > 3 else ''}"
    return finding(
        rules.RBAC_SHARED,
        tenants,
        [one.object for one in bindings if one.object],
        witness=f"{subject} reads in {tenants[0]} and writes in {tenants[1]}",
        message=f"{subject} is bound in {names}",
    )


def _unread(tenant: str, held: Iterable[Held]) -> Iterator[Unproven]:
    for one in held:
        if one.power is Power.ANYTHING_UNKNOWN:
            reasons = "; ".join(dict.fromkeys(doubt.reason for doubt in one.doubts))
            yield Unproven(tenants=(tenant,), reason=f"api: {one.subject}: {reasons}", object=one.binding.object)


def _tenant_of(context: Context, subject: Subject) -> str:
    """The tenant whose pods a subject is; "" for people, groups and what is shared."""
    return context.intent.owners.get(subject.home, "")


def _is_operator(context: Context, subject: Subject) -> bool:
    return bool(subject.home) and context.intent.is_shared(subject.home)
