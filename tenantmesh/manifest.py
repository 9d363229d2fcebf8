"""Kubernetes objects with where they came from: all that crosses from maker to prover."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

Body = Mapping[str, Any]


class ObjectKey(Struct, frozen=True, order=True):
    """What names one object in a cluster: API version, kind, namespace ("" when cluster-scoped) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, body: Body) -> "ObjectKey":
        """The key of `body`; absent fields are the empty string."""
        metadata = body.get("metadata") or {}
        return cls(
            body.get("apiVersion", ""), body.get("kind", ""), metadata.get("namespace", ""), metadata.get("name", "")
        )

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


class ManifestObject(Struct, frozen=True, kw_only=True):
    """One object and its origin.

    `body` is spelled as in YAML. `urn` is the Pulumi URN of the resource that made it ("" when read from YAML or a
    cluster). `source` is `file:line` of the program or of the YAML ("" when unknown).
    """

    body: Body
    urn: str = ""
    source: str = ""

    @property
    def key(self) -> ObjectKey:
        """What names the object in a cluster."""
        return ObjectKey.of(self.body)


class Manifest(Struct, frozen=True):
    """A set of objects, sorted by key, so that the same objects are always the same bytes."""

    objects: tuple[ManifestObject, ...] = ()

    @classmethod
    def of(cls, objects: Iterable[ManifestObject]) -> "Manifest":
        """A manifest of `objects` in the order of their keys."""
        return cls(tuple(sorted(objects, key=lambda item: item.key)))

    def __iter__(self) -> Iterator[ManifestObject]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)
