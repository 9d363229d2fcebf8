"""The line of one part of an object, looked up only when somebody is shown it."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from tenantmesh.graph.reading.files import ENDINGS

_SOURCE: Final = re.compile(r"(?P<file>.+):(?P<line>[1-9][0-9]*)", re.DOTALL)
_INDEX: Final = re.compile(r"\[(\d+)\]\.?")
_CHUNK: Final = 256
"""Lines that are looked at first; eight times as many each time that the object is longer."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PASSED: Final = (StreamStartEvent, DocumentStartEvent)


def place_of(source: str, path: str) -> str:
    """`file:line` of the part `path` (`spec.ingress[0].from[1]`) of the object that begins at `source`, a `file:line`.

    Where that part is not written down, such as a default, it is the nearest part around it that is. It is `source`
    itself for what is no file of YAML or JSON, and for a file that has changed since or is gone.
    """
    found = _SOURCE.fullmatch(source)
    if not found or not path or not found["file"].endswith(ENDINGS):
        return source
    first = int(found["line"])
    node = _node(found["file"], first)
    return f"{found['file']}:{first + _line(node, path)}" if node else source


class _Node(NamedTuple):
    """A part: its line, counted from that of the object, and the parts in it by key, or in order."""

    line: int
    parts: "dict[str, _Node] | list[_Node] | None"


def _line(node: _Node, path: str) -> int:
    while path:
        below, path = _step(node, path)
        if below is None:
            break
        node = below
    return node.line


def _step(node: _Node, path: str) -> tuple[_Node | None, str]:
    """The part that the beginning of `path` names, and the rest; keys may have dots, so the longest of them counts."""
    if isinstance(node.parts, list):
        found = _INDEX.match(path)
        if found and int(found[1]) < len(node.parts):
            return node.parts[int(found[1])], path[found.end() :]
    elif node.parts:
        named = [key for key in node.parts if path == key or path.startswith((f"{key}.", f"{key}["))]
        if named:
            key = max(named, key=len)
            return node.parts[key], path[len(key) :].removeprefix(".")
    return None, path


@lru_cache(maxsize=1024)
def _node(file: str, first: int) -> _Node | None:
    """The object that begins in a line; None when there is none any more."""
    lines = _lines(file)
    if first > len(lines):
        return None
    length = _CHUNK
    try:
        while True:
            node, last = _read("\n".join(lines[first - 1 : first - 1 + length]))
            if last < length - 1 or first - 1 + length >= len(lines):
                return node if node and "kind" in (node.parts or ()) else None
            length *= 8
    except yaml.YAMLError:
        return None


@lru_cache(maxsize=4)
def _lines(file: str) -> Sequence[str]:
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ()
    # A tab is a space to JSON, and no indentation to the parser of YAML, which reads both here.
    return (text.replace("\t", " ") if file.endswith(".json") else text).split("\n")


def _read(text: str) -> tuple[_Node | None, int]:
    """The first object of a text, which may begin as an item of a list, and the line that it ends in."""
    loader = _Loader(text)
    try:
        events = _events(loader)
        event = next(events)
        if isinstance(event, SequenceStartEvent):
            event = next(events)
        return _build(event, events)
    except StopIteration:
        return None, 0
    finally:
        loader.dispose()


def _events(loader: Any) -> Iterator[Any]:
    while loader.check_event():
        event = loader.get_event()
        if not isinstance(event, _PASSED):
            yield event


def _build(event: Any, events: Iterator[Any]) -> tuple[_Node | None, int]:
    """The node that begins with `event`; what is open is a list, so that no depth ends it."""
    if not isinstance(event, MappingStartEvent):
        return None, 0
    root = _Node(event.start_mark.line, {})
    stack: list[tuple[_Node, list[tuple[str, int]]]] = [(root, [])]
    last = 0
    while stack:
        event = next(events)
        last = event.end_mark.line
        node, keys = stack[-1]
        if isinstance(event, ScalarEvent | AliasEvent):
            scalar = event.value if isinstance(event, ScalarEvent) else event.anchor
            if isinstance(node.parts, dict) and not keys:
                keys.append((scalar, event.start_mark.line))
            else:
                _add(node, keys, _Node(event.start_mark.line, None))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            inner = _Node(event.start_mark.line, {} if isinstance(event, MappingStartEvent) else [])
            stack.append((_add(node, keys, inner), []))
        elif isinstance(event, SequenceEndEvent | yaml.MappingEndEvent):
            stack.pop()
    return root, last


def _add(node: _Node, keys: list[tuple[str, int]], inner: _Node) -> _Node:
    """Put a part where it belongs; in a map its line is that of its key."""
    if isinstance(node.parts, list):
        node.parts.append(inner)
        return inner
    key, line = keys.pop()
    placed = inner._replace(line=line)
    if node.parts is not None:
        node.parts[key] = placed
    return placed
