"""Objects that change what proxies do in ways that nobody can foresee: EnvoyFilter, WasmPlugin, and unknown kinds.

EnvoyFilters of a shape that is understood open nothing, and are left out.
Source: https://istio.io/latest/docs/reference/config/networking/envoy-filter/.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.envoyfilters import understood
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.routing.shapes import READ, is_read
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}


class Filters:
    """The objects of kinds that route and are not read, by the namespace whose proxies they act on."""

    def __init__(self, cluster: Cluster) -> None:
        self._root = cluster.mesh.root_namespace
        self._found: defaultdict[str, list[tuple[ManifestObject, Evidence]]] = defaultdict(list)
        for group, kind in cluster.kinds:
            if group in READ and not is_read(group, kind):
                for namespace, objects in cluster.objects(group, kind).items():
                    odd = [one for one in objects if not understood(one.body, cluster.mesh)]
                    self._found[namespace] += [(one, _evidence(one)) for one in odd]

    def on(self, pod: Workload) -> list[Evidence]:
        """What may change the proxy of `pod`: the objects of its namespace and of the root namespace that select it."""
        if not self._found:
            return []
        spaces = {pod.namespace, self._root, ""}
        return [
            evidence for space in sorted(spaces) for one, evidence in self._found.get(space, ()) if _selects(one, pod)
        ]

    def in_namespace(self, namespace: str) -> tuple[Evidence, ...]:
        """What may change some proxy of a namespace."""
        if not self._found:
            return ()
        spaces = sorted({namespace, self._root, ""})
        return tuple(evidence for space in spaces for _, evidence in self._found.get(space, ()))


def _evidence(one: ManifestObject) -> Evidence:
    return Evidence(Effect.UNKNOWN, f"{one.key} may change what proxies do, and what it does is not understood", one)


def _selects(one: ManifestObject, pod: Workload) -> bool:
    spec = one.body.get("spec") or _EMPTY
    selector = spec.get("workloadSelector") or spec.get("selector") or _EMPTY
    labels: Any = selector.get("labels") or selector.get("matchLabels") if isinstance(selector, Mapping) else None
    return not isinstance(labels, Mapping) or labels.items() <= pod.labels.items()


def distinct(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each piece of evidence once, in order."""
    return tuple({(one.reason, one.path): one for one in evidence}.values())


def unknown(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """What of the evidence is not understood."""
    return tuple(one for one in evidence if one.effect is Effect.UNKNOWN)
