"""What the API server takes: the schemas and rules of kinds, and checks of bodies against them."""

from tenantmesh.schema.catalog import known_kinds
from tenantmesh.schema.check import check_body
from tenantmesh.schema.shape import Shaped, shaped

__all__ = ["Shaped", "check_body", "known_kinds", "shaped"]
