"""When what was deployed can be asked: every pod is there and ready, and Services lead to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.lab.slices import ready_endpoints, service_of

Object = Mapping[str, Any]


def is_ready(pod: Object) -> bool:
    """Whether a pod says that it is ready."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def is_ending(pod: Object) -> bool:
    """Whether a pod was deleted and is about to end."""
    return "deletionTimestamp" in pod["metadata"]


def are_rolled_out(deployments: Iterable[Object], pods: Iterable[Object]) -> bool:
    """Whether these Deployments of a namespace have all their pods, in their newest form, and ready.

    The pods are looked at too: for a moment after one was deleted its Deployment still counts it.
    """
    wanted = 0
    for deployment in deployments:
        if not _is_rolled_out(deployment):
            return False
        wanted += _replicas(deployment)
    owned = [pod for pod in pods if not is_ending(pod) and _is_replica(pod)]
    return len(owned) >= wanted and all(map(is_ready, owned))


def are_found(pods: Iterable[Object], services: Iterable[Object], slices: Iterable[Object]) -> bool:
    """Whether the EndpointSlices of a namespace have the pods that its Services select: all that are ready, none that
    is about to end."""
    known, ends = list(pods), defaultdict[str | None, set[str]](set)
    for one in slices:
        ends[service_of(one)].update(address for each in ready_endpoints(one) for address in each["addresses"])
    for service in services:
        spec = service["spec"]
        named = spec.get("type") == "ExternalName"
        if named or not spec.get("selector") or spec.get("publishNotReadyAddresses"):
            continue
        chosen = [pod for pod in known if spec["selector"].items() <= pod["metadata"].get("labels", {}).items()]
        ready = {_address(pod) for pod in chosen if is_ready(pod) and not is_ending(pod)}
        ending = {_address(pod) for pod in chosen if is_ending(pod)} - ready
        found = ends[service["metadata"]["name"]]
        if not ready <= found or ending & found:
            return False
    return True


def _is_rolled_out(deployment: Object) -> bool:
    status = deployment.get("status", {})
    counts = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    observed = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return observed and counts == {_replicas(deployment)}


def _replicas(deployment: Object) -> int:
    return deployment["spec"].get("replicas", 1)


def _is_replica(pod: Object) -> bool:
    return any(owner["kind"] == "ReplicaSet" for owner in pod["metadata"].get("ownerReferences", ()))


def _address(pod: Object) -> str:
    return pod.get("status", {}).get("podIP", "")
