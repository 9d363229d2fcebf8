"""The record of a finished update, beside copies of its checkpoint (addToHistory in pkg/backend/diy/state.go)."""

import json
import time
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from tenantmesh.engine.backend import files
from tenantmesh.engine.backend.location import Layout
from tenantmesh.engine.backend.names import StackName
from tenantmesh.engine.events import Op

_KINDS: Final = {
    "up": "update",
    "update": "update",
    "destroy": "destroy",
    "refresh": "refresh",
    "import": "resource-import",
}


class Update(Struct, frozen=True, kw_only=True):
    """What is known of an update before it runs; `config` is as stored, secrets encrypted, and `start` is Unix time."""

    command: str
    message: str = ""
    config: Mapping[str, object] = field(default_factory=dict[str, object])
    start: int = field(default_factory=lambda: int(time.time()))


def add(
    layout: Layout, name: StackName, update: Update, checkpoint: bytes, *, ok: bool, changes: Mapping[Op, int]
) -> None:
    """Write the update's record and copies of `checkpoint`, packed as the checkpoint is."""
    info = {
        "kind": _KINDS.get(update.command, "update"),
        "startTime": update.start,
        "message": update.message,
        "environment": {},
        "config": dict(update.config),
        "version": 0,
        "result": "succeeded" if ok else "failed",
        "endTime": int(time.time()),
        "resourceChanges": {step.value: count for step, count in changes.items()},
    }
    record = json.dumps(info, ensure_ascii=False, separators=(",", ":")).encode()
    extension = ".json.gz" if checkpoint.startswith(b"\x1f\x8b") else ".json"
    moment = time.time_ns()
    stem = f"{name.stack}-{moment}"
    history = layout.history(name)
    files.write(history / f"{stem}.history{extension}", files.pack(record) if extension == ".json.gz" else record)
    files.write(history / f"{stem}.checkpoint{extension}", checkpoint)
    files.write(layout.backups(name) / f"{name.stack}.{moment}{extension}", checkpoint)
