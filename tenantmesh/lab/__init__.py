"""A mesh to try and test on: real istiod and Envoys, which carry traffic between pods in network namespaces."""

from tenantmesh.lab.deploying import Stack
from tenantmesh.lab.lab import Lab, down, up

__all__ = ["Lab", "Stack", "down", "up"]
