"""Kinds whose deletion is not awaited when `pulumi.com/skipAwait` is set, as the real provider has always done."""

from typing import Final

from tenantmesh.engine.providers.kubernetes.awaiting.table import SKIP
from tenantmesh.engine.providers.kubernetes.bodies import Body, annotation, is_annotated
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_KINDS: Final = frozenset(
    {
        ("", "Namespace"),
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)
_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"
_POLICIES: Final = {"orphan": "Orphan", "background": "Background"}


def skips_deletion(kind: Kind, body: Body) -> bool:
    """Whether to return as soon as the deletion has begun."""
    return is_annotated(body, SKIP) and (kind.group, kind.kind) in _KINDS


def propagation(body: Body) -> str:
    """What happens to dependents: the annotation's policy, or they are deleted first."""
    return _POLICIES.get(annotation(body, _PROPAGATION).lower(), "Foreground")
