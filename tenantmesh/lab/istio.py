"""Installing Istio's control plane from its own charts, with the settings that the Mesh of a stack declares."""

import json
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.errors import LabError

_RENDER_TIMEOUT = 60
_WEBHOOKS = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}

_STOCK_ENVOY = {
    # These filters are Istio's own additions to Envoy: a proxy without them rejects its whole configuration.
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    # Changes reach the proxies sooner than they would in a large mesh.
    "PILOT_DEBOUNCE_AFTER": "20ms",
}

_PATHS = {
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "ConfigMap": "/api/v1/namespaces/{namespace}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "MutatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings",
    "Service": "/api/v1/namespaces/{namespace}/services",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "ValidatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
}


def install_istio(api: Api, discovery: Path, values: dict[str, Any], address: str) -> None:
    """Apply what Istio's charts make of `values`, for an istiod on `address`. Its pod is for the kubelet to run."""
    namespace = values["global"]["istioNamespace"]
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    if api.request("GET", f"/api/v1/namespaces/{namespace}").status != 200:
        api.request("POST", "/api/v1/namespaces", body).json()
    for found in _rendered(discovery, _lab_values(values, address)):
        if found["kind"] not in _PATHS:
            continue
        one = _reachable(found, address) if found["kind"] in _WEBHOOKS else found
        path = _PATHS[one["kind"]].format(namespace=one["metadata"].get("namespace"))
        api.apply(f"{path}/{one['metadata']['name']}", one)


def _lab_values(values: dict[str, Any], address: str) -> dict[str, Any]:
    """The user's own, plus what the lab's stock Envoy and istiod's place on the host make necessary."""
    found = deepcopy(values)
    # Istio's metrics come from a filter that stock Envoy lacks; Envoy's own statistics are there.
    found["telemetry"] = {"enabled": False}
    pilot = found.setdefault("pilot", {})
    # Two of them can't listen on the one address of the host.
    pilot |= {"autoscaleEnabled": False, "rollingMaxSurge": 0, "rollingMaxUnavailable": 1}
    pilot["env"] = {**pilot.get("env", {}), **_STOCK_ENVOY, "ISTIOD_CUSTOM_HOST": address}
    return found


def _rendered(discovery: Path, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answer = subprocess.run(
        [discovery, "charts", values["global"]["istioNamespace"]],
        input=json.dumps(values).encode(),
        capture_output=True,
        timeout=_RENDER_TIMEOUT,
    )
    if answer.returncode != 0:
        raise LabError(
            f"Istio's charts do not take the values that the mesh declares: {answer.stderr.decode().strip()}"
        )
    yield from json.loads(answer.stdout)


def _reachable(webhook: dict[str, Any], address: str) -> dict[str, Any]:
    """The API server runs on the host, where no Service can be reached: it calls istiod at its address."""
    found = deepcopy(webhook)
    for one in found["webhooks"]:
        path = one["clientConfig"].pop("service", {}).get("path", "/")
        one["clientConfig"]["url"] = f"https://{address}:15017{path}"
    return found
