"""INGRESS openings: who sees a namespace's services, and what of it the outside gets to.

It speaks of callers with a proxy of the mesh. Without one nothing routes, and the other layers have to hold alone.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.opening import Direction, Opening, Peers
from tenantmesh.graph.ports import EXAMPLE
from tenantmesh.graph.routing.front import Front
from tenantmesh.graph.routing.gateways import bound
from tenantmesh.graph.routing.hosts import example
from tenantmesh.graph.routing.matching import Caller, Match
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.routes import Route, Rule
from tenantmesh.graph.routing.servers import Gateway, Server
from tenantmesh.graph.routing.services import Protocol, Service
from tenantmesh.graph.routing.visibility import union
from tenantmesh.graph.verdict import Effect, Evidence, Layer

ANY_POD: Final = "any-pod"
_EMPTY: Final[Mapping[str, str]] = {}
_OUTSIDE: Final = Peers(outside=True)


class Entrances:
    """The ways into a namespace."""

    def __init__(self, parts: Parts, front: Front) -> None:
        self._parts = parts
        self._front = front

    def of(self, namespace: str) -> Iterator[Opening]:
        """The ways into a namespace: by its services, by routes through gateways, past services altogether."""
        for service in self._parts.registry.all_in(namespace):
            if service.selector is not None:
                yield from self._service(service)
        yield from self._listed(namespace)
        yield from self._node_doors(namespace)
        yield from self._backends(namespace)
        if self.careless:
            reason = "sidecars that pass on what no service names reach every pod by its address"
            yield Opening(
                layer=Layer.ROUTING,
                direction=Direction.INGRESS,
                namespace=namespace,
                workload=Workload(namespace=namespace, name=ANY_POD),
                peers=self.careless,
                request=Request(port=EXAMPLE),
                evidence=(Evidence(Effect.ALLOWS, reason),),
            )

    @cached_property
    def careless(self) -> Peers:
        """Who has sidecars that pass on what no service names, or by some service to whatever address is asked."""
        parts = self._parts
        if not parts.scopes.inherited_registry_only:
            return Peers(everywhere=True)
        own = [
            Peers(frozenset((space,)))
            for space in parts.cluster.objects("networking.istio.io", "Sidecar")
            if any(not one.registry_only for one in parts.scopes.in_namespace(space))
        ]
        passing = [one.visible for some in parts.proxies.passing.values() for one in some]
        unsure = [one.visible for one in parts.registry.led_to.get("", ())]
        return union((*own, *passing, *unsure))

    def _listed(self, namespace: str) -> Iterator[Opening]:
        """Who sees services that list addresses or names of the namespace, past what it exports itself."""
        for service in self._parts.registry.led_to.get(namespace, ()):
            if service.visible:
                reason = f"{service.object.key} lists an address or name of {namespace}"
                yield Opening(
                    layer=Layer.ROUTING,
                    direction=Direction.INGRESS,
                    namespace=namespace,
                    workload=Workload(namespace=namespace, name=ANY_POD),
                    peers=service.visible,
                    request=Request(port=EXAMPLE, host=example(service.host)),
                    evidence=(Evidence(Effect.ALLOWS, reason, service.object),),
                )

    def _service(self, service: Service) -> Iterator[Opening]:
        if not service.ports:
            return
        pod = self.pod(service)
        ports = target_ports(service)
        exported = Evidence(Effect.ALLOWS, f"{service} is visible to {_who(service.visible)}", service.object)
        doors = tuple(door.evidence for door in self._front.services(service)) if service.kubernetes else ()
        seen = service.visible
        peers = Peers(seen.namespaces, seen.everywhere, outside=True) if doors else seen
        if peers:
            yield Opening(
                layer=Layer.ROUTING,
                direction=Direction.INGRESS,
                namespace=service.namespace,
                workload=pod,
                peers=peers,
                request=Request(port=ports[0][0] if ports else EXAMPLE, protocol=service.ports[0].transport),
                ports=ports,
                evidence=(exported, *doors),
            )
        for route in self._parts.book.to_host.get(service.host, ()):
            yield from self._routed(service, pod, ports, route)

    def pod(self, service: Service) -> Workload:
        """A pod that a service selects: one that is there, else one that could be made."""
        labels = service.selector or _EMPTY
        for one in self._parts.cluster.workloads.get(service.namespace, ()):
            if labels.items() <= one.labels.items():
                return one
        return Workload(namespace=service.namespace, name=ANY_POD, labels=labels)

    def _routed(
        self, service: Service, pod: Workload, ports: tuple[tuple[int, int], ...], route: Route
    ) -> Iterator[Opening]:
        """The ways from the outside through gateways, one for each rule that leads to the service."""
        for name in sorted(route.gateways):
            gateway = self._parts.gateways.all.get(name)
            if gateway is None:
                continue
            open_pods = [one for one in self._parts.gateways.pods(gateway) if self._front.is_open(gateway, one)]
            for proxy in open_pods[:1]:
                for server in gateway.servers:
                    if not server.redirects:
                        yield from self._served(service, pod, ports, route, gateway, server, proxy)

    def _served(
        self,
        service: Service,
        pod: Workload,
        ports: tuple[tuple[int, int], ...],
        route: Route,
        gateway: Gateway,
        server: Server,
        proxy: Workload,
    ) -> Iterator[Opening]:
        caller = Caller(gateway.key, server.port, proxy.namespace, proxy.labels)
        rules = self._parts.book.rules(route)
        host = next(bound(server, route), None)
        for rule in (rules.http if server.routed_as is Protocol.HTTP else (*rules.tls, *rules.tcp)) if host else ():
            if rule.admits(caller) and any(to.host == service.host for to in rule.destinations):
                reason = f"{route.object.key} leads there from {gateway.object.key}"
                port = ports[0][0] if ports else EXAMPLE
                yield Opening(
                    layer=Layer.ROUTING,
                    direction=Direction.INGRESS,
                    namespace=service.namespace,
                    workload=pod,
                    peers=_OUTSIDE,
                    request=taken(rule, caller, Request(port=port, host=example(host or ""))),
                    ports=ports,
                    evidence=(
                        Evidence(Effect.ALLOWS, reason, route.object, rule.path),
                        Evidence(Effect.ALLOWS, f"{gateway.object.key} serves {host}", gateway.object, server.path),
                    ),
                )

    def _node_doors(self, namespace: str) -> Iterator[Opening]:
        """Pods that are there and take their node's network or ports; whether others may is for Pod Security."""
        for pod in self._parts.cluster.workloads.get(namespace, ()):
            for door in self._front.node_doors(pod, 0):
                yield Opening(
                    layer=Layer.ROUTING,
                    direction=Direction.INGRESS,
                    namespace=namespace,
                    workload=pod,
                    peers=Peers(everywhere=pod.host_network, outside=True),
                    request=Request(port=door.port or EXAMPLE),
                    ports=((door.port, door.port),) if door.port else (),
                    evidence=(door.evidence,),
                )

    def _backends(self, namespace: str) -> Iterator[Opening]:
        """What Ingresses of the namespace let in from the outside."""
        for backend in self._front.ingresses.in_namespace(namespace):
            service = self._parts.registry.services(namespace).get(backend.service)
            if service is not None and service.selector is not None:
                ports = target_ports(service)
                reason = f"{backend.object.key} leads to Service {backend.service}"
                yield Opening(
                    layer=Layer.ROUTING,
                    direction=Direction.INGRESS,
                    namespace=namespace,
                    workload=self.pod(service),
                    peers=_OUTSIDE,
                    request=Request(
                        port=ports[0][0] if ports else EXAMPLE,
                        host=example(backend.host) if backend.host else "",
                        path=backend.path.example if backend.path else "/",
                    ),
                    ports=ports,
                    evidence=(Evidence(Effect.ALLOWS, reason, backend.object, backend.where),),
                )


def taken(rule: Rule, caller: Caller, request: Request) -> Request:
    """`request`, changed so that the first condition of `rule` that admits the caller takes it."""
    for several in (rule.outer, rule.matches):
        first: Match | None = next((one for one in several if one.admits(caller)), None)
        request = first.example(request) if first else request
    return request


def target_ports(service: Service) -> tuple[tuple[int, int], ...]:
    """The ports that the pods of a service listen on; every port (empty) where one goes by name, for pods say which."""
    if len(service.ports) == 1:
        target = service.ports[0].target
        return ((target, target),) if isinstance(target, int) else ()
    found = {one.target for one in service.ports}
    if any(isinstance(one, str) for one in found):
        return ()
    return tuple((int(one), int(one)) for one in sorted(found, key=int))


def _who(peers: Peers) -> str:
    if peers.everywhere:
        return "everybody"
    return ", ".join(sorted(peers.namespaces)) or "nobody"
