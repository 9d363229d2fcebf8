"""Checks planned bodies against the schemas and rules that the API server holds them to."""

from tenantmesh.schema.catalog import known_kinds
from tenantmesh.schema.check import check_body

__all__ = ["check_body", "known_kinds"]
