"""The view of `explain`: the answer, then layer by layer who decided, where it is written, what would flip it."""

from rich.console import Group
from rich.text import Text

from tenantmesh.graph.verdict import Answer, Effect, Evidence, LayerVerdict, Verdict
from tenantmesh.report.explanation import Explanation
from tenantmesh.report.text.lines import ANSWER, Part, group, line, section, where

_DECIDED = {Answer.ALLOWED: Effect.ALLOWS, Answer.DENIED: Effect.DENIES, Answer.UNPROVEN: Effect.UNKNOWN}


def explanation_view(explanation: Explanation) -> Group:
    """The whole view of one question."""
    answer = explanation.answer
    question = f"{explanation.source} → {explanation.destination}"
    asked = f" ({explanation.request})" if explanation.request else ""
    lines = [line((answer.value, ANSWER[answer]), f": {question}{asked}"), *verdict_lines(explanation.verdict)]
    for number, hop in enumerate(explanation.hops, start=1):
        asked = f" ({hop.request})" if hop.request else ""
        verdict = hop.verdict.answer
        title = line((verdict.value, ANSWER[verdict]), f": {hop.source} → {hop.destination}{asked}", indent=1)
        lines += section(f"Hop {number}", [title, *verdict_lines(hop.verdict)])
    return group(lines)


def verdict_lines(verdict: Verdict) -> list[Text]:
    """Every layer, in the order in which they are asked."""
    return [each for layer in verdict.layers for each in _layer(layer)]


def _layer(layer: LayerVerdict) -> list[Text]:
    lines = [
        line((f"{layer.layer:<9}", "bold"), (f"{layer.answer:<9}", ANSWER[layer.answer]), layer.reason, indent=1),
        *(_evidence(one, decided=one.effect is _DECIDED[layer.answer]) for one in layer.evidence),
    ]
    if layer.change:
        lines.append(line("to flip it: ", layer.change, indent=2))
    return lines


def _evidence(evidence: Evidence, *, decided: bool) -> Text:
    mark = "decided" if decided else "also"
    named: list[Part] = [*where(evidence.object, evidence.path)] if evidence.object else ["default"]
    path: list[Part] = [f"  {evidence.path}"] if evidence.path else []
    return line(f"{mark:<8}{evidence.effect:<8}", *named, *path, f": {evidence.reason}", indent=2)
