"""TLS to hosts outside: that it is begun where they take nothing else, and that they show that they are who they are.

Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings. Without
`caCertificates` it is the proxy's own list of public authorities that is asked.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.names import destinations, service_place
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import doors as rules
from tenantmesh.graph.routing.hosts import covers, full_name, meets
from tenantmesh.graph.routing.subsets import tls_mode
from tenantmesh.graph.routing.visibility import spec_export
from tenantmesh.manifest import ManifestObject

_ISTIO: Final = "networking.istio.io"
_MESH: Final = "mesh"
_CHECKED: Final = ("SIMPLE", "MUTUAL")
"""The modes by which TLS is begun with a host that is no member of the mesh."""
_BEGUN: Final = (*_CHECKED, "ISTIO_MUTUAL")
_TLS: Final = ("HTTPS", "TLS")

_Entries = Iterable[ManifestObject]


def check(context: Context, outcome: Outcome) -> None:
    """Add where a tenant sends what is for a host outside in plain text, or to whoever takes it."""
    mesh, spaces = context.cluster.mesh, context.intent.tenants[outcome.tenant]
    shared = context.cluster.objects(_ISTIO, "ServiceEntry").get(mesh.root_namespace, ())
    seen = [one for one in shared if any(space in spec_export(one, mesh.service_export) for space in spaces)]
    entries = [*context.objects(outcome.tenant, _ISTIO, "ServiceEntry"), *seen]
    for rule in context.objects(outcome.tenant, _ISTIO, "DestinationRule"):
        outcome.findings += _trusting(context, outcome.tenant, rule, entries)
    for route in context.objects(outcome.tenant, _ISTIO, "VirtualService"):
        outcome.findings += _plain(context, outcome.tenant, route, entries)


def _trusting(context: Context, tenant: str, rule: ManifestObject, entries: _Entries) -> Iterator[Finding]:
    """TLS whose other end may be anybody."""
    host = full_name(text(spec(rule).get("host")), rule.key.namespace, context.cluster.mesh.cluster_domain)
    if service_place(context, host, rule.key.namespace):
        return
    for path, tls in _settings(rule):
        if tls.get("mode") not in _CHECKED:
            continue
        if tls.get("insecureSkipVerify") is True:
            what, field = "takes any certificate", "insecureSkipVerify"
        elif tls.get("sni") and not tls.get("subjectAltNames") and not _is_named(host, entries):
            what, field = "takes a certificate for any host", "subjectAltNames"
        else:
            continue
        message = f"{rule.key} {what} as that of {host} ({path}.{field})"
        yield _found(tenant, (rule,), host, message)


def _settings(rule: ManifestObject) -> Iterator[tuple[str, Part]]:
    """All that a DestinationRule says of TLS, and where."""
    places = [
        ("spec", spec(rule)),
        *((f"spec.subsets[{at}]", one) for at, one in enumerate(parts(spec(rule).get("subsets")))),
    ]
    for place, body in places:
        policy, path = part(body, "trafficPolicy"), f"{place}.trafficPolicy"
        yield f"{path}.tls", part(policy, "tls")
        for at, level in enumerate(parts(policy.get("portLevelSettings"))):
            yield f"{path}.portLevelSettings[{at}].tls", part(level, "tls")


def _is_named(host: str, entries: _Entries) -> bool:
    """Whether the host's entry says whose certificates it has, which counts where a DestinationRule does not."""
    known = (one for one in entries if any(meets(host, name) for name in _hosts(one)))
    return any(texts(spec(one).get("subjectAltNames")) for one in known)


def _hosts(entry: ManifestObject) -> Iterable[str]:
    """The hosts outside that an entry makes known."""
    body = spec(entry)
    return () if body.get("location") == "MESH_INTERNAL" else [host.lower() for host in texts(body.get("hosts"))]


def _plain(context: Context, tenant: str, route: ManifestObject, entries: _Entries) -> Iterator[Finding]:
    """Requests for a port that takes TLS alone, with which nobody begins it."""
    home, domain = route.key.namespace, context.cluster.mesh.cluster_domain
    gateways = texts(spec(route).get("gateways")) or [_MESH]
    # Those whose proxies follow the route.
    spaces = dict.fromkeys(name.rpartition("/")[0] or home for name in gateways)
    for at, rule in enumerate(parts(spec(route).get("http"))):
        for end in destinations(rule):
            host, subset = full_name(text(end.get("host")), home, domain), text(end.get("subset"))
            for entry in entries:
                port = _tls_port(entry, host, part(end, "port").get("number"))
                acting = [context.destination_rules.of_host(one, host, entry.key.namespace) for one in spaces if port]
                if any(tls_mode(some, subset, port) not in _BEGUN for some in acting):
                    message = (
                        f"{route.key} sends requests for {host} in plain text (spec.http[{at}]): no DestinationRule "
                        "begins TLS, which its port is for"
                    )
                    yield _found(tenant, (route, entry), host, message)


def _tls_port(entry: ManifestObject, host: str, number: object) -> int:
    """The port of a host that is meant, the only one without a number, if it is for TLS alone; else 0."""
    ports = parts(spec(entry).get("ports")) if any(covers(name, host) for name in _hosts(entry)) else []
    meant = [one for one in ports if number in (None, one.get("number"))]
    found = meant[0].get("number") if len(meant) == 1 and text(meant[0].get("protocol")).upper() in _TLS else 0
    return found if isinstance(found, int) else 0


def _found(tenant: str, objects: tuple[ManifestObject, ...], host: str, message: str) -> Finding:
    witness = f"{objects[0].key.namespace} -> {host}"
    return finding(rules.UNVERIFIED_OUTSIDE, (tenant,), objects, witness=witness, message=message)
