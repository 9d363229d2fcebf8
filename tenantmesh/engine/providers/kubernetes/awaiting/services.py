"""When services and ingresses are ready: an address where one is promised, and no pods that are still starting."""

from typing import Any, Final

from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import Ready, Verdict, Waiting
from tenantmesh.engine.providers.kubernetes.bodies import Body, name_of, namespace_of, pick, text
from tenantmesh.engine.providers.kubernetes.tokens import Kind

SETTLE: Final = 3.0
"""Seconds after which a service without any pods is taken as meant so. The real provider waits for ten."""
_SLICE: Final = Kind(group="discovery.k8s.io", version="v1", kind="EndpointSlice")
_SERVICE: Final = Kind(group="", version="v1", kind="Service")


def service(live: Body, around: Surroundings) -> Verdict:
    """A load balancer has an address; the selected pods, if there are any, are all ready."""
    type_ = text(live, "spec", "type")
    if type_ == "LoadBalancer" and not pick(live, "status", "loadBalancer", "ingress"):
        return Waiting("the load balancer has no address; does the cluster have a controller for load balancers?")
    headless = text(live, "spec", "clusterIP") == "None"
    if type_ == "ExternalName" or headless or not pick(live, "spec", "selector"):
        return Ready()
    endpoints = _endpoints(live, around)
    if any(_is_pending(one) for one in endpoints):
        return Waiting("the selected pods are not ready")
    if endpoints or around.waited() >= SETTLE:
        return Ready()
    return Waiting("no pods match the selector yet")


def ingress(live: Body, around: Surroundings) -> Verdict:
    """The paths' services exist (or are not made in time), and a controller has given an address."""
    missing = [] if around.waited() >= SETTLE else _missing_services(live, around)
    if missing:
        return Waiting(f"no service {', '.join(missing)} for a path")
    if not pick(live, "status", "loadBalancer", "ingress"):
        return Waiting("no address in status.loadBalancer; does the cluster have a controller for this ingress class?")
    return Ready()


def _endpoints(live: Body, around: Surroundings) -> list[Any]:
    labels = f"kubernetes.io/service-name={name_of(live)}"
    slices = around.all(_SLICE, namespace_of(live), labels)
    return [endpoint for one in slices for endpoint in one.get("endpoints") or ()]


def _is_pending(endpoint: Any) -> bool:
    conditions = endpoint.get("conditions") or {}
    return conditions.get("ready") is False and not conditions.get("terminating")


def _missing_services(live: Body, around: Surroundings) -> list[str]:
    rules = pick(live, "spec", "rules") or ()
    paths = [path for rule in rules for path in pick(rule, "http", "paths") or ()]
    names = {text(path, "backend", "service", "name") for path in paths} - {""}
    return sorted(name for name in names if around.one(_SERVICE, namespace_of(live), name) is None)
