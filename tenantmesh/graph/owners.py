"""Which objects another one's template stands for already, since that one made them; and their addresses.

A claim to be somebody's is not believed by itself: only the pairs that Kubernetes' own controllers make count, the
maker has to be there, and what was made has to be as the template says. All else stands for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, cast

from tenantmesh.graph.given import given_labels
from tenantmesh.graph.workloads import TEMPLATES, pod_addresses
from tenantmesh.manifest import Body, ManifestObject

Kind = tuple[str, str]
Kinds = Mapping[Kind, Mapping[str, tuple[ManifestObject, ...]]]


class Name(NamedTuple):
    """What names an object that stands for pods."""

    group: str
    kind: str
    namespace: str
    name: str


_MAKERS: Final[Mapping[Kind, frozenset[Kind]]] = {
    ("", "Pod"): frozenset(
        {
            ("", "ReplicationController"),
            ("apps", "DaemonSet"),
            ("apps", "ReplicaSet"),
            ("apps", "StatefulSet"),
            ("batch", "Job"),
        }
    ),
    ("apps", "ReplicaSet"): frozenset({("apps", "Deployment")}),
    ("batch", "Job"): frozenset({("batch", "CronJob")}),
}
_INJECTED: Final = frozenset(
    {"security.istio.io/tlsMode", "service.istio.io/canonical-name", "service.istio.io/canonical-revision"}
)
"""Labels that Istio's webhook gives pods."""


class Owners:
    """The makers of objects, by the names of what they made."""

    def __init__(self, kinds: Kinds) -> None:
        self._makers = dict(_makers(kinds))
        self._addresses = self._found(kinds) if self._makers else {}

    def stood_for(self, name: Name) -> bool:
        """Whether a template that is there stands for it."""
        return name in self._makers

    def addresses(self, name: Name) -> tuple[str, ...]:
        """The addresses of the live pods that it made, sorted."""
        return tuple(sorted(self._addresses.get(name, ())))

    def _found(self, kinds: Kinds) -> Mapping[Name, set[str]]:
        found: defaultdict[Name, set[str]] = defaultdict(set)
        for name, one in _named(kinds, [("", "Pod")]):
            addresses = tuple(pod_addresses(one.body))
            while addresses and (maker := self._makers.get(name)):
                found[maker].update(addresses)
                name = maker
        return found


def _makers(kinds: Kinds) -> Iterator[tuple[Name, Name]]:
    claims = [
        (name, one, maker) for name, one in _named(kinds, _MAKERS) if (maker := _claimed(name, one.body)) is not None
    ]
    if not claims:
        return
    there = dict(_named(kinds, TEMPLATES))
    for name, one, maker in claims:
        if maker in there and _as_made(name, one.body, maker, there[maker].body):
            yield name, maker


def _named(kinds: Kinds, wanted: Iterable[Kind]) -> Iterator[tuple[Name, ManifestObject]]:
    for group, kind in wanted:
        for namespace, objects in kinds.get((group, kind), {}).items():
            for one in objects:
                yield Name(group, kind, namespace, one.key.name), one


def _claimed(name: Name, body: Body) -> Name | None:
    references = _map(body.get("metadata")).get("ownerReferences")
    for reference in cast("list[Any]", references) if isinstance(references, list) else ():
        owner = _map(reference)
        kind = str(owner.get("apiVersion", "")).rpartition("/")[0], str(owner.get("kind", ""))
        if owner.get("controller") is True and kind in _MAKERS[name.group, name.kind]:
            return Name(*kind, name.namespace, str(owner.get("name", "")))
    return None


def _as_made(name: Name, body: Body, maker: Name, making: Body) -> bool:
    """Whether the pods of both are one to everybody who selects pods or asks who they are."""
    given = _given((maker.group, maker.kind), (name.group, name.kind))
    return _traits(name, body, given) == _traits(maker, making, given)


@cache
def _given(maker: Kind, made: Kind) -> frozenset[str]:
    """The labels that pods get on their way from a template to what was made of it."""
    return given_labels(*maker, {}) | given_labels(*made, {}) | _INJECTED


def _traits(name: Name, body: Body, given: frozenset[str]) -> tuple[Any, ...]:
    template = TEMPLATES[name.group, name.kind](body)
    spec = _map(template.get("spec"))
    labels = _map(_map(template.get("metadata")).get("labels"))
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    fixed = {key: value for key, value in labels.items() if key not in given}
    return fixed, account, bool(spec.get("hostNetwork"))


def _map(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
