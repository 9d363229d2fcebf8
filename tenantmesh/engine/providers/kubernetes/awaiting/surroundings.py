"""What a readiness rule may look at besides the object itself."""

import time
from collections.abc import Callable
from typing import Protocol

from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.bodies import Body
from tenantmesh.engine.providers.kubernetes.failures import ApiError, MissingKindError
from tenantmesh.engine.providers.kubernetes.tokens import Kind


class Surroundings(Protocol):
    """Other objects, and how long the wait has lasted."""

    def waited(self) -> float:
        """Seconds since the wait began."""
        ...

    def one(self, kind: Kind, namespace: str, name: str) -> Body | None:
        """Another object, or None when it is not there or may not be read."""
        ...

    def all(self, kind: Kind, namespace: str, labels: str = "") -> list[Body]:
        """Other objects by labels; none when they may not be read."""
        ...


class LiveSurroundings:
    """The cluster as it is."""

    def __init__(self, objects: Objects, clock: Callable[[], float] = time.monotonic) -> None:
        self._objects = objects
        self._clock = clock
        self._began = clock()

    def waited(self) -> float:
        """Seconds since this was made."""
        return self._clock() - self._began

    def one(self, kind: Kind, namespace: str, name: str) -> Body | None:
        """The object as it is now."""
        try:
            return self._objects.get(kind, namespace, name)
        except (ApiError, MissingKindError):
            return None

    def all(self, kind: Kind, namespace: str, labels: str = "") -> list[Body]:
        """The objects as they are now."""
        try:
            return self._objects.listed(kind, namespace, labels)
        except (ApiError, MissingKindError):
            return []
