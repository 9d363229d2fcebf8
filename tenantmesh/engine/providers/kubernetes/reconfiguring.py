"""Whether a change of the provider's own configuration means another cluster, and so new objects."""

from typing import Final

from tenantmesh.engine.provider import Diff
from tenantmesh.engine.providers.kubernetes.kubeconfig import cluster_of
from tenantmesh.engine.values import Properties, Unknown

_IDENTIFIER: Final = "clusterIdentifier"
_CONNECTION: Final = ("kubeconfig", "context", "cluster")


def diff_settings(old: Properties, new: Properties) -> Diff:
    """The difference of two configurations, by the real provider's rules.

    A cluster has no identity, so the objects are replaced when the active cluster of the kubeconfig changes; where
    both configurations have a `clusterIdentifier`, only that decides.
    """
    changed = tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
    if not changed:
        return Diff(changes=False)
    return Diff(changes=True, changed=changed, replaces=_replaces(old, new, changed))


def _replaces(old: Properties, new: Properties, changed: tuple[str, ...]) -> tuple[str, ...]:
    if old.get(_IDENTIFIER) and new.get(_IDENTIFIER):
        return (_IDENTIFIER,) if _IDENTIFIER in changed else ()
    unknown = tuple(key for key in _CONNECTION if isinstance(new.get(key), Unknown))
    if unknown:
        return unknown[:1]
    found = ["renderYamlToDirectory"] if "renderYamlToDirectory" in changed else []
    before, after = _cluster(old), _cluster(new)
    if before and after and before != after:
        found += [key for key in _CONNECTION if key in changed]
    return tuple(found)


def _cluster(settings: Properties) -> object:
    return cluster_of(settings.get("kubeconfig"), settings.get("context") or "", settings.get("cluster") or "")
