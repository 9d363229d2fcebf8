"""What the decisions at both ends, or for several addresses of one end, give together."""

from collections.abc import Sequence

from tenantmesh.graph.flow import Outside
from tenantmesh.graph.network.tiers import Decision
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, best, combine


def joined(decisions: Sequence[Decision]) -> LayerVerdict:
    """The verdict when all of `decisions` have to let a flow through."""
    answer = combine(one.answer for one in decisions)
    deciding = [one for one in decisions if one.answer is answer]
    evidence = tuple(part for one in decisions for part in one.evidence)
    if answer is Answer.UNPROVEN:
        return LayerVerdict(Layer.NETWORK, answer, *_doubt(evidence))
    reason = "; ".join(one.reason for one in deciding if one.reason)
    return LayerVerdict(Layer.NETWORK, answer, reason, evidence, _change(answer, deciding))


def _doubt(evidence: tuple[Evidence, ...]) -> tuple[str, tuple[Evidence, ...], str]:
    doubtful = next((one for one in evidence if one.effect is Effect.UNKNOWN), None)
    if doubtful is None:
        return "policies of the same priority contradict one another", evidence, "give them different priorities"
    part = f"{doubtful.path} of {doubtful.key}" if doubtful.path else str(doubtful.key)
    return f"{part}: {doubtful.reason}", evidence, f"write {part} so that it can be proven"


def _change(answer: Answer, deciding: Sequence[Decision]) -> str:
    """To open, all that denies has to change; to close, one change is enough: the last one's, at the destination."""
    changes = [one.change for one in deciding if one.change]
    return (changes[-1] if changes else "") if answer is Answer.ALLOWED else "; and ".join(changes)


def agreed(verdicts: Sequence[tuple[Outside, LayerVerdict]], who: Outside) -> LayerVerdict:
    """The verdict for a host whose address could be any public one: unproven where that makes a difference.

    Every host is taken to have an address of version 4, by which it is reached where all of those are.
    """
    first = verdicts[0][1]
    fourth = {one.answer for end, one in verdicts if ":" not in end.address}
    if fourth == {Answer.ALLOWED} or {one.answer for _, one in verdicts} == {first.answer}:
        return first
    reason = f"which addresses {who.host} has is not known, and the policies tell some from others"
    nearest = best(one for _, one in verdicts)
    return LayerVerdict(Layer.NETWORK, Answer.UNPROVEN, reason, nearest.evidence, nearest.change)
