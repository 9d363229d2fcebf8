"""The parts of a pod that decide what it may do to its node and to its proxy, with the path of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tenantmesh.graph.fact import Fact
from tenantmesh.graph.flow import Workload

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_LISTS = ("containers", "initContainers", "ephemeralContainers")
# Where the pod's template lies in each kind.
_PREFIXES = {"Pod": "", "CronJob": "spec.jobTemplate.spec.template."}
_TEMPLATE = "spec.template."


class Mark(NamedTuple):
    """A fact about a pod before it is known whose pod it is: `path` begins at the pod."""

    kind: Any
    path: str
    reason: str
    unknown: bool = False


class Container(NamedTuple):
    """A container, its place in the pod, and its security settings."""

    body: Mapping[str, Any]
    context: Mapping[str, Any]
    field: str
    place: int

    @property
    def path(self) -> str:
        """Where it is in the pod."""
        return f"spec.{self.field}[{self.place}]"


class Settings:
    """What `look` finds in the security settings of containers; equal neighbours are looked at once.

    It is given a container's settings and its pod's. Paths begin at the settings, or with `spec.` at the pod.
    """

    def __init__(self, look: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Mark]]) -> None:
        self._look = look
        self._recent: list[tuple[Mapping[str, Any], Mapping[str, Any], tuple[Mark, ...]]] = []

    def of(self, context: Mapping[str, Any], whole: Mapping[str, Any]) -> tuple[Mark, ...]:
        """The marks of `context` in a pod with the settings `whole`."""
        for known, around, marks in self._recent:
            if known == context and around == whole:
                return marks
        found = tuple(self._look(context, whole))
        self._recent.insert(0, (context, whole, found))
        del self._recent[_RECENT:]
        return found


_RECENT = 4


class Pods:
    """What `look` finds in the specs of pods. Workloads of one name are mostly equal, and those are looked at once."""

    def __init__(self, look: Callable[[Mapping[str, Any]], list[Mark]]) -> None:
        self._look = look
        self._last: dict[str, tuple[Mapping[str, Any], list[Mark]]] = {}

    def of(self, workload: Workload) -> list[Mark]:
        """The marks of a workload's pods."""
        last = self._last.get(workload.name)
        if last is None or last[0] != workload.spec:
            last = self._last[workload.name] = workload.spec, self._look(workload.spec)
        return last[1]


def containers(spec: Mapping[str, Any]) -> list[Container]:
    """All containers of a pod, with those that run before it and those that were added to it."""
    return [
        Container(body, body.get("securityContext") or _NOTHING, field, index)
        for field in _LISTS
        if field in spec
        for index, body in enumerate(spec[field] or ())
    ]


def placed(marks: Iterable[Mark], container: Container) -> Iterator[Mark]:
    """The marks of a container's settings with the whole path."""
    for mark in marks:
        inner = mark.path.startswith("spec.")
        yield mark if inner else mark._replace(path=f"{container.path}.securityContext.{mark.path}")


def pod_context(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security settings of the whole pod."""
    return spec.get("securityContext") or _NOTHING


def facts(workload: Workload, marks: Iterable[Mark]) -> Iterator[Fact]:
    """The marks of a pod as facts of the object that makes it."""
    for mark in marks:
        yield Fact(
            kind=mark.kind,
            namespace=workload.namespace,
            object=workload.object,
            path=prefix(workload) + mark.path,
            reason=mark.reason,
            workload=workload,
            unknown=mark.unknown,
        )


def prefix(workload: Workload) -> str:
    """What leads from a workload's object to its pod."""
    if workload.object is None:
        return ""
    return _PREFIXES.get(workload.object.body["kind"], _TEMPLATE)
