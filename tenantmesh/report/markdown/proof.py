"""The comment of `verify`: verdict, findings, the matrix in groups of equal edges."""

from tenantmesh.checks.proof import Proof
from tenantmesh.report.cells import alike
from tenantmesh.report.markdown.escape import prose
from tenantmesh.report.markdown.items import finding_item, pair_item, unproven_item
from tenantmesh.report.markdown.page import Section, page
from tenantmesh.report.undecided import untold
from tenantmesh.report.wording import ISOLATED, NOT_ISOLATED, outcome, proof_line

_MARKS = {ISOLATED: "✅", NOT_ISOLATED: "❌"}


def proof_markdown(proof: Proof) -> str:
    """The whole comment, always short enough for one."""
    verdict, _, counts = proof_line(proof).partition(": ")
    edges = [pair_item(each.edges[0], each.state, len(each.edges) - 1) for each in alike(proof)]
    return page(
        f"{_MARKS.get(outcome(proof), '⚠️')} **{verdict}**: {counts}",
        [
            Section(title="Findings", items=[finding_item(one) for one in proof.findings]),
            Section(title="Undecided", items=[unproven_item(one) for one in untold(proof)]),
            Section(title="Matrix: all that is open", items=edges, folded=True),
            Section(title="Exempted findings", items=[finding_item(one) for one in proof.exempted], folded=True),
            Section(title="Assumed", items=[f"- {prose(one)}" for one in proof.assumptions], folded=True),
        ],
    )
