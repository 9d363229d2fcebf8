"""HTTPRoutes, GRPCRoutes, TLSRoutes and TCPRoutes in the form of VirtualServices.

Source: https://gateway-api.sigs.k8s.io/reference/spec/ and, for routes whose parent is a Service,
https://gateway-api.sigs.k8s.io/mesh/: one of the Service's namespace acts on all callers, another on its own namespace.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.opening import Peers
from tenantmesh.graph.routing.api_rules import backend, rules
from tenantmesh.graph.routing.api_shapes import ROUTES
from tenantmesh.graph.routing.fields import Reading, read_fields
from tenantmesh.graph.routing.hosts import service_host
from tenantmesh.graph.routing.listeners import Listener, listeners
from tenantmesh.graph.routing.matching import MESH
from tenantmesh.graph.routing.references import GROUP, References
from tenantmesh.graph.routing.routes import Route, Rules
from tenantmesh.graph.routing.visibility import EVERYBODY, only
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}
_SETS: Final = ("ListenerSet", "XListenerSet")


@dataclass(frozen=True, kw_only=True, eq=False)
class ApiRoute(Route):
    """A route of Gateway API; `references` say which backends of other namespaces it may have, None: any."""

    of_gateway_api = True
    references: References | None
    port: int = 0

    @cached_property
    def reading(self) -> Reading:
        """What in it is not understood, backends of unknown kinds among it."""
        found = read_fields(self.object, ROUTES[self.object.body["kind"]])
        odd = [one for one in self._backends if one.unknown] if found.usable else []
        return Reading((*found.unknown, *(one.unknown for one in odd if one.unknown)), found.usable)

    @cached_property
    def _backends(self) -> list[Any]:
        listed = (self.object.body.get("spec") or _EMPTY).get("rules") or ()
        return [
            backend(self, body, f"spec.rules[{index}].backendRefs[{number}]", self.references)
            for index, rule in enumerate(listed)
            for number, body in enumerate(rule.get("backendRefs") or ())
        ]

    @cached_property
    def rules(self) -> Rules:
        """Its rules, the most specific first."""
        return rules(self, self.references, self.port) if self.reading.usable else Rules()


def api_routes(cluster: Cluster) -> Iterator[Route]:
    """The routes of a cluster, one for the gateways of each and one for each Service that it is bound to."""
    if not any(group == GROUP for group, _ in cluster.kinds):
        return
    references = References(cluster)
    parents: defaultdict[tuple[str, str], list[Listener]] = defaultdict(list)
    for one in listeners(cluster):
        parents[one.parent].append(one)
    for kind in ROUTES:
        for namespace, objects in cluster.objects(GROUP, kind).items():
            for one in objects:
                yield from _bound(one, namespace, parents, cluster, references)


def _bound(
    one: ManifestObject,
    namespace: str,
    parents: Mapping[tuple[str, str], list[Listener]],
    cluster: Cluster,
    references: References,
) -> Iterator[Route]:
    spec = one.body.get("spec") or _EMPTY
    refs = [ref for ref in spec.get("parentRefs") or () if isinstance(ref, Mapping)]
    space = cluster.namespaces.get(namespace)
    keys = frozenset(
        listener.gateway.key
        for ref in refs
        for listener in _attached(one, ref, parents, space.labels if space else _EMPTY)
    )
    hosts = [host.lower() for host in spec.get("hostnames") or () if isinstance(host, str)]
    if keys or not refs:
        yield _route(one, hosts or ["*"], keys, EVERYBODY, references, cluster)
    for ref in refs:
        if ref.get("kind") == "Service" and not ref.get("group"):
            place, name = ref.get("namespace") or namespace, ref.get("name") or ""
            if all(
                service.body["metadata"]["name"] != name for service in cluster.objects("", "Service").get(place, ())
            ):
                # A host of that name may be a ServiceEntry's, of which it says nothing.
                continue
            host = service_host(name, place, cluster.mesh.cluster_domain)
            visible = EVERYBODY if place == namespace else only(namespace)
            yield _route(one, [host], frozenset((MESH,)), visible, None, cluster, int(ref.get("port") or 0))


def _attached(
    one: ManifestObject,
    ref: Mapping[str, Any],
    parents: Mapping[tuple[str, str], list[Listener]],
    labels: Mapping[str, str],
) -> Iterable[Listener]:
    """The listeners that a parentRef names and that let the route attach."""
    namespace = one.body["metadata"]["namespace"]
    kind = ref.get("kind") or "Gateway"
    section, port = ref.get("sectionName"), ref.get("port")
    for listener in parents.get((ref.get("namespace") or namespace, ref.get("name") or ""), ()):
        same = listener.kind == kind or (kind in _SETS and listener.kind in _SETS)
        named = (not section or listener.section == section) and (not port or listener.port == port)
        if same and named and listener.takes(one.body["kind"], namespace, labels):
            yield listener


def _route(
    one: ManifestObject,
    hosts: Iterable[str],
    gateways: frozenset[str],
    visible: Peers,
    references: References | None,
    cluster: Cluster,
    port: int = 0,
) -> Route:
    metadata = one.body["metadata"]
    return ApiRoute(
        object=one,
        namespace=metadata["namespace"],
        hosts=tuple(hosts),
        gateways=gateways,
        visible=visible,
        # Those of one host are merged, so none comes before another by its age.
        born="",
        domain=cluster.mesh.cluster_domain,
        references=references,
        port=port,
    )
