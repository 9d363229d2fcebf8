"""Objects are read from files of YAML and JSON, or from a live cluster."""

from tenantmesh.graph.reading.files import read_files

__all__ = ["read_files"]
