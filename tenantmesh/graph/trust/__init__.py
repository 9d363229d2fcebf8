"""Certificates and keys: what holds which, who uses it, what two namespaces share, and when it runs out."""

from tenantmesh.graph.trust.certificates import Certificate
from tenantmesh.graph.trust.layer import Account, Shared, Trust
from tenantmesh.graph.trust.material import Material, Place
from tenantmesh.graph.trust.uses import Purpose, Use

__all__ = ["Account", "Certificate", "Material", "Place", "Purpose", "Shared", "Trust", "Use"]
