"""The inputs that would make a live object what it is, for a refresh, a get or an import."""

from typing import Final

from tenantmesh.engine.providers.kubernetes.bodies import Body, pick, to_body, to_inputs, without_read_only
from tenantmesh.engine.providers.kubernetes.normalise import normalised
from tenantmesh.engine.providers.kubernetes.pruning import prune
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import Properties

_NOT_ASKED_FOR: Final = frozenset(
    {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"}
)
"""Annotations that controllers and kubectl write."""


def inputs_from(kind: Kind, live: Body, asked: Properties) -> Properties:
    """What `live` says about the fields that were asked for, or about all but its status when nothing was."""
    if asked:
        return to_inputs(prune(live, without_read_only(normalised(kind, to_body(asked)))))
    found = without_read_only({key: value for key, value in live.items() if key != "status"})
    annotations = pick(found, "metadata", "annotations")
    if isinstance(annotations, dict):
        kept = {key: value for key, value in annotations.items() if key not in _NOT_ASKED_FOR}
        metadata = {key: value for key, value in found["metadata"].items() if key != "annotations"}
        found = {**found, "metadata": {**metadata, **({"annotations": kept} if kept else {})}}
    return to_inputs(found)
