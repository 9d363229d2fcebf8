"""The `kubernetes` package: every kind of object, applied on the server, awaited until it is ready."""

from tenantmesh.engine.providers.kubernetes.provider import KubernetesProvider

__all__ = ["KubernetesProvider"]
