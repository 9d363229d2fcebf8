"""Where an object is written: `file:line` taken apart, and the file as a reference that a scanner's viewer follows."""

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from msgspec import Struct

_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>[1-9][0-9]*))?", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:/")


class Origin(Struct, frozen=True):
    """A file, and the line in it (None when unknown)."""

    file: str
    line: int | None = None

    @classmethod
    def of(cls, source: str) -> "Origin | None":
        """The place that `source` names; None when it names none."""
        found = _PLACE.fullmatch(source)
        if not found:
            return None
        return cls(found["file"], int(found["line"]) if found["line"] else None)

    @property
    def is_absolute(self) -> bool:
        """Whether the file is named from the root of the machine."""
        return self._path.startswith("/") or bool(_DRIVE.match(self._path))

    @property
    def is_outside(self) -> bool:
        """Whether the file lies above the folder that paths start from."""
        return PurePosixPath(self._path).parts[:1] == ("..",)

    @property
    def uri(self) -> str:
        """The file as a URI reference: relative to the folder that paths start from, or with `file://`."""
        path = str(PurePosixPath(self._path))
        if not self.is_absolute:
            return quote(path, safe="/", errors="replace")
        return "file:///" + quote(path.lstrip("/"), safe="/:", errors="replace")

    @property
    def _path(self) -> str:
        return self.file.replace("\\", "/")
