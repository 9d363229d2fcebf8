"""The simulated nodes, and what plays the cloud: kwok takes the place of kubelets and of a load balancer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.cluster.components import SIMULATED
from tenantmesh.cluster.folders import private_folder, write_private

MAXIMUM = 250
"""The most nodes that a cluster may have: their addresses come from one block of 256."""

_PATIENCE = "5s"
"""For how long the API server may look for the nodes: without its etcd it would for half a minute."""
_REGION = "local"
_ZONES = ("local-a", "local-b", "local-c")
_CAPACITY = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "200Gi", "pods": "110"}
_RESERVED = {"cpu": "15800m", "memory": "62Gi", "ephemeral-storage": "180Gi", "pods": "110"}

_LOAD_BALANCER_STAGE = """\
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: tenantmesh-load-balancer
spec:
  resourceRef:
    apiGroup: v1
    kind: Service
  selector:
    matchExpressions:
    - key: '.spec.type'
      operator: In
      values: [LoadBalancer]
    - key: '.spec.loadBalancerClass'
      operator: DoesNotExist
    - key: '.metadata.deletionTimestamp'
      operator: DoesNotExist
    - key: '.status.loadBalancer.ingress.[].ip'
      operator: DoesNotExist
  next:
    statusTemplate: |
      loadBalancer:
        ingress:
        # From the range of RFC 2544 (benchmarks), which is routed nowhere; unique because the cluster address is.
        - ip: {{ .spec.clusterIP | replace "10.96." "198.18." | Quote }}
          ipMode: VIP
"""


def write_stages(folder: Path) -> tuple[Path, ...]:
    """Write tenantmesh's own kwok stages and give their paths."""
    path = private_folder(folder) / "load-balancer.yaml"
    write_private(path, _LOAD_BALANCER_STAGE.encode())
    return (path,)


def apply_nodes(api: Api, count: int) -> None:
    """Have exactly `count` simulated nodes, spread over three zones; nodes that somebody else made are left alone."""
    bodies = {body["metadata"]["name"]: body for body in _bodies(count)}
    for name, body in bodies.items():
        api.apply(f"/api/v1/nodes/{name}", body)
    for name in _simulated(api):
        if name not in bodies:
            api.request("DELETE", f"/api/v1/nodes/{name}").json()


def ready_nodes(api: Api) -> int:
    """How many nodes say that they are ready; ClusterError when the API server can't say, as without etcd."""
    return sum(_is_ready(node) for node in api.get(f"/api/v1/nodes?timeout={_PATIENCE}")["items"])


def _simulated(api: Api) -> list[str]:
    return [node["metadata"]["name"] for node in api.get(f"/api/v1/nodes?labelSelector={SIMULATED}")["items"]]


def _is_ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _bodies(count: int) -> Iterator[dict[str, Any]]:
    for index in range(count):
        name = f"node-{index + 1}"
        labels = {
            SIMULATED: "true",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "simulated",
            "topology.kubernetes.io/region": _REGION,
            "topology.kubernetes.io/zone": _ZONES[index % len(_ZONES)],
        }
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "spec": {"podCIDRs": [f"10.244.{index}.0/24"], "podCIDR": f"10.244.{index}.0/24"},
            "status": {
                "addresses": [
                    {"type": "InternalIP", "address": f"198.19.0.{index + 1}"},
                    {"type": "Hostname", "address": name},
                ],
                "allocatable": _RESERVED,
                "capacity": _CAPACITY,
            },
        }
