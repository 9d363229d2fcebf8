"""Findings as SARIF 2.1.0, the format of code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from tenantmesh.report.sarif.log import difference_sarif, proof_sarif

__all__ = ["difference_sarif", "proof_sarif"]
