"""Where secrets go: marked again on what a provider returns, and struck out of messages."""

import base64
import json
from bisect import insort
from collections.abc import Iterable
from threading import Lock
from typing import Final

from tenantmesh.engine.values import Properties, Secret, Value, has_secrets

_SHORTEST: Final = 4
"""Shorter texts occur everywhere; striking them out would hide the message and protect nothing."""
_SHORTEST_LINE: Final = 8
"""A shorter line of a longer secret, such as a brace, is no secret by itself."""


def mark(plain: Properties, like: Properties, always: Iterable[str] = ()) -> Properties:
    """`plain` with what is secret in `like` secret at the same place, and the properties `always` as a whole."""
    if not (always or has_secrets(like)):
        return plain
    marked = {key: _mark(item, like[key]) if key in like else item for key, item in plain.items()}
    for key in always:
        if key in marked and not isinstance(marked[key], Secret):
            marked[key] = Secret(_unmark(marked[key]))
    return marked


def _mark(value: Value, like: Value) -> Value:
    if isinstance(value, Secret) or not has_secrets(like):
        return value
    if isinstance(value, dict) and isinstance(like, dict):
        marked = {key: _mark(item, like[key]) if key in like else item for key, item in value.items()}
        # A secret that has no place here any more was perhaps moved: then the whole is secret.
        lost = any(key not in value and has_secrets(item) for key, item in like.items())
        return Secret(_unmark(marked)) if lost else marked
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        return [_mark(item, one) for item, one in zip(value, like, strict=True)]
    return Secret(_unmark(value))


def _unmark(value: Value) -> Value:
    """A secret holds no secrets; what is deep inside is as secret as the whole."""
    if isinstance(value, Secret):
        return _unmark(value.value)
    if isinstance(value, dict):
        return {key: _unmark(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unmark(item) for item in value]
    return value


def secret_paths(value: Value, lead: str = "") -> tuple[str, ...]:
    """The property paths of all secrets in `value`, such as `data["a.b"]` and `list[0].name`."""
    if not has_secrets(value):
        return ()
    match value:
        case Secret():
            return (lead,)
        case dict():
            return tuple(path for key, item in value.items() for path in secret_paths(item, _within(lead, key)))
        case list():
            return tuple(path for at, item in enumerate(value) for path in secret_paths(item, f"{lead}[{at}]"))
        case _:
            return ()


def _within(lead: str, key: str) -> str:
    if not key or any(character in key for character in '.[]"'):
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{lead}["{escaped}"]'
    return f"{lead}.{key}" if lead else key


class Scrubber:
    """Replaces secret texts that were seen in this run by `[secret]`, also where they are base64 or escaped.

    Spellings are found by how they begin, so a run with many secrets learns and scrubs as fast as one with few.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._spellings: dict[str, list[str]] = {}
        """By their first characters, the longest first: none survives in part because another one is its beginning."""
        self._lock = Lock()

    def learn(self, value: Value) -> None:
        """Remember every text that is secret in `value`."""
        if not has_secrets(value):
            return
        for text in _secret_texts(value, secret=False):
            with self._lock:
                if text not in self._seen:
                    self._seen.add(text)
                    self._add(text)

    def scrub(self, message: str) -> str:
        """`message` without what was learned."""
        pieces: list[str] = []
        done = 0
        with self._lock:
            for place in range(len(message)):
                alike = self._spellings.get(message[place : place + _SHORTEST])
                if alike is None or place < done:
                    continue
                found = next((spelling for spelling in alike if message.startswith(spelling, place)), "")
                if found:
                    pieces += (message[done:place], "[secret]")
                    done = place + len(found)
        return "".join((*pieces, message[done:]))

    def _add(self, text: str) -> None:
        for spelling in {spelling for part in _parts(text) for spelling in _spellings(part)}:
            insort(self._spellings.setdefault(spelling[:_SHORTEST], []), spelling, key=lambda one: -len(one))


def _parts(text: str) -> Iterable[str]:
    """The text and its lines: a program's output arrives line by line, and what frames a PEM block is no secret."""
    lines = (line.strip() for line in text.splitlines())
    return {text, *(line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----"))}


def _spellings(text: str) -> Iterable[str]:
    """The text as it is, in base64, and as Python and JSON write it within quotes."""
    yield text
    yield text.encode("unicode_escape").decode()
    yield repr(text)[1:-1]
    yield base64.b64encode(text.encode(errors="surrogateescape")).decode()
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _secret_texts(value: Value, *, secret: bool) -> Iterable[str]:
    match value:
        case Secret():
            yield from _secret_texts(value.value, secret=True)
        case dict():
            for item in value.values():
                yield from _secret_texts(item, secret=secret)
        case list():
            for item in value:
                yield from _secret_texts(item, secret=secret)
        case str() | int() | float() if secret and len(str(value).strip()) >= _SHORTEST and not isinstance(value, bool):
            yield str(value)
        case _:
            return
