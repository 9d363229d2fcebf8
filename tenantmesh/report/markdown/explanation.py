"""The comment of `explain`: the answer, then who decided in each layer and what would flip it."""

from tenantmesh.graph.reading import place_of
from tenantmesh.graph.verdict import Answer, Evidence, LayerVerdict, Verdict
from tenantmesh.report.explanation import Explanation, Hop
from tenantmesh.report.markdown.escape import code, prose
from tenantmesh.report.markdown.page import Section, page
from tenantmesh.report.wording import label

_MARKS = {Answer.ALLOWED: "✅", Answer.DENIED: "⛔", Answer.UNPROVEN: "⚠️"}


def explanation_markdown(explanation: Explanation) -> str:
    """The whole comment."""
    question = f"{code(explanation.source)} → {code(explanation.destination)}"
    asked = f" ({code(explanation.request)})" if explanation.request else ""
    answer = explanation.answer
    hops = [
        Section(title=f"Layers of hop {number}", items=[_hop(hop), *_layers(hop.verdict)])
        for number, hop in enumerate(explanation.hops, start=1)
    ]
    verdict = f"{_MARKS[answer]} **{answer}**: {question}{asked}"
    return page(verdict, [Section(title="Layers", items=_layers(explanation.verdict)), *hops])


def _hop(hop: Hop) -> str:
    asked = f" ({code(hop.request)})" if hop.request else ""
    return f"- **{hop.verdict.answer}**: {code(hop.source)} → {code(hop.destination)}{asked}"


def _layers(verdict: Verdict) -> list[str]:
    return [_layer(one) for one in verdict.layers]


def _layer(layer: LayerVerdict) -> str:
    lines = [f"- {layer.layer} **{layer.answer}**: {prose(layer.reason)}"]
    lines += [f"  - {_evidence(one)}" for one in layer.evidence]
    if layer.change:
        lines.append(f"  - to flip it: {prose(layer.change)}")
    return "\n".join(lines)


def _evidence(evidence: Evidence) -> str:
    if evidence.object is None:
        return f"default {evidence.effect}: {prose(evidence.reason)}"
    path = f" {code(evidence.path)}" if evidence.path else ""
    at = place_of(evidence.object.source, evidence.path)
    at = f" at {code(at)}" if at else ""
    return f"{code(label(evidence.object))}{path}{at} {evidence.effect}: {prose(evidence.reason)}"
