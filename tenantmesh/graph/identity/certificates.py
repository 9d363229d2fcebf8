"""Which identity a source shows: its mesh certificate by automatic mutual TLS, unless a DestinationRule says else.

Source: https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.labels import selector
from tenantmesh.manifest import ManifestObject

_NOTHING: Final[Mapping[str, Any]] = {}


class Shown(NamedTuple):
    """Whether the mesh certificate is used, and the DestinationRule that says so; None is automatic mutual TLS."""

    certificate: bool
    object: ManifestObject | None = None
    path: str = ""


class DestinationRules:
    """What DestinationRules say of TLS towards a workload."""

    def __init__(self, cluster: Cluster) -> None:
        self._rules = cluster.objects("networking.istio.io", "DestinationRule")
        self._services = cluster.objects("", "Service")
        self._mesh = cluster.mesh

    def shown(self, source: Workload, destination: Workload) -> Shown | None:
        """What the rule that acts on this client says; None when no rule speaks of TLS."""
        if not self._rules:
            return None
        hosts = set(self._hosts(destination))
        spaces = dict.fromkeys((source.namespace, destination.namespace, self._mesh.root_namespace))
        for space in spaces:
            for one in self._rules.get(space, ()):
                if self._full(one, space) in hosts and self._visible(one, space, source.namespace):
                    found = _tls(one)
                    if found is not None:
                        return found
        return None

    def _hosts(self, destination: Workload) -> Iterable[str]:
        space, domain = destination.namespace, self._mesh.cluster_domain
        for one in self._services.get(space, ()):
            wanted = (one.body.get("spec") or _NOTHING).get("selector")
            if wanted and selector({"matchLabels": wanted}).matches(destination.labels):
                yield f"{one.key.name}.{space}.svc.{domain}"
        yield f"*.{space}.svc.{domain}"
        yield f"*.svc.{domain}"
        yield f"*.{domain}"
        yield "*"
        yield "*.local"

    def _full(self, one: ManifestObject, namespace: str) -> str:
        host = str((one.body.get("spec") or _NOTHING).get("host", ""))
        short = "." not in host and host != "*"
        return f"{host}.{namespace}.svc.{self._mesh.cluster_domain}" if short else host

    def _visible(self, one: ManifestObject, namespace: str, client: str) -> bool:
        said = (one.body.get("spec") or _NOTHING).get("exportTo") or self._mesh.destination_rule_export
        return any(each == "*" or each == client or (each == "." and namespace == client) for each in said)


def _tls(one: ManifestObject) -> Shown | None:
    for path, policy in _policies(one.body.get("spec") or _NOTHING):
        mode = (policy.get("tls") or _NOTHING).get("mode")
        if mode:
            return Shown(mode == "ISTIO_MUTUAL", one, f"{path}.tls.mode")
    return None


def _policies(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    whole = spec.get("trafficPolicy") or _NOTHING
    yield "spec.trafficPolicy", whole
    for index, level in enumerate(whole.get("portLevelSettings") or ()):
        yield f"spec.trafficPolicy.portLevelSettings[{index}]", level
    for number, subset in enumerate(spec.get("subsets") or ()):
        policy = subset.get("trafficPolicy") or _NOTHING
        yield f"spec.subsets[{number}].trafficPolicy", policy
        for index, level in enumerate(policy.get("portLevelSettings") or ()):
            yield f"spec.subsets[{number}].trafficPolicy.portLevelSettings[{index}]", level
