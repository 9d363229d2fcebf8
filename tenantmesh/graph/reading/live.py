"""A live cluster becomes a manifest: what it serves is asked for, and what it does not show is told.

Kinds that open nothing are not asked for, and of kinds that are not understood only their names: they matter by being
there. No private key, password or token is kept (see `secrets`).
Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api and
https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from tenantmesh.errors import ManifestError
from tenantmesh.graph.cluster import Unread
from tenantmesh.graph.kinds import Part, known
from tenantmesh.graph.reading.secrets import without_secrets
from tenantmesh.manifest import Manifest, ManifestObject

PAGE: Final = 500
"""Objects of one answer."""

_THREADS: Final = 8
_JSON: Final = "application/json"
_DISCOVERY: Final = f"{_JSON};v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList,{_JSON}"
_NAMES: Final = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{_JSON}"
_GONE: Final = 410
_MISSING: Final = frozenset({404, 405})
_COPY: Final = "kubectl.kubernetes.io/last-applied-configuration"


class Refused(Exception):  # noqa: N818  it is an answer of the server
    """The server does not give what is asked for; `code` is HTTP's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Api(Protocol):
    """One API server, asked by several threads at once."""

    def get(self, path: str, query: Mapping[str, str], accept: str) -> Any:
        """The answer as plain data. Raises Refused for a refusal, and ManifestError when there is no answer."""
        ...


class Live(NamedTuple):
    """The objects of a cluster, and the kinds whose objects it does not show, so that nothing is known of them."""

    manifest: Manifest
    unread: tuple[Unread, ...] = ()


class _Resource(NamedTuple):
    """A kind that the cluster serves: the path of its list, and whether only names are asked for."""

    group: str
    version: str
    kind: str
    plural: str
    names_only: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        return f"/{'apis' if self.group else 'api'}/{self.api_version}/{self.plural}"


def read_cluster(api: Api, *, page: int = PAGE) -> Live:
    """The objects of the cluster behind `api`, without `source`.

    A kind that the user may not list, or that an extension of the API server does not answer for, is in `unread`.
    Raises ManifestError when the cluster can't be reached, or does not even tell what it serves and which namespaces
    it has.
    """
    resources, unread = _served(api)
    with ThreadPoolExecutor(_THREADS) as pool:
        answers = list(pool.map(partial(_listed, api, page), resources))
    objects = (one for found, _ in answers for one in found)
    unread += [one for _, one in answers if one is not None]
    hidden = [one.reason for one in unread if (one.group, one.kind) == ("", "Namespace")]
    if hidden:
        raise ManifestError([f"the cluster does not show its namespaces: {hidden[0]}"])
    return Live(Manifest.of(objects), tuple(sorted(unread)))


def _served(api: Api) -> tuple[list[_Resource], list[Unread]]:
    """What can be listed and matters, each kind once, in the version that its group prefers."""
    found: dict[tuple[str, str], _Resource] = {}
    unread: list[Unread] = []
    try:
        groups = [*_groups(api, "/api", unread), *_groups(api, "/apis", unread)]
    except Refused as error:
        raise ManifestError([f"the cluster does not tell which kinds it serves: {error}"]) from error
    for group, version, kind, plural in groups:
        known_kind = known(group, kind)
        if known_kind is None or known_kind.part is not Part.HARMLESS:
            one = _Resource(group, version, kind, plural, names_only=known_kind is None)
            found.setdefault((group, kind), one)
    return list(found.values()), unread


def _groups(api: Api, path: str, unread: list[Unread]) -> Iterator[tuple[str, str, str, str]]:
    """Group, version, kind and plural of every kind that can be listed, versions in the order of preference."""
    answer = api.get(path, {}, _DISCOVERY)
    if answer.get("kind") != "APIGroupDiscoveryList":
        yield from _one_by_one(api, path, answer, unread)
        return
    for entry in answer.get("items") or ():
        group = (entry.get("metadata") or {}).get("name") or ""
        for version in entry.get("versions") or ():
            if version.get("freshness") == "Stale":
                unread.append(Unread(group, "*", f"version {version['version']} is not answered for"))
            for one in version.get("resources") or ():
                if "list" in one.get("verbs", ()):
                    kind = (one.get("responseKind") or {}).get("kind") or ""
                    yield group, version["version"], kind, one["resource"]


def _one_by_one(
    api: Api, path: str, answer: Mapping[str, Any], unread: list[Unread]
) -> Iterator[tuple[str, str, str, str]]:
    """The same from a server that knows only the older form: an answer for each version of each group."""
    listed = [("", version) for version in answer.get("versions") or ()]
    for group in answer.get("groups") or ():
        preferred = (group.get("preferredVersion") or {}).get("version", "")
        others = [one["version"] for one in group.get("versions") or () if one["version"] != preferred]
        listed += [(group["name"], one) for one in (preferred, *others)]
    for group, version in listed:
        try:
            resources = api.get(f"{path}/{group}/{version}" if group else f"{path}/{version}", {}, _JSON)["resources"]
        except Refused as error:
            unread.append(Unread(group, "*", f"version {version} is not answered for: {error}"))
            continue
        for one in resources:
            if "/" not in one["name"] and "list" in one.get("verbs", ()):
                yield group, version, one["kind"], one["name"]


def _listed(api: Api, page: int, resource: _Resource) -> tuple[list[ManifestObject], Unread | None]:
    """The objects of a kind, or why they can't be had."""
    try:
        bodies = _pages(api, resource, page)
    except Refused as error:
        # What went away since it was discovered is no more.
        missing = error.code in _MISSING
        return [], None if missing else Unread(resource.group, resource.kind, str(error))
    return [ManifestObject(body=_tidied(one, resource)) for one in bodies], None


def _pages(api: Api, resource: _Resource, page: int) -> list[dict[str, Any]]:
    """Page by page; at once from the beginning, when that takes so long that the server has forgotten where it was."""
    accept = _NAMES if resource.names_only else _JSON
    found: list[dict[str, Any]] = []
    query = {"limit": str(page)}
    while True:
        try:
            answer = api.get(resource.path, query, accept)
        except Refused as error:
            if error.code != _GONE or "continue" not in query:
                raise
            return list(api.get(resource.path, {}, accept).get("items") or ())
        found += answer.get("items") or ()
        token = (answer.get("metadata") or {}).get("continue")
        if not token:
            return found
        query = {"limit": str(page), "continue": token}


def _tidied(body: dict[str, Any], resource: _Resource) -> dict[str, Any]:
    """The object with its kind, which lists leave out, and without what only the server needs."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    if _COPY in (metadata.get("annotations") or ()):
        metadata["annotations"] = {key: value for key, value in metadata["annotations"].items() if key != _COPY}
    tidy = {**body, "apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
    return without_secrets(tidy) if (resource.group, resource.kind) == ("", "Secret") else tidy
