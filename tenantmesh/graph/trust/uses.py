"""Who uses which Secret: gateways, destination rules, ingresses, pods, service accounts, issuers."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from tenantmesh.manifest import ManifestObject


class Purpose(StrEnum):
    """What a Secret is used for."""

    SERVER = "server's certificate"
    CLIENT = "client's certificate"
    AUTHORITY = "authorities of peers"
    FILES = "files of a pod"
    ENVIRONMENT = "environment of a pod"
    IMAGES = "pulling images"
    ACCOUNT = "service account's tokens"
    ISSUED = "certificate that is issued into it"
    SIGNING = "signing certificates"


class Use(NamedTuple):
    """One reference. `owner` is the namespace that the Secret (or ConfigMap, by `kind`) is in.

    `implied` says that nobody spells the name: Istio looks for the authorities in `<name>-cacert` too. `granted` says
    that a ReferenceGrant of the owner lets the reference through; only the Gateway API asks for one.
    """

    namespace: str
    owner: str
    name: str
    purpose: Purpose
    object: ManifestObject
    path: str
    kind: str = "Secret"
    implied: bool = False
    granted: bool = False

    @property
    def crosses(self) -> bool:
        """Whether it is another namespace's."""
        return self.owner != self.namespace


_NOTHING: Mapping[str, Any] = MappingProxyType({})
_VARIABLES = frozenset({"env", "envFrom"})
_LISTS = ("containers", "initContainers", "ephemeralContainers")
_NO_SECRET = ("builtin://", "invalid://")
_SCHEMES = {"kubernetes": "Secret", "kubernetes-gateway": "Secret", "configmap": "ConfigMap"}


def istio_gateway(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """Secrets of an Istio Gateway's servers, of the namespace that its pods are meant to run in."""
    for index, server in enumerate(_spec(one).get("servers") or ()):
        tls = server.get("tls") or _NOTHING
        path = f"spec.servers[{index}].tls"
        names = [(tls.get("credentialName"), f"{path}.credentialName")]
        names += [(name, f"{path}.credentialNames[{at}]") for at, name in enumerate(tls.get("credentialNames") or ())]
        separate = tls.get("caCertCredentialName")
        for name, where in names:
            found = list(_credential(namespace, one, where, name, Purpose.SERVER))
            yield from found
            if "MUTUAL" in str(tls.get("mode")) and not separate:
                yield from (_authorities_of(use) for use in found)
        yield from _credential(namespace, one, f"{path}.caCertCredentialName", separate, Purpose.AUTHORITY)


def destination_rule(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """Secrets of the client side of TLS, for all ports, for single ones and for subsets."""
    spec = _spec(one)
    policies = [("spec.trafficPolicy", spec.get("trafficPolicy"))]
    policies += [
        (f"spec.subsets[{index}].trafficPolicy", subset.get("trafficPolicy"))
        for index, subset in enumerate(spec.get("subsets") or ())
    ]
    for path, policy in policies:
        settings = [(path, policy or _NOTHING)]
        ports = (policy or _NOTHING).get("portLevelSettings") or ()
        settings += [(f"{path}.portLevelSettings[{index}]", port) for index, port in enumerate(ports)]
        for where, setting in settings:
            name = (setting.get("tls") or _NOTHING).get("credentialName")
            yield from _credential(namespace, one, f"{where}.tls.credentialName", name, Purpose.CLIENT)


def ingress(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """Secrets of an Ingress."""
    for index, tls in enumerate(_spec(one).get("tls") or ()):
        if tls.get("secretName"):
            path = f"spec.tls[{index}].secretName"
            yield Use(namespace, namespace, tls["secretName"], Purpose.SERVER, one, path)


def pod(namespace: str, one: ManifestObject, spec: Mapping[str, Any], prefix: str) -> Iterator[Use]:
    """Secrets of a pod: files, environment and image pulls; `prefix` leads from the object to the pod."""
    for index, volume in enumerate(spec.get("volumes") or ()):
        for name, path in _volume(volume, f"{prefix}spec.volumes[{index}]"):
            yield Use(namespace, namespace, name, Purpose.FILES, one, path)
    for index, entry in enumerate(spec.get("imagePullSecrets") or ()):
        path = f"{prefix}spec.imagePullSecrets[{index}]"
        yield Use(namespace, namespace, entry.get("name", ""), Purpose.IMAGES, one, path)
    for field in _LISTS:
        for index, container in enumerate(spec.get(field) or ()):
            if _VARIABLES.isdisjoint(container):
                continue
            for name, path in _environment(container, f"{prefix}spec.{field}[{index}]"):
                yield Use(namespace, namespace, name, Purpose.ENVIRONMENT, one, path)


def service_account(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """Secrets that a service account names."""
    for field, purpose in (("secrets", Purpose.ACCOUNT), ("imagePullSecrets", Purpose.IMAGES)):
        for index, entry in enumerate(one.body.get(field) or ()):
            yield Use(namespace, namespace, entry.get("name", ""), purpose, one, f"{field}[{index}]")


def certificate(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """The Secret that cert-manager puts a certificate into."""
    name = _spec(one).get("secretName")
    if name:
        yield Use(namespace, namespace, name, Purpose.ISSUED, one, "spec.secretName")


def issuer(namespace: str, one: ManifestObject) -> Iterator[Use]:
    """The Secret with whose key an issuer of cert-manager signs."""
    name = (_spec(one).get("ca") or _NOTHING).get("secretName")
    if name:
        yield Use(namespace, namespace, name, Purpose.SIGNING, one, "spec.ca.secretName")


def _credential(namespace: str, one: ManifestObject, path: str, name: Any, purpose: Purpose) -> Iterator[Use]:
    """A credential name as Istio reads it: `name`, `namespace/name`, or either after a scheme."""
    if not isinstance(name, str) or not name or name.startswith(_NO_SECRET):
        return
    scheme, separator, rest = name.partition("://")
    place = rest if separator else name
    owner, slash, found = place.partition("/")
    kind = _SCHEMES.get(scheme, "Secret") if separator else "Secret"
    if slash:
        yield Use(namespace, owner, found, purpose, one, path, kind=kind)
    else:
        yield Use(namespace, namespace, place, purpose, one, path, kind=kind)


def _authorities_of(use: Use) -> Use:
    """Beside a server's Secret Istio looks for the authorities of its clients in one of their own."""
    return use._replace(name=f"{use.name}-cacert", purpose=Purpose.AUTHORITY, implied=True)


def _volume(volume: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for kind, source in volume.items():
        if kind == "name" or not source:
            continue
        if source.get("secretName"):
            yield source["secretName"], f"{path}.{kind}.secretName"
        for field in ("secretRef", "nodePublishSecretRef"):
            if source.get(field):
                yield source[field].get("name", ""), f"{path}.{kind}.{field}"
        for index, part in enumerate(source.get("sources") or ()):
            if part.get("secret"):
                yield part["secret"].get("name", ""), f"{path}.{kind}.sources[{index}].secret"


def _environment(container: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for index, entry in enumerate(container.get("env") or ()):
        reference = (entry.get("valueFrom") or _NOTHING).get("secretKeyRef")
        if reference:
            yield reference.get("name", ""), f"{path}.env[{index}].valueFrom.secretKeyRef"
    for index, entry in enumerate(container.get("envFrom") or ()):
        if entry.get("secretRef"):
            yield entry["secretRef"].get("name", ""), f"{path}.envFrom[{index}].secretRef"


def _spec(one: ManifestObject) -> Mapping[str, Any]:
    return one.body.get("spec") or _NOTHING
