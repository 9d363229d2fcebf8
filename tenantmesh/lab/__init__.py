"""A mesh to try and test on: real istiod and Envoys, which carry traffic between pods in network namespaces."""

from tenantmesh.lab.deploying import Stack
from tenantmesh.lab.entrances import Entrance, entrances
from tenantmesh.lab.lab import Lab, down, up
from tenantmesh.lab.layout import DEFAULT_FOLDER
from tenantmesh.lab.readiness import is_ready
from tenantmesh.lab.requirements import missing

__all__ = ["DEFAULT_FOLDER", "Entrance", "Lab", "Stack", "down", "entrances", "is_ready", "missing", "up"]
