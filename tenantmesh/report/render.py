"""Data in, text out: each report in each of its formats, by a table."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.proof import Proof
from tenantmesh.errors import ArgsError
from tenantmesh.report.document import difference_json, explanation_json, proof_json
from tenantmesh.report.explanation import Explanation
from tenantmesh.report.format import Format
from tenantmesh.report.html import difference_html, proof_html
from tenantmesh.report.markdown import difference_markdown, explanation_markdown, proof_markdown
from tenantmesh.report.sarif import difference_sarif, proof_sarif
from tenantmesh.report.text import difference_view, explanation_view, plain, proof_view

Thing = TypeVar("Thing")
Renderers = Mapping[Format, Callable[[Thing], str]]

_PROOF: Renderers[Proof] = {
    Format.TEXT: lambda proof: plain(proof_view(proof)),
    Format.JSON: proof_json,
    Format.MARKDOWN: proof_markdown,
    Format.SARIF: proof_sarif,
    Format.HTML: proof_html,
}
_DIFFERENCE: Renderers[Difference] = {
    Format.TEXT: lambda difference: plain(difference_view(difference)),
    Format.JSON: difference_json,
    Format.MARKDOWN: difference_markdown,
    Format.SARIF: difference_sarif,
    Format.HTML: difference_html,
}
_EXPLANATION: Renderers[Explanation] = {
    Format.TEXT: lambda explanation: plain(explanation_view(explanation)),
    Format.JSON: explanation_json,
    Format.MARKDOWN: explanation_markdown,
}


def render_proof(proof: Proof, format: Format) -> str:  # noqa: A002 - the name of the option
    """What `verify` prints or writes; ends with a line feed."""
    return _renderer(_PROOF, format)(proof)


def render_difference(difference: Difference, format: Format) -> str:  # noqa: A002 - the name of the option
    """What `diff` prints or writes; ends with a line feed."""
    return _renderer(_DIFFERENCE, format)(difference)


def render_explanation(explanation: Explanation, format: Format) -> str:  # noqa: A002 - the name of the option
    """What `explain` prints or writes; ends with a line feed.

    Raises ArgsError for a format that one question has no use for.
    """
    return _renderer(_EXPLANATION, format)(explanation)


def _renderer(table: Renderers[Thing], chosen: Format) -> Callable[[Thing], str]:
    found = table.get(chosen)
    if found is None:
        raise ArgsError([f"--format: {chosen} is not possible here, take {' or '.join(table)}"])
    return found
