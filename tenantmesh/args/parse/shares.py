"""Shares a tenant's quota out among its namespaces, and sees that the gateways fit in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from msgspec import Struct

from tenantmesh.spec.gateway import EgressGatewaySpec, IngressSpec
from tenantmesh.spec.quantities import cpu_text, size_text
from tenantmesh.spec.quota import AMOUNT_NAMES, QuotaSpec
from tenantmesh.spec.tenant import NamespaceSpec

_SPELL = {"cpu": cpu_text, "cpu_limit": cpu_text, "memory": size_text, "storage": size_text, "pods": str}
_Gateway = IngressSpec | EgressGatewaySpec


class Reserve(Struct, frozen=True):
    """What the gateways, and what stands beside them, take of the quota of their namespace.

    `amounts` and `beside` are in the order of AMOUNT_NAMES; () beside them is nothing.
    """

    part: str
    gateways: tuple[_Gateway, ...]
    beside: tuple[int, ...] = ()

    @property
    def amounts(self) -> tuple[int, ...]:
        """Every pod at its limits, and one more of each gateway for the time of an update."""
        needs = [
            (pods * size.cpu, pods * size.cpu_limit, pods * size.memory_limit, 0, pods)
            for pods, size in ((gateway.replicas.most + 1, gateway.resources) for gateway in self.gateways)
        ]
        columns = zip((0,) * len(AMOUNT_NAMES), *needs, *([self.beside] if self.beside else ()), strict=True)
        return tuple(sum(column) for column in columns)


def shared_out(
    total: QuotaSpec, given: Mapping[str, Mapping[str, Any]], reserve: Reserve, path: str, problems: list[str]
) -> dict[str, QuotaSpec]:
    """The quota of each further namespace, and under "" what is left for the home namespace.

    What a namespace is not given is an equal share of what the gateways leave; `container` and `objects` hold in every
    namespace alike.
    """
    shares = {part: _share(total, fields, len(given) + 1, part, reserve) for part, fields in given.items()}
    left = list(total.amounts)
    for share in shares.values():
        left = [rest - amount for rest, amount in zip(left, share.amounts, strict=True)]
    for name, rest, amount in zip(AMOUNT_NAMES, left, total.amounts, strict=True):
        if rest < 0:
            added, there = _SPELL[name](amount - rest), _SPELL[name](amount)
            problems.append(f"{path}: their {name} adds up to {added}, over the tenant's {there}: raise quota.{name}")
    home = dict(zip(AMOUNT_NAMES, (max(rest, 0) for rest in left), strict=True))
    return {"": replace(total, **home, priority_class_pods=_classes_left(total, shares.values())), **shares}


def gateway_problems(reserve: Reserve, namespaces: Iterable[NamespaceSpec]) -> Iterable[str]:
    """Why the gateways' namespace can't hold them: the API server would refuse their pods, one by one and later."""
    if not reserve.gateways:
        return
    namespace = next(item for item in namespaces if item.part == reserve.part)
    limits = namespace.quota.container
    for gateway in reserve.gateways:
        if 0 < limits.cpu_maximum < gateway.resources.cpu_limit:
            yield "quota.container.cpu_maximum: is less than a gateway's CPU limit: raise it or lower that"
        if 0 < limits.memory_maximum < gateway.resources.memory_limit:
            yield "quota.container.memory_maximum: is less than a gateway's memory limit: raise it or lower that"
    for name, need, there in zip(AMOUNT_NAMES, reserve.amounts, namespace.quota.amounts, strict=True):
        if need > there:
            spell = _SPELL[name]
            yield (
                f"quota.{name}: the gateways need {spell(need)} with the pod that replaces another, and namespace "
                f"{namespace.name!r} has {spell(there)}: raise the quota or lower their replicas"
            )


def _share(total: QuotaSpec, given: Mapping[str, Any], count: int, part: str, reserve: Reserve) -> QuotaSpec:
    own = reserve.amounts if part == reserve.part else (0,) * len(AMOUNT_NAMES)
    equal: dict[str, Any] = {
        name: max(amount - kept, 0) // count + mine
        for name, amount, kept, mine in zip(AMOUNT_NAMES, total.amounts, reserve.amounts, own, strict=True)
    }
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
