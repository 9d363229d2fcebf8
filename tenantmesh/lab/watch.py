"""Following the objects of one list: first all that are there, then each change, over lost connections."""

import time
from collections.abc import Iterator
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.errors import ClusterError

_SECONDS = 60
_PAUSE = 0.5


def follow(api: Api, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object in the list at `path` as ("ADDED" | "MODIFIED" | "DELETED", object), for ever.

    After a lost watch everything is listed anew, so an object may come again unchanged; what was deleted meanwhile is
    told as DELETED.
    """
    known: dict[str, dict[str, Any]] = {}
    while True:
        try:
            answer = api.get(path)
            yield from _listed(answer["items"], known)
            yield from _changes(api, path, answer["metadata"]["resourceVersion"], known)
        except ClusterError:
            time.sleep(_PAUSE)


def _listed(items: list[dict[str, Any]], known: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    present = {item["metadata"]["uid"]: item for item in items}
    for uid in [uid for uid in known if uid not in present]:
        yield "DELETED", known.pop(uid)
    for uid, item in present.items():
        event = "MODIFIED" if uid in known else "ADDED"
        known[uid] = item
        yield event, item


def _changes(
    api: Api, path: str, version: str, known: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    while True:
        before = version
        for event in api.watch(path, version, seconds=_SECONDS):
            if event["type"] == "ERROR":
                return
            item = event["object"]
            version = item["metadata"]["resourceVersion"]
            if event["type"] == "BOOKMARK":
                continue
            if event["type"] == "DELETED":
                known.pop(item["metadata"]["uid"], None)
            else:
                known[item["metadata"]["uid"]] = item
            yield event["type"], item
        if version == before:
            time.sleep(_PAUSE)
