"""Size: quotas and limits in every namespace of a tenant."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec
from tenantmesh.checks.rules import quota as rules
from tenantmesh.graph.api import Subject
from tenantmesh.manifest import ManifestObject

# What has to be bounded, and the names that a quota bounds it by.
_WANTED = {
    "CPU": ("requests.cpu", "cpu", "limits.cpu"),
    "memory": ("requests.memory", "memory", "limits.memory"),
    "pods": ("pods", "count/pods"),
}
_LIMITS = ("cpu", "memory")
_COMPUTE = frozenset({name for names in _WANTED.values() for name in names} | {"ephemeral-storage"})


class _Scarce(Struct, frozen=True):
    """What a kind takes of what all tenants share, and the names that a quota bounds it by."""

    group: str
    kind: str
    what: str
    names: frozenset[str]


def _counted(kind: str, group: str = "") -> _Scarce:
    full = f"{kind}.{group}" if group else kind
    return _Scarce(group, kind, full, frozenset({f"count/{full}"} | (set() if group else {kind})))


_SCARCE = (
    _Scarce("", "persistentvolumeclaims", "storage", frozenset({"requests.storage"})),
    _Scarce("", "services", "node ports", frozenset({"services.nodeports"})),
    _Scarce("", "services", "load balancers", frozenset({"services.loadbalancers"})),
    *(_counted(kind) for kind in ("configmaps", "persistentvolumeclaims", "secrets", "services")),
    *(_counted(kind, "apps") for kind in ("deployments", "statefulsets")),
    *(_counted(kind, "batch") for kind in ("cronjobs", "jobs")),
)


def check(context: Context, outcome: Outcome) -> None:
    """Add what bounds none of a tenant's namespaces, or not all that runs in them."""
    for namespace in context.intent.tenants[outcome.tenant]:
        hard = _hard(context.cluster.objects("", "ResourceQuota").get(namespace, ()))
        outcome.findings += _unbounded(context, outcome.tenant, namespace, hard)
        outcome.findings += _partial(context, outcome.tenant, namespace, hard)
        outcome.findings += _unlimited(context, outcome.tenant, namespace, hard)


def _hard(quotas: Iterable[ManifestObject]) -> set[str]:
    """What quotas bound for all pods; one with a scope bounds some only."""
    names: set[str] = set()
    for one in quotas:
        if not spec(one).get("scopes") and not spec(one).get("scopeSelector"):
            names |= set(part(spec(one), "hard"))
    return names


def _unbounded(context: Context, tenant: str, namespace: str, hard: set[str]) -> Iterator[Finding]:
    missing = [what for what, names in _WANTED.items() if not hard.intersection(names)]
    if missing:
        quotas = context.cluster.objects("", "ResourceQuota").get(namespace, ())
        yield finding(
            rules.QUOTA_MISSING,
            (tenant,),
            quotas or context.namespace_object(namespace),
            witness=f"pods without end in namespace {namespace}",
            message=f"namespace {namespace} has no quota for {', '.join(missing)}",
        )


def _partial(context: Context, tenant: str, namespace: str, hard: set[str]) -> Iterator[Finding]:
    """Where a quota goes beyond CPU, memory and pods, what it leaves of what people there may make."""
    if hard <= _COMPUTE:
        return
    missing = [one for one in _SCARCE if not any(_bounds(name, one.names) for name in hard)]
    makers = [(one, who) for one in missing if (who := _maker(context, namespace, one))]
    if makers:
        first, who = makers[0]
        yield finding(
            rules.QUOTA_PARTIAL,
            (tenant,),
            context.cluster.objects("", "ResourceQuota").get(namespace, ()),
            witness=f"{who}: create {first.kind} in namespace {namespace}, without end",
            message=f"namespace {namespace} has no quota for {', '.join(one.what for one, _ in makers)}",
        )


def _bounds(name: str, names: frozenset[str]) -> bool:
    """A quota may be for one class of storage."""
    return name in names or name.partition(".storageclass.storage.k8s.io/")[2] in names


def _maker(context: Context, namespace: str, one: _Scarce) -> Subject | None:
    """Somebody of the tenant who may make objects of a kind."""
    api = context.layers.api
    for subject, bindings in api.subjects_of(namespace).items():
        if not context.intent.is_shared(subject.home):
            for binding in bindings:
                for _, rule in api.rules_of(binding):
                    if rule.grants.verb("create") and rule.grants.resource(one.group, one.kind):
                        return subject
    return None


def _unlimited(context: Context, tenant: str, namespace: str, hard: set[str]) -> Iterator[Finding]:
    given = _defaults(context.cluster.objects("", "LimitRange").get(namespace, ()))
    # A quota of limits has the API server refuse pods that have none.
    missing = [name for name in _LIMITS if name not in given and f"limits.{name}" not in hard]
    if not missing:
        return
    workloads = context.cluster.workloads.get(namespace, ())
    found = [(one, name) for one in workloads if (name := _container_without(one.spec, missing))]
    if found or not workloads:
        objects = [one.object for one, _ in found if one.object] or context.namespace_object(namespace)
        witness = f"container {found[0][1]} of {found[0][0]}" if found else f"a pod in namespace {namespace}"
        yield finding(
            rules.LIMITS_MISSING,
            (tenant,),
            objects,
            witness=witness,
            message=f"namespace {namespace}: nothing limits {' and '.join(missing)} of {witness}",
        )


def _defaults(ranges: Iterable[ManifestObject]) -> set[str]:
    items = (item for one in ranges for item in parts(spec(one).get("limits")))
    containers = [item for item in items if item.get("type") == "Container"]
    return {name for item in containers for field in ("default", "max") for name in part(item, field)}


def _container_without(pod: Part, names: Iterable[str]) -> str:
    for container in (*parts(pod.get("containers")), *parts(pod.get("initContainers"))):
        limits = part(container, "resources", "limits")
        if any(name not in limits for name in names):
            return str(container.get("name", ""))
    return ""
