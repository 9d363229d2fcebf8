"""Which namespace an object lives in, as kubectl and the API server place it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from msgspec.structs import replace

from tenantmesh.graph.kinds import Scope, known
from tenantmesh.manifest import ManifestObject

_DEFINITIONS: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
_DEFAULT: Final = "default"
Kinds = Mapping[tuple[str, str], Scope]


def placed(objects: Sequence[ManifestObject]) -> Iterator[ManifestObject]:
    """The objects, each in its namespace: `default` where it names none, and none where its kind lives in none."""
    defined = dict(_defined(objects))
    for one in objects:
        metadata = one.body["metadata"]
        scope = _scope(one, defined)
        if scope is Scope.NAMESPACED and not metadata.get("namespace"):
            yield replace(one, body={**one.body, "metadata": {**metadata, "namespace": _DEFAULT}})
        elif scope is Scope.CLUSTER and "namespace" in metadata:
            bare = {key: value for key, value in metadata.items() if key != "namespace"}
            yield replace(one, body={**one.body, "metadata": bare})
        else:
            yield one


def _kind(one: ManifestObject) -> tuple[str, str]:
    return str(one.body["apiVersion"]).rpartition("/")[0], str(one.body["kind"])


def _scope(one: ManifestObject, defined: Kinds) -> Scope | None:
    name = _kind(one)
    found = known(*name)
    # Of a group that is known as a whole, a definition knows better.
    return defined.get(name) or (found.scope if found else None)


def _defined(objects: Sequence[ManifestObject]) -> Iterator[tuple[tuple[str, str], Scope]]:
    """What the CustomResourceDefinitions among the objects say of their kinds."""
    for one in objects:
        if _kind(one) == _DEFINITIONS:
            spec = cast("Mapping[str, object]", one.body.get("spec") or {})
            names = spec.get("names")
            kind = cast("Mapping[str, object]", names).get("kind") if isinstance(names, Mapping) else None
            if spec.get("scope") in tuple(Scope):
                yield (str(spec.get("group")), str(kind)), Scope(str(spec["scope"]))
