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

RULES = (QUOTA_MISSING, LIMITS_MISSING)
