"""A cluster and what is asked of it: every end to every other end, on every port, in one fixed order."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from tenantmesh.manifest import Manifest, ManifestObject

Object = dict[str, Any]


class Port(NamedTuple):
    """A port that is asked for."""

    number: int
    protocol: str


class End(NamedTuple):
    """A pod or, with no namespace, an address outside the cluster."""

    namespace: str
    name: str
    labels: dict[str, str]
    address: str
    ports: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.address


class Question(NamedTuple):
    """One flow; `index` is its place in a table of answers."""

    index: int
    source: End
    destination: End
    port: Port

    def __str__(self) -> str:
        return f"{self.source} -> {self.destination} {self.port.number}/{self.port.protocol}"


@dataclass(frozen=True)
class Sample:
    """`seed` made it, or it is -1 for a cluster that was written by hand."""

    objects: tuple[Object, ...]
    outside: tuple[str, ...]
    ports: tuple[Port, ...]
    seed: int = -1

    def of_kind(self, kind: str) -> list[Object]:
        return [one for one in self.objects if one["kind"] == kind]

    @property
    def policies(self) -> list[Object]:
        return self.of_kind("NetworkPolicy")

    @cached_property
    def namespaces(self) -> dict[str, dict[str, str]]:
        """The labels of each."""
        return {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in self.of_kind("Namespace")}

    @cached_property
    def ends(self) -> tuple[End, ...]:
        pods = (_end(pod) for pod in self.of_kind("Pod"))
        return (*pods, *(End("", "", {}, address) for address in self.outside))

    @property
    def manifest(self) -> Manifest:
        return Manifest.of(ManifestObject(body=one) for one in self.objects)

    def questions(self) -> Iterator[Question]:
        """All but those from an end to itself, which no policy decides, and those that never enter the cluster."""
        index = -1
        for source in self.ends:
            for destination in self.ends:
                for port in self.ports:
                    index += 1
                    if source is not destination and (source.namespace or destination.namespace):
                        yield Question(index, source, destination, port)


def _end(pod: Object) -> End:
    metadata, spec = pod["metadata"], pod["spec"]
    ports = tuple(
        {"number": one["containerPort"], "protocol": one.get("protocol", "TCP"), "name": one.get("name", "")}
        for container in spec["containers"]
        for one in container.get("ports") or ()
    )
    address = pod["status"]["podIPs"][0]["ip"]
    return End(metadata["namespace"], metadata["name"], metadata.get("labels", {}), address, ports)
