"""A proof or a difference as one self-contained page: a matrix of tenants, and a chain of reasons behind each cell."""

from tenantmesh.report.html.page import difference_html, proof_html

__all__ = ["difference_html", "proof_html"]
