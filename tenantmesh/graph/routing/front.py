"""From the outside to a pod: by a Service that is open to it, by a port of the node, or by a gateway's route."""

from collections.abc import Iterator
from typing import NamedTuple

from tenantmesh.graph.cidrs import address, network
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Outside, Request, Workload
from tenantmesh.graph.routing.answers import Tally
from tenantmesh.graph.routing.gateways import is_gateway
from tenantmesh.graph.routing.ingress import Ingresses
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.servers import Gateway
from tenantmesh.graph.routing.services import Service
from tenantmesh.graph.verdict import Effect, Evidence, LayerVerdict


class Door(NamedTuple):
    """One way by which the outside reaches a pod's port, 0 is any, without a route."""

    fit: Fit
    evidence: Evidence
    port: int = 0


class Front:
    """Verdicts between somebody outside and a pod."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.ingresses = Ingresses(parts)
        self._open: dict[tuple[str, int], bool] = {}

    def verdict(self, source: Outside, pod: Workload, request: Request) -> LayerVerdict:
        """Whether `source` gets `request` to `pod`."""
        registry = self._parts.registry
        registry.services(pod.namespace)
        unread = [one for part in registry.opaque if part.namespace == pod.namespace for one in part.evidence]
        tally = Tally(
            (*unread, *(one for service, _, _ in registry.behind(pod, request.port) for one in service.unknown))
        )
        for door in self.doors(pod, request.port, source):
            if tally.count(door.fit, (door.evidence,)):
                break
        else:
            self._routed(source, pod, request, tally)
        if not tally.refused:
            tally.refused.append(Evidence(Effect.DENIES, f"nothing opens {pod} to the outside on port {request.port}"))
        return tally.verdict(
            f"the outside gets to {pod} on port {request.port}",
            f"the outside has no way to {pod} on port {request.port}",
            closing=_closing(tally.certain or ()),
            opening=f"bind a route that leads to {pod} to a gateway that is open to the outside",
        )

    def doors(self, pod: Workload, number: int, source: Outside | None = None) -> Iterator[Door]:
        """The ways to a pod's port that need no route; `number` 0 is any port."""
        yield from self.node_doors(pod, number)
        registry = self._parts.registry
        for service, port, fit in registry.behind(pod, number) if number else registry.before(pod):
            for door in self.services(service, source or Outside(), port.node_port):
                yield door._replace(fit=fit)

    def node_doors(self, pod: Workload, number: int) -> Iterator[Door]:
        """The ways by an address of the pod's node."""
        if pod.host_network:
            reason = f"{pod} is in the node's own network"
            yield Door(Fit.YES, Evidence(Effect.ALLOWS, reason, pod.object, "spec.template.spec.hostNetwork"))
        for container in pod.spec.get("containers") or ():
            for port in container.get("ports") or ():
                if "hostPort" in port and port["hostPort"] and number in (0, port.get("containerPort")):
                    reason = f"{pod} takes port {port['hostPort']} of its node"
                    evidence = Evidence(Effect.ALLOWS, reason, pod.object, "spec.template.spec.containers")
                    yield Door(Fit.YES, evidence, int(port["containerPort"]))

    def services(self, service: Service, source: Outside | None = None, node_port: int = 0) -> Iterator[Door]:
        """The way by which a Kubernetes Service is open to `source`, if it is."""
        way = _way(service, node_port, source or Outside()) if service.kubernetes else ""
        if way:
            reason = f"{service.object.key} is open to the outside as {way}"
            path = "spec.externalIPs" if way == "externalIPs" else "spec.type"
            yield Door(Fit.YES, Evidence(Effect.ALLOWS, reason, service.object, path))

    def _routed(self, source: Outside, pod: Workload, request: Request, tally: Tally) -> None:
        hosts = frozenset(service.host for service, _, _ in self._parts.registry.behind(pod, request.port))
        book, gateways = self._parts.book, self._parts.gateways
        for route in dict.fromkeys(one for host in sorted(hosts) for one in book.to_host.get(host, ())):
            for name in sorted(route.gateways):
                gateway = gateways.all.get(name)
                if name in gateways.unread:
                    tally.count(Fit.UNSURE, gateways.unread[name])
                if gateway is not None and self._through(source, gateway, pod, request, hosts, tally):
                    return
        self.ingresses.count(pod, request, tally)
        tally.unknown += self._doubts(pod, request)

    def _doubts(self, pod: Workload, request: Request) -> Iterator[Evidence]:
        """Routes that may lead to the pod for all that is understood of them: where gateways see a service of it."""
        visible = [service.visible for service, _, _ in self._parts.registry.behind(pod, request.port)]
        for route in self._parts.book.doubtful if visible else ():
            named = (self._parts.gateways.all.get(name) for name in sorted(route.gateways))
            places = {proxy.namespace for one in named if one for proxy in self._parts.gateways.pods(one)}
            if any(place in one for place in places for one in visible):
                yield from route.unknown

    def _through(
        self,
        source: Outside,
        gateway: Gateway,
        pod: Workload,
        request: Request,
        hosts: frozenset[str],
        tally: Tally,
    ) -> bool:
        """Take note of what a gateway's pods send on; True when one certainly sends it to `pod`."""
        pods = self._parts.gateways.pods(gateway)
        if not pods:
            reason = f"{gateway.object.key} selects no pod that is there, so nobody can tell what it is open to"
            tally.count(Fit.UNSURE, (Evidence(Effect.UNKNOWN, reason, gateway.object, "spec.selector"),))
        for proxy in pods:
            if not self.is_open(gateway, proxy, source):
                reason = f"the gateway {proxy} is not open to the outside"
                tally.refused.append(Evidence(Effect.DENIES, reason, gateway.object))
                continue
            outcome = self._parts.reach.forward(proxy, 0, request, hosts)
            tally.unknown += (*outcome.unknown, *self._parts.filters.on(proxy))
            tally.unknown += self._parts.unreadable(proxy, pod)
            tally.refused += outcome.refused
            for leg in outcome.legs:
                if tally.count(self._parts.reach.forwarded(leg, pod, request), leg.evidence):
                    return True
        return False

    def is_open(self, gateway: Gateway, proxy: Workload, source: Outside | None = None) -> bool:
        """Whether the outside reaches some server of `gateway` at `proxy`; a pod that is implied gets a balancer."""
        if source is not None:
            return self._is_open(gateway, proxy, source)
        key = (gateway.key, id(proxy))
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = self._is_open(gateway, proxy, Outside())
        return found

    def _is_open(self, gateway: Gateway, proxy: Workload, source: Outside) -> bool:
        if gateway.implied is not None and proxy == gateway.implied:
            return gateway.is_open
        numbers = {port for server in gateway.servers for port in self._parts.reach.listening(proxy, server)}
        return is_gateway(proxy) and any(True for number in sorted(numbers) for _ in self.doors(proxy, number, source))


def _way(service: Service, node_port: int, source: Outside) -> str:
    """How a Service is open to `source`, "" when it is not."""
    spec = service.object.body.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    if spec.get("externalIPs"):
        return "externalIPs"
    if kind == "NodePort":
        return kind
    if kind != "LoadBalancer":
        return ""
    allocated = spec.get("allocateLoadBalancerNodePorts") is not False or node_port
    return kind if allocated or _in_ranges(spec.get("loadBalancerSourceRanges"), source) else ""


def _in_ranges(ranges: list[str] | None, source: Outside) -> bool:
    """Whether a balancer lets `source` in; somebody without an address may have one that it lets in."""
    if not ranges or not source.address:
        return True
    try:
        return any(address(source.address) in network(one) for one in ranges)
    except ValueError:
        return True


def _closing(evidence: tuple[Evidence, ...]) -> str:
    first = next((one for one in evidence if one.object is not None), None)
    return f"take {first.path} from {first.key}" if first else "close what is open to the outside"
