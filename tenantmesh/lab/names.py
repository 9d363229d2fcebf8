"""Names in the lab: a DNS server for the pods, which answers from the cluster's Services.

It stands for CoreDNS, as a pod with its labels behind the Service kube-dns, so that policies about name lookups decide
about it as they do in a cluster. The hosts that the ConfigMap kube-system/coredns lists under NodeHosts, in the format
of /etc/hosts as k3s has it, are known too. Nobody else is asked: other names of the world outside do not exist.
"""

from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.lab import links
from tenantmesh.lab.collected import Collected
from tenantmesh.lab.dns_server import serve
from tenantmesh.lab.node import Node
from tenantmesh.lab.zone import DOMAIN, Zone

ADDRESS = "10.96.0.10"
"""The cluster address of the Service kube-dns, where every pod looks for names."""

MIRROR = "kubernetes.io/config.mirror"
"""The annotation of a pod that the node runs by itself, and not because the cluster says so."""

_NAMESPACE, _POD = "kube-system", "kube-dns-lab"
_LABELS = {"k8s-app": "kube-dns"}
_PORT = 53
_PATHS = {
    "services": "/api/v1/services",
    "slices": "/apis/discovery.k8s.io/v1/endpointslices",
    "hosts": f"/api/v1/namespaces/{_NAMESPACE}/configmaps?fieldSelector=metadata.name%3Dcoredns",
}


class Names:
    """The DNS server of the lab on `node`, which the cluster knows as `node_name`."""

    def __init__(self, api: Api, node: Node, node_name: str) -> None:
        self._api = api
        self._node = node
        self._node_name = node_name
        self._zone = Zone()
        self._collected = Collected(api, _PATHS, self._zone.replace)

    def start(self) -> None:
        """Serve from a network of its own, in threads that run for as long as this process lives."""
        network = self._node.attach(f"{_NAMESPACE}/{_POD}")
        self._collected.start()
        serve(self._zone.respond, network.namespace, network.address)
        self._register(network.address)

    def _register(self, address: str) -> None:
        """Have the cluster know the pod, and have its controllers lead the Service there."""
        base = f"/api/v1/namespaces/{_NAMESPACE}"
        pod = _object("Pod", _POD, {"labels": _LABELS, "annotations": {MIRROR: "lab"}})
        self._api.apply(f"{base}/services/kube-dns", _object("Service", "kube-dns") | {"spec": _service()})
        spec = {"nodeName": self._node_name, "containers": [{"name": "dns", "image": "tenantmesh/names"}]}
        self._api.apply(f"{base}/pods/{_POD}", pod | {"spec": spec})
        self._api.apply(f"{base}/pods/{_POD}/status", pod | {"status": _status(address)})


def write_resolver(network: str, namespace: str) -> None:
    """Have what is started in the network namespace `network` look for names as a pod of `namespace` does."""
    folder = links.CONFIGURATION / network
    folder.mkdir(parents=True, exist_ok=True)
    domains = f"{namespace}.svc.{DOMAIN} svc.{DOMAIN} {DOMAIN}"
    (folder / "resolv.conf").write_text(f"search {domains}\nnameserver {ADDRESS}\noptions ndots:5\n")


def _object(kind: str, name: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": _NAMESPACE, **(metadata or {})},
    }


def _service() -> dict[str, Any]:
    ports = [{"name": f"dns-{name.lower()}", "port": _PORT, "protocol": name} for name in ("UDP", "TCP")]
    return {"clusterIP": ADDRESS, "selector": _LABELS, "ports": ports}


def _status(address: str) -> dict[str, Any]:
    conditions = [
        {"type": name, "status": "True"} for name in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    return {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": conditions}
