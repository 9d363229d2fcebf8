"""What is easily made on an API server, and what somebody else asks of it."""

from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import ClientSettings, Settings

from .conftest import Kube

MAP = "core/v1:ConfigMap"
MERGE = "application/merge-patch+json"


def deployment_spec(replicas: int = 1, **pod) -> dict:
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "a:1"}], **pod}}
    return {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}


def write(kube: Kube, method: str, path: str, manager: str, body: object, media: str = "application/json") -> object:
    """Somebody else's request to the API server."""
    client = Client(resolve(Settings(), kube.ambient), ClientSettings(), {})
    where = f"/api/v1/namespaces/{kube.namespace}/{path}"
    return client.request(method, where, query={"fieldManager": manager}, body=body, media=media)
