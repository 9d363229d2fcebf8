"""Where a program asked for a resource: as the checkpoint keeps it, and as the line that its author has to look at."""

import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

Message = Any
"""A request of the SDK; its stubs name modules that do not exist, so it has no type here."""

_INSTALLED: Final = re.compile(r"site-packages|dist-packages|python3(\.\d+)?")
"""A folder of packages, or of Python's own modules."""
_LIBRARY: Final = Path(__file__).resolve().parents[1]
"""The package that this module belongs to: beside a program of this repository, installed for all others."""


class _Closeness(IntEnum):
    """How near a file is to what the author of a program wrote."""

    LIBRARY = 0
    ELSEWHERE = 1
    PROJECT = 2
    PROGRAM = 3


class _File(NamedTuple):
    """A file of a stack trace."""

    shown: str
    closeness: _Closeness


class SourcePositions:
    """Reads where requests come from. `root` is the project's folder; `program` that of its program, else the same."""

    def __init__(self, root: Path, program: Path | None = None) -> None:
        self._root = root
        self._folders = ((program or root).resolve(), root.resolve())
        self._stored: dict[str, str] = {}
        self._files: dict[str, _File] = {}

    def of(self, request: Message) -> str:
        """The SDK's own position as `project:///path#line`, or empty when it does not say.

        It is the line that calls the resource's class, also where a component of a library does that.
        """
        position = request.sourcePosition
        if not position.uri:
            return ""
        if position.uri not in self._stored:
            self._stored[position.uri] = self._relative(position.uri)
        column = f",{position.column}" if position.column else ""
        return f"{self._stored[position.uri]}#{position.line}{column}"

    def line(self, request: Message) -> str:
        """`path:line` of the program's innermost frame that led to the request, the path relative to the project.

        Frames of installed packages and of this library are not the program's. Where none is, not even one of the
        project or of a file elsewhere, it is the SDK's own position; empty when there is no position at all.
        """
        best, closest = "", _Closeness.LIBRARY
        for position in _positions(request):
            file = self._file(position.uri)
            if file.closeness > closest or not best:
                best, closest = f"{file.shown}:{position.line}", file.closeness
            if closest is _Closeness.PROGRAM:
                break
        return best

    def _relative(self, uri: str) -> str:
        path = _path(uri)
        try:
            return f"project:///{path.relative_to(self._root).as_posix()}"
        except ValueError:
            # It lies outside of the project, such as a library.
            return f"project://{path.as_posix()}"

    def _file(self, uri: str) -> _File:
        if uri not in self._files:
            self._files[uri] = self._looked_at(_path(uri).resolve())
        return self._files[uri]

    def _looked_at(self, path: Path) -> _File:
        program, root = self._folders
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        near = path.relative_to(program) if path.is_relative_to(program) else shown
        if path.is_relative_to(_LIBRARY) or any(_INSTALLED.fullmatch(part) for part in near.parts):
            closeness = _Closeness.LIBRARY
        elif near is not shown:
            closeness = _Closeness.PROGRAM
        else:
            closeness = _Closeness.ELSEWHERE if shown is path else _Closeness.PROJECT
        return _File(shown.as_posix(), closeness)


def readable(position: str) -> str:
    """`path:line` of a source position as it is kept in the state."""
    path, _, line = position.removeprefix("project:///").partition("#")
    return f"{path}:{line.partition(',')[0]}" if line else path


def _positions(request: Message) -> Iterator[Message]:
    """Of the frames from the innermost on; older SDKs send no stack trace, but only the first of them."""
    trace = getattr(request, "stackTrace", None)
    for frame in trace.frames if trace is not None else ():
        if frame.pc.uri:
            yield frame.pc
    if request.sourcePosition.uri:
        yield request.sourcePosition


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))
