"""What those who watch a tenant are given: its rules, its dashboard and the scope of its Kiali, as ConfigMaps.

They are in the namespace of Prometheus and Grafana, where no tenant's role changes them.
"""

import json
from collections.abc import Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.objects import metadata
from tenantmesh.plan.telemetry.dashboard import dashboard
from tenantmesh.plan.telemetry.recording import recording_rules
from tenantmesh.plan.telemetry.reporting import plan_reporting
from tenantmesh.spec import labels
from tenantmesh.spec.names import joined
from tenantmesh.spec.tenant import TenantSpec

RULES_KEY = "rules.yaml"
# What the sidecars of the usual charts of Prometheus and Grafana look for.
_RULES_LABEL = {"prometheus_rules": "1"}
_DASHBOARD_LABEL = {"grafana_dashboard": "1"}
_FOLDER = "grafana_folder"


def plan_telemetry(tenant: TenantSpec) -> list[Body]:
    """What its proxies report; unless asked for, nothing else, and then the rules, the dashboard and the scope."""
    reporting = plan_reporting(tenant)
    if tenant.telemetry is None:
        return reporting
    return [
        *reporting,
        _config_map(tenant, "rules", RULES_KEY, recording_rules(tenant), _RULES_LABEL),
        _config_map(tenant, "dashboard", f"{tenant.name}.json", dashboard(tenant), _DASHBOARD_LABEL),
        _config_map(tenant, "kiali", "kiali.yaml", kiali(tenant), {}),
    ]


def kiali(tenant: TenantSpec) -> dict[str, Any]:
    """The `spec` of a Kiali of the tenant's own: its namespaces, and of Prometheus its numbers, alone.

    https://kiali.io/docs/configuration/kialis.kiali.io/
    """
    selector = {"matchLabels": {labels.TENANT: tenant.name}}
    return {
        "deployment": {
            "cluster_wide_access": False,
            "discovery_selectors": {"default": [selector]},
            "instance_name": f"kiali-{tenant.name}",
            "view_only_mode": True,
        },
        "external_services": {"prometheus": {"query_scope": {"tenant": tenant.name}}},
        "istio_labels": {
            f"{role}_gateway_label": f"{labels.ISTIO}={labels.gateway(tenant.name, role)[labels.ISTIO]}"
            for role in ("egress", "ingress")
        },
    }


def _config_map(
    tenant: TenantSpec, what: str, key: str, content: Mapping[str, Any], found_by: Mapping[str, str]
) -> Body:
    namespace = tenant.mesh.watching_namespace
    meta = metadata(tenant.name, "telemetry", joined(tenant.name, what), namespace, {_FOLDER: tenant.name})
    meta["labels"] = {**meta.get("labels", {}), **found_by}
    # JSON is YAML, and always written in one way.
    data = {key: json.dumps(content, indent=1) + "\n"}
    return {"apiVersion": "v1", "data": data, "kind": "ConfigMap", "metadata": meta}
