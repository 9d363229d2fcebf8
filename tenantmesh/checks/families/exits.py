"""Ways out: that a host which was declared for one egress gateway is called by that one and by no other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.statements import RangesSaid
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.names import destinations, gateway_hosts, service_place
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import labels, parts, spec, text, texts
from tenantmesh.checks.rules import doors as rules
from tenantmesh.graph.routing.hosts import full_name, meets
from tenantmesh.manifest import ManifestObject

_ISTIO: Final = "networking.istio.io"
_MESH: Final = "mesh"
_SECTIONS: Final = ("http", "tls", "tcp")

_Exits = tuple[RangesSaid, ...]


class _Leg(Struct, frozen=True):
    """One destination of a route: for which hosts, at which gateways, and where to."""

    route: ManifestObject
    path: str
    hosts: tuple[str, ...]
    gateways: tuple[str, ...]
    destination: str


def check(context: Context, outcome: Outcome) -> None:
    """Add what brings a host that a tenant declared for one of its egress gateways to another one."""
    exits = tuple(one for one in context.intent.ranges.get(outcome.tenant, ()) if one.hosts)
    if exits:
        outcome.findings += _served(context, outcome.tenant, exits)
        legs = [leg for one in context.objects(outcome.tenant, _ISTIO, "VirtualService") for leg in _legs(context, one)]
        outcome.findings += _routed(context, outcome.tenant, legs, exits)
        outcome.findings += _unrouted(context, outcome.tenant, legs, exits)


def _served(context: Context, tenant: str, exits: _Exits) -> Iterator[Finding]:
    """Gateways that take a host at pods which may be another exit's."""
    for one in context.objects(tenant, _ISTIO, "Gateway"):
        selected = labels(spec(one).get("selector"))
        for host in dict.fromkeys(host for _, host in gateway_hosts(one)):
            for own in _for(host, exits):
                if any(_may_be(selected, other) for other in exits if other is not own):
                    yield _found(tenant, one, host, own, f"takes {host} at pods of {_shown(selected)}")


def _routed(context: Context, tenant: str, legs: Iterable[_Leg], exits: _Exits) -> Iterator[Finding]:
    """Routes that lead a host to another exit, or from elsewhere than its own exit to the outside."""
    for leg in legs:
        place = service_place(context, leg.destination, leg.route.key.namespace)
        if place and _MESH in leg.gateways:
            yield from _to_exits(context, tenant, leg, place, exits)
        for own in _for(leg.destination, exits) if not place else ():
            past = [name for name in leg.gateways if not _is_at(context, leg.route, name, own)]
            if past:
                what = f"calls {leg.destination} from {_from(past[0])} ({leg.path})"
                yield _found(tenant, leg.route, leg.destination, own, what)


def _unrouted(context: Context, tenant: str, legs: Iterable[_Leg], exits: _Exits) -> Iterator[Finding]:
    """Hosts that sidecars know and no route leads anywhere: workloads call them by themselves."""
    led = [host for leg in legs if _MESH in leg.gateways for host in leg.hosts]
    for one in context.objects(tenant, _ISTIO, "ServiceEntry"):
        for host in map(str.lower, texts(spec(one).get("hosts"))):
            if not any(meets(host, name) for name in led):
                for own in _for(host, exits):
                    what = f"makes {host} known, which no route leads to a gateway"
                    yield _found(tenant, one, host, own, what)


def _to_exits(context: Context, tenant: str, leg: _Leg, place: str, exits: _Exits) -> Iterator[Finding]:
    name = leg.destination.partition(".")[0]
    for service in context.cluster.objects("", "Service").get(place, ()):
        selected = labels(spec(service).get("selector"))
        if service.key.name != name or not selected:
            continue
        for host in leg.hosts:
            for own in _for(host, exits):
                if any(_reaches(context, place, selected, other) for other in exits if other is not own):
                    what = f"leads {host} to {service.key}, which is pods of {_shown(selected)} ({leg.path})"
                    yield _found(tenant, leg.route, host, own, what)


def _legs(context: Context, one: ManifestObject) -> Iterator[_Leg]:
    body, domain = spec(one), context.cluster.mesh.cluster_domain
    hosts = tuple(full_name(host, one.key.namespace, domain) for host in texts(body.get("hosts")))
    gateways = tuple(texts(body.get("gateways"))) or (_MESH,)
    for section in _SECTIONS:
        for at, route in enumerate(parts(body.get(section))):
            matches = parts(route.get("match"))
            named = tuple(host.lower() for match in matches for host in texts(match.get("sniHosts"))) or hosts
            through = tuple(name for match in matches for name in texts(match.get("gateways")) or gateways) or gateways
            for destination in destinations(route):
                host = full_name(text(destination.get("host")), one.key.namespace, domain)
                yield _Leg(one, f"spec.{section}[{at}]", named, tuple(dict.fromkeys(through)), host)


def _for(host: str, exits: _Exits) -> Iterator[RangesSaid]:
    return (one for one in exits if any(meets(host, name.lower()) for name in one.hosts))


def _may_be(selected: Mapping[str, str], exit_: RangesSaid) -> bool:
    """Whether some pod that is selected may be of those of an exit."""
    return all(selected.get(name, value) == value for name, value in exit_.selector.items())


def _reaches(context: Context, namespace: str, selected: Mapping[str, str], exit_: RangesSaid) -> bool:
    """Whether what a Service selects are all pods of an exit, or some that are there."""
    both = selected.items() | exit_.selector.items()
    there = context.cluster.workloads.get(namespace, ())
    return exit_.selector.items() <= selected.items() or any(both <= pod.labels.items() for pod in there)


def _is_at(context: Context, route: ManifestObject, name: str, exit_: RangesSaid) -> bool:
    """Whether a gateway that a route names is at pods of an exit and at no others; nobody is at one that is not there.

    What is sent by `mesh` leaves from the workloads themselves.
    """
    if name == _MESH:
        return False
    place, _, plain = name.rpartition("/")
    found = context.cluster.objects(_ISTIO, "Gateway").get(place or route.key.namespace, ())
    selectors = [labels(spec(one).get("selector")) for one in found if one.key.name == plain]
    return all(exit_.selector.items() <= selected.items() for selected in selectors)


def _from(gateway: str) -> str:
    return "the workloads themselves" if gateway == _MESH else f"the gateway {gateway}"


def _shown(selected: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in selected.items()) or "any label"


def _found(tenant: str, one: ManifestObject, host: str, own: RangesSaid, what: str) -> Finding:
    return finding(
        rules.WRONG_EGRESS,
        (tenant,),
        (one,),
        witness=f"{one.key.namespace} -> {host}",
        message=f"{one.key} {what}, and it was declared for {_shown(own.selector)}",
    )
