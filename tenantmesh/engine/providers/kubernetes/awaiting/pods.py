"""Why pods are not ready, in the words of the scheduler, the kubelet and the container runtime."""

from collections.abc import Iterable
from typing import Any

from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import (
    Ready,
    Verdict,
    Waiting,
    condition,
    is_true,
)
from tenantmesh.engine.providers.kubernetes.bodies import Body, identifier, name_of, namespace_of, pick, text
from tenantmesh.engine.providers.kubernetes.tokens import Kind

POD = Kind(group="", version="v1", kind="Pod")
_MOST_PODS = 5
"""Of how many pods the reasons are told; more say the same."""
_RUNTIME_PREFIX = "rpc error: code = Unknown desc = Error response from daemon: "


def pod(live: Body, _around: Surroundings) -> Verdict:
    """A pod is ready when it is scheduled, initialized and ready, or has succeeded."""
    if text(live, "status", "phase") == "Succeeded":
        return Ready()
    for type_, doing in (("PodScheduled", "scheduled"), ("Initialized", "initialized"), ("Ready", "ready")):
        if not is_true(live, type_):
            return Waiting("; ".join(pod_troubles(live)) or f"waiting for the pod to be {doing}")
    return Ready()


def selected_pods(live: Body, around: Surroundings) -> list[Body]:
    """The pods that a workload's selector matches."""
    labels = pick(live, "spec", "selector", "matchLabels") or {}
    wanted = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return around.all(POD, namespace_of(live), wanted) if wanted else []


def workload_troubles(live: Body, around: Surroundings) -> list[str]:
    """What keeps a workload's pods from being ready, once each."""
    unready = [one for one in selected_pods(live, around) if not is_true(one, "Ready")]
    told = [trouble for one in unready[:_MOST_PODS] for trouble in pod_troubles(one)]
    more = [f"and {len(unready) - _MOST_PODS} more pods"] if len(unready) > _MOST_PODS else []
    return [*dict.fromkeys(told), *more]


def pod_troubles(live: Body) -> list[str]:
    """What keeps one pod from being ready; empty when it is only starting."""
    name = identifier(namespace_of(live), name_of(live))
    scheduled = condition(live, "PodScheduled")
    if scheduled.get("status") == "False" and scheduled.get("message"):
        return [f"pod {name}: [{scheduled.get('reason', 'Unschedulable')}] {scheduled['message']}"]
    statuses: list[Any] = [
        *(pick(live, "status", "initContainerStatuses") or []),
        *(pick(live, "status", "containerStatuses") or []),
    ]
    return [f"pod {name}: {trouble}" for trouble in _container_troubles(statuses)]


def _container_troubles(statuses: Iterable[Any]) -> Iterable[str]:
    for status in statuses:
        if status.get("ready"):
            continue
        container = f"container {status.get('name')}"
        waiting = pick(status, "state", "waiting")
        if waiting and waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            message = str(waiting.get("message", "")).removeprefix(_RUNTIME_PREFIX)
            yield f"{container}: [{waiting['reason']}] {message}".rstrip()
        for ended in (pick(status, "state", "terminated"), pick(status, "lastState", "terminated")):
            if ended and ended.get("exitCode"):
                message = f": {ended['message']}" if ended.get("message") else ""
                yield f"{container} ended with exit code {ended['exitCode']} ({ended.get('reason', 'Error')}){message}"
