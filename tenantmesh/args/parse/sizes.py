"""Reads QuotaArgs, and shares a tenant's quota out among its namespaces."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tenantmesh.args.parse.fields import COUNT, CPU, SIZE, filled_problem
from tenantmesh.args.parse.readers import pairs, record
from tenantmesh.spec.quantities import cpu_text, size_text
from tenantmesh.spec.quota import AMOUNT_NAMES, LimitsSpec, QuotaSpec

_SPELL = {"cpu": cpu_text, "cpu_limit": cpu_text, "memory": size_text, "storage": size_text, "pods": str}
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


def shared_out(
    total: QuotaSpec, given: Mapping[str, Mapping[str, Any]], path: str, problems: list[str]
) -> dict[str, QuotaSpec]:
    """The quota of each further namespace, and under "" what is left for the home namespace.

    What a namespace is not given is an equal share; `container` and `objects` hold in every namespace alike.
    """
    shares = {part: _share(total, fields, len(given) + 1) for part, fields in given.items()}
    left = list(total.amounts)
    for share in shares.values():
        left = [rest - amount for rest, amount in zip(left, share.amounts, strict=True)]
    for name, rest, amount in zip(AMOUNT_NAMES, left, total.amounts, strict=True):
        if rest < 0:
            spell = _SPELL[name]
            problems.append(
                f"{path}: the namespaces' {name} adds up to {spell(amount - rest)}, over the tenant's {spell(amount)}: "
                f"raise quota.{name}"
            )
    home = dict(zip(AMOUNT_NAMES, (max(rest, 0) for rest in left), strict=True))
    return {"": replace(total, **home, priority_class_pods=_classes_left(total, shares.values())), **shares}


def _share(total: QuotaSpec, given: Mapping[str, Any], count: int) -> QuotaSpec:
    equal: dict[str, Any] = {name: amount // count for name, amount in zip(AMOUNT_NAMES, total.amounts, strict=True)}
    equal["priority_class_pods"] = tuple((name, pods // count) for name, pods in total.priority_class_pods)
    equal["container"], equal["objects"] = total.container, total.objects
    if "cpu" in given:
        equal["cpu_limit"] = given["cpu"] * total.amounts[1] // max(total.cpu, 1)
    return QuotaSpec(**{**equal, **given})


def _classes_left(total: QuotaSpec, shares: Iterable[QuotaSpec]) -> tuple[tuple[str, int], ...]:
    taken: dict[str, int] = {}
    for share in shares:
        for name, pods in share.priority_class_pods:
            taken[name] = taken.get(name, 0) + pods
    return tuple((name, max(pods - taken.get(name, 0), 0)) for name, pods in total.priority_class_pods)
