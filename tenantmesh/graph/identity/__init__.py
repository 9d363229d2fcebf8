"""The identity layer: PeerAuthentication, AuthorizationPolicy and RequestAuthentication of Istio."""

from tenantmesh.graph.identity.layer import IdentityLayer

__all__ = ["IdentityLayer"]
