"""The labels that the control plane itself gives to pods: no template has them, and nobody knows their values before.

A selector that asks for one of them can't be decided from templates. Seen on a real control plane of version 1.36.
"""

from collections.abc import Mapping
from typing import Any, Final

_NODE: Final = frozenset({"topology.kubernetes.io/region", "topology.kubernetes.io/zone"})
"""Copied from the node that a pod is bound to, where the node has them."""
_HASH: Final = frozenset({"pod-template-hash"})
_REVISION: Final = frozenset({"controller-revision-hash"})
_JOB: Final = frozenset(
    {
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-uid",
        "job-name",
    }
)

_OF_CONTROLLER: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("apps", "DaemonSet"): _NODE | _REVISION | {"pod-template-generation"},
    ("apps", "Deployment"): _NODE | _HASH,
    ("apps", "StatefulSet"): _NODE | _REVISION | {"apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"},
    ("batch", "CronJob"): _NODE | _JOB,
    ("batch", "Job"): _NODE | _JOB,
}
_NOTHING: Final[frozenset[str]] = frozenset()


def given_labels(group: str, kind: str, pod_spec: Mapping[str, Any]) -> frozenset[str]:
    """The keys of labels that pods of such an object may get; none for a pod that is bound already, which has them."""
    if kind == "Pod" and pod_spec.get("nodeName"):
        return _NOTHING
    return _OF_CONTROLLER.get((group, kind), _NODE)
