"""How the identity layer puts its steps together: each refuses, is unsure, or lets the request go on."""

from collections.abc import Sequence

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


def verdict(steps: Sequence[Step]) -> LayerVerdict:
    """The layer's answer: the first refusal, else the first doubt, else what the last step allows."""
    for answer in (Answer.DENIED, Answer.UNPROVEN):
        for one in steps:
            if one.answer is answer:
                evidence = tuple(each for every in steps for each in every.evidence)
                return LayerVerdict(Layer.IDENTITY, answer, one.reason, evidence, one.change)
    evidence = tuple(each for every in steps for each in every.evidence)
    return LayerVerdict(Layer.IDENTITY, Answer.ALLOWED, steps[-1].reason, evidence, steps[-1].change)
