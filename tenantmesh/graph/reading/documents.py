"""YAML text becomes plain data with line numbers, in bounded time and memory whatever the text is.

The parser's events are put together here, because the libraries' own composers follow nested text by recursion, which
deep nesting ends badly. What a real API server takes and no object needs is refused: a key that is there twice, and
tags but those of JSON's types.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

import yaml
from yaml import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from tenantmesh.graph.reading import scalars

DEEPEST: Final = 200
"""Levels of nesting; Kubernetes' own objects stay under 40."""
MOST_COPIES: Final = 100_000
"""Values that the aliases of one document may stand for, all together."""
TOO_DEEP: Final = f"nested deeper than {DEEPEST} levels"

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAP_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


class Document(NamedTuple):
    """One document: its data and the line that it starts on, counted from 1."""

    value: Any
    line: int
    lines: tuple[int, ...] = ()
    """Where the items of its list `items` start, if it has one."""


class Unreadable(Exception):  # noqa: N818  it is a reason, and never leaves this package
    """The text can't be read: `line` is where (0 when unknown)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def read_yaml(text: str) -> Iterator[Document]:
    """The documents of a YAML text; empty ones are left out."""
    loader = _Loader(text)
    try:
        yield from _Builder(loader).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", column {mark.column + 1}" if mark else ""
        raise Unreadable(f"{error.problem or error.context}{where}", mark.line + 1 if mark else 0) from None
    except yaml.YAMLError as error:
        raise Unreadable(" ".join(str(error).split())) from None
    finally:
        loader.dispose()


_KEY: Final = object()
"""In the place of a key: what comes next in this map is a key."""
_ITEM: Final = object()
"""In the place of a key: this is a list."""
_MERGE: Final = object()
"""In the place of a key: what comes next is merged into this map."""


class _Builder:
    """Puts one text's events together; what is open is a list, not the call stack.

    `_top` is the innermost open map or list, and `_key` its key whose value comes next.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._begin()

    def documents(self) -> Iterator[Document]:
        """Every document that is not empty."""
        get = self._loader.get_event
        line = 0
        while True:
            event = get()
            kind = type(event)
            if kind is ScalarEvent or kind is AliasEvent:
                line = line or event.start_mark.line + 1
                self._put(self._scalar(event) if kind is ScalarEvent else self._again(event), event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                line = line or event.start_mark.line + 1
                self._open(event, {} if kind is MappingStartEvent else [])
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is DocumentStartEvent:
                self._begin()
                line = 0
            elif kind is DocumentEndEvent:
                if self._root is not None:
                    yield Document(self._root, line, tuple(self._lines))
            elif kind is StreamEndEvent:
                return
            elif kind is not StreamStartEvent:
                raise AssertionError(f"the parser has no such event: {kind.__name__}")

    def _begin(self) -> None:
        self._outer: list[tuple[Any, Any, str | None]] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._merged: dict[int, set[str]] = {}
        """Of open maps, by identity: the keys that came by a merge, which the map may give itself afterwards."""
        self._copies = 0
        self._root: Any = None
        self._top: Any = None
        self._key: Any = _KEY
        self._anchor: str | None = None
        self._items: Any = None
        self._lines: list[int] = []

    def _scalar(self, event: Any) -> Any:
        tag, text = event.tag, event.value
        try:
            value = scalars.tagged(text, tag) if tag else scalars.plain(text) if event.implicit[0] else text
        except ValueError as error:
            raise Unreadable(str(error), event.start_mark.line + 1) from None
        if event.anchor is not None:
            self._anchors[event.anchor] = value, 1
        return value

    def _again(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise Unreadable(f"the alias {event.anchor} stands for nothing yet", event.start_mark.line + 1)
        value, size = self._anchors[event.anchor]
        self._copies += size
        if self._copies > MOST_COPIES:
            raise Unreadable(f"its aliases stand for more than {MOST_COPIES:,} values", event.start_mark.line + 1)
        return value

    def _open(self, event: Any, value: Any) -> None:
        if event.tag not in _MAP_TAGS:
            raise Unreadable(f"the tag {event.tag} is not allowed", event.start_mark.line + 1)
        if len(self._outer) >= DEEPEST:
            raise Unreadable(TOO_DEEP, event.start_mark.line + 1)
        if self._key == "items" and self._top is self._root:
            self._items = value
        if self._key is not _MERGE:
            self._put(value, event)
        self._outer.append((self._top, self._key, self._anchor))
        self._top, self._key, self._anchor = value, _KEY if isinstance(value, dict) else _ITEM, event.anchor

    def _close(self, event: Any) -> None:
        done, anchor = self._top, self._anchor
        if anchor is not None:
            self._anchors[anchor] = done, _size(done)
        if self._merged:
            self._merged.pop(id(done), None)
        self._top, self._key, self._anchor = self._outer.pop()
        if self._key is _MERGE:
            self._merge(done, event)

    def _put(self, value: Any, event: Any) -> None:
        top, key = self._top, self._key
        if key is _ITEM:
            if top is self._items:
                self._lines.append(event.start_mark.line + 1)
            top.append(value)
        elif top is None:
            self._root = value
        elif key is _KEY:
            self._key = self._read_key(value, event)
        elif key is _MERGE:
            self._merge(value, event)
        else:
            top[key] = value
            self._key = _KEY

    def _read_key(self, value: Any, event: Any) -> Any:
        if type(value) is not str:
            try:
                value = scalars.key(value)
            except ValueError as error:
                raise Unreadable(str(error), event.start_mark.line + 1) from None
        elif value == "<<" and type(event) is ScalarEvent and event.implicit[0]:
            return _MERGE
        if value in self._top:
            merged = self._merged.get(id(self._top), set())
            if value not in merged:
                raise Unreadable(f"the key {value!r} is there twice", event.start_mark.line + 1)
            merged.discard(value)
        return value

    def _merge(self, value: Any, event: Any) -> None:
        """Take over what one map or several say; of several, the first."""
        maps = cast("list[Any]", value) if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in maps):
            raise Unreadable("only maps can be merged (<<)", event.start_mark.line + 1)
        for one in reversed(maps):
            self._top.update(one)
            self._merged.setdefault(id(self._top), set()).update(one)
        self._key = _KEY


def _size(value: Any) -> int:
    """How many values there are in one, itself included; no more than matters."""
    found, waiting = 0, [value]
    while waiting and found <= MOST_COPIES:
        one = waiting.pop()
        found += 1
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return found
