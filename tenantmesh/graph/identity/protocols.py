"""Whether a proxy reads what comes to a port as HTTP: by what the Services in front of the pods call the port.

Source: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/.
"""

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.identity.attached import by_label
from tenantmesh.graph.routing.services import Protocol, protocol

_OPAQUE = frozenset({Protocol.TCP, Protocol.TLS})


class Protocols:
    """The protocols of all ports, by namespace and pod."""

    def __init__(self, cluster: Cluster) -> None:
        self._services = cluster.objects("", "Service")

    def is_http(self, workload: Workload, request: Request) -> bool:
        """Whether the request is read; what is HTTP passes unread where every Service calls the port something else."""
        if not request.method:
            return False
        said = {one for number, one in self._ports(workload) if number == request.port}
        return not said or not said <= _OPAQUE

    def _ports(self, workload: Workload) -> list[tuple[int, Protocol]]:
        found: list[tuple[int, Protocol]] = []
        for one in self._services.get(workload.namespace, ()):
            spec = one.body.get("spec") or {}
            if by_label(workload.labels, spec.get("selector")):
                for port in spec.get("ports") or ():
                    kind = protocol(
                        port.get("name") or "", port.get("appProtocol") or "", port.get("protocol") or "TCP"
                    )
                    found.extend((number, kind) for number in listened(workload, port))
        return found


def listened(workload: Workload, port: dict[str, object]) -> tuple[int, ...]:
    """The ports that pods listen on behind a Service's port; a name is that of a container's port."""
    target = port.get("targetPort", port.get("port"))
    if isinstance(target, int):
        return (target,)
    return tuple(one.number for one in workload.ports if one.name == target)
