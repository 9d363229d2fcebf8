"""The tenants that the benchmarks are about: 26 objects each, with an ingress gateway, a quota and roles."""

from collections.abc import Iterable, Iterator, Sequence

from tenantmesh.args.parse import parse_tenant
from tenantmesh.args.sharing import ExportArgs, ImportArgs
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


def neighbourhood(wanted: Sequence[str]) -> Iterator[Body]:
    """All objects of tenants in a ring, each of which lets the two that follow it call one service: two grants each.

    There are two at least, and these have one grant each.
    """
    near = range(1, min(_GRANTS, len(wanted) - 1) + 1)
    for index, name in enumerate(wanted):
        after, before = ([_neighbour(wanted, index + sign * by) for by in near] for sign in (1, -1))
        exports: ExportArgs = {"service": _SERVICE, "ports": [_PORT], "to": after, "reason": _REASON}
        imports: list[ImportArgs] = [
            {"tenant": owner, "service": _SERVICE, "ports": [_PORT], "reason": _REASON} for owner in before
        ]
        made: TenantArgs = {**arguments(name), "sharing": {"exports": [exports], "imports": imports}}
        yield from plan_tenant(parse_tenant(name, made))


def _neighbour(wanted: Sequence[str], index: int) -> str:
    return wanted[index % len(wanted)]
