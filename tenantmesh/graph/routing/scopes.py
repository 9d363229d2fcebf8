"""What a proxy knows of: the services and routes that its Sidecar imports, and what it does with the rest.

Source: https://istio.io/latest/docs/reference/config/networking/sidecar/. A namespace without a Sidecar has that of the
root namespace, of which `.` is then the namespace of the pod; without either it sees all that is exported to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.hosts import covers, is_wild, meets
from tenantmesh.graph.routing.shapes import SIDECAR
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject

ANY_NAMESPACE: Final = "*"


class Import(NamedTuple):
    """One of `spec.egress[].hosts`: services and routes of `namespace` (`*` is any) whose host fits `host`.

    `port` is the one that its listener is for, 0 for all.
    """

    namespace: str
    host: str
    path: str
    port: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Scope:
    """What the proxies of some pods of a namespace know of; `object` is their Sidecar, None without one."""

    namespace: str
    imports: tuple[Import, ...]
    registry_only: bool
    object: ManifestObject | None = None
    excluded: tuple[Import, ...] = ()
    labels: Mapping[str, str] | None = None
    unknown: tuple[Evidence, ...] = ()

    @cached_property
    def by_namespace(self) -> Mapping[str, tuple[Import, ...]]:
        """The imports by the namespace that they name."""
        found: dict[str, tuple[Import, ...]] = {}
        for one in self.imports:
            found[one.namespace] = (*found.get(one.namespace, ()), one)
        return found

    @cached_property
    def all_namespaces(self) -> bool:
        """Whether something is imported whatever its namespace."""
        return ANY_NAMESPACE in self.by_namespace

    def service(self, namespace: str, host: str, port: int) -> Import | None:
        """The import by which a service of `namespace` is known on `port` (0 is any)."""
        for one in self._imports(namespace):
            if covers(one.host, host) and (not one.port or not port or one.port == port):
                return None if self._leaves_out(namespace, host) else one
        return None

    def sends_to(self, namespace: str, visible: Peers) -> bool:
        """Whether routes may lead to a service of `namespace`: one of its own namespace need not be exported to it."""
        return namespace == self.namespace or self.namespace in visible

    def route(self, namespace: str, host: str) -> Import | None:
        """The import by which a route of `namespace` is known: its host and the import's may meet either way."""
        for one in self._imports(namespace):
            if meets(one.host, host) if is_wild(one.host) or is_wild(host) else one.host == host:
                return None if self._leaves_out(namespace, host) else one
        return None

    def _imports(self, namespace: str) -> Iterable[Import]:
        by_namespace = self.by_namespace
        return (*by_namespace.get(namespace, ()), *by_namespace.get(ANY_NAMESPACE, ()))

    def _leaves_out(self, namespace: str, host: str) -> bool:
        return any(one.namespace in (ANY_NAMESPACE, namespace) and covers(one.host, host) for one in self.excluded)


_EVERYTHING: Final = (Import(namespace=ANY_NAMESPACE, host="*", path=""),)


class Scopes:
    """The scopes of every namespace, made when they are first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._mesh = cluster.mesh
        self._sidecars = cluster.objects("networking.istio.io", "Sidecar")
        self._selecting: dict[str, tuple[Scope, ...]] = {}
        self._default: dict[str, Scope] = {}
        self._gateways: dict[str, Scope] = {}

    def of(self, pod: Workload) -> Scope:
        """The scope of a pod's proxy. A gateway sees all that is exported to it, whatever Sidecar there is."""
        if pod.proxy is Proxy.GATEWAY:
            return self.gateway(pod.namespace)
        for one in self.in_namespace(pod.namespace):
            if one.labels is None or one.labels.items() <= pod.labels.items():
                return one
        return self.default(pod.namespace)

    def in_namespace(self, namespace: str) -> tuple[Scope, ...]:
        """The scopes that a namespace's own Sidecars make, those with a selector first."""
        found = self._selecting.get(namespace)
        if found is None:
            made = [self._scope(one, namespace) for one in self._sidecars.get(namespace, ())]
            made.sort(key=lambda one: (one.labels is None, _age(one.object)))
            found = self._selecting[namespace] = tuple(made)
        return found

    def default(self, namespace: str) -> Scope:
        """The scope of pods that none of the namespace's Sidecars selects."""
        found = self._default.get(namespace)
        if found is None:
            own = next((one for one in self.in_namespace(namespace) if one.labels is None), None)
            found = self._default[namespace] = own or self._inherited(namespace)
        return found

    def gateway(self, namespace: str) -> Scope:
        """The scope of gateways of a namespace. They send nowhere but where a route says."""
        found = self._gateways.get(namespace)
        if found is None:
            found = self._gateways[namespace] = Scope(namespace=namespace, imports=_EVERYTHING, registry_only=True)
        return found

    @cached_property
    def root(self) -> ManifestObject | None:
        """The Sidecar of the root namespace that holds for namespaces without one."""
        found = [
            one
            for one in self._sidecars.get(self._mesh.root_namespace, ())
            if (one.body.get("spec") or {}).get("workloadSelector") is None
        ]
        return min(found, key=_age, default=None)

    @cached_property
    def inherited_registry_only(self) -> bool:
        """Whether sidecars of a namespace without a Sidecar keep to what they know of."""
        return self._inherited("").registry_only

    def _inherited(self, namespace: str) -> Scope:
        if self.root is not None:
            return self._scope(self.root, namespace)
        return Scope(namespace=namespace, imports=_EVERYTHING, registry_only=self._mesh.registry_only)

    def _scope(self, one: ManifestObject, namespace: str) -> Scope:
        reading = read_fields(one, SIDECAR)
        spec: Mapping[str, Any] = (one.body.get("spec") or {}) if reading.usable else {}
        selector = spec.get("workloadSelector")
        imports, excluded = _imports(spec, namespace)
        return Scope(
            namespace=namespace,
            imports=imports if spec.get("egress") else _EVERYTHING,
            registry_only=_registry_only(spec, default=self._mesh.registry_only),
            object=one,
            excluded=excluded,
            labels=None if selector is None else selector.get("labels") or {},
            unknown=reading.unknown,
        )


def _registry_only(spec: Mapping[str, Any], *, default: bool) -> bool:
    policy = spec.get("outboundTrafficPolicy")
    # Given at all it replaces the mesh's, and Istio reads a missing mode as the first of the enumeration.
    return default if policy is None else policy.get("mode", "REGISTRY_ONLY") == "REGISTRY_ONLY"


def _imports(spec: Mapping[str, Any], namespace: str) -> tuple[tuple[Import, ...], tuple[Import, ...]]:
    imports: list[Import] = []
    excluded: list[Import] = []
    for index, listener in enumerate(spec.get("egress") or ()):
        port = listener.get("port") or {}
        number = 0 if port.get("protocol") == "HTTP_PROXY" else int(port.get("number") or 0)
        for position, text in enumerate(listener.get("hosts") or ()):
            space, slash, host = text.partition("/")
            if slash and "/" not in host:
                path = f"spec.egress[{index}].hosts[{position}]"
                leaves_out = space.startswith("~") and host
                space = (space.removeprefix("~") or ANY_NAMESPACE) if leaves_out else space
                one = Import(namespace=namespace if space == "." else space, host=host.lower(), path=path, port=number)
                (excluded if leaves_out else imports).append(one)
    return tuple(imports), tuple(excluded)


def _age(one: ManifestObject | None) -> tuple[str, str]:
    metadata: Mapping[str, Any] = one.body["metadata"] if one else {}
    return str(metadata.get("creationTimestamp") or ""), metadata.get("name", "")
