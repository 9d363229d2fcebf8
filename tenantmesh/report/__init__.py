"""Proofs, differences and explanations as text, JSON, SARIF, Markdown and one HTML page: data in, text out.

`render_*` give the whole report as a string; the views are the text as rich's renderables, for a terminal's colours.
"""

from tenantmesh.report.document import difference_document
from tenantmesh.report.explanation import Explanation, Hop
from tenantmesh.report.format import Format
from tenantmesh.report.render import render_difference, render_explanation, render_proof
from tenantmesh.report.text import difference_view, explanation_view, plain, proof_view, reach_view

__all__ = [
    "Explanation",
    "Format",
    "Hop",
    "difference_document",
    "difference_view",
    "explanation_view",
    "plain",
    "proof_view",
    "reach_view",
    "render_difference",
    "render_explanation",
    "render_proof",
]
