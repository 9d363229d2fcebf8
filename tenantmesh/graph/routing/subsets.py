"""DestinationRules: which subset of a service's pods is meant, and the SNI that a connection is given.

Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/. A rule of the client's own namespace
goes before one of the service's, and that before one of the root namespace; the most specific host wins in each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.hosts import covers, full_name
from tenantmesh.graph.routing.registry import Opaque
from tenantmesh.graph.routing.services import Service
from tenantmesh.graph.routing.shapes import DESTINATION_RULE
from tenantmesh.graph.routing.visibility import only, spec_export
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Subsets:
    """A DestinationRule: its host, who may see it, and its subsets by name."""

    object: ManifestObject
    namespace: str
    host: str
    visible: Peers
    unknown: tuple[Evidence, ...] = ()

    @cached_property
    def subsets(self) -> Mapping[str, Mapping[str, Any]]:
        """Its subsets by name."""
        return {one.get("name") or "": one for one in (self.object.body.get("spec") or {}).get("subsets") or ()}

    @cached_property
    def passes_on(self) -> bool:
        """Whether it has anything go on to the address that the client asked for, whatever is behind the host."""
        spec = self.object.body.get("spec") or _EMPTY
        policies = (one.get("trafficPolicy") for one in (spec, *self.subsets.values()))
        levels = (level for one in policies if one for level in (one, *(one.get("portLevelSettings") or ())))
        return any((level.get("loadBalancer") or _EMPTY).get("simple") == "PASSTHROUGH" for level in levels)


class SubsetBook:
    """All DestinationRules by namespace, read when a namespace is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._mesh = cluster.mesh
        self._objects = cluster.objects("networking.istio.io", "DestinationRule")
        self._found: dict[str, tuple[Subsets, ...]] = {}
        self.opaque: list[Opaque] = []

    def in_namespace(self, namespace: str) -> tuple[Subsets, ...]:
        """The DestinationRules of a namespace."""
        found = self._found.get(namespace)
        if found is None:
            found = self._found[namespace] = tuple(self._read(self._objects.get(namespace, ())))
        return found

    def _read(self, objects: Iterable[ManifestObject]) -> Iterable[Subsets]:
        for one in objects:
            spec = one.body.get("spec") or _EMPTY
            namespace = one.body["metadata"]["namespace"]
            reading = read_fields(one, DESTINATION_RULE)
            visible = spec_export(one, self._mesh.destination_rule_export)
            if not reading.usable:
                self.opaque.append(Opaque(visible, reading.unknown))
                continue
            yield Subsets(
                object=one,
                namespace=namespace,
                host=full_name(spec.get("host") or "", namespace, self._mesh.cluster_domain),
                # One for chosen clients is never exported.
                visible=only(namespace) if spec.get("workloadSelector") is not None else visible,
                unknown=reading.unknown,
            )

    @cached_property
    def passing(self) -> tuple[Subsets, ...]:
        """The rules of the whole mesh that have something go on to the address that was asked for."""
        return tuple(one for space in self._objects for one in self.in_namespace(space) if one.passes_on)

    def acting(self, namespace: str, service: Service) -> tuple[Subsets, ...]:
        """The rules that act on what proxies of `namespace` send to `service`."""
        return self.of_host(namespace, service.host, service.namespace)

    def of_host(self, namespace: str, host: str, home: str) -> tuple[Subsets, ...]:
        """The rules that act on what proxies of `namespace` send to `host`, a service of the namespace `home`."""
        for space in dict.fromkeys((namespace, home, self._mesh.root_namespace)):
            found = [
                one
                for one in self.in_namespace(space)
                if covers(one.host, host) and (namespace in one.visible or space == namespace)
            ]
            if found:
                longest = max(len(one.host) for one in found)
                return tuple(one for one in found if len(one.host) == longest)
        return ()


def subset_labels(rules: Iterable[Subsets], name: str) -> Mapping[str, str] | None:
    """The labels that the pods of subset `name` have; None when no rule has such a subset."""
    for one in rules:
        if name in one.subsets:
            return one.subsets[name].get("labels") or _EMPTY
    return None


def sni(rules: Iterable[Subsets], subset: str, port: int) -> str:
    """The SNI that a connection to `port` of a subset is given; "" when none is said."""
    return _said(rules, subset, port, "sni").lower()


def tls_mode(rules: Iterable[Subsets], subset: str, port: int) -> str:
    """How a connection to `port` of a subset is secured; "" when nothing is said."""
    return _said(rules, subset, port, "mode")


def _said(rules: Iterable[Subsets], subset: str, port: int, field: str) -> str:
    for one in rules:
        spec = one.object.body.get("spec") or _EMPTY
        for level in (one.subsets.get(subset, _EMPTY).get("trafficPolicy"), spec.get("trafficPolicy")):
            found = _tls(level or _EMPTY, port).get(field)
            if found:
                return str(found)
    return ""


def _tls(policy: Mapping[str, Any], port: int) -> Mapping[str, Any]:
    for setting in policy.get("portLevelSettings") or ():
        if (setting.get("port") or _EMPTY).get("number") == port:
            return setting.get("tls") or _EMPTY
    return policy.get("tls") or _EMPTY
