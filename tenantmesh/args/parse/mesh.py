"""Reads MeshArgs."""

from typing import Any

from tenantmesh.args.parse.fields import NAME, NAMES, NETWORKS, PLAIN_HOST, PORT, label_value_problem
from tenantmesh.args.parse.readers import boolean, choice, names, pairs, record, text
from tenantmesh.spec.hosts import host_problem
from tenantmesh.spec.mesh import ControlPlaneSpec, Dataplane, InfrastructureSpec, MeshSpec


def _trust_domain_problem(value: str) -> str:
    """A trust domain is part of principals, where `*` and `/` have meanings of their own."""
    return (
        "" if value.replace("-", "").replace(".", "").isalnum() else f"{value!r} is not a domain such as 'example.com'"
    )


def _address_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    given = found.get("api_server_cidrs", ())
    wide = [cidr for cidr in given if cidr.endswith("/0")]
    return [("api_server_cidrs", f"{cidr!r} is every address: name the API server's") for cidr in wide]


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
        "cluster_domain": PLAIN_HOST,
        "domain": PLAIN_HOST,
        "dataplane": choice(Dataplane),
        "control_plane": CONTROL_PLANE,
        "infrastructure": INFRASTRUCTURE,
        "shared_egress_hosts": names(host_problem),
    },
)
