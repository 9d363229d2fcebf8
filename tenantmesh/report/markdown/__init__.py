"""Reports as a comment on a pull request: verdict first, never too long, and no name can inject markup."""

from tenantmesh.report.markdown.difference import difference_markdown
from tenantmesh.report.markdown.explanation import explanation_markdown
from tenantmesh.report.markdown.page import LARGEST, MARKER
from tenantmesh.report.markdown.proof import proof_markdown

__all__ = ["LARGEST", "MARKER", "difference_markdown", "explanation_markdown", "proof_markdown"]
