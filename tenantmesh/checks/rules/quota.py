"""Rules of size: a tenant can't take what others need."""

from tenantmesh.checks.finding import Rule, Severity

QUOTA_MISSING = Rule(
    id="quota-missing",
    severity=Severity.WARNING,
    title="Every namespace of a tenant has a ResourceQuota for CPU, memory and pods.",
    why="One tenant takes all nodes, and the others' pods are not scheduled or evicted.",
    fix="add a ResourceQuota with hard limits for requests.cpu, requests.memory and pods",
    sources=("https://kubernetes.io/docs/concepts/policy/resource-quotas/",),
)
LIMITS_MISSING = Rule(
    id="limits-missing",
    severity=Severity.WARNING,
    title="Every container has limits, its own or its namespace's default.",
    why="A container without limits takes what its neighbours on the node, who may be another tenant's, were promised.",
    fix="add limits to the container, or a LimitRange with defaults to the namespace",
    sources=("https://kubernetes.io/docs/concepts/policy/limit-range/",),
)
QUOTA_PARTIAL = Rule(
    id="quota-partial",
    severity=Severity.WARNING,
    title="A quota that counts objects counts all scarce kinds that people of the tenant may make.",
    why="Node ports, balancers, storage and the API server's own store are all tenants': one that makes objects "
    "without end leaves none of them.",
    fix="add what is missing to the hard limits of the ResourceQuota",
    sources=("https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota",),
)
SYSTEM_PRIORITY = Rule(
    id="system-priority",
    severity=Severity.WARNING,
    title="No pod of a tenant has, or may be given, a priority of the system.",
    why="Where nodes are full, pods of a higher priority evict others', whoever's; any namespace may use the system's "
    "classes unless a quota forbids it.",
    fix="add a ResourceQuota with pods: 0 whose scopeSelector names the PriorityClasses system-cluster-critical and "
    "system-node-critical",
    sources=(
        "https://kubernetes.io/docs/concepts/policy/resource-quotas/#limit-priority-class-consumption-by-default",
    ),
)

RULES = (QUOTA_MISSING, QUOTA_PARTIAL, LIMITS_MISSING, SYSTEM_PRIORITY)
