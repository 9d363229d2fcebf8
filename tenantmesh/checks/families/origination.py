"""TLS to hosts outside: that it is begun where they take nothing else, and that they show that they are who they are.

Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings. Without
`caCertificates` it is the proxy's own list of public authorities that is asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.names import destinations, service_place
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, part, parts, spec, text, texts
from tenantmesh.checks.rules import doors as rules
from tenantmesh.graph.routing.hosts import covers, full_name, meets
from tenantmesh.manifest import ManifestObject

_ISTIO: Final = "networking.istio.io"
_CHECKED: Final = ("SIMPLE", "MUTUAL")
"""The modes by which TLS is begun with a host that is no member of the mesh."""
_BEGUN: Final = (*_CHECKED, "ISTIO_MUTUAL")
_TLS: Final = ("HTTPS", "TLS")


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a DestinationRule says of TLS, for all ports or for one."""

    rule: ManifestObject
    path: str
    host: str
    subset: str
    port: object
    tls: Part


def check(context: Context, outcome: Outcome) -> None:
    """Add where a tenant sends what is for a host outside in plain text, or to whoever takes it."""
    entries = _acting(context, outcome.tenant, "ServiceEntry")
    settings = [one for rule in _acting(context, outcome.tenant, "DestinationRule") for one in _settings(context, rule)]
    spaces = context.intent.tenants[outcome.tenant]
    for one in settings:
        if one.rule.key.namespace in spaces and not service_place(context, one.host, one.rule.key.namespace):
            outcome.findings += _trusting(outcome.tenant, one, entries)
    for route in context.objects(outcome.tenant, _ISTIO, "VirtualService"):
        outcome.findings += _plain(context, outcome.tenant, route, entries, settings)


def _acting(context: Context, tenant: str, kind: str) -> list[ManifestObject]:
    """The objects of a kind that act in a tenant's namespaces: its own, and those that are for the whole mesh."""
    root = context.cluster.mesh.root_namespace
    shared = () if root in context.intent.tenants[tenant] else context.cluster.objects(_ISTIO, kind).get(root, ())
    return [*context.objects(tenant, _ISTIO, kind), *shared]


def _settings(context: Context, rule: ManifestObject) -> Iterator[_Setting]:
    body = spec(rule)
    host = full_name(text(body.get("host")), rule.key.namespace, context.cluster.mesh.cluster_domain)
    policies = [("", "spec.trafficPolicy", part(body, "trafficPolicy"))]
    for at, subset in enumerate(parts(body.get("subsets"))):
        policies.append((text(subset.get("name")), f"spec.subsets[{at}].trafficPolicy", part(subset, "trafficPolicy")))
    for name, path, policy in policies:
        yield _Setting(rule, f"{path}.tls", host, name, None, part(policy, "tls"))
        for at, level in enumerate(parts(policy.get("portLevelSettings"))):
            port, where = part(level, "port").get("number", 0), f"{path}.portLevelSettings[{at}].tls"
            yield _Setting(rule, where, host, name, port, part(level, "tls"))


def _trusting(tenant: str, one: _Setting, entries: Iterable[ManifestObject]) -> Iterator[Finding]:
    """TLS whose other end may be anybody."""
    if one.tls.get("mode") not in _CHECKED:
        return
    if one.tls.get("insecureSkipVerify") is True:
        what, field = "takes any certificate", "insecureSkipVerify"
    elif one.tls.get("sni") and not one.tls.get("subjectAltNames") and not _names(one.host, entries):
        what, field = "takes a certificate for any host", "subjectAltNames"
    else:
        return
    message = f"{one.rule.key} {what} as that of {one.host} ({one.path}.{field})"
    yield finding(
        rules.UNVERIFIED_OUTSIDE,
        (tenant,),
        (one.rule,),
        witness=f"{one.rule.key.namespace} -> {one.host}",
        message=message,
    )


def _names(host: str, entries: Iterable[ManifestObject]) -> bool:
    """Whether the host's entry says whose certificates it has, which counts where a DestinationRule does not."""
    known = (one for one in entries if any(meets(host, name) for name in _hosts(one)))
    return any(texts(spec(one).get("subjectAltNames")) for one in known)


def _hosts(entry: ManifestObject) -> Iterable[str]:
    """The hosts outside that an entry makes known."""
    body = spec(entry)
    return () if body.get("location") == "MESH_INTERNAL" else [host.lower() for host in texts(body.get("hosts"))]


def _plain(
    context: Context,
    tenant: str,
    route: ManifestObject,
    entries: Iterable[ManifestObject],
    settings: Iterable[_Setting],
) -> Iterator[Finding]:
    """Requests for a port that takes TLS alone, with which nobody begins it."""
    domain = context.cluster.mesh.cluster_domain
    for at, rule in enumerate(parts(spec(route).get("http"))):
        for end in destinations(rule):
            host = full_name(text(end.get("host")), route.key.namespace, domain)
            port = part(end, "port").get("number")
            known = [one for one in entries if any(covers(name, host) for name in _hosts(one))]
            taking = [one for one in known if _takes_tls(one, port)]
            if taking and not _is_begun(host, text(end.get("subset")), port, settings):
                yield finding(
                    rules.UNVERIFIED_OUTSIDE,
                    (tenant,),
                    (route, *taking),
                    witness=f"{route.key.namespace} -> {host}",
                    message=f"{route.key} sends requests for {host} in plain text (spec.http[{at}]): no "
                    "DestinationRule begins TLS, which its port is for",
                )


def _takes_tls(entry: ManifestObject, port: object) -> bool:
    """Whether the port, or without one the only port, is for TLS."""
    ports = parts(spec(entry).get("ports"))
    meant = [one for one in ports if port in (None, one.get("number"))]
    return bool(meant) and all(text(one.get("protocol")).upper() in _TLS for one in meant)


def _is_begun(host: str, subset: str, port: object, settings: Iterable[_Setting]) -> bool:
    """Whether some setting for the host begins TLS; those of the port go before those of all ports."""
    here = [one for one in settings if covers(one.host, host) and one.subset in ("", subset)]
    of_port = [one for one in here if port is not None and one.port == port]
    return any(one.tls.get("mode") in _BEGUN for one in of_port or here if one.port in (None, port))
