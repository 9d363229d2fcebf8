"""When workloads are ready, by the real provider's rules (provider/pkg/await)."""

from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import (
    Failed,
    Ready,
    Verdict,
    Waiting,
    condition,
    describe,
    is_observed,
    is_true,
)
from tenantmesh.engine.providers.kubernetes.bodies import Body, annotation, pick, text

_UNSEEN = Waiting("its controller has not seen it yet")
_REVISION = "deployment.kubernetes.io/revision"


def _count(live: Body, *path: str, default: int = 0) -> int:
    found = pick(live, *path)
    return default if found is None else int(found)


def deployment(live: Body, _around: Surroundings) -> Verdict:
    """All replicas of the newest revision are ready, and a roll-out from an older one has ended."""
    if pick(live, "status", "observedGeneration") is None or not is_observed(live):
        return _UNSEEN
    desired = _count(live, "spec", "replicas", default=1)
    updated, ready = _count(live, "status", "updatedReplicas"), _count(live, "status", "readyReplicas")
    progressing = condition(live, "Progressing")
    if progressing.get("status") == "False":
        return Waiting(describe(progressing))
    if not is_true(live, "Available") or updated < desired or ready < desired:
        return Waiting(f"{min(updated, ready)} of {desired} pods are ready")
    rolled_out = progressing.get("reason") == "NewReplicaSetAvailable"
    if annotation(live, _REVISION) != "1" and progressing and not rolled_out:
        return Waiting(f"rolling out: {describe(progressing)}")
    return Ready()


def stateful_set(live: Body, _around: Surroundings) -> Verdict:
    """All replicas are ready and, unless they are updated only when deleted, of the newest revision."""
    if pick(live, "status", "observedGeneration") is None or not is_observed(live):
        return _UNSEEN
    desired = _count(live, "spec", "replicas", default=1)
    made, ready = _count(live, "status", "replicas"), _count(live, "status", "readyReplicas")
    if made != desired or ready != desired:
        return Waiting(f"{ready} of {desired} pods are ready")
    generation = _count(live, "metadata", "generation")
    if generation > 1 and text(live, "spec", "updateStrategy", "type") == "OnDelete":
        return Ready()
    current, update = text(live, "status", "currentRevision"), text(live, "status", "updateRevision")
    if not current or current != update or _count(live, "status", "currentReplicas") != desired:
        return Waiting(f"rolling out from revision {current or '?'} to {update or '?'}")
    return Ready()


def daemon_set(live: Body, _around: Surroundings) -> Verdict:
    """Every node that should run a pod runs a ready one of the newest template."""
    if pick(live, "status", "observedGeneration") is None or not is_observed(live):
        return _UNSEEN
    desired = _count(live, "status", "desiredNumberScheduled")
    counts = {
        "scheduled": _count(live, "status", "currentNumberScheduled"),
        "updated": _count(live, "status", "updatedNumberScheduled"),
        "available": _count(live, "status", "numberAvailable"),
        "ready": _count(live, "status", "numberReady"),
    }
    for what, number in counts.items():
        if number < desired:
            return Waiting(f"{number} of {desired} pods are {what}")
    return Ready()


def replication_controller(live: Body, _around: Surroundings) -> Verdict:
    """All replicas are available."""
    desired, available = _count(live, "spec", "replicas", default=1), _count(live, "status", "availableReplicas")
    return Ready() if available == desired else Waiting(f"{available} of {desired} pods are available")


def job(live: Body, _around: Surroundings) -> Verdict:
    """The job has completed; a failed one will not."""
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        return Failed(describe(failed))
    if is_true(live, "Complete"):
        return Ready()
    counts = ", ".join(f"{_count(live, 'status', key)} {key}" for key in ("active", "succeeded", "failed"))
    return Waiting(f"the job has not completed ({counts})")
