"""Reads TenantArgs, field by field; what depends on several fields is put together in `assemble`."""

from typing import Any

from tenantmesh.args.parse.authentication import ISSUERS
from tenantmesh.args.parse.egress import EGRESS
from tenantmesh.args.parse.fields import NAME, NAMES, PLAIN_HOST, TEXT
from tenantmesh.args.parse.gateway import INGRESS
from tenantmesh.args.parse.ingresses import INGRESSES
from tenantmesh.args.parse.mesh import MESH
from tenantmesh.args.parse.permissive import PERMISSIVE
from tenantmesh.args.parse.rate_limits import RATE_LIMITS
from tenantmesh.args.parse.readers import anything, boolean, choice, did_you_mean, names, record, several, text
from tenantmesh.args.parse.sharing import SHARING
from tenantmesh.args.parse.sizes import QUOTA, SHARE
from tenantmesh.args.parse.telemetry import TELEMETRY
from tenantmesh.spec.tenant import AccessSpec, PatchSpec, PodSecurity, Role

_OPERATIONS = ("add", "remove", "replace", "test")


def _subject_problem(value: str) -> str:
    """Why nobody of this name may have a role: Kubernetes' own groups and users reach over tenants."""
    if value.startswith("system:"):
        return f"{value!r} is the cluster's own and may stand for everybody: name a group or user of your own"
    return "" if value.strip() else "is empty: name somebody"


def _operation_problem(value: str) -> str:
    return (
        ""
        if value in _OPERATIONS
        else f"{value!r} is none of {', '.join(_OPERATIONS)}{did_you_mean(value, _OPERATIONS)}"
    )


def _pointer_problem(value: str) -> str:
    return "" if value.startswith("/") else f"{value!r} is not a JSON Pointer such as /spec/replicas"


def _access_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    subjects = ("groups", "users", "service_accounts")
    return [] if any(found.get(key) for key in subjects) else [("", f"names nobody: give {', '.join(subjects)}")]


def _service_account_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    if "default" not in found.get("service_accounts", ()):
        return []
    return [("service_accounts", "'default' is what every pod has that names none: choose another name")]


def _patch(*, operations: tuple[dict[str, object], ...], **found: str) -> PatchSpec:
    return PatchSpec(operations=operations, **found)


NAMESPACE = record(dict, {"name": NAME, "quota": SHARE}, required=["name"])
_SUBJECTS = names(_subject_problem)
ACCESS = record(
    AccessSpec,
    {"role": choice(Role), "groups": _SUBJECTS, "users": _SUBJECTS, "service_accounts": NAMES},
    required=["role"],
    rules=[_access_rule, _service_account_rule],
)
OPERATION = record(
    dict, {"op": text(_operation_problem), "path": text(_pointer_problem), "value": anything}, required=["op", "path"]
)
PATCH = record(
    _patch,
    {"kind": TEXT, "name": TEXT, "namespace": TEXT, "operations": several(OPERATION, 1)},
    required=["kind", "name", "operations"],
)
SETTINGS = record(
    dict,
    {
        "mesh": MESH,
        "gateway_namespace": NAME,
        "pod_security": choice(PodSecurity),
        "protect": boolean,
        "retain": boolean,
        "telemetry": TELEMETRY,
        "signer": TEXT,
        "permissive": PERMISSIVE,
        "patches": several(PATCH),
    },
)
TENANT = record(
    dict,
    {
        "domain": PLAIN_HOST,
        "namespaces": several(NAMESPACE),
        "quota": QUOTA,
        "ingress": INGRESS,
        "ingresses": INGRESSES,
        "egress": EGRESS,
        "jwt": ISSUERS,
        "rate_limits": RATE_LIMITS,
        "access": several(ACCESS),
        "sharing": SHARING,
        "settings": SETTINGS,
    },
)
"""The fields of TenantArgs, each read by itself."""
