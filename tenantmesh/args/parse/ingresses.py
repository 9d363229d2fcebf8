"""Reads a tenant's ways in: the main one, further ones by name, and what they must not say beside each other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tenantmesh.args.parse.gateway import INGRESS
from tenantmesh.args.parse.readers import pairs
from tenantmesh.spec.gateway import MAIN, MAIN_EGRESS, CertificatesSpec, ClientTls, GeneratedChain, IngressSpec
from tenantmesh.spec.hosts import WILDCARD, covers, overlap
from tenantmesh.spec.names import gateway_name, part_problem
from tenantmesh.spec.tenant import TenantSpec

_CHAIN = ("epoch", "trust_epochs", "leaf_epoch", "root_hours", "intermediate_hours", "leaf_hours")
_NEW = GeneratedChain()


def _name_problem(name: str) -> str:
    return f"{name!r} is what routes call the main one: choose another name" if name == MAIN else part_problem(name)


INGRESSES = pairs(INGRESS, _name_problem)


def ways_in(
    found: dict[str, Any], domain: str, path: str, problems: list[str]
) -> tuple[IngressSpec | None, tuple[IngressSpec, ...]]:
    """A tenant's main way in, if it has one, and those beside it in the order of their names."""
    main: dict[str, Any] | None = found.get("ingress")
    others: Sequence[tuple[str, dict[str, Any]]] = found.get("ingresses", ())
    return (
        None if main is None else _ingress(main, domain, f"{path}.ingress", problems),
        tuple(_ingress(one, domain, f"{path}.ingresses.{name}", problems, name) for name, one in others),
    )


def _ingress(found: dict[str, Any], domain: str, path: str, problems: list[str], name: str = "") -> IngressSpec:
    """One way in of its fields; without hosts it has the tenant's domain and everything under it."""
    hosts = found.get("hosts") or ((WILDCARD + domain, domain) if domain else ())
    if not hosts:
        problems.append(f"{path}.hosts: are missing: name them, or give the tenant a domain")
    complete: dict[str, Any] = {**found, "hosts": hosts, "name": name}
    spec = IngressSpec(**complete)
    problems.extend(f"{path}.{problem}" for problem in _tcp_problems(spec))
    return spec


def gateway_accounts(spec: TenantSpec) -> tuple[str, ...]:
    """The service accounts of a tenant's gateways, also of those that it does not have yet."""
    there = (*spec.further, *spec.egress_gateways)
    roles = dict.fromkeys((MAIN, MAIN_EGRESS, *(one.role for one in there)))
    return tuple(gateway_name(spec.name, role) for role in roles)


def ingress_problems(spec: TenantSpec) -> Iterable[str]:
    """What further ways in can't be without, and what only the main one may say or have."""
    if spec.further and spec.ingress is None:
        yield "ingresses: are beside the main way in: give ingress"
        return
    for ingress in spec.further:
        path = f"ingresses.{ingress.name}"
        yield from (f"{path}.{problem}" for problem in _chain_problems(spec, ingress))
        yield from (f"{path}.{problem}" for problem in _plain_problems(spec, ingress))
    yield from _node_port_problems(spec)


def _tcp_problems(spec: IngressSpec) -> Iterable[str]:
    """What no connection is ever told apart by would never be asked for."""
    for host, _ in spec.certificates.tcp:
        if spec.hosts and not any(covers(one, host) for one in spec.hosts):
            yield f"certificates.tcp.{host}: is none of the ingress's hosts ({', '.join(spec.hosts)}): name one of them"


def _chain_problems(spec: TenantSpec, ingress: IngressSpec) -> Iterator[str]:
    """A tenant has one chain, which is the main one's to rotate."""
    if not ingress.certified or not isinstance(ingress.certificates, GeneratedChain):
        return
    main = spec.ingress
    if main is None or not main.certified or not isinstance(main.certificates, GeneratedChain):
        yield "certificates: ingress has no chain that could sign them: name a secret_name or issuer"
    if _settings(ingress.certificates) != _settings(_NEW):
        yield "certificates: epochs and validity are those of the tenant's chain: say them at ingress.certificates"


def _settings(certificates: CertificatesSpec) -> list[object]:
    return [getattr(certificates, name) for name in _CHAIN]


def _plain_problems(spec: TenantSpec, ingress: IngressSpec) -> Iterator[str]:
    """Who asks for TLS at a host is not to be walked around at another gateway."""
    for other in spec.ingresses:
        mine, theirs = ingress.client_tls is ClientTls.NONE, other.client_tls is ClientTls.NONE
        if other.name < ingress.name and mine is not theirs:
            both = next((host for host in ingress.hosts if any(overlap(host, one) for one in other.hosts)), "")
            if both:
                yield f"client_tls: {both!r} is at {other.called!r} too, one with TLS and one without: part their hosts"


def _node_port_problems(spec: TenantSpec) -> Iterator[str]:
    taken: dict[int, str] = {}
    for ingress in spec.ingresses:
        for field in ("http_node_port", "https_node_port"):
            port = getattr(ingress.service, field)
            if port in taken and ingress.called != taken[port]:
                yield f"ingresses.{ingress.name}.service.{field}: {port} is taken by {taken[port]!r}: choose another"
            elif port:
                taken[port] = ingress.called
