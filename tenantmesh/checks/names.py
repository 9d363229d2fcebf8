"""The names that a tenant's objects claim: hosts, server names, outside hosts, and who makes its tokens."""

from collections.abc import Iterable, Iterator
from typing import Any

from tenantmesh.checks.claim import Claim
from tenantmesh.checks.context import Context
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import routing as rules
from tenantmesh.graph.routing.hosts import full_name
from tenantmesh.graph.routing.visibility import spec_export
from tenantmesh.manifest import ManifestObject

_ISTIO = "networking.istio.io"
_GATEWAY_API = "gateway.networking.k8s.io"
_MESH = "mesh"


def claims(context: Context, tenant: str) -> Iterator[Claim]:
    """Every name that the objects of a tenant's namespaces claim."""
    for one in context.objects(tenant, _ISTIO, "Gateway"):
        yield from _of_gateway(tenant, one)
    for one in context.objects(tenant, _ISTIO, "VirtualService"):
        yield from _of_virtual_service(context, tenant, one)
    for one in context.objects(tenant, _ISTIO, "ServiceEntry"):
        yield from _of_service_entry(context, tenant, one)
    for kind in ("HTTPRoute", "GRPCRoute"):
        for one in context.objects(tenant, _GATEWAY_API, kind):
            yield from _hosts(tenant, one, texts(spec(one).get("hostnames")))
    for one in context.objects(tenant, _GATEWAY_API, "TLSRoute"):
        yield from _server_names(tenant, one, texts(spec(one).get("hostnames")))
    for one in context.objects(tenant, _GATEWAY_API, "Gateway"):
        yield from _hosts(tenant, one, [entry.get("hostname") for entry in parts(spec(one).get("listeners"))])
    for one in context.objects(tenant, "networking.k8s.io", "Ingress"):
        yield from _hosts(tenant, one, [entry.get("host") for entry in parts(spec(one).get("rules"))])
    for one in context.objects(tenant, "", "Service"):
        yield from _node_ports(tenant, one)
    for one in context.objects(tenant, "security.istio.io", "RequestAuthentication"):
        yield from _tokens(tenant, one)


def gateway_hosts(one: ManifestObject) -> Iterator[tuple[Part, str]]:
    """Each server of an Istio Gateway with each of its hosts, the namespace before the slash left out."""
    for server in parts(spec(one).get("servers")):
        for host in texts(server.get("hosts")):
            yield server, host.rpartition("/")[2].lower()


def destinations(route: Part) -> Iterator[Part]:
    """Where a rule of a VirtualService leads, copies of requests too."""
    ends = [part(one, "destination") for name in ("route", "mirrors") for one in parts(route.get(name))]
    yield from (one for one in (*ends, part(route, "mirror")) if text(one.get("host")))


def faces_outside(server: Part) -> bool:
    """Whether a server is for clients outside the mesh; an egress gateway's is for those inside."""
    return part(server, "tls").get("mode") not in ("ISTIO_MUTUAL", "AUTO_PASSTHROUGH")


def _hosts(tenant: str, one: ManifestObject, hosts: Iterable[Any] | None, *, private: bool = False) -> Iterator[Claim]:
    for host in hosts or ():
        if isinstance(host, str) and host:
            name = host.lower()
            yield Claim(rule=rules.HOST_OVERLAP, what="host", name=name, tenant=tenant, object=one, private=private)


def _server_names(tenant: str, one: ManifestObject, hosts: Iterable[Any] | None) -> Iterator[Claim]:
    for host in hosts or ():
        if isinstance(host, str) and host:
            name = host.lower()
            yield Claim(rule=rules.SNI_OVERLAP, what="server name", name=name, tenant=tenant, object=one)


def _of_gateway(tenant: str, one: ManifestObject) -> Iterator[Claim]:
    for server, host in gateway_hosts(one):
        if faces_outside(server):
            passed = part(server, "tls").get("mode") == "PASSTHROUGH"
            yield from _server_names(tenant, one, [host]) if passed else _hosts(tenant, one, [host])


def _of_virtual_service(context: Context, tenant: str, one: ManifestObject) -> Iterator[Claim]:
    """Hosts of routes at a gateway that faces outside, and of routes for sidecars that other tenants see."""
    body, namespace = spec(one), one.key.namespace
    gateways = texts(body.get("gateways")) or [_MESH]
    at_door = any(name != _MESH and not _is_egress(context, name, namespace) for name in gateways)
    wide = _MESH in gateways and is_wide(context, tenant, one, context.cluster.mesh.virtual_service_export)
    if at_door or wide:
        domain = context.cluster.mesh.cluster_domain
        yield from _hosts(tenant, one, [full_name(host, namespace, domain) for host in texts(body.get("hosts"))])
    if at_door:
        matches = [match for route in parts(body.get("tls")) for match in parts(route.get("match"))]
        yield from _server_names(tenant, one, [host for match in matches for host in texts(match.get("sniHosts"))])


def is_wide(context: Context, tenant: str, one: ManifestObject, default: tuple[str, ...]) -> bool:
    """Whether namespaces of other tenants see an Istio object."""
    seen = spec_export(one, default)
    return bool(seen.without(frozenset(context.intent.tenants[tenant])))


def service_place(context: Context, host: str, namespace: str) -> str:
    """The namespace whose service a host is, said in `namespace`; "" for a host that is no service of the cluster."""
    full = full_name(host, namespace, context.cluster.mesh.cluster_domain)
    name, _, rest = full.partition(".")
    place, _, suffix = rest.partition(".")
    return place if name and suffix in ("svc", f"svc.{context.cluster.mesh.cluster_domain}") else ""


def _is_egress(context: Context, name: str, namespace: str) -> bool:
    """Whether a gateway that is named `namespace/name` or `name` is there and serves nobody outside."""
    place, _, plain = name.rpartition("/")
    for one in context.cluster.objects(_ISTIO, "Gateway").get(place or namespace, ()):
        if one.key.name == plain:
            return not any(faces_outside(server) for server in parts(spec(one).get("servers")))
    return False


def _of_service_entry(context: Context, tenant: str, one: ManifestObject) -> Iterator[Claim]:
    private = not is_wide(context, tenant, one, context.cluster.mesh.service_export)
    hosts = [host.lower() for host in texts(spec(one).get("hosts"))]
    for host in hosts:
        yield Claim(
            rule=rules.EGRESS_OVERLAP, what="outside host", name=host, tenant=tenant, object=one, private=private
        )
    # What others see of it takes the place of a host that a gateway serves.
    yield from () if private else _hosts(tenant, one, hosts)


def _node_ports(tenant: str, one: ManifestObject) -> Iterator[Claim]:
    for entry in parts(spec(one).get("ports")):
        if isinstance(port := entry.get("nodePort"), int):
            yield Claim(rule=rules.NODE_PORT_OVERLAP, what="node port", name=str(port), tenant=tenant, object=one)


def _tokens(tenant: str, one: ManifestObject) -> Iterator[Claim]:
    for rule in parts(spec(one).get("jwtRules")):
        issuer = text(rule.get("issuer"))
        for audience in texts(rule.get("audiences")) or [""]:
            shown = f"{audience} of {issuer}" if audience else f"any audience of {issuer}"
            # Dots would make the parts of an audience look like domains.
            name = f"{audience.replace('.', '/')}.{issuer}" if audience else f"*.{issuer}"
            yield Claim(rule=rules.JWT_OVERLAP, what="tokens for", name=name, tenant=tenant, object=one, shown=shown)
