"""An App's own objects: its service account, a Deployment for each version, its Service and its settings."""

from collections.abc import Mapping
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.containers import container, volumes
from tenantmesh.plan.grants import export_to
from tenantmesh.plan.objects import POD_SECURITY, autoscaler, disruption_budget, metadata, service_account, spread
from tenantmesh.spec import labels
from tenantmesh.spec.app import AppSpec, VersionSpec
from tenantmesh.spec.names import joined
from tenantmesh.spec.tenant import TenantSpec


def plan_workload(app: AppSpec, tenant: TenantSpec, generation: Any = None) -> list[Body]:
    """All of an App but its settings and routes; see `plan_app` for `generation`."""
    bodies = [service_account(_meta(app, app.name))]
    for version in app.versions:
        bodies += _version(app, version, generation)
    if app.ports:
        bodies.append(_service(app, tenant))
    return bodies


def _meta(app: AppSpec, name: str, annotations: Mapping[str, Any] | None = None) -> Any:
    meta = metadata(app.tenant, "app", name, app.namespace, annotations)
    meta["labels"] = {**_labels(app), **meta.get("labels", {})}
    return meta


def _labels(app: AppSpec) -> dict[str, str]:
    return {**labels.application(app.name), labels.PART_OF: app.tenant}


def settings(app: AppSpec) -> list[Body]:
    """The ConfigMap and the Secret that the App's containers read at their start, where there are any."""
    bodies: list[Body] = []
    if app.container.config:
        name = joined(app.name, "config")
        data = dict(app.container.config)
        bodies.append({"apiVersion": "v1", "data": data, "kind": "ConfigMap", "metadata": _meta(app, name)})
    if app.container.secrets:
        bodies.append(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": _meta(app, joined(app.name, "secrets")),
                "stringData": dict(app.container.secrets),
                "type": "Opaque",
            }
        )
    return bodies


def deployment_name(app: AppSpec, version: VersionSpec) -> str:
    """The App's name where it has one version, else App and version."""
    return app.name if len(app.versions) == 1 else joined(app.name, version.name)


def _version(app: AppSpec, version: VersionSpec, generation: Any) -> list[Body]:
    name, replicas = deployment_name(app, version), version.replicas or app.replicas
    selector = {**labels.application(app.name), labels.ISTIO_VERSION: version.name}
    meta: dict[str, Any] = {"labels": {**labels.owned(app.tenant, "app"), **_labels(app), **_istio(app, version)}}
    if generation is not None:
        meta["annotations"] = {labels.SETTINGS: generation}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": selector},
        "template": {"metadata": meta, "spec": _pod(app, version, selector)},
    }
    bodies: list[Body] = []
    if replicas.most > 1:
        bodies.append(disruption_budget(_meta(app, name), selector))
    if replicas.scales:
        bodies.append(autoscaler(_meta(app, name), name, replicas))
    else:
        spec["replicas"] = replicas.minimum
    return [*bodies, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(app, name), "spec": spec}]


def _istio(app: AppSpec, version: VersionSpec) -> dict[str, str]:
    """What Istio names the workload by in telemetry."""
    return {labels.ISTIO_APP: app.name, labels.ISTIO_VERSION: version.name}


def _pod(app: AppSpec, version: VersionSpec, selector: Mapping[str, str]) -> dict[str, Any]:
    security: dict[str, Any] = dict(POD_SECURITY)
    if app.container.user:
        security |= {"fsGroup": app.container.user, "runAsGroup": app.container.user, "runAsUser": app.container.user}
    made: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "containers": [container(app, version)],
        "securityContext": security,
        "serviceAccountName": app.name,
        "topologySpreadConstraints": spread(selector),
    }
    if app.container.writable:
        made["volumes"] = volumes(app.container)
    return made


def _service(app: AppSpec, tenant: TenantSpec) -> Body:
    ports = [
        {
            "appProtocol": port.protocol.value,
            "name": port.label,
            "port": port.port,
            "protocol": "TCP",
            "targetPort": port.container,
        }
        for port in app.ports
    ]
    seen_by = ",".join(export_to(tenant, app.name, app.part))
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(app, app.name, {labels.EXPORT_TO: seen_by}),
        "spec": {"ports": ports, "selector": labels.application(app.name), "type": "ClusterIP"},
    }
