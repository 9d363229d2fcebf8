"""The answers of the routing layer: verdicts put together from what was found, with what would flip them."""

from collections.abc import Iterable

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.routing.filters import distinct, unknown
from tenantmesh.graph.verdict import Answer, Evidence, Layer, LayerVerdict


def allowed(reason: str, evidence: Iterable[Evidence], change: str, layer: Layer = Layer.ROUTING) -> LayerVerdict:
    """Allowed, unless something on the way is not understood."""
    found = distinct(evidence)
    if odd := unknown(found):
        return unproven(odd[0].reason, found, layer)
    return LayerVerdict(layer, Answer.ALLOWED, reason, found, change)


def denied(reason: str, evidence: Iterable[Evidence], change: str, layer: Layer = Layer.ROUTING) -> LayerVerdict:
    """Denied, unless something that is not understood may open it."""
    found = distinct(evidence)
    if odd := unknown(found):
        return unproven(odd[0].reason, found, layer)
    return LayerVerdict(layer, Answer.DENIED, reason, found, change)


def unproven(reason: str, evidence: Iterable[Evidence], layer: Layer = Layer.ROUTING) -> LayerVerdict:
    """Not to be decided."""
    found = distinct(evidence)
    objects = [str(one.key) for one in unknown(found) if one.key]
    change = f"remove {objects[0]}, or what in it is not understood" if objects else "list addresses that are known"
    return LayerVerdict(layer, Answer.UNPROVEN, reason, found, change)


class Tally:
    """What the candidates gave so far: the first that certainly leads there, those that may, and what is unknown."""

    def __init__(self, known: Iterable[Evidence] = ()) -> None:
        self.unknown: list[Evidence] = list(known)
        self.refused: list[Evidence] = []
        self.certain: tuple[Evidence, ...] | None = None
        self.possible: tuple[Evidence, ...] | None = None

    def count(self, fit: Fit, evidence: tuple[Evidence, ...]) -> bool:
        """Take note of one candidate; True when it certainly leads there."""
        if fit is Fit.YES and self.certain is None:
            self.certain = evidence
        elif fit is Fit.UNSURE and self.possible is None:
            self.possible = evidence
        return fit is Fit.YES

    def verdict(self, yes: str, no: str, *, closing: str, opening: str, layer: Layer = Layer.ROUTING) -> LayerVerdict:
        """The verdict: `yes` and `no` are the reasons, `closing` and `opening` what would flip each."""
        if self.certain is not None:
            return allowed(yes, (*self.certain, *self.unknown), closing, layer)
        if self.possible is not None:
            reason = next((one.reason for one in unknown(self.possible)), "it goes to an address that may be the pod's")
            return unproven(reason, (*self.possible, *self.unknown), layer)
        return denied(no, (*self.refused, *self.unknown), opening, layer)
