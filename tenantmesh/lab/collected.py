"""Following several lists of a cluster, and acting on all of their objects together once they have been quiet."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from tenantmesh.cluster.api import Api
from tenantmesh.lab.watch import follow

_QUIET = 0.05
_AT_LATEST = 0.5
_AGAIN = 1.0

Objects = Mapping[str, list[dict[str, Any]]]
"""All objects by the name of their list, in the order of namespace and name."""

log = logging.getLogger(__name__)


class Collected:
    """Calls `act` with all objects of `paths`, whose keys are the caller's, whenever something has changed.

    Changes that come within 50 ms of each other are acted on together, at the latest after half a second; what fails is
    logged and tried again each second.
    """

    def __init__(self, api: Api, paths: Mapping[str, str], act: Callable[[Objects], None]) -> None:
        self._api = api
        self._paths = paths
        self._act = act
        self._changed = threading.Condition()
        self._version = 0
        self._known: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in paths}

    def start(self) -> None:
        """Follow and act in threads of its own, for as long as this process lives."""
        for name, path in self._paths.items():
            threading.Thread(target=self._follow, args=(name, path), daemon=True, name=f"follow {name}").start()
        threading.Thread(target=self._run, daemon=True, name=f"act on {', '.join(self._paths)}").start()

    def touch(self) -> None:
        """Act again, as if something had changed."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def _follow(self, name: str, path: str) -> None:
        for event, item in follow(self._api, path):
            with self._changed:
                if event == "DELETED":
                    self._known[name].pop(item["metadata"]["uid"], None)
                else:
                    self._known[name][item["metadata"]["uid"]] = item
                self.touch()

    def _run(self) -> None:
        done = 0
        while True:
            objects, version = self._next(done)
            try:
                self._act(objects)
            except Exception:
                log.exception("can't act on %s", ", ".join(self._paths))
                threading.Event().wait(_AGAIN)
            else:
                done = version

    def _next(self, done: int) -> tuple[Objects, int]:
        with self._changed:
            self._changed.wait_for(lambda: self._version > done)
            waited = 0.0
            while waited < _AT_LATEST and self._changed.wait(_QUIET):
                waited += _QUIET
            return {name: _sorted(items) for name, items in self._known.items()}, self._version


def _sorted(items: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items.values(), key=lambda item: (item["metadata"].get("namespace", ""), item["metadata"]["name"]))
