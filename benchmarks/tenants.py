"""The tenants that the benchmarks are about: 26 objects each, with an ingress gateway, a quota and roles."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random

from tenantmesh.args.parse import parse_tenant
from tenantmesh.args.sharing import ImportArgs, SharingArgs
from tenantmesh.args.tenant import TenantArgs
from tenantmesh.manifest import Body
from tenantmesh.plan.tenant import plan_tenant

DOMAIN = "example.com"
_SERVICE, _PORT, _REASON = "api", 8080, "orders"
_GRANTS = 2


def names(count: int) -> list[str]:
    """Names of `count` tenants, all of one length."""
    return [f"tenant{index:05}" for index in range(count)]


def arguments(name: str) -> TenantArgs:
    """What a user writes for one tenant; its certificate is brought along, so that no keys are made."""
    return {
        "domain": f"{name}.{DOMAIN}",
        "ingress": {
            "client_tls": "mutual",
            "certificates": {"secret_name": "server-certificate"},
            "replicas": {"minimum": 2, "maximum": 4},
        },
        "access": [{"role": "developer", "groups": [f"{name}-developers"]}],
    }


def bodies(name: str) -> tuple[Body, ...]:
    """All objects of one tenant."""
    return plan_tenant(parse_tenant(name, arguments(name)))


def warm() -> None:
    """Load what is loaded once in a process (schemas), so that the cost of a tenant is that of the next one."""
    for name in ("first", "second"):
        bodies(name)


def planned(tenants: Iterable[str]) -> dict[str, tuple[Body, ...]]:
    """All objects of many tenants, by tenant."""
    return {name: bodies(name) for name in tenants}


def _ring(index: int, count: int) -> Sequence[int]:
    return [(index + by) % count for by in range(1, min(_GRANTS, count - 1) + 1)]


def _scattered(index: int, count: int) -> Sequence[int]:
    others = [other for other in range(count) if other != index]
    return Random(index).sample(others, min(_GRANTS, len(others)))  # noqa: S311 - reproducible, and no secret


def _called(index: int, count: int) -> Sequence[int]:
    return () if index else range(1, count)


def _calling(index: int, _: int) -> Sequence[int]:
    return (0,) if index else ()


Callers = Callable[[int, int], Sequence[int]]
"""Whom a tenant of so many lets call its service, all by number."""
GRAPHS: Mapping[str, Callers] = {"ring": _ring, "scattered": _scattered, "called": _called, "calling": _calling}
"""Each lets the two that follow it call, or two that are anywhere; all call the first, or the first calls all."""


def neighbourhood(wanted: Sequence[str], callers: Callers = _ring) -> Iterator[Body]:
    """All objects of tenants, at least two, that let one another call one service; in a ring with two grants each."""
    count = len(wanted)
    after = [callers(index, count) for index in range(count)]
    before: list[list[int]] = [[] for _ in wanted]
    for index, some in enumerate(after):
        for other in some:
            before[other].append(index)
    for index, name in enumerate(wanted):
        imports: list[ImportArgs] = [
            {"tenant": wanted[owner], "service": _SERVICE, "ports": [_PORT], "reason": _REASON}
            for owner in before[index]
        ]
        sharing: SharingArgs = {"imports": imports}
        if after[index]:
            to = [wanted[other] for other in after[index]]
            sharing["exports"] = [{"service": _SERVICE, "ports": [_PORT], "to": to, "reason": _REASON}]
        made: TenantArgs = {**arguments(name), "sharing": sharing}
        yield from plan_tenant(parse_tenant(name, made))
