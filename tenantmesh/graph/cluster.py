"""The objects of a cluster, indexed once: what every layer of the graph reads."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from copy import copy
from functools import cached_property
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.graph.defaults import with_defaults
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.kinds import Kind, Scope, known
from tenantmesh.graph.mesh import ISTIODS_KINDS, MeshSettings
from tenantmesh.graph.owners import Name, Owners
from tenantmesh.graph.texts import Texts, texts
from tenantmesh.graph.workloads import TEMPLATES, workload
from tenantmesh.manifest import Manifest, ManifestObject

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server sets on every namespace."""

Objects = tuple[ManifestObject, ...]
_NO_OBJECTS: Mapping[str, Objects] = MappingProxyType({})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Namespace(Struct, frozen=True, kw_only=True):
    """A namespace and its labels, the server's own among them; `object` is None where it is only mentioned."""

    name: str
    labels: Mapping[str, str]
    object: ManifestObject | None = None


class Unread(Struct, frozen=True, order=True):
    """A kind, or with `*` a whole group, whose objects a live cluster does not show, and why."""

    group: str
    kind: str
    reason: str

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}" if self.group else self.kind


class Cluster:
    """Everything that a manifest says of a cluster, as the API server would store it.

    `pod_cidrs` are the addresses that pods have, for policies that name addresses; unknown when empty. `unread` are
    kinds whose objects may be there and are not in the manifest. `texts` are the objects of each namespace as text.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        mesh: MeshSettings | None = None,
        pod_cidrs: tuple[str, ...] = (),
        unread: tuple[Unread, ...] = (),
    ) -> None:
        self.manifest = Manifest(tuple(with_defaults(one) for one in manifest))
        self.pod_cidrs = pod_cidrs
        self.unread = unread
        self._kinds = _by_kind(self.manifest)
        self.mesh = mesh or MeshSettings.found(_of_istiods_kinds(self._kinds))
        self.namespaces: Mapping[str, Namespace] = _namespaces(self._kinds)
        self.texts: Texts = texts(self._kinds, {name: one.object for name, one in self.namespaces.items()})

    def asked_from(self, domain: str) -> "Cluster":
        """The same, where all who ask are of that trust domain."""
        found = copy(self)
        found.mesh = replace(self.mesh, peer_domain=domain)
        return found

    def within(self, namespaces: Collection[str]) -> "Cluster":
        """The same with no namespaces but these; what belongs to the whole cluster stays."""
        found = copy(self)
        vars(found).pop("workloads", None)
        found.namespaces = {name: self.namespaces[name] for name in namespaces}
        found.texts = {name: self.texts[name] for name in namespaces}
        found._kinds = {kind: some for kind, spaces in self._kinds.items() if (some := _only(spaces, namespaces))}
        made = ("", "Namespace")
        if made in found._kinds:
            objects = (one.object for one in found.namespaces.values())
            found._kinds[made] = {"": tuple(one for one in objects if one is not None)}
        found.manifest = Manifest(
            tuple(o for spaces in found._kinds.values() for some in spaces.values() for o in some)
        )
        return found

    def objects(self, group: str, kind: str) -> Mapping[str, Objects]:
        """The objects of a kind by namespace ("" for those of the cluster), whatever their version."""
        return self._kinds.get((group, kind), _NO_OBJECTS)

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Group and kind of all that is there, sorted."""
        return tuple(sorted(self._kinds))

    @cached_property
    def workloads(self) -> Mapping[str, tuple[Workload, ...]]:
        """The pods by namespace. Those that a controller made are the controller's, with their addresses."""
        owners = Owners(self._kinds)
        found: defaultdict[str, list[Workload]] = defaultdict(list)
        for group, kind in TEMPLATES:
            for namespace, objects in self.objects(group, kind).items():
                labels = self.namespaces[namespace].labels
                for one in objects:
                    name = Name(group, kind, namespace, one.key.name)
                    if not owners.stood_for(name):
                        found[namespace].append(_addressed(workload(one, group, labels), owners.addresses(name)))
        return {name: tuple(some) for name, some in sorted(found.items())}


def _by_kind(manifest: Manifest) -> dict[tuple[str, str], dict[str, Objects]]:
    kinds: defaultdict[tuple[str, str], defaultdict[str, list[ManifestObject]]] = defaultdict(lambda: defaultdict(list))
    groups: dict[str, str] = {}
    # Without the objects' keys: to make one for each takes longer than all the rest.
    for one in manifest:
        body = one.body
        version: str = body.get("apiVersion", "")
        group = groups.get(version)
        if group is None:
            group = groups[version] = version.rpartition("/")[0]
        namespace = (body.get("metadata") or _NOTHING).get("namespace") or ""
        kinds[group, body.get("kind", "")][namespace].append(one)
    return {kind: _placed(spaces, known(*kind)) for kind, spaces in kinds.items()}


def _of_istiods_kinds(kinds: Mapping[tuple[str, str], Mapping[str, Objects]]) -> Iterator[ManifestObject]:
    """The objects that may be istiod's: to look at all others for it takes a tenth of the reading."""
    for (_, kind), spaces in kinds.items():
        if kind in ISTIODS_KINDS:
            for some in spaces.values():
                yield from some


def _only(spaces: Mapping[str, Objects], namespaces: Collection[str]) -> dict[str, Objects]:
    return {name: spaces[name] for name in ("", *namespaces) if name in spaces}


def _placed(spaces: Mapping[str, list[ManifestObject]], kind: Kind | None) -> dict[str, Objects]:
    """By namespace as the API server places them: it takes no namespace for `default`, or any for none, by the kind."""
    if kind is not None and kind.scope is Scope.CLUSTER:
        return {"": tuple(one for some in spaces.values() for one in some)}
    found = {name: tuple(some) for name, some in spaces.items()}
    if kind is not None and "" in found:
        found["default"] = (*found.pop(""), *found.get("default", ()))
    return found


def _namespaces(kinds: Mapping[tuple[str, str], Mapping[str, Objects]]) -> dict[str, Namespace]:
    mentioned = {name for spaces in kinds.values() for name in spaces if name}
    found = {name: Namespace(name=name, labels={NAMESPACE_NAME: name}) for name in mentioned}
    for one in kinds.get(("", "Namespace"), _NO_OBJECTS).get("", ()):
        metadata = one.body["metadata"]
        labels = {**(metadata.get("labels") or {}), NAMESPACE_NAME: metadata["name"]}
        found[metadata["name"]] = Namespace(name=metadata["name"], labels=labels, object=one)
    return dict(sorted(found.items()))


def _addressed(one: Workload, addresses: tuple[str, ...]) -> Workload:
    return replace(one, addresses=addresses) if addresses else one
