"""JSON text becomes plain data with line numbers, under the same bounds as YAML."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tenantmesh.graph.reading.documents import DEEPEST, TOO_DEEP, Document, Unreadable


def read_json(text: str) -> Iterator[Document]:
    """The documents of a JSON text: one, or several one after the other. A List gives the line of each item."""
    reader = _Reader(text)
    try:
        yield from reader.documents()
    except json.JSONDecodeError as error:
        raise Unreadable(f"{error.msg}, column {error.colno}", error.lineno) from None
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None


class _Reader:
    """One text, and how far it was read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted = 0
        self._line = 1

    def documents(self) -> Iterator[Document]:
        """Every document that is not null."""
        self._skip()
        while self._at < len(self._text):
            line = self._here()
            lines: list[int] = []
            value = self._root(lines) if self._next() == "{" else self._value()
            if value is not None:
                yield Document(value, line, tuple(lines))
            self._skip()

    def _root(self, lines: list[int]) -> dict[str, Any]:
        """The map of a document, field by field, so that the lines of its `items` are known."""
        made: dict[str, Any] = {}
        for _ in self._parts("{", "}"):
            line = self._here()
            key = self._value()
            if not isinstance(key, str):
                raise self._expected("property name enclosed in double quotes")
            if key in made:
                raise Unreadable(f"the key {key!r} is there twice", line)
            self._skip()
            self._take(":")
            self._skip()
            made[key] = self._items(lines) if key == "items" and self._next() == "[" else self._value()
        return made

    def _items(self, lines: list[int]) -> list[Any]:
        found: list[Any] = []
        for _ in self._parts("[", "]"):
            lines.append(self._here())
            found.append(self._value())
        return found

    def _parts(self, opening: str, closing: str) -> Iterator[None]:
        """Once before each part of a map or list; whoever asks reads the part."""
        self._take(opening)
        self._skip()
        if self._next() != closing:
            yield
            self._skip()
            while self._next() == ",":
                self._at += 1
                self._skip()
                yield
                self._skip()
        self._take(closing)

    def _value(self) -> Any:
        if not self._next():
            raise self._expected("a value")
        line = self._line
        try:
            value, self._at = _DECODER.raw_decode(self._text, self._at)
        except Unreadable as error:
            raise Unreadable(str(error), line) from None
        if _too_deep(value):
            raise Unreadable(TOO_DEEP, line)
        return value

    def _here(self) -> int:
        """The line, counted from 1."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise self._expected(f"{wanted!r}")
        self._at += 1

    def _expected(self, what: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(f"Expecting {what}", self._text, self._at)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Unreadable(f"the key {double!r} is there twice")
    return made


def _no_number(text: str) -> Any:
    raise Unreadable(f"{text} is no number of JSON")


_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_number)


def _too_deep(value: Any) -> bool:
    """Whether it has more levels than `DEEPEST`, looked at level by level."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return False
        level = [below for one in level for below in _inside(one) if type(below) in _DEEP]
    return bool(level)


_DEEP: Final = frozenset({dict, list})


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value
