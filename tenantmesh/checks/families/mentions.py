"""Mentions: what a tenant's routing objects name of other tenants, whether or not it leads there today."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.grants import Sides
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.names import service_place
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import part, parts, spec, text, texts
from tenantmesh.checks.rules import routing as rules
from tenantmesh.graph.routing.visibility import EXPORT_TO
from tenantmesh.manifest import ManifestObject

_ISTIO = "networking.istio.io"
_GATEWAY_API = "gateway.networking.k8s.io"
_ALL = "*"
# These say of an object that it leads to another tenant, so that nothing is left to add.
_LEADS = frozenset({rules.FOREIGN_HOST.id, rules.ROUTE_REACH.id, rules.SEES_TENANT.id})

Place = tuple[str, str]
"""Where something is named, and the namespace: `*` for all."""


def check(context: Context, outcome: Outcome) -> None:
    """Add the namespaces of other tenants that a tenant names without a grant, and that nothing is found of yet."""
    told = {one.key for found in outcome.findings if found.rule.id in _LEADS for one in found.objects}
    found: list[Finding] = []
    for (group, kind), read in _CALLED.items():
        for one in context.objects(outcome.tenant, group, kind):
            if one.key not in told:
                found += _named(context, outcome.tenant, one, read(context, one), context.intent.imported)
    for group, kind in _EXPORTED:
        for one in context.objects(outcome.tenant, group, kind):
            if one.key not in told:
                found += _named(context, outcome.tenant, one, _shown(one), context.intent.exported)
    outcome.findings += found


def _named(
    context: Context, tenant: str, one: ManifestObject, places: Iterable[Place], sides: Sides
) -> Iterator[Finding]:
    intent, here = context.intent, one.key.namespace
    for path, place in dict.fromkeys(places):
        other = intent.owners.get(place, _ALL if place == _ALL and len(intent.tenants) > 1 else "")
        if other and other != tenant and not sides.get(here, {}).get(place):
            who = "every tenant" if other == _ALL else f"{other} (namespace {place})"
            yield finding(
                rules.NAMES_TENANT,
                (tenant,) if other == _ALL else (tenant, other),
                (one,),
                witness=f"as soon as {who} is seen from {here}, {one.key} is for it",
                message=f"{one.key} names {who} at {path}, and nobody granted it",
            )


def _virtual_service(context: Context, one: ManifestObject) -> Iterator[Place]:
    for path, entry in _under(spec(one), "spec", ("delegate", "destination", "mirror")):
        if path.endswith(".delegate"):
            yield path, text(entry.get("namespace"))
        else:
            yield path, service_place(context, text(entry.get("host")), one.key.namespace)


def _destination_rule(context: Context, one: ManifestObject) -> Iterator[Place]:
    yield "spec.host", service_place(context, text(spec(one).get("host")), one.key.namespace)


def _service_entry(context: Context, one: ManifestObject) -> Iterator[Place]:
    for host in texts(spec(one).get("hosts")):
        yield "spec.hosts", service_place(context, host, one.key.namespace)
    for at, entry in enumerate(parts(spec(one).get("endpoints"))):
        yield f"spec.endpoints[{at}].address", service_place(context, text(entry.get("address")), one.key.namespace)


def _sidecar(_context: Context, one: ManifestObject) -> Iterator[Place]:
    """One without egress imports everything, as one that says so."""
    listeners = parts(spec(one).get("egress"))
    if not listeners:
        yield "spec.egress", _ALL
    for at, entry in enumerate(listeners):
        for host in texts(entry.get("hosts")):
            place, _, name = host.rpartition("/")
            # A name that is looked for in every namespace is one outside host, mostly.
            yield f"spec.egress[{at}].hosts", place if place != _ALL or name == _ALL else ""


def _route(_context: Context, one: ManifestObject) -> Iterator[Place]:
    for path, entry in _under(spec(one), "spec", ("backendRef", "backendRefs")):
        yield path, text(entry.get("namespace"))


def _service(context: Context, one: ManifestObject) -> Iterator[Place]:
    yield "spec.externalName", service_place(context, text(spec(one).get("externalName")), one.key.namespace)


_CALLED: Mapping[tuple[str, str], Callable[[Context, ManifestObject], Iterable[Place]]] = {
    (_ISTIO, "DestinationRule"): _destination_rule,
    (_ISTIO, "ServiceEntry"): _service_entry,
    (_ISTIO, "Sidecar"): _sidecar,
    (_ISTIO, "VirtualService"): _virtual_service,
    (_GATEWAY_API, "GRPCRoute"): _route,
    (_GATEWAY_API, "HTTPRoute"): _route,
    (_GATEWAY_API, "TCPRoute"): _route,
    (_GATEWAY_API, "TLSRoute"): _route,
    (_GATEWAY_API, "UDPRoute"): _route,
    ("", "Service"): _service,
}
_EXPORTED = ((_ISTIO, "DestinationRule"), (_ISTIO, "ServiceEntry"), (_ISTIO, "VirtualService"), ("", "Service"))


def _shown(one: ManifestObject) -> Iterator[Place]:
    """Whom an object is shown to by name; what is shown to all is so by default."""
    for place in texts(spec(one).get("exportTo")):
        yield "spec.exportTo", place if place != _ALL else ""
    said = text(part(one.body, "metadata", "annotations").get(EXPORT_TO))
    for place in said.split(",") if said else ():
        yield f"metadata.annotations.{EXPORT_TO}", place.strip() if place.strip() != _ALL else ""


def _under(value: Any, path: str, names: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings that are, or are listed, under one of `names`, however deep."""
    for at, item in enumerate(parts(value)):
        yield from _under(item, f"{path}[{at}]", names)
    for name, inner in part(value).items():
        if name in names:
            yield from ((f"{path}.{name}", one) for one in (parts(inner) or [part(inner)]))
        else:
            yield from _under(inner, f"{path}.{name}", names)
