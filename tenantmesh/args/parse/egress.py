"""Reads EgressArgs: the hosts that a tenant calls outside, and the gateways that they are called by."""

from typing import Any

from tenantmesh.args.parse.fields import NAME, NETWORKS, PLAIN_HOST, PORT
from tenantmesh.args.parse.gateway import GATEWAY_REPLICAS, GATEWAY_RESOURCES
from tenantmesh.args.parse.readers import choice, did_you_mean, names, pairs, record, several
from tenantmesh.spec.gateway import (
    MAIN,
    MAIN_EGRESS,
    EgressGatewaySpec,
    EgressSpec,
    ExternalProtocol,
    ExternalServiceSpec,
)
from tenantmesh.spec.names import SEPARATOR, part_problem

_GATEWAY = {"destination_ranges": NETWORKS, "replicas": GATEWAY_REPLICAS, "resources": GATEWAY_RESOURCES}


def _name_problem(name: str) -> str:
    if name == MAIN_EGRESS:
        return f"{name!r} is the one that egress itself describes: choose another name"
    return part_problem(name)


def _account_problem(name: str) -> str:
    """Accounts of Apps, and those of the tenant's ingress gateways, by which a login speaks to its provider."""
    gateway, further, own = name.partition(SEPARATOR)
    if further and gateway.endswith(f"-{MAIN}"):
        return part_problem(gateway) or part_problem(own)
    return part_problem(name)


def _egress(
    *,
    services: tuple[ExternalServiceSpec, ...],
    gateways: tuple[tuple[str, dict[str, Any]], ...] = (),
    **main: Any,
) -> EgressSpec:
    """The main gateway is there for the hosts that name no other."""
    further = tuple(EgressGatewaySpec(name=name, **settings) for name, settings in gateways)
    named = {service.gateway for service in services}
    return EgressSpec(
        services=services, gateways=((EgressGatewaySpec(**main),) if MAIN_EGRESS in named else ()) + further
    )


def _one_route(found: dict[str, Any]) -> list[tuple[str, str]]:
    """One route per host: the gateway tells hosts apart by SNI alone."""
    hosts = [service.host for service in found.get("services", ())]
    twice = sorted({host for host in hosts if hosts.count(host) > 1})
    return [("services", f"{host!r} is there twice: name each host once") for host in twice]


def _known_gateways(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Hosts name gateways that are there, and every gateway has hosts."""
    there = [MAIN_EGRESS, *(name for name, _ in found.get("gateways", ()))]
    wrong = [
        (f"services[{at}].gateway", f"{service.gateway!r} is none of {', '.join(there)}{hint}")
        for at, service in enumerate(found["services"])
        if service.gateway not in there
        for hint in [did_you_mean(service.gateway, there)]
    ]
    named = {service.gateway for service in found["services"]}
    wrong += [(f"gateways.{name}", "calls nothing: have a host name it") for name in there[1:] if name not in named]
    if MAIN_EGRESS not in named:
        idle = [key for key in _GATEWAY if key in found]
        wrong += [(key, f"is of the gateway {MAIN_EGRESS!r}, which no host names: leave it out") for key in idle]
    return wrong


def _something_left(found: dict[str, Any]) -> list[tuple[str, str]]:
    """A gateway without ranges calls what the others leave."""
    gateways = _egress(**found).gateways
    if all(one.destination_ranges for one in gateways):
        return []
    return [
        (f"{_path(one)}destination_ranges", f"{cidr} is everything, and leaves a gateway without ranges nothing")
        for one in gateways
        for cidr in one.destination_ranges
        if cidr.endswith("/0")
    ]


def _path(gateway: EgressGatewaySpec) -> str:
    return f"gateways.{gateway.name}." if gateway.name else ""


EXTERNAL_SERVICE = record(
    ExternalServiceSpec,
    {
        "host": PLAIN_HOST,
        "port": PORT,
        "protocol": choice(ExternalProtocol),
        "service_accounts": names(_account_problem),
        "gateway": NAME,
    },
    required=["host"],
)
EGRESS = record(
    _egress,
    {
        "services": several(EXTERNAL_SERVICE, 1),
        "gateways": pairs(record(dict, _GATEWAY), _name_problem),
        **_GATEWAY,
    },
    required=["services"],
    rules=[_one_route, _known_gateways, _something_left],
)
