"""Following one live object: by a watch where that is allowed, else by asking again and again."""

import time
from collections.abc import Iterator
from typing import Final

from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.bodies import Body, name_of, namespace_of, text
from tenantmesh.engine.providers.kubernetes.failures import ApiError, UnreachableError
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_WATCH_SECONDS: Final = 5
"""How long one watch lasts; between two the object is read, so that nothing is missed and progress is told."""
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


def watched(objects: Objects, kind: Kind, start: Body, seconds: float) -> Iterator[Body | None]:
    """`start`, then the object whenever it changes and every few seconds, None when it is gone; ends in time."""
    deadline = time.monotonic() + seconds
    live: Body | None = start
    yield live
    while (left := deadline - time.monotonic()) > 0:
        try:
            for gone, seen in _events(objects, kind, live or start, min(left, _WATCH_SECONDS)):
                yield None if gone else seen
                if time.monotonic() > deadline:
                    return
        except (ApiError, UnreachableError):
            time.sleep(min(_LONGEST_PAUSE, left))
        live = objects.get(kind, namespace_of(start), name_of(start))
        yield live


def polled(objects: Objects, kind: Kind, start: Body, seconds: float) -> Iterator[Body | None]:
    """`start`, then the object again and again, ever more slowly; ends in time."""
    deadline = time.monotonic() + seconds
    yield start
    pause = _FIRST_PAUSE
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
        yield objects.get(kind, namespace_of(start), name_of(start))


def _events(objects: Objects, kind: Kind, since: Body, seconds: float) -> Iterator[tuple[bool, Body]]:
    query = {
        "fieldSelector": f"metadata.name={name_of(since)}",
        "resourceVersion": text(since, "metadata", "resourceVersion"),
    }
    path = objects.endpoint(kind).collection(namespace_of(since))
    for type_, live in objects.client.watch(path, query=query, seconds=int(seconds)):
        if type_ in ("ADDED", "MODIFIED", "DELETED"):
            yield type_ == "DELETED", live
