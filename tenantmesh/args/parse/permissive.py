"""Reads PermissiveArgs, and holds plain text to what it does not undo: grants and callers that go by identity."""

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.args.parse.fields import HIGH_PORT, NAME, SELECTOR, TEXT
from tenantmesh.args.parse.ingresses import gateway_accounts
from tenantmesh.args.parse.readers import Reader, record, several, text
from tenantmesh.spec import labels
from tenantmesh.spec.app import AppSpec
from tenantmesh.spec.permissive import PermissiveSpec
from tenantmesh.spec.sharing import ExportSpec
from tenantmesh.spec.tenant import TenantSpec

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _day_problem(value: str) -> str:
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return f"{value!r} is not a day such as 2027-03-31"
    return "" if _DAY.fullmatch(value) else f"{value!r} is not a day such as 2027-03-31"


def _permissive(*, namespace: str = "", ports: tuple[int, ...], **found: Any) -> PermissiveSpec:
    return PermissiveSpec(part=namespace, ports=tuple(sorted(set(ports))), **found)


PERMISSIVE: Reader = several(
    record(
        _permissive,
        {
            "service": NAME,
            "ports": several(HIGH_PORT, 1),
            "until": text(_day_problem),
            "reason": TEXT,
            "namespace": NAME,
            "selector": SELECTOR,
        },
        required=["service", "ports", "until", "reason"],
    )
)


def permissive_problems(spec: TenantSpec) -> Iterable[str]:
    """Of policies that select the same pods Istio takes the oldest, so there is one for each pod."""
    own = {namespace.part for namespace in spec.namespaces}
    for index, one in enumerate(spec.permissive):
        path = f"settings.permissive[{index}]"
        if one.part not in own:
            yield f"{path}.namespace: {one.part!r} is none of the tenant's namespaces"
        if _selects_gateways(one, spec):
            yield f"{path}.selector: selects the tenant's gateways too: name labels that only the service's pods have"
        for other in spec.permissive[:index]:
            if one.part == other.part and _may_meet(one.pods, other.pods):
                yield f"{path}.service: pods of {one.service!r} may be those of {other.service!r}: say both in one"
        for export in spec.exports:
            if _narrows(export) and _meets(export, one):
                to = ", ".join(str(peer) for peer in export.to)
                limits = "methods, paths or service_accounts"
                yield f"{path}.ports: are exported to {to} with {limits}, which nobody in plain text is held to"


def plain_callers_problems(app: AppSpec, tenant: TenantSpec) -> Iterable[str]:
    """Callers are told apart by their identity."""
    taken = {port for one in tenant.permissive if _is_for(one, app) for port in one.ports}
    for index, port in enumerate(app.ports):
        if port.callers and port.container in taken:
            yield f"ports[{index}].callers: settings.permissive lets in who shows no identity: name callers afterwards"


def _selects_gateways(one: PermissiveSpec, spec: TenantSpec) -> bool:
    """Gateways have labels of their own, and their names; what is on all pods that are made here is no service's."""
    names = gateway_accounts(spec)
    return set(one.pods) <= labels.COMMON or any(value in names for value in one.pods.values())


def _is_for(one: PermissiveSpec, app: AppSpec) -> bool:
    from_app = PermissiveSpec(service=app.name, ports=(), until="", reason="").pods
    return one.part == app.part and _may_meet(one.pods, from_app)


def _narrows(export: ExportSpec) -> bool:
    return bool(export.methods or export.paths or export.service_accounts)


def _meets(export: ExportSpec, one: PermissiveSpec) -> bool:
    return (
        export.part == one.part and not set(one.ports).isdisjoint(export.ports) and (_may_meet(one.pods, export.pods))
    )


def _may_meet(first: Mapping[str, str], second: Mapping[str, str]) -> bool:
    """Whether a pod may have the labels of both."""
    return all(first[key] == second[key] for key in first.keys() & second.keys())
