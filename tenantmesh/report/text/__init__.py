"""Reports for people at a terminal: renderables of rich whose words alone, without colour, say everything."""

from tenantmesh.report.text.difference import difference_view, reach_view
from tenantmesh.report.text.explanation import explanation_view
from tenantmesh.report.text.lines import plain
from tenantmesh.report.text.proof import proof_view

__all__ = ["difference_view", "explanation_view", "plain", "proof_view", "reach_view"]
