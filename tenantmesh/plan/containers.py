"""The container of an App: its settings, its probes, its writable folders."""

from typing import Any

from tenantmesh.plan.objects import CONTAINER_SECURITY, requests_and_limits
from tenantmesh.spec.app import AppSpec, ContainerSpec, ProbeSpec, VersionSpec
from tenantmesh.spec.names import joined


def container(app: AppSpec, version: VersionSpec) -> dict[str, Any]:
    """One version's container."""
    spec = app.container
    optional: dict[str, Any] = {
        "args": list(spec.arguments),
        "command": list(spec.command),
        "env": [
            {"name": name, "value": value} for name, value in sorted({**dict(spec.env), **dict(version.env)}.items())
        ],
        "envFrom": _sources(app),
        "ports": [{"containerPort": port.container, "name": port.label, "protocol": "TCP"} for port in app.ports],
        "volumeMounts": [
            {"mountPath": folder, "name": f"writable-{index}"} for index, folder in enumerate(spec.writable)
        ],
        **_probes(app),
    }
    return {
        "image": version.image,
        "imagePullPolicy": "IfNotPresent" if _is_digest(version.image) else "Always",
        "name": app.name,
        "resources": requests_and_limits(spec.resources),
        "securityContext": dict(CONTAINER_SECURITY),
        **{key: value for key, value in optional.items() if value},
    }


def volumes(spec: ContainerSpec) -> list[dict[str, Any]]:
    """An empty folder for each that may be written."""
    return [{"emptyDir": {}, "name": f"writable-{index}"} for index in range(len(spec.writable))]


def _is_digest(image: object) -> bool:
    """An image named by its digest never changes; any other is pulled anew, for a cached one may be somebody else's."""
    return isinstance(image, str) and "@sha256:" in image


def _sources(app: AppSpec) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if app.container.config:
        found.append({"configMapRef": {"name": joined(app.name, "config")}})
    if app.container.secrets:
        found.append({"secretRef": {"name": joined(app.name, "secrets")}})
    return found


def _probes(app: AppSpec) -> dict[str, Any]:
    probes = app.container.probes
    first = app.ports[0].container if app.ports else 0
    asked = {
        "livenessProbe": probes.liveness,
        "readinessProbe": probes.readiness,
        "startupProbe": probes.startup,
    }
    return {name: _probe(spec, spec.port or first) for name, spec in asked.items() if spec and (spec.port or first)}


def _probe(spec: ProbeSpec, port: int) -> dict[str, Any]:
    question = {"httpGet": {"path": spec.path, "port": port}} if spec.path else {"tcpSocket": {"port": port}}
    times = {"initialDelaySeconds": spec.initial_delay} if spec.initial_delay else {}
    return {
        **question,
        **times,
        "failureThreshold": spec.failures,
        "periodSeconds": spec.period,
        "timeoutSeconds": spec.timeout,
    }
