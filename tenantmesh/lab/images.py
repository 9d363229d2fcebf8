"""Programs of this machine that play an image, where what the stand-in does is not enough."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

KNOWN = {"redis": ("redis-server", "--protected-mode", "no", "--save", "")}
"""Played by the real program wherever that is installed; redis's own image is built without its protected mode too."""


def read_images(file: Path) -> dict[str, tuple[str, ...]]:
    """The commands that play images, by the image's last name: those of `file`, and the known ones."""
    known = {name: command for name, command in KNOWN.items() if shutil.which(command[0])}
    given: Mapping[str, Sequence[str]] = json.loads(file.read_text()) if file.is_file() else {}
    return {**known, **{name: tuple(command) for name, command in given.items()}}


def write_images(file: Path, images: Mapping[str, Sequence[str]]) -> None:
    """Have pods that start from now on play these images too."""
    before = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps({**before, **{name: list(command) for name, command in images.items()}}))


def short_name(image: str) -> str:
    """What an image is called without registry, tag and digest: `redis` for `docker.io/library/redis:8`."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]
