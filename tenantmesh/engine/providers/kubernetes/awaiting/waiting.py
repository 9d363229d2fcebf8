"""Waiting until an object is ready, and telling what is missing when it is not in time."""

from tenantmesh.engine.provider import Status
from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.awaiting.following import polled, watched
from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import LiveSurroundings, Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.table import Rule
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import Failed, NotReadyError, Ready, Verdict
from tenantmesh.engine.providers.kubernetes.bodies import Body, identifier, name_of, namespace_of
from tenantmesh.engine.providers.kubernetes.tokens import Kind


def await_ready(objects: Objects, kind: Kind, start: Body, rule: Rule, *, seconds: float, status: Status) -> Body:
    """The object once it is ready. Raises NotReadyError when it fails or `seconds` have passed."""
    around = LiveSurroundings(objects)
    follow = polled if rule.looks_around else watched
    last, told, verdict = start, "", rule.predicate(start, around)
    if isinstance(verdict, Ready):
        return start
    for live in follow(objects, kind, start, seconds):
        if live is None:
            raise NotReadyError(last, (f"{_title(kind, start)} was deleted while it was awaited",))
        last, verdict = live, rule.predicate(live, around)
        if isinstance(verdict, Ready):
            return live
        if isinstance(verdict, Failed):
            break
        if verdict.reason != told:
            told = verdict.reason
            status(told)
    raise _not_ready(kind, last, rule, verdict, around, f"is not ready after {around.waited():.0f} seconds")


def check_ready(objects: Objects, kind: Kind, live: Body, rule: Rule) -> None:
    """Raise NotReadyError when the object is not ready now; what takes time to settle counts as settled."""
    around = LiveSurroundings(objects)
    settled = _Settled(around)
    verdict = rule.predicate(live, settled)
    if not isinstance(verdict, Ready):
        raise _not_ready(kind, live, rule, verdict, settled, "is not ready")


class _Settled:
    """Surroundings long after everything came to rest."""

    def __init__(self, inner: Surroundings) -> None:
        self.one = inner.one
        self.all = inner.all

    def waited(self) -> float:
        return float("inf")


def _not_ready(kind: Kind, live: Body, rule: Rule, verdict: Verdict, around: Surroundings, what: str) -> NotReadyError:
    failed = isinstance(verdict, Failed)
    summary = f"{_title(kind, live)} {'has failed' if failed else what}"
    reason = () if isinstance(verdict, Ready) or not verdict.reason else (verdict.reason,)
    return NotReadyError(live, tuple(dict.fromkeys((summary, *reason, *rule.details(live, around)))))


def _title(kind: Kind, live: Body) -> str:
    return f"{kind.kind} {identifier(namespace_of(live), name_of(live))}"
