"""Which identity a source shows: its mesh certificate by automatic mutual TLS, unless a DestinationRule says else.

Source: https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.protocols import listened
from tenantmesh.graph.labels import selector
from tenantmesh.graph.routing.hosts import covers, full_name
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
        self._virtual_services = cluster.objects("networking.istio.io", "VirtualService")
        self._mesh = cluster.mesh

    def shown(self, source: Workload, destination: Workload, port: int) -> Shown | None:
        """What is said of this client and the port that the destination listens on; None is automatic mutual TLS.

        It is of requests to no subset; `of_subsets` tells the others.
        """
        named = self._acting(source, destination)
        numbers = frozenset(self._numbers(destination, port)) if named else frozenset[int]()
        return _of_all(named, numbers)

    def of_subsets(self, source: Workload, destination: Workload, port: int) -> Iterator[Shown | None]:
        """The same for each subset that the destination may be in, and that some route sends requests to.

        What a subset says of TLS goes before what its rule says, and its setting for the port before both, even if
        that is silent (istio/istio: pilot/pkg/networking/core/cluster_traffic_policy.go, MergeSubsetTrafficPolicy).
        """
        named = self._acting(source, destination)
        if not any((one.body.get("spec") or _NOTHING).get("subsets") for one in named):
            return
        numbers = frozenset(self._numbers(destination, port))
        for one in named:
            for index, subset in enumerate((one.body.get("spec") or _NOTHING).get("subsets") or ()):
                pods = selector({"matchLabels": subset.get("labels") or {}})
                policy = subset.get("trafficPolicy") or _NOTHING
                if policy and self._is_routed(one, subset) and pods.fit(destination.labels) is not Fit.NO:
                    path = f"spec.subsets[{index}].trafficPolicy"
                    level, where = _level(policy, path, numbers)
                    silent = where == path and not (level.get("tls") or _NOTHING).get("mode")
                    yield _of_all(named, numbers) if silent else _said(one, level, where)

    def _is_routed(self, one: ManifestObject, subset: Mapping[str, Any]) -> bool:
        """Whether some route sends to the subset, of a host that the rule is for."""
        hosts, host = self._routed.get(str(subset.get("name") or ""), ()), self._full(one, one.key.namespace)
        return any(covers(host, each) for each in hosts)

    @cached_property
    def _routed(self) -> Mapping[str, frozenset[str]]:
        """The hosts to whose subset of a name routes send requests, by that name."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for space, objects in self._virtual_services.items():
            for one in objects:
                for kind in ("http", "tcp", "tls"):
                    for rule in (one.body.get("spec") or _NOTHING).get(kind) or ():
                        for way in (*(rule.get("route") or ()), *_mirrors(rule)):
                            said = way.get("destination") or _NOTHING
                            found[str(said.get("subset") or "")].add(self._named(said, space))
        return {name: frozenset(hosts) for name, hosts in found.items()}

    def _acting(self, source: Workload, destination: Workload) -> list[ManifestObject]:
        """The rules that act on what the client sends to the destination.

        The client's namespace goes before the destination's, and that before the root; the first with a rule for the
        host decides, by the closest one, even if that says nothing of TLS.
        """
        if not self._rules:
            return []
        hosts = tuple(self._hosts(destination))
        spaces = dict.fromkeys((source.namespace, destination.namespace, self._mesh.root_namespace))
        for space in spaces:
            seen = [one for one in self._rules.get(space, ()) if self._visible(one, space, source.namespace)]
            for host in hosts:
                named = [one for one in seen if self._full(one, space) == host]
                if named:
                    return named
        return []

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
        return self._named(one.body.get("spec") or _NOTHING, namespace)

    def _named(self, body: Mapping[str, Any], namespace: str) -> str:
        return full_name(str(body.get("host", "")), namespace, self._mesh.cluster_domain)

    def _visible(self, one: ManifestObject, namespace: str, client: str) -> bool:
        said = (one.body.get("spec") or _NOTHING).get("exportTo") or self._mesh.destination_rule_export
        return any(each == "*" or each == client or (each == "." and namespace == client) for each in said)


def _of_all(named: Iterable[ManifestObject], numbers: frozenset[int]) -> Shown | None:
    """For requests to no subset: what the port's own settings say, else those for all ports."""
    for one in named:
        policy = (one.body.get("spec") or _NOTHING).get("trafficPolicy") or _NOTHING
        found = _said(one, *_level(policy, "spec.trafficPolicy", numbers))
        if found:
            return found
    return None


def _level(policy: Mapping[str, Any], path: str, numbers: frozenset[int]) -> tuple[Mapping[str, Any], str]:
    """The settings for a port and their path, or those for all ports."""
    for index, level in enumerate(policy.get("portLevelSettings") or ()):
        if (level.get("port") or _NOTHING).get("number") in numbers:
            return level, f"{path}.portLevelSettings[{index}]"
    return policy, path


def _said(one: ManifestObject, level: Mapping[str, Any], path: str) -> Shown | None:
    mode = (level.get("tls") or _NOTHING).get("mode")
    return Shown(mode == "ISTIO_MUTUAL", one, f"{path}.tls.mode") if mode else None


def _mirrors(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if rule.get("mirror"):
        yield {"destination": rule["mirror"]}
    yield from rule.get("mirrors") or ()
