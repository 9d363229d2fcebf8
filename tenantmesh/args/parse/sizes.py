"""Reads QuotaArgs."""

from typing import Any

from tenantmesh.args.parse.fields import COUNT, CPU, SIZE, filled_problem
from tenantmesh.args.parse.readers import pairs, record
from tenantmesh.spec.quota import LimitsSpec, QuotaSpec

_SYSTEM_CLASSES = ("system-cluster-critical", "system-node-critical")


def _limits_rule(found: dict[str, int]) -> list[tuple[str, str]]:
    """A LimitRange whose request is over its limit, or its limit over its maximum, is refused by the API server."""
    spec = LimitsSpec(**found)
    wrong = [
        (f"{name}_request", f"is more than the {name} limit")
        for name in ("cpu", "memory")
        if getattr(spec, f"{name}_request") > getattr(spec, name)
    ]
    wrong += [
        (f"{name}_maximum", f"is less than the default {name} limit")
        for name in ("cpu", "memory")
        if 0 < getattr(spec, f"{name}_maximum") < getattr(spec, name)
    ]
    return wrong


def _quota_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    wrong = [
        ("priority_class_pods", f"{name!r} is the cluster's own: no tenant's pod has it")
        for name, _ in found.get("priority_class_pods", ())
        if name in _SYSTEM_CLASSES
    ]
    gateways_own = ("services.loadbalancers", "services.nodeports", "pods")
    wrong += [
        ("objects", f"{name!r} follows from other arguments: leave it out")
        for name, _ in found.get("objects", ())
        if name in gateways_own
    ]
    quota = QuotaSpec(**found)
    if quota.cpu_limit and quota.cpu_limit < quota.cpu:
        wrong.append(("cpu_limit", "is less than cpu"))
    return wrong


LIMITS = record(
    LimitsSpec,
    {
        "cpu": CPU,
        "memory": SIZE,
        "cpu_request": CPU,
        "memory_request": SIZE,
        "cpu_maximum": CPU,
        "memory_maximum": SIZE,
    },
    rules=[_limits_rule],
)
QUOTA_TABLE = {
    "cpu": CPU,
    "cpu_limit": CPU,
    "memory": SIZE,
    "storage": SIZE,
    "pods": COUNT,
    "objects": pairs(COUNT, filled_problem),
    "priority_class_pods": pairs(COUNT, filled_problem),
    "container": LIMITS,
}
QUOTA = record(QuotaSpec, QUOTA_TABLE, rules=[_quota_rule])
SHARE = record(dict, QUOTA_TABLE, rules=[_quota_rule])
"""A namespace's quota as far as it is given."""
