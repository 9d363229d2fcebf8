"""Layer network: NetworkPolicy, the AdminNetworkPolicy family and Cilium's policies."""

from tenantmesh.graph.network.layer import NetworkLayer

__all__ = ["NetworkLayer"]
