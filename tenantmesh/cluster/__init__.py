"""A local Kubernetes control plane for development and tests: real servers, simulated nodes, loopback only."""

from tenantmesh.cluster.cluster import Cluster
from tenantmesh.cluster.lifecycle import DEFAULT_NODES, delete, down, up
from tenantmesh.cluster.pki import KeyPair
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.status import State, Status, status

__all__ = [
    "DEFAULT_NODES",
    "Cluster",
    "KeyPair",
    "OnProgress",
    "State",
    "Status",
    "Step",
    "delete",
    "down",
    "status",
    "up",
]
