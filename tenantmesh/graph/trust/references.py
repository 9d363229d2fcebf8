"""References of the Gateway API to Secrets and ConfigMaps, and the grants that let them cross namespaces.

Source: https://gateway-api.sigs.k8s.io/api-types/referencegrant/.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.trust.uses import Purpose, Use
from tenantmesh.manifest import ManifestObject

GROUP = "gateway.networking.k8s.io"
KINDS = (
    (GROUP, "Gateway"),
    (GROUP, "ListenerSet"),
    ("gateway.networking.x-k8s.io", "XListenerSet"),
    (GROUP, "BackendTLSPolicy"),
)
"""The kinds that refer to certificates, by group."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class References:
    """Finds the references of a cluster's objects and knows its grants."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def of(self, namespace: str) -> Iterator[Use]:
        """The references of the objects in `namespace`."""
        for group, kind in KINDS:
            for one in self._cluster.objects(group, kind).get(namespace, ()):
                for purpose, path, reference in _references(one):
                    yield self._use(namespace, one, group, purpose, path, reference)

    def _use(
        self,
        namespace: str,
        one: ManifestObject,
        group: str,
        purpose: Purpose,
        path: str,
        reference: Mapping[str, Any],
    ) -> Use:
        owner, name = reference.get("namespace") or namespace, reference.get("name", "")
        kind = reference.get("kind") or "Secret"
        granted = owner != namespace and self._granted(namespace, group, one.body["kind"], owner, kind, name)
        return Use(namespace, owner, name, purpose, one, path, kind=kind, granted=granted)

    def _granted(self, namespace: str, group: str, kind: str, owner: str, wanted: str, name: str) -> bool:
        asker = {"group": group, "kind": kind, "namespace": namespace}
        for grant in self._cluster.objects(GROUP, "ReferenceGrant").get(owner, ()):
            spec = grant.body.get("spec") or _NOTHING
            named = any(
                not one.get("group") and one.get("kind") == wanted and one.get("name") in (None, "", name)
                for one in spec.get("to") or ()
            )
            if named and any({key: one.get(key, "") for key in asker} == asker for one in spec.get("from") or ()):
                return True
        return False


def _references(one: ManifestObject) -> Iterator[tuple[Purpose, str, Mapping[str, Any]]]:
    spec = one.body.get("spec") or _NOTHING
    for index, listener in enumerate(spec.get("listeners") or ()):
        tls, path = listener.get("tls") or _NOTHING, f"spec.listeners[{index}].tls"
        yield from _all(Purpose.SERVER, tls, "certificateRefs", path)
        yield from _authorities(tls.get("frontendValidation"), f"{path}.frontendValidation")
    tls = spec.get("tls") or _NOTHING
    client = (tls.get("backend") or _NOTHING).get("clientCertificateRef")
    if client:
        yield Purpose.CLIENT, "spec.tls.backend.clientCertificateRef", client
    frontend = tls.get("frontend") or _NOTHING
    default = (frontend.get("default") or _NOTHING).get("validation")
    yield from _authorities(default, "spec.tls.frontend.default.validation")
    for index, port in enumerate(frontend.get("perPort") or ()):
        validation = (port.get("tls") or _NOTHING).get("validation")
        yield from _authorities(validation, f"spec.tls.frontend.perPort[{index}].tls.validation")
    yield from _authorities(spec.get("validation"), "spec.validation")


def _authorities(validation: Any, path: str) -> Iterator[tuple[Purpose, str, Mapping[str, Any]]]:
    yield from _all(Purpose.AUTHORITY, validation or _NOTHING, "caCertificateRefs", path)


def _all(
    purpose: Purpose, body: Mapping[str, Any], field: str, path: str
) -> Iterator[tuple[Purpose, str, Mapping[str, Any]]]:
    for index, reference in enumerate(body.get(field) or ()):
        yield purpose, f"{path}.{field}[{index}]", reference
