"""YAML and JSON text becomes plain data with line numbers, in bounded time and memory whatever the text is.

It is read as Kubernetes reads it: YAML 1.1 without timestamps, one meaning for every key. The parser's events are put
together here, because the libraries' own composers follow nested text by recursion, which deep nesting ends badly.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import yaml

DEEPEST: Final = 200
"""Levels of nesting; Kubernetes' own objects stay under 40."""
MOST_COPIES: Final = 100_000
"""Values that the aliases of one document may stand for, all together."""

_TOO_DEEP: Final = f"nested deeper than {DEEPEST} levels"
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN: Final = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"})


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


def read_json(text: str) -> Iterator[Document]:
    """The one document of a JSON text."""
    try:
        value = json.loads(text, object_pairs_hook=_distinct)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{error.msg}, column {error.colno}", error.lineno) from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    if _too_deep(value):
        raise Unreadable(_TOO_DEEP)
    yield Document(value, 1)


def _too_deep(value: Any) -> bool:
    """Whether it has more levels than `DEEPEST`, looked at level by level."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return False
        # Exact types are enough for what the parser makes, and twice as fast.
        level = [
            below
            for one in level
            for below in (one.values() if type(one) is dict else one)
            if type(below) is dict or type(below) is list
        ]
    return bool(level)


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


class _Open(NamedTuple):
    """A map or list that is not at its end; of a map, `keys` takes the key whose value comes next."""

    value: Any
    anchor: str | None
    keys: list[Any] | None


class _Builder:
    """Puts one text's events together; what is open is a list, not the call stack."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._copies = 0
        self._root: Any = None
        self._lines: list[int] = []

    def documents(self) -> Iterator[Document]:
        """Every document that is not empty."""
        line = 0
        while self._loader.check_event():
            event = self._loader.get_event()
            match event:
                case yaml.DocumentStartEvent():
                    self._anchors, self._copies, self._root, self._lines, line = {}, 0, None, [], 0
                case yaml.DocumentEndEvent():
                    if self._root is not None:
                        yield Document(self._root, line, tuple(self._lines))
                case yaml.StreamStartEvent() | yaml.StreamEndEvent():
                    pass
                case _:
                    line = line or event.start_mark.line + 1
                    self._node(event)

    def _node(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._add(_scalar(event), event)
            case yaml.MappingStartEvent():
                self._begin({}, event, [])
            case yaml.SequenceStartEvent():
                self._begin([], event, None)
            case yaml.AliasEvent():
                self._add(self._again(event), event)
            case _:
                done = self._open.pop()
                if done.anchor:
                    self._anchors[done.anchor] = done.value, _size(done.value)

    def _begin(self, value: Any, event: Any, keys: list[Any] | None) -> None:
        if event.tag not in (None, *_PLAIN):
            raise Unreadable(f"the tag {event.tag} is not allowed", event.start_mark.line + 1)
        if len(self._open) >= DEEPEST:
            raise Unreadable(_TOO_DEEP, event.start_mark.line + 1)
        self._add(value, event)
        self._open.append(_Open(value, event.anchor, keys))

    def _again(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise Unreadable(f"the alias {event.anchor} stands for nothing yet", event.start_mark.line + 1)
        value, size = self._anchors[event.anchor]
        self._copies += size
        if self._copies > MOST_COPIES:
            raise Unreadable(f"its aliases stand for more than {MOST_COPIES:,} values", event.start_mark.line + 1)
        return value

    def _add(self, value: Any, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent) and event.anchor:
            self._anchors[event.anchor] = value, 1
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if parent.keys is None:
            if len(self._open) == 2 and isinstance(self._root, dict) and self._root.get("items") is parent.value:
                self._lines.append(event.start_mark.line + 1)
            parent.value.append(value)
        elif not parent.keys:
            if not isinstance(value, str):
                value = _key(value, event)
            if value in parent.value:
                raise Unreadable(f"the key {value!r} is there twice", event.start_mark.line + 1)
            parent.keys.append(value)
        else:
            key = parent.keys.pop()
            if key == "<<":
                raise Unreadable("merge keys (<<) are not known to Kubernetes", event.start_mark.line + 1)
            parent.value[key] = value


def _key(value: Any, event: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise Unreadable("a key has to be text", event.start_mark.line + 1)


def _size(value: Any) -> int:
    """How many values there are in one, itself included; no more than matters."""
    found, waiting = 0, [value]
    while waiting and found <= MOST_COPIES:
        one = waiting.pop()
        found += 1
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return found


def _scalar(event: Any) -> Any:
    plain, quoted = event.implicit
    if event.tag is None or (quoted and not plain):
        return _plain(event.value) if plain else event.value
    if event.tag in ("tag:yaml.org,2002:str", "!"):
        return event.value
    if event.tag in _TAGGED:
        return _plain(event.value)
    raise Unreadable(f"the tag {event.tag} is not allowed", event.start_mark.line + 1)


_TAGGED: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL: Final = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}


@lru_cache(maxsize=1 << 14)
def _plain(text: str) -> Any:
    """What text without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        digits = text.replace("_", "").lower()
        sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
        base = {"0b": 2, "0x": 16, "0o": 8}.get(bare[:2], 8 if len(bare) > 1 and bare[0] == "0" else 10)
        return int(sign + bare, base) if base in (2, 10, 16) or bare[:2] == "0o" else int(f"{sign}0o{bare[1:]}", 8)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _SPECIAL.get(text.lower(), text)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Unreadable(f"the key {double!r} is there twice")
    return made
