"""Addresses outside the cluster, as the network policy of an egress gateway names them."""

from tenantmesh.plan.selectors import Fragment
from tenantmesh.spec.gateway import EgressSpec
from tenantmesh.spec.ranges import lies_in
from tenantmesh.spec.tenant import TenantSpec

_EVERYWHERE = ("0.0.0.0/0", "::/0")


def outside_blocks(tenant: TenantSpec, egress: EgressSpec) -> list[Fragment]:
    """The ranges that an egress gateway may call, without what of them is the cluster's."""
    inside = tenant.mesh.infrastructure.cluster_cidrs
    return [{"ipBlock": _block(cidr, inside)} for cidr in egress.destination_ranges or _EVERYWHERE]


def _block(cidr: str, inside: tuple[str, ...]) -> Fragment:
    kept = [one for one in inside if lies_in(one, cidr)]
    return {"cidr": cidr, "except": kept} if kept else {"cidr": cidr}
