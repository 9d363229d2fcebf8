"""What the graph answers: a verdict of each layer, with the objects that decided."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from tenantmesh.manifest import ManifestObject, ObjectKey


class Answer(StrEnum):
    """Whether something is possible; `UNPROVEN` when an object or field that decides is not understood."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNPROVEN = "unproven"


class Layer(StrEnum):
    """What may keep two tenants apart, each by itself."""

    NETWORK = "network"
    IDENTITY = "identity"
    ROUTING = "routing"
    EGRESS = "egress"
    API = "api"
    TRUST = "trust"
    EXPOSURE = "exposure"
    BYPASS = "bypass"


class Effect(StrEnum):
    """What one object did for an answer."""

    ALLOWS = "allows"
    DENIES = "denies"
    UNKNOWN = "unknown"


class Evidence(Struct, frozen=True):
    """One object, or the lack of one, that an answer rests on.

    `path` is the part of the object that decided, spelled like `spec.ingress[0].from[1]` ("" is the whole object);
    `reason` says in plain words what it did. Without `object` it is a default that holds because no object says else.
    """

    effect: Effect
    reason: str
    object: ManifestObject | None = None
    path: str = ""

    @property
    def key(self) -> ObjectKey | None:
        """What names the object in a cluster."""
        return self.object.key if self.object else None


class LayerVerdict(Struct, frozen=True):
    """The answer of one layer. `change` says what would flip it, in words that name the object."""

    layer: Layer
    answer: Answer
    reason: str
    evidence: tuple[Evidence, ...] = ()
    change: str = ""


class Verdict(Struct, frozen=True):
    """The answer over all layers: denied if one denies, else unproven if one is, else allowed."""

    layers: tuple[LayerVerdict, ...]

    @property
    def answer(self) -> Answer:
        """What the layers give together."""
        return combine(one.answer for one in self.layers)


def combine(answers: Iterable[Answer]) -> Answer:
    """What several necessary conditions give together."""
    found = set(answers)
    for answer in (Answer.DENIED, Answer.UNPROVEN):
        if answer in found:
            return answer
    return Answer.ALLOWED


def best(verdicts: Iterable[LayerVerdict]) -> LayerVerdict:
    """What several ways give together: what one of them lets through gets through, and no further one is asked for."""
    others: list[LayerVerdict] = []
    for one in verdicts:
        if one.answer is Answer.ALLOWED:
            return one
        others.append(one)
    return next((one for one in others if one.answer is Answer.UNPROVEN), others[0])
