"""Which identity a source shows: its mesh certificate by automatic mutual TLS, unless a DestinationRule says else.

Source: https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.protocols import listened
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

    def shown(self, source: Workload, destination: Workload, port: int) -> Shown | None:
        """What is said of this client and the port that the destination listens on; None is automatic mutual TLS.

        The client's namespace goes before the destination's, and that before the root; the first with a rule for the
        host decides, by the closest one, even if that says nothing of TLS.
        """
        if not self._rules:
            return None
        hosts = tuple(self._hosts(destination))
        spaces = dict.fromkeys((source.namespace, destination.namespace, self._mesh.root_namespace))
        for space in spaces:
            seen = [one for one in self._rules.get(space, ()) if self._visible(one, space, source.namespace)]
            for host in hosts:
                named = [one for one in seen if self._full(one, space) == host]
                if named:
                    numbers = frozenset(self._numbers(destination, port))
                    return next((found for one in named if (found := _tls(one, numbers))), None)
        return None

    def _numbers(self, destination: Workload, port: int) -> Iterator[int]:
        """The ports of Services behind which the destination listens on `port`."""
        for one in self._services.get(destination.namespace, ()):
            spec = one.body.get("spec") or _NOTHING
            wanted = spec.get("selector")
            if wanted and selector({"matchLabels": wanted}).matches(destination.labels):
                yield from (each["port"] for each in spec.get("ports") or () if port in listened(destination, each))

    def _hosts(self, destination: Workload) -> Iterable[str]:
        space, domain = destination.namespace, self._mesh.cluster_domain
        for one in self._services.get(space, ()):
            wanted = (one.body.get("spec") or _NOTHING).get("selector")
            if wanted and selector({"matchLabels": wanted}).matches(destination.labels):
                yield f"{one.key.name}.{space}.svc.{domain}"
        yield f"*.{space}.svc.{domain}"
        yield f"*.svc.{domain}"
        labels = domain.split(".")
        yield from (f"*.{'.'.join(labels[index:])}" for index in range(len(labels)))
        yield "*"

    def _full(self, one: ManifestObject, namespace: str) -> str:
        host = str((one.body.get("spec") or _NOTHING).get("host", ""))
        short = "." not in host and host != "*"
        return f"{host}.{namespace}.svc.{self._mesh.cluster_domain}" if short else host

    def _visible(self, one: ManifestObject, namespace: str, client: str) -> bool:
        said = (one.body.get("spec") or _NOTHING).get("exportTo") or self._mesh.destination_rule_export
        return any(each == "*" or each == client or (each == "." and namespace == client) for each in said)


def _tls(one: ManifestObject, numbers: frozenset[int]) -> Shown | None:
    """For requests to no subset: what the port's own settings say, else those for all ports."""
    whole = (one.body.get("spec") or _NOTHING).get("trafficPolicy") or _NOTHING
    path = "spec.trafficPolicy"
    for index, level in enumerate(whole.get("portLevelSettings") or ()):
        if (level.get("port") or _NOTHING).get("number") in numbers:
            whole, path = level, f"{path}.portLevelSettings[{index}]"
            break
    mode = (whole.get("tls") or _NOTHING).get("mode")
    return Shown(mode == "ISTIO_MUTUAL", one, f"{path}.tls.mode") if mode else None
