"""The view of `diff`: changes only, what breaks first."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import Group
from rich.text import Text

from tenantmesh.checks.differences.difference import Change, Difference, ObjectChange
from tenantmesh.checks.proof import Edge
from tenantmesh.report.cells import MEANING, Alike, States, ports
from tenantmesh.report.changes import SECRET_CHANGED, portions, subject, values
from tenantmesh.report.text.lines import STATE, first, group, line, section, where
from tenantmesh.report.text.matrix import edge_line, pair
from tenantmesh.report.text.proof import finding_lines, unproven_lines
from tenantmesh.report.undecided import newly_untold
from tenantmesh.report.wording import difference_line, label, listed, proof_line

_EDGES = 40
_OBJECTS = 60
_FIELDS = 12
_STYLES = {"keeps isolation": "bold green", "breaks isolation": "bold red"}
_MARKS = {
    Change.REPLACE: ("± replace ", "bold red"),
    Change.DELETE: ("- delete  ", "red"),
    Change.UPDATE: ("~ update  ", "yellow"),
    Change.CREATE: ("+ create  ", "green"),
}


def difference_view(difference: Difference) -> Group:
    """The whole view of a change."""
    after, before = States(difference.head), States(difference.base)
    objects = portions(difference)
    return group(
        [
            _verdict(difference_line(difference)),
            *section("New findings", finding_lines(difference.found)),
            *section("Becomes reachable", _edges(difference.opened, after)),
            *section("Reaches further", _pairs(difference.widened, after)),
            *section("Replaced and deleted", _objects(objects.breaking, _whole)),
            *section("Stops being reachable", _edges(difference.closed, before)),
            *section("Reaches less", _pairs(difference.narrowed, after)),
            *section("Quotas", _objects(objects.quotas, _whole)),
            *section("Certificates", _objects(objects.certificates, _whole)),
            *section("Secrets", _objects(objects.secrets, _secret)),
            *section("Other objects", _objects(objects.others, _whole)),
            *section("Fixed findings", finding_lines(difference.fixed)),
            *section("Undecided", unproven_lines(newly_untold(difference))),
            *_touched(difference),
        ]
    )


def reach_view(difference: Difference) -> Group:
    """What a change does to isolation, for readers who are shown the changed objects otherwise."""
    after, before = States(difference.head), States(difference.base)
    return group(
        [
            _verdict(difference_line(difference)),
            line("then: ", proof_line(difference.head)),
            *section("New findings", finding_lines(difference.found)),
            *section("Becomes reachable", _edges(difference.opened, after)),
            *section("Reaches further", _pairs(difference.widened, after)),
            *section("Stops being reachable", _edges(difference.closed, before)),
            *section("Reaches less", _pairs(difference.narrowed, after)),
            *section("Fixed findings", finding_lines(difference.fixed)),
            *section("Undecided", unproven_lines(newly_untold(difference))),
        ]
    )


def _verdict(words: str) -> Text:
    return line((words, _STYLES.get(words.partition(":")[0], "bold yellow")))


def _touched(difference: Difference) -> list[Text]:
    return section("Tenants touched", [line(listed(difference.tenants, 40), indent=1)] if difference.tenants else [])


def _edges(edges: Iterable[Edge], states: States) -> list[Text]:
    shown, rest = first(states.worst_first(edges), _EDGES, 1)
    width = max((len(pair(edge)) for edge in shown), default=0)
    return [*(edge_line(Alike(edges=(edge,), state=states[edge]), width) for edge in shown), *rest]


def _pairs(pairs: Sequence[tuple[Edge, Edge]], states: States) -> list[Text]:
    shown, rest = first(pairs, _EDGES, 1)
    lines = [
        line(
            f"{pair(after)}  ",
            (MEANING[states[after]], STATE[states[after]]),
            f": {ports(before)} → {ports(after)}",
            indent=1,
        )
        for before, after in shown
    ]
    return [*lines, *rest]


def _objects(changes: Sequence[ObjectChange], body: Callable[[ObjectChange], list[Text]]) -> list[Text]:
    shown, rest = first(changes, _OBJECTS, 1)
    return [each for one in shown for each in body(one)] + rest


def _whole(change: ObjectChange) -> list[Text]:
    tenants = f"  ({listed(change.tenants)})" if change.tenants else ""
    why = f"  because {change.why} changes" if change.why else ""
    shown, rest = first(change.fields, _FIELDS, 3)
    return [
        line(_MARKS[change.change], *where(subject(change)), tenants, why, indent=1),
        *(line(f"{field.path}: {values(change, field)}", indent=3) for field in shown),
        *rest,
    ]


def _secret(change: ObjectChange) -> list[Text]:
    return [line(f"{label(subject(change))}: {SECRET_CHANGED}", indent=1)]
