"""Questions in words become flows: names of tenants, workloads, services and outside hosts, and ways by a gateway."""

import ipaddress
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.names import gateway_hosts
from tenantmesh.checks.parts import labels, parts, spec, text
from tenantmesh.checks.witness import pod_in
from tenantmesh.errors import IntentError
from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.verdict import Answer, Verdict
from tenantmesh.manifest import ManifestObject

OUTSIDE = "outside"
_HTTPS = 443
_HTTP = 8080


class Question(Struct, frozen=True, kw_only=True):
    """What somebody asked: who, whom, and with what request."""

    source: str
    destination: str
    port: int | None = None
    method: str = "GET"
    path: str = "/"
    host: str = ""


class Answered(Struct, frozen=True, kw_only=True):
    """The direct flow with its verdict, and a way by a gateway, if one leads there."""

    flow: Flow
    verdict: Verdict
    hops: tuple[tuple[Flow, Verdict], ...] = ()


def ask(context: Context, question: Question) -> Answered:
    """The verdict on what was asked. Raises IntentError for a name that is nobody's."""
    source, _ = _endpoint(context, question.source)
    destination, service = _endpoint(context, question.destination)
    request = _request(context, question, destination, service)
    flow = Flow(source, destination, request)
    hops = next(_ways(context, flow), ())
    return Answered(flow=flow, verdict=context.layers.verdict(flow), hops=hops)


def _endpoint(context: Context, name: str) -> tuple[Endpoint, ManifestObject | None]:
    """Who is meant, and the Service by which it was named."""
    if name == OUTSIDE:
        return Outside(), None
    if _is_address(name):
        return Outside(address=name), None
    if name in context.intent.tenants:
        return _of_tenant(context, name), None
    if "/" in name:
        return _in_namespace(context, name)
    service = _service(context, name)
    if service is not None:
        return _behind(context, service), service
    gateway = _gateway_of(context, name)
    if gateway is not None:
        return gateway, _service_of(context, gateway)
    if "." in name:
        return Outside(host=name), None
    known = ", ".join(list(context.intent.tenants)[:8]) or "none"
    raise IntentError([f"{name}: no tenant, workload or service is called so; tenants are {known}"])


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _of_tenant(context: Context, tenant: str) -> Workload:
    """The first workload that is no gateway, or a pod that the tenant could make."""
    spaces = context.intent.tenants[tenant]
    pods = [pod for space in spaces for pod in context.cluster.workloads.get(space, ())]
    plain = [pod for pod in pods if not context.doors.is_gateway(pod)]
    return next(iter((*plain, *pods)), None) or pod_in(context, spaces[0])


def _in_namespace(context: Context, name: str) -> tuple[Workload, ManifestObject | None]:
    """A workload by its name or else the pods of a Service, both as `namespace/name`."""
    namespace, _, plain = name.partition("/")
    pods = context.cluster.workloads.get(namespace, ())
    for pod in pods:
        if pod.name == plain:
            return pod, None
    service = _service(context, f"{plain}.{namespace}")
    if service is not None:
        return _behind(context, service), service
    known = ", ".join(str(pod) for pod in pods[:8]) or f"none in {namespace}"
    raise IntentError([f"{name}: no workload or service is called so; workloads are {known}"])


def _service(context: Context, host: str) -> ManifestObject | None:
    name, _, rest = host.partition(".")
    namespace, _, suffix = rest.partition(".")
    if suffix not in ("", "svc", f"svc.{context.cluster.mesh.cluster_domain}"):
        return None
    found = context.cluster.objects("", "Service").get(namespace, ())
    return next((one for one in found if one.key.name == name), None)


def _behind(context: Context, service: ManifestObject) -> Workload:
    """The first pod that a Service selects, or one that it would."""
    namespace, wanted = service.key.namespace, labels(spec(service).get("selector"))
    for pod in context.cluster.workloads.get(namespace, ()):
        if wanted and wanted.items() <= pod.labels.items():
            return pod
    return pod_in(context, namespace, Workload(namespace=namespace, name=service.key.name, labels=wanted))


def _service_of(context: Context, pod: Workload) -> ManifestObject | None:
    """The first Service that selects a pod."""
    for one in context.cluster.objects("", "Service").get(pod.namespace, ()):
        wanted = labels(spec(one).get("selector"))
        if wanted and wanted.items() <= pod.labels.items():
            return one
    return None


def _gateway_of(context: Context, host: str) -> Workload | None:
    """The gateway's pod that serves a host to the outside."""
    for namespace, objects in context.cluster.objects("networking.istio.io", "Gateway").items():
        for one in objects:
            if any(_serves(name, host) for _, name in gateway_hosts(one)):
                pod = _pod_of(context, namespace, one)
                if pod is not None and any(door.gateway is one for door in context.doors.of(namespace)):
                    return pod
    return None


def _serves(name: str, host: str) -> bool:
    return name == host.lower() or (name.startswith("*.") and host.lower().endswith(name[1:]))


def _pod_of(context: Context, namespace: str, gateway: ManifestObject) -> Workload | None:
    wanted = labels(spec(gateway).get("selector"))
    pods = context.cluster.workloads.get(namespace, ())
    return next((pod for pod in pods if wanted and wanted.items() <= pod.labels.items()), None)


def _request(context: Context, question: Question, destination: Endpoint, service: ManifestObject | None) -> Request:
    port, host = question.port, question.host
    if isinstance(destination, Outside):
        host = host or destination.host
        return Request(port=port or _HTTPS, method=question.method, path=question.path, host=host, sni=host)
    is_gateway = context.doors.is_gateway(destination)
    if service is not None:
        known = port is not None or not is_gateway
        port = _target(destination, service, port) if known else _door_port(context, destination)
        if not is_gateway:
            inner = f"{service.key.name}.{service.key.namespace}.svc.{context.cluster.mesh.cluster_domain}"
            host = host or inner
    first = next((one.number for one in destination.ports), _HTTP)
    if not host and question.destination not in context.intent.tenants and "/" not in question.destination:
        host = question.destination
    sni = host if is_gateway else ""
    return Request(port=port or first, method=question.method, path=question.path, host=host, sni=sni)


def _target(pod: Workload, service: ManifestObject, port: int | None) -> int | None:
    """The port of the pods behind a port of the Service; the port itself when the Service has no such port."""
    for entry in parts(spec(service).get("ports")):
        if port in (None, entry.get("port")):
            target = entry.get("targetPort", entry.get("port"))
            named = next((one.number for one in pod.ports if one.name == text(target)), None) if text(target) else None
            return target if isinstance(target, int) else named
    return port


def _ways(context: Context, flow: Flow) -> Iterator[tuple[tuple[Flow, Verdict], ...]]:
    """Two hops by a gateway of either end's namespaces, best first; none when routing leads no such way."""
    found = [way for gateway in _gateways(context, flow) if (way := _way(context, flow, gateway))]
    order = (Answer.ALLOWED, Answer.UNPROVEN, Answer.DENIED)
    yield from sorted(found, key=lambda way: max(order.index(verdict.answer) for _, verdict in way))


def _gateways(context: Context, flow: Flow) -> Iterator[Workload]:
    """Gateways of the destination's tenant, or of the source's for a destination outside."""
    end = flow.source if isinstance(flow.destination, Outside) else flow.destination
    if isinstance(end, Workload):
        tenant = context.intent.owners.get(end.namespace, "")
        for space in context.intent.tenants.get(tenant, (end.namespace,)):
            for pod in context.cluster.workloads.get(space, ()):
                if pod not in (flow.source, flow.destination) and context.doors.is_gateway(pod):
                    yield pod


def _way(context: Context, flow: Flow, gateway: Workload) -> tuple[tuple[Flow, Verdict], ...]:
    host = flow.request.host if not _is_inner(context, flow.request.host) else ""
    host = host or _host_of(context, gateway)
    onward = Flow(gateway, flow.destination, replace(flow.request, host=host or flow.request.host))
    routed = context.layers.routing.verdict(onward.source, onward.destination, onward.request)
    if routed.answer is Answer.DENIED:
        return ()
    entering = Flow(flow.source, gateway, replace(flow.request, port=_door_port(context, gateway), host=host, sni=host))
    return tuple((hop, context.layers.verdict(hop)) for hop in (entering, onward))


def _is_inner(context: Context, host: str) -> bool:
    return host.endswith((".svc", f".svc.{context.cluster.mesh.cluster_domain}"))


def _host_of(context: Context, gateway: Workload) -> str:
    """A host that a gateway's pod serves."""
    for one in context.cluster.objects("networking.istio.io", "Gateway").get(gateway.namespace, ()):
        if labels(spec(one).get("selector")).items() <= gateway.labels.items():
            plain = [host for _, host in gateway_hosts(one) if not host.startswith("*")]
            if plain:
                return plain[0]
    return ""


def _door_port(context: Context, gateway: Workload) -> int:
    """The port for TLS if the gateway's pods listen on one, else its first."""
    doors = [door for door in context.doors.of(gateway.namespace) if door.selector.items() <= gateway.labels.items()]
    listened = [one.number for one in gateway.ports if any(one.number in door.ports for door in doors)]
    secure = [port for port in listened if str(port).endswith("443")]
    return next(iter((*secure, *listened, *(one.number for one in gateway.ports))), _HTTPS)
