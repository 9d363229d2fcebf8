"""Proofs, differences and explanations as text, JSON, SARIF, Markdown and one HTML page: data in, text out.

`render_*` give the whole report as a string; the views are the text as rich's renderables, for a terminal's colours.
"""

from tenantmesh.report.explanation import Explanation, Hop
from tenantmesh.report.format import Format
from tenantmesh.report.render import render_difference, render_explanation, render_proof
from tenantmesh.report.text import difference_view, explanation_view, proof_view

__all__ = [
    "Explanation",
    "Format",
    "Hop",
    "difference_view",
    "explanation_view",
    "proof_view",
    "render_difference",
    "render_explanation",
    "render_proof",
]
