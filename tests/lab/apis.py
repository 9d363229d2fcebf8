"""An API server that knows a few objects by their paths, and tokens for whoever asks."""

import json
from typing import Any

from tenantmesh.cluster.api import Answer


class FakeApi:
    """Answers GET from `objects`, and every POST with a token; keeps the bodies that were posted."""

    def __init__(self, objects: dict[str, dict[str, Any]]) -> None:
        self.objects = objects
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def request(self, method: str, path: str, body: Any = None) -> Answer:
        if method == "POST":
            self.posted.append((path, body))
            return Answer(status=201, text=json.dumps({"status": {"token": "a token"}}))
        if path in self.objects:
            return Answer(status=200, text=json.dumps(self.objects[path]))
        return Answer(status=404, text="not found")
