"""Ingress: hosts and paths that a controller outside the mesh's own configuration serves.

Source: https://kubernetes.io/docs/concepts/services-networking/ingress/.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.routing.answers import Tally
from tenantmesh.graph.routing.fields import read_fields
from tenantmesh.graph.routing.hosts import covers, without_port
from tenantmesh.graph.routing.matching import Text, Way
from tenantmesh.graph.routing.parts import Parts
from tenantmesh.graph.routing.services import Service, ServicePort
from tenantmesh.graph.routing.shapes import INGRESS
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_EMPTY: Final[Mapping[str, Any]] = {}
_WAYS: Final = {"Exact": Way.EXACT, "Prefix": Way.SEGMENTS}


class Backend(Struct, frozen=True, kw_only=True):
    """One rule of an Ingress: requests for `host` ("" is any) and a path go to a port of a Service beside it.

    `path` is None where every path goes there, and `known` False where the controller says what a path means.
    """

    object: ManifestObject
    where: str
    host: str
    service: str
    port: int | str
    path: Text | None = None
    known: bool = True

    def fit(self, request: Request) -> Fit:
        """Whether it takes a request."""
        if self.host and request.host and not covers(self.host, without_port(request.host)):
            return Fit.NO
        if self.path is None:
            return Fit.YES
        return self.path.fit(request.path.partition("?")[0]) if self.known else Fit.UNSURE

    def ports(self, service: Service) -> Iterator[ServicePort]:
        """The ports of the Service that it means."""
        return (one for one in service.ports if self.port in (one.number, one.name))


class Ingresses:
    """The Ingresses of a cluster."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._objects = parts.cluster.objects("networking.k8s.io", "Ingress")

    def in_namespace(self, namespace: str) -> Iterator[Backend]:
        """All rules of a namespace's Ingresses that can be read."""
        for one in self._objects.get(namespace, ()):
            if read_fields(one, INGRESS).usable:
                yield from backends(one)

    def count(self, pod: Workload, request: Request, tally: Tally) -> None:
        """Take note of the rules that lead to `pod`."""
        for one in self._objects.get(pod.namespace, ()):
            tally.unknown += read_fields(one, INGRESS).unknown
        for backend in self.in_namespace(pod.namespace):
            service = self._parts.registry.services(pod.namespace).get(backend.service)
            for port in backend.ports(service) if service else ():
                leads = self._parts.registry.serves(service, port, pod, request.port) if service else Fit.NO
                if leads is not Fit.NO:
                    self._take(backend, request, tally)

    def _take(self, backend: Backend, request: Request, tally: Tally) -> None:
        fit = backend.fit(request)
        if fit is Fit.NO:
            reason = f"{backend.object.key} does not take {request.path} of {request.host} there"
            tally.refused.append(Evidence(Effect.DENIES, reason, backend.object, backend.where))
        else:
            reason = f"{backend.object.key} leads to Service {backend.service}"
            tally.count(fit, (Evidence(Effect.ALLOWS, reason, backend.object, backend.where),))


def backends(one: ManifestObject) -> Iterator[Backend]:
    """The rules of an Ingress, its default backend among them."""
    spec = one.body.get("spec") or _EMPTY
    if spec.get("defaultBackend"):
        yield _backend(one, "spec.defaultBackend", "", spec["defaultBackend"], None)
    for index, rule in enumerate(spec.get("rules") or ()):
        for number, path in enumerate((rule.get("http") or _EMPTY).get("paths") or ()):
            where = f"spec.rules[{index}].http.paths[{number}]"
            yield _backend(one, where, rule.get("host") or "", path.get("backend") or _EMPTY, path)


def _backend(
    one: ManifestObject, where: str, host: str, backend: Mapping[str, Any], path: Mapping[str, Any] | None
) -> Backend:
    service = backend.get("service") or _EMPTY
    port = service.get("port") or _EMPTY
    kind = (path or _EMPTY).get("pathType") or ""
    text = (path or _EMPTY).get("path") or ""
    return Backend(
        object=one,
        where=where,
        host=str(host).lower(),
        service=service.get("name") or "",
        port=port.get("number") or port.get("name") or 0,
        path=Text(_WAYS.get(kind, Way.PREFIX), text) if text else None,
        known=kind in _WAYS,
    )
