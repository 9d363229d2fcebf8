"""The bindings of a cluster, indexed by namespace and by the subjects that they name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from tenantmesh.graph.api.bootstrap import GROUP, defaults, is_default
from tenantmesh.graph.api.subject import AUTHENTICATED, UNAUTHENTICATED, Subject, SubjectKind
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject

_FIELDS = frozenset({"apiVersion", "kind", "metadata", "roleRef", "subjects"})
_KINDS: Mapping[str, SubjectKind] = {kind.value: kind for kind in SubjectKind}


class Binding(NamedTuple):
    """A RoleBinding or (with the namespace "") a ClusterRoleBinding; `subjects[i]` is None where it is not understood.

    `default` says that it is the server's own, unchanged.
    """

    object: ManifestObject
    namespace: str
    subjects: tuple[Subject | None, ...]
    kind: str
    name: str
    doubts: tuple[Evidence, ...] = ()
    default: bool = False

    @property
    def role(self) -> str:
        """The role that it refers to, in words."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.kind == "Role" else f"{self.kind} {self.name}"


class Bindings:
    """All bindings; those of a namespace are read when it is first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._namespaced = cluster.objects(GROUP, "RoleBinding")
        own = {one.body["metadata"]["name"]: one for one in cluster.objects(GROUP, "ClusterRoleBinding").get("", ())}
        self._cluster = {**defaults("ClusterRoleBinding"), **own}
        self._of: dict[str, tuple[Binding, ...]] = {}

    def of(self, namespace: str) -> tuple[Binding, ...]:
        """The bindings in `namespace`; those of the cluster for ""."""
        if namespace not in self._of:
            objects = self._namespaced.get(namespace, ()) if namespace else self._cluster.values()
            self._of[namespace] = tuple(_binding(one, namespace) for one in objects)
        return self._of[namespace]

    def naming(self, subject: Subject, namespace: str) -> Iterable[tuple[Binding, tuple[int, ...]]]:
        """The bindings that hold for `subject` in `namespace` ("" for the cluster), with its places in `subjects`.

        One that has a subject that is not understood may hold for anybody; it has no place then.
        """
        keys = {(SubjectKind.GROUP, group) for group in subject.memberships}
        if subject.username:
            keys.add((SubjectKind.USER, subject.username))
        for binding in self._candidates(namespace, keys):
            own = tuple(index for index, one in enumerate(binding.subjects) if one is not None and _key(one) in keys)
            if own or None in binding.subjects:
                yield binding, own

    def _candidates(self, namespace: str, keys: set["_Key"]) -> Iterable[Binding]:
        if namespace:
            return self.of(namespace)
        found = {id(binding): binding for key in sorted(keys) for binding in self._by_subject.get(key, ())}
        return found.values()

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where there are any, "" for the cluster among them."""
        return ("", *sorted(self._namespaced))

    @cached_property
    def _by_subject(self) -> Mapping["_Key", tuple[Binding, ...]]:
        found: defaultdict[_Key, list[Binding]] = defaultdict(list)
        for binding in self.of(""):
            for named in binding.subjects:
                # Whoever is not understood may be anybody: each asker is either authenticated or not.
                for key in _ANYBODY if named is None else (_key(named),):
                    found[key].append(binding)
        return {key: tuple(some) for key, some in found.items()}


_Key = tuple[SubjectKind, str]
_ANYBODY: tuple[_Key, ...] = (
    (SubjectKind.GROUP, AUTHENTICATED),
    (SubjectKind.GROUP, UNAUTHENTICATED),
)


def _key(subject: Subject) -> _Key:
    if subject.kind is SubjectKind.GROUP:
        return SubjectKind.GROUP, subject.name
    return SubjectKind.USER, subject.username


def _binding(one: ManifestObject, namespace: str) -> Binding:
    doubts = [
        Evidence(Effect.UNKNOWN, f"the field {field} is not known", one, field) for field in one.body.keys() - _FIELDS
    ]
    subjects: list[Subject | None] = []
    written: Any = one.body.get("subjects") or ()
    for index, entry in enumerate(written if isinstance(written, list | tuple) else (None,)):
        subject = _subject(entry, namespace)
        if subject is None:
            doubts.append(Evidence(Effect.UNKNOWN, "this subject is not understood", one, f"subjects[{index}]"))
        subjects.append(subject)
    kind, name = _reference(one.body.get("roleRef"))
    if not kind:
        doubts.append(Evidence(Effect.UNKNOWN, "the role that it refers to is not understood", one, "roleRef"))
    own = not namespace and is_default(one)
    return Binding(one, namespace, tuple(subjects), kind, name, tuple(doubts), own)


def _subject(entry: Any, namespace: str) -> Subject | None:
    """A service account without a namespace is one of the binding's own."""
    try:
        kind, name = _KINDS[entry["kind"]], entry["name"]
        home = entry.get("namespace") or namespace if kind is SubjectKind.SERVICE_ACCOUNT else ""
    except (AttributeError, KeyError, TypeError):
        return None
    if not isinstance(name, str) or not isinstance(home, str):
        return None
    subject = Subject(kind=kind, name=name, namespace=home)
    return subject.named if kind is SubjectKind.USER else subject


def _reference(reference: Any) -> tuple[str, str]:
    """Kind and name of the role, both "" where they are not understood."""
    try:
        kind, name = reference["kind"], reference["name"]
    except (KeyError, TypeError):
        return "", ""
    return (kind, name) if kind in ("Role", "ClusterRole") and isinstance(name, str) else ("", "")
