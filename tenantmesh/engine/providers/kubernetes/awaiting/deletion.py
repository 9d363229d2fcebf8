"""Waiting until a deleted object is gone, and telling what holds it when it is not."""

from typing import Final

from tenantmesh.engine.provider import Status
from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.awaiting.following import watched
from tenantmesh.engine.providers.kubernetes.awaiting.table import annotated_timeout
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import describe
from tenantmesh.engine.providers.kubernetes.bodies import Body, identifier, name_of, namespace_of, pick, text
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.errors import ProviderError

_TIMEOUT: Final = 600.0
"""Seconds to wait by default."""
_HARMLESS: Final = frozenset({"foregroundDeletion", "kubernetes"})
"""Finalizers that the cluster itself removes."""


def await_deletion(objects: Objects, kind: Kind, start: Body, *, seconds: float, status: Status) -> None:
    """Return when the object is gone or another one has its name. Raises ProviderError when it stays."""
    uid, told, last = text(start, "metadata", "uid"), "", start
    for live in watched(objects, kind, start, seconds):
        if live is None or text(live, "metadata", "uid") != uid:
            return
        last = live
        holding = "; ".join(_holding(live)) or "waiting for it to be gone"
        if holding != told:
            told = holding
            status(holding)
    title = f"{kind.kind} {identifier(namespace_of(last), name_of(last))}"
    reasons = "; ".join(_holding(last)) or "its dependents are still there"
    raise ProviderError(f"{title} is still there after {seconds:.0f} seconds: {reasons}")


def deletion_timeout(body: Body, custom: float) -> float:
    """How many seconds to wait: the resource option, the annotation, or ten minutes."""
    return custom or annotated_timeout(body) or _TIMEOUT


def _holding(live: Body) -> list[str]:
    """What keeps an object: finalizers, and a namespace's remaining content."""
    finalizers = [one for one in pick(live, "metadata", "finalizers") or () if one not in _HARMLESS]
    conditions = [
        describe(one)
        for one in pick(live, "status", "conditions") or ()
        if one.get("status") == "True" and str(one.get("type", "")).startswith("Namespace")
    ]
    return [*([f"finalizers {', '.join(finalizers)} hold it"] if finalizers else []), *conditions]
