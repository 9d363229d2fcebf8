"""Gateway API's Gateways and ListenerSets: each listener as a gateway of one server.

Source: https://gateway-api.sigs.k8s.io/reference/spec/#listener and
https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/ (the pods that are made for a Gateway).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.labels import selector
from tenantmesh.graph.routing.api_shapes import GATEWAY, LISTENER_SET
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.references import GROUP, References
from tenantmesh.graph.routing.servers import Gateway, Server
from tenantmesh.graph.routing.services import Protocol
from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject

GATEWAY_NAME: Final = "gateway.networking.k8s.io/gateway-name"
_SERVICE_TYPE: Final = "networking.istio.io/service-type"
_LISTENER_SETS: Final = ((GROUP, "ListenerSet"), ("gateway.networking.x-k8s.io", "XListenerSet"))
_EMPTY: Final[Mapping[str, Any]] = {}
_PROTOCOLS: Final = {"HTTP": Protocol.HTTP, "HTTPS": Protocol.TLS, "TLS": Protocol.TLS, "TCP": Protocol.TCP}
_ROUTES: Final = {
    "HTTP": ("HTTPRoute", "GRPCRoute"),
    "HTTPS": ("HTTPRoute", "GRPCRoute"),
    "TLS": ("TLSRoute", "TCPRoute"),
    "TCP": ("TCPRoute",),
}


class Listener(Struct, frozen=True, kw_only=True):
    """A listener, and which routes may attach to it: `parent` is the Gateway or ListenerSet that it is written in."""

    gateway: Gateway
    kind: str
    parent: tuple[str, str]
    section: str
    body: Mapping[str, Any]

    def takes(self, kind: str, namespace: str, labels: Mapping[str, str]) -> bool:
        """Whether a route of `kind` in a namespace with `labels` may attach."""
        allowed = self.body.get("allowedRoutes") or _EMPTY
        kinds = [one.get("kind") for one in allowed.get("kinds") or ()] or _ROUTES.get(
            self.body.get("protocol", ""), ()
        )
        return kind in kinds and _from(allowed.get("namespaces"), namespace, self.parent[0], labels, "Same")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.body.get("port") or 0)


def listeners(cluster: Cluster) -> Iterator[Listener]:
    """All listeners of a cluster, those that ListenerSets add to a Gateway that allows it among them."""
    references = References(cluster)
    gateways = cluster.objects(GROUP, "Gateway")
    by_name = {(space, one.body["metadata"]["name"]): one for space, some in gateways.items() for one in some}
    for one in by_name.values():
        yield from _of(one, one, "Gateway", cluster, references)
    for group, kind in _LISTENER_SETS:
        for space, objects in cluster.objects(group, kind).items():
            for one in objects:
                parent = (one.body.get("spec") or _EMPTY).get("parentRef") or _EMPTY
                gateway = by_name.get((parent.get("namespace") or space, parent.get("name") or ""))
                if gateway is not None and _adds(gateway, space, cluster):
                    yield from _of(one, gateway, kind, cluster, references)


def _adds(gateway: ManifestObject, namespace: str, cluster: Cluster) -> bool:
    allowed = (gateway.body.get("spec") or _EMPTY).get("allowedListeners") or _EMPTY
    own = gateway.body["metadata"]["namespace"]
    return _from(allowed.get("namespaces"), namespace, own, _labels(cluster, namespace), "None")


def _from(allowed: Any, namespace: str, own: str, labels: Mapping[str, str], default: str) -> bool:
    """Whether a `namespaces` field lets `namespace` in; `own` is the namespace that it is written in."""
    found = allowed or _EMPTY
    match found.get("from") or default:
        case "All":
            return True
        case "Same":
            return namespace == own
        case "Selector":
            return selector(found.get("selector")).matches(labels)
        case _:
            return False


def _labels(cluster: Cluster, namespace: str) -> Mapping[str, str]:
    found = cluster.namespaces.get(namespace)
    return found.labels if found else _EMPTY


def _of(
    one: ManifestObject, gateway: ManifestObject, kind: str, cluster: Cluster, references: References
) -> Iterator[Listener]:
    reading = read_fields(one, GATEWAY if kind == "Gateway" else LISTENER_SET)
    metadata = one.body["metadata"]
    spec = (one.body.get("spec") or _EMPTY) if reading.usable else _EMPTY
    for index, body in enumerate(spec.get("listeners") or ()):
        if _certified(body, kind, metadata["namespace"], references):
            name = f"{metadata['namespace']}/{metadata['name']}/{kind}/{body.get('name')}"
            yield Listener(
                gateway=_gateway(name, one, gateway, _server(index, body), cluster, reading.unknown),
                kind=kind,
                parent=(metadata["namespace"], metadata["name"]),
                section=body.get("name") or "",
                body=body,
            )


def _certified(body: Mapping[str, Any], kind: str, namespace: str, references: References) -> bool:
    """Whether the listener may use its certificates; without a grant for another namespace's it does not serve."""
    return all(
        references.permits(
            kind,
            namespace,
            (
                one.get("group") or "",
                one.get("kind") or "Secret",
                one.get("namespace") or namespace,
                one.get("name") or "",
            ),
        )
        for one in (body.get("tls") or _EMPTY).get("certificateRefs") or ()
    )


def _server(index: int, body: Mapping[str, Any]) -> Server:
    protocol = body.get("protocol") or ""
    tls = body.get("tls") or _EMPTY
    passes = tls.get("mode") == "Passthrough"
    return Server(
        # Which namespaces may attach is settled when a route is bound.
        hosts=(("*", (body.get("hostname") or "*").lower()),),
        port=int(body.get("port") or 0),
        protocol=_PROTOCOLS.get(protocol, Protocol.TCP),
        https=protocol == "HTTPS",
        mode="PASSTHROUGH" if passes else "SIMPLE" if tls else "",
        path=f"spec.listeners[{index}]",
    )


def _gateway(
    name: str,
    one: ManifestObject,
    gateway: ManifestObject,
    server: Server,
    cluster: Cluster,
    unknown: tuple[Evidence, ...],
) -> Gateway:
    namespace: str = gateway.body["metadata"]["namespace"]
    chosen = _chosen(gateway, cluster)
    labels = chosen or {GATEWAY_NAME: gateway.body["metadata"]["name"]}
    made = f"{gateway.body['metadata']['name']}-{_class(gateway)}"
    implied = Workload(namespace=namespace, name=made, labels=labels, proxy=Proxy.GATEWAY, object=gateway)
    return Gateway(
        key=name,
        namespace=namespace,
        object=one,
        selector=labels,
        servers=(server,),
        unknown=unknown,
        implied=implied,
        is_open=not chosen and _is_open(gateway),
    )


def _class(gateway: ManifestObject) -> str:
    return str((gateway.body.get("spec") or _EMPTY).get("gatewayClassName") or "")


def _chosen(gateway: ManifestObject, cluster: Cluster) -> Mapping[str, str]:
    """The labels of the pods behind a Service that is named as the Gateway's address; none are made then."""
    namespace = gateway.body["metadata"]["namespace"]
    for address in (gateway.body.get("spec") or _EMPTY).get("addresses") or ():
        name = str(address.get("value")).partition(".")[0]
        for one in cluster.objects("", "Service").get(namespace, ()) if address.get("type") == "Hostname" else ():
            if one.body["metadata"]["name"] == name:
                return (one.body.get("spec") or _EMPTY).get("selector") or _EMPTY
    return _EMPTY


def _is_open(gateway: ManifestObject) -> bool:
    """Whether what is made for it is open to the outside: a load balancer, unless its annotation or class says not."""
    annotations = gateway.body["metadata"].get("annotations") or _EMPTY
    return annotations.get(_SERVICE_TYPE) != "ClusterIP" and "waypoint" not in _class(gateway)
