"""Addresses outside the cluster, as the network policy of an egress gateway names them."""

from tenantmesh.plan.selectors import Fragment
from tenantmesh.spec.gateway import EgressGatewaySpec
from tenantmesh.spec.ranges import lies_in
from tenantmesh.spec.tenant import TenantSpec

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""What a gateway without ranges of its own may call, but for what is somebody's."""


def outside_blocks(tenant: TenantSpec, gateway: EgressGatewaySpec) -> list[Fragment]:
    """The ranges that an egress gateway may call, without what of them is the cluster's, or another gateway's."""
    kept = (*tenant.mesh.infrastructure.cluster_cidrs, *others_ranges(tenant, gateway))
    return [{"ipBlock": _block(cidr, kept)} for cidr in gateway.destination_ranges or EVERYWHERE]


def others_ranges(tenant: TenantSpec, gateway: EgressGatewaySpec) -> tuple[str, ...]:
    """What a gateway without ranges of its own leaves to those that have some."""
    if gateway.destination_ranges:
        return ()
    return tuple(dict.fromkeys(cidr for one in tenant.egress_gateways for cidr in one.destination_ranges))


def _block(cidr: str, inside: tuple[str, ...]) -> Fragment:
    kept = [one for one in inside if lies_in(one, cidr)]
    return {"cidr": cidr, "except": kept} if kept else {"cidr": cidr}
