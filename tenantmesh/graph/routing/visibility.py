"""Who may see an object: `exportTo`, as a list of namespaces.

Source: https://istio.io/latest/docs/reference/config/annotations/#NetworkingExportTo.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from tenantmesh.graph.opening import Peers
from tenantmesh.manifest import ManifestObject

EXPORT_TO: Final = "networking.istio.io/exportTo"
EVERYBODY: Final = Peers(everywhere=True)
NOBODY: Final = Peers()


@lru_cache(maxsize=1 << 16)
def only(namespace: str) -> Peers:
    """Visible in one namespace."""
    return Peers(frozenset((namespace,)))


@lru_cache(maxsize=1 << 14)
def exported(values: tuple[str, ...], namespace: str) -> Peers:
    """Who may see what an object of `namespace` exports to `values`: `*`, `.`, `~` and names of namespaces."""
    if "*" in values:
        return EVERYBODY
    return Peers(frozenset(namespace if one == "." else one for one in values if one != "~"))


def spec_export(one: ManifestObject, default: tuple[str, ...]) -> Peers:
    """Who may see an Istio object by its `spec.exportTo`; all if that can't be read."""
    values = (one.body.get("spec") or {}).get("exportTo")
    return _read(values, one.key.namespace, default)


def service_export(metadata: Mapping[str, Any], default: tuple[str, ...]) -> Peers:
    """Who may see a Kubernetes Service by its annotation; all if that can't be read."""
    text = (metadata.get("annotations") or {}).get(EXPORT_TO)
    namespace: str = metadata["namespace"]
    if text is None or text == "":
        return exported(default, namespace)
    if not isinstance(text, str):
        return EVERYBODY
    if text == namespace:
        return only(namespace)
    return exported(tuple(part.strip() for part in text.split(",")), namespace)


def _read(values: Any, namespace: str, default: tuple[str, ...]) -> Peers:
    if not values:
        return exported(default, namespace)
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        return EVERYBODY
    return exported(tuple(values), namespace)


def union(several: Iterable[Peers]) -> Peers:
    """Who is in any of `several`."""
    named: set[str] = set()
    for one in several:
        if one.everywhere:
            return EVERYBODY
        named |= one.namespaces
    return Peers(frozenset(named))
