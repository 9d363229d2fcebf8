"""The comment of `diff`: changes only, what breaks isolation first."""

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.report.cells import States
from tenantmesh.report.changes import portions
from tenantmesh.report.markdown.escape import code
from tenantmesh.report.markdown.graph import chart
from tenantmesh.report.markdown.items import (
    change_item,
    finding_item,
    pair_item,
    reach_item,
    secret_item,
    unproven_item,
)
from tenantmesh.report.markdown.page import Drawing, Section, page
from tenantmesh.report.undecided import newly_untold
from tenantmesh.report.wording import difference_line

_MARKS = {"keeps isolation": "✅", "breaks isolation": "❌"}


def difference_markdown(difference: Difference) -> str:
    """The whole comment, always short enough for one."""
    outcome, _, counts = difference_line(difference).partition(": ")
    verdict = f"{_MARKS.get(outcome, '⚠️')} **{outcome}**: {counts}"
    return page(verdict, [*_reach(difference), *_objects(difference), *_rest(difference)])


def _reach(difference: Difference) -> list[Section | Drawing]:
    after, before = States(difference.head), States(difference.base)
    opened = [pair_item(edge, after[edge]) for edge in after.worst_first(difference.opened)]
    closed = [pair_item(edge, before[edge]) for edge in before.worst_first(difference.closed)]
    return [
        Section(title="New findings", items=[finding_item(one) for one in difference.found]),
        Section(title="Becomes reachable", items=opened),
        Section(title="Reaches further", items=[reach_item(*pair, after[pair[1]]) for pair in difference.widened]),
        Section(title="Stops being reachable", items=closed),
        Section(title="Reaches less", items=[reach_item(*pair, after[pair[1]]) for pair in difference.narrowed]),
        Drawing(title="Changed connections, drawn", body=chart(difference)),
    ]


def _objects(difference: Difference) -> list[Section]:
    objects = portions(difference)
    return [
        Section(title="Replaced and deleted", items=[change_item(one) for one in objects.breaking]),
        Section(title="Quotas", items=[change_item(one) for one in objects.quotas]),
        Section(title="Certificates", items=[change_item(one) for one in objects.certificates]),
        Section(title="Secrets", items=[secret_item(one) for one in objects.secrets]),
        Section(title="Undecided", items=[unproven_item(one) for one in newly_untold(difference)]),
        Section(title="Other objects", items=[change_item(one) for one in objects.others], folded=True),
    ]


def _rest(difference: Difference) -> list[Section]:
    return [
        Section(title="Fixed findings", items=[finding_item(one) for one in difference.fixed], folded=True),
        Section(title="Tenants touched", items=[f"- {code(one)}" for one in difference.tenants], folded=True),
    ]
