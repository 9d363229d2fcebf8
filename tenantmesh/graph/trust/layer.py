"""The trust of a cluster: what holds keys, who uses it, and what is shared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.pods import prefix
from tenantmesh.graph.trust import uses
from tenantmesh.graph.trust.material import Material, Place, material
from tenantmesh.graph.trust.references import References
from tenantmesh.graph.trust.uses import Use
from tenantmesh.manifest import ManifestObject

_MANAGER = "cert-manager.io"
_USERS: Mapping[tuple[str, str], Callable[[str, ManifestObject], Iterable[Use]]] = {
    ("", "ServiceAccount"): uses.service_account,
    ("networking.istio.io", "Gateway"): uses.istio_gateway,
    ("networking.istio.io", "DestinationRule"): uses.destination_rule,
    ("networking.k8s.io", "Ingress"): uses.ingress,
    (_MANAGER, "Certificate"): uses.certificate,
    (_MANAGER, "Issuer"): uses.issuer,
}
# Every namespace has them from the cluster itself, so they are shared by intention.
_EVERYWHERE = frozenset({"istio-ca-crl", "istio-ca-root-cert", "kube-root-ca.crt"})


class Shared(NamedTuple):
    """One key or authority at several places, sorted. `fingerprint` is the SHA-256 of its public key.

    `subject` is whose it is, "" for a key without a certificate. Of an issuer only its name is known: no fingerprint.
    """

    fingerprint: str
    subject: str
    places: tuple[Place, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where it is, each once, sorted."""
        return tuple(sorted({place.namespace for place in self.places}))


class Account(NamedTuple):
    """The service account of a workload; `object` is None when it is not there, `token` says that its pods get one."""

    workload: Workload
    name: str
    object: ManifestObject | None
    token: bool


class Trust:
    """The certificates, keys and their users of a cluster, each namespace read when it is first asked for.

    A Gateway's credential names are those of its own namespace: which pods it selects, and so which namespace's Secrets
    Istio looks for when gateways are not scoped, is the routing layer's to say.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._references = References(cluster)
        self._materials: dict[str, tuple[Material, ...]] = {}

    def materials(self, namespace: str) -> tuple[Material, ...]:
        """The Secrets of `namespace`, and those of its ConfigMaps that hold certificates."""
        if namespace not in self._materials:
            secrets = self._cluster.objects("", "Secret").get(namespace, ())
            maps = self._cluster.objects("", "ConfigMap").get(namespace, ())
            held = (material(one, namespace) for one in maps if one.body["metadata"]["name"] not in _EVERYWHERE)
            certain = (one for one in held if one.certificates or one.keys)
            self._materials[namespace] = (*(material(one, namespace) for one in secrets), *certain)
        return self._materials[namespace]

    def uses(self, namespace: str) -> tuple[Use, ...]:
        """Which Secrets the objects of `namespace` use, their own and others'."""
        found = list(self._references.of(namespace))
        for (group, kind), users in _USERS.items():
            for one in self._cluster.objects(group, kind).get(namespace, ()):
                found += users(namespace, one)
        for workload in self._cluster.workloads.get(namespace, ()):
            if workload.object is not None:
                found += uses.pod(namespace, workload.object, workload.spec, prefix(workload))
        return tuple(found)

    def accounts(self, namespace: str) -> tuple[Account, ...]:
        """Which service account each workload of `namespace` runs as."""
        objects = self._cluster.objects("", "ServiceAccount").get(namespace, ())
        known = {one.body["metadata"]["name"]: one for one in objects}
        return tuple(
            _account(one, known.get(one.service_account)) for one in self._cluster.workloads.get(namespace, ())
        )

    @cached_property
    def shared_keys(self) -> tuple[Shared, ...]:
        """Private keys that are in several objects."""
        found: defaultdict[str, list[Place]] = defaultdict(list)
        for one in self._all():
            for place, key in one.keys:
                found[key].append(place)
        return _shared(found, self._subjects, lambda places: len({id(place.object) for place in places}) > 1)

    @cached_property
    def shared_authorities(self) -> tuple[Shared, ...]:
        """Authorities, by key, that are in objects of several namespaces: in a chain, or trusted to sign a peer's.

        `Place.anchor` tells the second from the first.
        """
        found: defaultdict[str, list[Place]] = defaultdict(list)
        for one in self._all():
            for place, certificate in one.certificates:
                if certificate.authority or place.anchor:
                    found[certificate.key].append(place)
        return _shared(found, self._subjects, _in_several_namespaces)

    @cached_property
    def shared_issuers(self) -> tuple[Shared, ...]:
        """ClusterIssuers of cert-manager that sign for several namespaces, by name.

        Whoever trusts one's certificates trusts them all. Those of a public authority (ACME) are left out, for they
        sign servers of anybody.
        """
        private = {name for name, spec in self._issuers.items() if "acme" not in spec}
        return tuple(one for one in self._issued if one.subject in private)

    @cached_property
    def unseen_issuers(self) -> tuple[Shared, ...]:
        """ClusterIssuers that sign for several namespaces and are not among the objects: of any authority, perhaps."""
        return tuple(one for one in self._issued if one.subject not in self._issuers)

    @cached_property
    def _issuers(self) -> Mapping[str, Mapping[str, Any]]:
        """What each ClusterIssuer says, by the subject that `_issued` gives it."""
        objects = self._cluster.objects(_MANAGER, "ClusterIssuer").get("", ())
        return {f"ClusterIssuer {one.body['metadata']['name']}": one.body.get("spec") or {} for one in objects}

    @cached_property
    def _issued(self) -> tuple[Shared, ...]:
        found: defaultdict[str, list[Place]] = defaultdict(list)
        for namespace, objects in self._cluster.objects(_MANAGER, "Certificate").items():
            for one in objects:
                reference = (one.body.get("spec") or {}).get("issuerRef") or {}
                if reference.get("kind") == "ClusterIssuer":
                    found[f"ClusterIssuer {reference.get('name')}"].append(Place(namespace, one, "spec.issuerRef"))
        return tuple(
            Shared("", subject, tuple(sorted(places, key=str)))
            for subject, places in sorted(found.items())
            if _in_several_namespaces(places)
        )

    def _all(self) -> Iterator[Material]:
        for namespace in self._cluster.namespaces:
            yield from self.materials(namespace)

    @cached_property
    def _subjects(self) -> Mapping[str, str]:
        return {certificate.key: certificate.subject for one in self._all() for _, certificate in one.certificates}


def _shared(
    found: Mapping[str, list[Place]], subjects: Mapping[str, str], several: Callable[[list[Place]], bool]
) -> tuple[Shared, ...]:
    return tuple(
        Shared(key, subjects.get(key, ""), tuple(sorted(places, key=str)))
        for key, places in sorted(found.items())
        if several(places)
    )


def _in_several_namespaces(places: Iterable[Place]) -> bool:
    return len({place.namespace for place in places}) > 1


def _account(workload: Workload, one: ManifestObject | None) -> Account:
    own = workload.spec.get("automountServiceAccountToken")
    default = one.body.get("automountServiceAccountToken") if one else None
    token = own if own is not None else default
    return Account(workload, workload.service_account, one, token is not False)
