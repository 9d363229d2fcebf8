"""Objects are read from files of YAML and JSON, or from a live cluster."""

from tenantmesh.graph.reading.files import read_files
from tenantmesh.graph.reading.lines import place_of
from tenantmesh.graph.reading.live import Api, Live, Refused, read_cluster

__all__ = ["Api", "Live", "Refused", "place_of", "read_cluster", "read_files"]
