"""Which kinds a cluster serves and where, asked once, and the kinds that the program itself defines."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from tenantmesh.engine.providers.kubernetes.bodies import Body, pick, text
from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.failures import ApiError
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_AGGREGATED: Final = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
)
_PLAIN: Final = "application/json"
_REFRESH_PAUSE: Final = 0.5
"""Seconds that a list of kinds is believed before a missing one is looked for again."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where the objects of a kind are served."""

    base: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str = "") -> str:
        """The path of all objects, or of those in `namespace`."""
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.base}{scope}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{name}"

    def fit(self, body: Body) -> Body:
        """`body` without a namespace where the kind has none."""
        if self.namespaced or "namespace" not in body["metadata"]:
            return body
        return {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "namespace"}}


class Discovery:
    """The kinds of one cluster; thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: Mapping[Kind, Endpoint] = {}
        self._asked = float("-inf")
        self._lock = threading.Lock()

    def find(self, kind: Kind) -> Endpoint | None:
        """Where `kind` is served; asks the server again when it is unknown. Raises UnreachableError or ApiError."""
        found = self._known.get(kind)
        if found is None:
            self._refresh()
            found = self._known.get(kind)
        return found

    def versions(self, group: str) -> list[str]:
        """The versions of `group` that the cluster serves, as of the last time it was asked."""
        return sorted({kind.version for kind in self._known if kind.group == group})

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._asked < _REFRESH_PAUSE:
                return
            found: dict[Kind, Endpoint] = {}
            for root in ("/api", "/apis"):
                answer = self._client.request("GET", root, accept=f"{_AGGREGATED},{_PLAIN}", attempts=3)
                aggregated = answer.get("kind") == "APIGroupDiscoveryList"
                found |= dict(_aggregated(root, answer) if aggregated else self._one_by_one(root, answer))
            self._known = found
            self._asked = time.monotonic()

    def _one_by_one(self, root: str, answer: Body) -> Iterable[tuple[Kind, Endpoint]]:
        """Servers before 1.26 list the kinds of each group and version apart."""
        listed = [item for group in answer.get("groups", []) for item in group.get("versions", [])]
        bases = answer.get("versions") if root == "/api" else [item.get("groupVersion") for item in listed]
        for base in bases or []:
            try:
                resources = self._client.request("GET", f"{root}/{base}").get("resources", [])
            except ApiError:
                continue  # An extension server that is down hides its own kinds only.
            group, _, version = base.rpartition("/")
            for item in resources:
                if "/" not in item["name"]:
                    endpoint = Endpoint(base=f"{root}/{base}", plural=item["name"], namespaced=item["namespaced"])
                    yield Kind(group=group, version=version, kind=item["kind"]), endpoint


def _aggregated(root: str, answer: Body) -> Iterable[tuple[Kind, Endpoint]]:
    for item in answer.get("items", []):
        group = text(item, "metadata", "name")
        for version in item.get("versions", []):
            base = "/".join(part for part in (root, group, version["version"]) if part)
            for resource in version.get("resources", []):
                kind = Kind(group=group, version=version["version"], kind=text(resource, "responseKind", "kind"))
                namespaced = resource.get("scope") == "Namespaced"
                yield kind, Endpoint(base=base, plural=resource["resource"], namespaced=namespaced)


class Definitions:
    """The CustomResourceDefinitions that the program registers, seen when they are checked; thread-safe."""

    def __init__(self) -> None:
        self._scopes: dict[tuple[str, str], bool] = {}
        self._given_up: set[Kind] = set()
        self._changed = threading.Condition()

    def learn(self, definition: Body) -> None:
        """Remember the kind that a CustomResourceDefinition defines."""
        group, kind = pick(definition, "spec", "group"), pick(definition, "spec", "names", "kind")
        if isinstance(group, str) and isinstance(kind, str):
            with self._changed:
                self._scopes[group, kind] = text(definition, "spec", "scope") != "Cluster"
                self._changed.notify_all()

    def scope(self, kind: Kind) -> bool | None:
        """Whether the program's own kind is namespaced, or None when the program does not define it."""
        return self._scopes.get((kind.group, kind.kind))

    def await_kind(self, kind: Kind, seconds: float) -> bool:
        """Whether the program defines `kind`, now or within `seconds`: registrations come in any order.

        A kind that was once waited for in vain is not waited for again.
        """
        key = (kind.group, kind.kind)
        with self._changed:
            patience = 0 if kind in self._given_up else seconds
            found = self._changed.wait_for(lambda: key in self._scopes or kind in self._given_up, timeout=patience)
            if key not in self._scopes:
                self._given_up.add(kind)
                self._changed.notify_all()
            return found and key in self._scopes
