"""A mesh to try and test on: real istiod and Envoys, which carry traffic between pods in network namespaces."""

from tenantmesh.lab.deploying import Stack
from tenantmesh.lab.lab import Lab, down, up
from tenantmesh.lab.requirements import missing

__all__ = ["Lab", "Stack", "down", "missing", "up"]
