"""Who may do what in a tenant's namespaces by the Kubernetes API.

No role reads or writes what holds the tenant down: Secrets, policies, quotas, roles, Istio's kinds; none impersonates,
binds or escalates. Beside gateways nobody opens a shell in a pod, for a gateway holds keys. Whoever may create pods in
a namespace can still mount its Secrets: `gateway_namespace` keeps the keys away from that.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.objects import metadata, service_account
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.spec.tenant import AccessSpec, Role, TenantSpec

_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_CHANGE = ["get", "patch", "update"]
_RBAC = "rbac.authorization.k8s.io"

Rule = Mapping[str, Any]


def _rule(group: str, resources: list[str], verbs: list[str]) -> Rule:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


_VIEW: tuple[Rule, ...] = (
    _rule("", ["configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/log", "services"], _READ),
    _rule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], _READ),
    _rule("autoscaling", ["horizontalpodautoscalers"], _READ),
    _rule("batch", ["cronjobs", "jobs"], _READ),
    _rule("discovery.k8s.io", ["endpointslices"], _READ),
    _rule("events.k8s.io", ["events"], _READ),
    _rule("metrics.k8s.io", ["pods"], _READ),
    _rule("policy", ["poddisruptionbudgets"], _READ),
)
_WORK: tuple[Rule, ...] = (
    _rule("", ["configmaps", "persistentvolumeclaims", "pods", "services"], _WRITE),
    _rule("apps", ["deployments", "deployments/scale", "statefulsets", "statefulsets/scale"], _WRITE),
    _rule("autoscaling", ["horizontalpodautoscalers"], _WRITE),
    _rule("batch", ["cronjobs", "jobs"], _WRITE),
    _rule("policy", ["poddisruptionbudgets"], _WRITE),
)
_SHELL: tuple[Rule, ...] = (_rule("", ["pods/attach", "pods/exec", "pods/portforward"], ["create", "get"]),)
_IDENTITIES: tuple[Rule, ...] = (_rule("", ["serviceaccounts"], [*_READ, *_WRITE]),)
_WORKLOADS = {
    Role.VIEWER: _VIEW,
    Role.DEVELOPER: (*_VIEW, *_WORK),
    Role.ADMIN: (*_VIEW, *_WORK, *_IDENTITIES),
}


def plan_rbac(tenant: TenantSpec) -> list[Body]:
    """The roles that somebody has, their bindings, and the service accounts they name."""
    return [*_accounts(tenant), *(body for namespace in tenant.namespaces for body in _roles(tenant, namespace.part))]


def rules_of(role: Role, tenant: TenantSpec, part: str) -> list[Rule]:
    """What a role may do in one of the tenant's namespaces; nothing in one that is only the gateways'."""
    beside_gateways = part == tenant.gateway_part and bool(tenant.ingress or tenant.egress)
    rules: list[Rule] = []
    if not part or part != tenant.gateway_part:
        rules += _WORKLOADS[role]
        if role is not Role.VIEWER and not beside_gateways:
            rules += _SHELL
    if role is Role.ADMIN and beside_gateways:
        rules += _gateway_rules(tenant)
    return rules


def _gateway_rules(tenant: TenantSpec) -> Iterable[Rule]:
    """An admin changes the gateways that are there, and makes none."""
    names = [gateway_name(tenant, one.role) for one in (*tenant.ingresses, *tenant.egress_gateways)]
    kinds = {"autoscaling": "horizontalpodautoscalers", "networking.istio.io": "gateways"}
    return [{**_rule(group, [kind], _CHANGE), "resourceNames": names} for group, kind in kinds.items()]


def _accounts(tenant: TenantSpec) -> Iterable[Body]:
    for name in tenant.namespace_names:
        yield service_account(metadata(tenant.name, "access", "default", name))
    for name in sorted({name for access in tenant.access for name in access.service_accounts}):
        yield service_account(metadata(tenant.name, "access", name, tenant.home))


def _roles(tenant: TenantSpec, part: str) -> Iterable[Body]:
    namespace = next(item.name for item in tenant.namespaces if item.part == part)
    for role in Role:
        entries = [access for access in tenant.access if access.role is role]
        subjects = _subjects(tenant, entries) if entries else []
        rules = rules_of(role, tenant, part) if subjects else []
        if not rules:
            continue
        meta = metadata(tenant.name, "access", f"tenant-{role.value}", namespace)
        yield {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": meta, "rules": rules}
        yield {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata(tenant.name, "access", f"tenant-{role.value}", namespace),
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": f"tenant-{role.value}"},
            "subjects": subjects,
        }


def _subjects(tenant: TenantSpec, entries: list[AccessSpec]) -> list[dict[str, str]]:
    groups = sorted({name for entry in entries for name in entry.groups})
    users = sorted({name for entry in entries for name in entry.users})
    accounts = sorted({name for entry in entries for name in entry.service_accounts})
    return [
        *({"apiGroup": _RBAC, "kind": "Group", "name": name} for name in groups),
        *({"kind": "ServiceAccount", "name": name, "namespace": tenant.home} for name in accounts),
        *({"apiGroup": _RBAC, "kind": "User", "name": name} for name in users),
    ]
