"""What comes to a pod without passing its proxy, so that no policy of the mesh is asked.

Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio and
https://istio.io/latest/docs/reference/config/annotations/.
"""

from typing import Final

from tenantmesh.graph.flow import Proxy, Request, Workload

OWN_PORTS: Final = frozenset({15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090})
"""Ports of Istio's own in a pod; the proxy serves health and metrics on some."""
EXCLUDED: Final = "traffic.sidecar.istio.io/excludeInboundPorts"
INCLUDED: Final = "traffic.sidecar.istio.io/includeInboundPorts"


def passed_by(workload: Workload, request: Request) -> str:
    """Why no policy is asked about the request, "" when the policies are."""
    if request.protocol != "TCP":
        return f"the mesh does not see {request.protocol}"
    if request.port in OWN_PORTS:
        return f"port {request.port} is Istio's own, and its traffic does not pass the policies"
    if workload.proxy is not Proxy.SIDECAR or not workload.annotations:
        return ""
    if request.port in _numbers(workload.annotations.get(EXCLUDED, "")):
        return f"{workload} takes port {request.port} out of the mesh by {EXCLUDED}"
    included = workload.annotations.get(INCLUDED, "*").strip()
    if included != "*" and request.port not in _numbers(included):
        return f"{workload} does not name port {request.port} in {INCLUDED}"
    return ""


def ports_passed_by(workload: Workload) -> tuple[tuple[int, ...], bool]:
    """The ports that the pods' annotations name, and whether all but those pass by (else only those do)."""
    included = workload.annotations.get(INCLUDED, "*").strip()
    if included != "*":
        return _numbers(included), True
    return _numbers(workload.annotations.get(EXCLUDED, "")), False


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip().isdigit())
