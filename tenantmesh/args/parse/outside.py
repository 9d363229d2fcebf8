"""Which addresses a tenant must not call outside: those of the cluster, which are inside."""

from collections.abc import Iterable

from tenantmesh.spec.ranges import lies_in
from tenantmesh.spec.tenant import TenantSpec


def outside_problems(spec: TenantSpec) -> Iterable[str]:
    """A range of the cluster's own addresses would open the way past every gateway."""
    inside = spec.mesh.infrastructure.cluster_cidrs
    for gateway in spec.egress_gateways:
        path = f"egress.gateways.{gateway.name}" if gateway.name else "egress"
        for index, cidr in enumerate(gateway.destination_ranges):
            own = next((one for one in inside if lies_in(cidr, one)), "")
            if own:
                yield (
                    f"{path}.destination_ranges[{index}]: {cidr} lies in {own} of the mesh's cluster_cidrs, which are "
                    "never outside: name another, or have the mesh's infrastructure name the cluster's own addresses "
                    "only"
                )
