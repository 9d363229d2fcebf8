"""How the identity layer puts its steps together: each refuses, is unsure, or lets the request go on."""

from collections.abc import Iterable

from msgspec import Struct

from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict
from tenantmesh.manifest import ManifestObject


class Step(Struct, frozen=True):
    """What one step says, the evidence for it, and what would flip it."""

    answer: Answer
    reason: str
    evidence: tuple[Evidence, ...] = ()
    change: str = ""


_EFFECTS = {Answer.ALLOWED: Effect.ALLOWS, Answer.DENIED: Effect.DENIES, Answer.UNPROVEN: Effect.UNKNOWN}


def step(answer: Answer, reason: str, one: ManifestObject | None = None, path: str = "", *, change: str = "") -> Step:
    """A step that rests on one object, or on the lack of one."""
    return Step(answer, reason, (Evidence(_EFFECTS[answer], reason, one, path),), change)


def verdict(steps: Iterable[Step]) -> LayerVerdict:
    """The layer's answer: the first refusal, after which no step is taken, else the first doubt, else the last step."""
    evidence: list[Evidence] = []
    doubt: Step | None = None
    last: Step | None = None
    for last in steps:
        evidence += last.evidence
        if last.answer is Answer.DENIED:
            return LayerVerdict(Layer.IDENTITY, last.answer, last.reason, tuple(evidence), last.change)
        if last.answer is Answer.UNPROVEN:
            doubt = doubt or last
    said = doubt or last
    if said is None:
        raise ValueError("a verdict needs a step")
    return LayerVerdict(Layer.IDENTITY, said.answer, said.reason, tuple(evidence), said.change)
