"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, at the levels of addresses, ports and HTTP."""

from tenantmesh.graph.network.cilium.policies import GROUP, read

__all__ = ["GROUP", "read"]
