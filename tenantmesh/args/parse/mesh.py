"""Reads MeshArgs."""

from typing import Any

from tenantmesh.args.parse.fields import NAME, NAMES, NETWORKS, PLAIN_HOST, PORT, label_value_problem
from tenantmesh.args.parse.readers import boolean, choice, names, pairs, record, text
from tenantmesh.args.parse.telemetry import MESH_TELEMETRY
from tenantmesh.args.parse.trust import own_domain_problems, trust
from tenantmesh.spec.hosts import host_problem
from tenantmesh.spec.mesh import ControlPlaneSpec, Dataplane, InfrastructureSpec, MeshSpec
from tenantmesh.spec.telemetry import MeshTelemetrySpec


def _trust_domain_problem(value: str) -> str:
    """A trust domain is part of principals, where `*` and `/` have meanings of their own."""
    return (
        "" if value.replace("-", "").replace(".", "").isalnum() else f"{value!r} is not a domain such as 'example.com'"
    )


def _address_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    given = found.get("api_server_cidrs", ())
    wide = [cidr for cidr in given if cidr.endswith("/0")]
    return [("api_server_cidrs", f"{cidr!r} is every address: name the API server's") for cidr in wide]


def _aliases_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    own = MeshSpec(**found).trust_domain
    if own not in found.get("trust_domain_aliases", ()):
        return []
    return [("trust_domain_aliases", f"{own!r} is the trust domain itself: leave it out")]


def _bundles_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    spec = MeshSpec(**found)
    return list(own_domain_problems(spec.trust, spec.trust_domain))


def _telemetry_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Proxies answer the observability namespaces only."""
    where = found.get("telemetry", MeshTelemetrySpec()).namespace
    watching = found.get("infrastructure", InfrastructureSpec()).observability_namespaces
    if not where or where in watching:
        return []
    return [
        ("telemetry.namespace", f"{where!r} may not read metrics: add it to infrastructure.observability_namespaces")
    ]


def _tracing_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """All tenants send there: what could reach them from there too would be a way from one to another."""
    tracing = found.get("telemetry", MeshTelemetrySpec()).tracing
    watching = found.get("infrastructure", InfrastructureSpec()).observability_namespaces
    if tracing is None or tracing.namespace not in watching:
        return []
    problem = f"{tracing.namespace!r} may read the metrics of all tenants: give the collector another namespace"
    return [("telemetry.tracing.namespace", problem)]


CONTROL_PLANE = record(ControlPlaneSpec, {"namespace": NAME, "revision": NAME, "create_namespace": boolean})
INFRASTRUCTURE = record(
    InfrastructureSpec,
    {
        "dns_namespace": NAME,
        "dns_labels": pairs(text(label_value_problem)),
        "observability_namespaces": NAMES,
        "api_server_cidrs": NETWORKS,
        "api_server_port": PORT,
        "cluster_cidrs": NETWORKS,
    },
    rules=[_address_rule],
)
MESH = record(
    MeshSpec,
    {
        "trust_domain": text(_trust_domain_problem),
        "trust_domain_aliases": names(_trust_domain_problem),
        "cluster_domain": PLAIN_HOST,
        "domain": PLAIN_HOST,
        "dataplane": choice(Dataplane),
        "control_plane": CONTROL_PLANE,
        "infrastructure": INFRASTRUCTURE,
        "shared_egress_hosts": names(host_problem),
        "telemetry": MESH_TELEMETRY,
        "trust": trust(_trust_domain_problem),
    },
    rules=[_aliases_rule, _bundles_rule, _telemetry_rule, _tracing_rule],
)
