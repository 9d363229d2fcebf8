"""Which EnvoyFilters are understood: those whose every patch has one of the shapes in FORMS, to the last field.

Nothing that fits a shape may open a way that other objects keep shut, or lead out of the filter's own namespace. An
object of any other shape is not understood, and leaves unproven what it acts on.
"""

from typing import Any, Final

from tenantmesh.graph.envoyfilters.login import LOGIN
from tenantmesh.graph.envoyfilters.rate_limits import RATE_LIMITS
from tenantmesh.graph.envoyfilters.shape import AnyOf, Each, Place, fits, texts
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Body

FORMS: Final[tuple[Any, ...]] = (*LOGIN, *RATE_LIMITS)
"""The shapes of the patches that are understood, those of each concern in a module of its own."""

_SPEC: Final = {"configPatches": Each(AnyOf(FORMS)), "workloadSelector": {"labels": texts}}


def understood(body: Body, mesh: MeshSettings) -> bool:
    """Whether an EnvoyFilter does nothing that a proof has to know of.

    One of the root namespace acts on all namespaces, and so is never understood.
    """
    if body.get("kind") != "EnvoyFilter":
        return False
    namespace: str = (body.get("metadata") or {}).get("namespace") or "default"
    place = Place(namespace=namespace, trust_domain=mesh.trust_domain, cluster_domain=mesh.cluster_domain)
    return namespace != mesh.root_namespace and fits(body.get("spec"), _SPEC, place)
