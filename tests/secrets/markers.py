"""Texts that must not be seen, every way in which they may be written, and the search for them."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenantmesh.engine.values import Secret

TOKEN = "marker-token-Zq7wX2"
PASSWORD = "marker-nested-Lk9vB4"
ITEM = "marker-item-Tg5hN8"
LENT = "marker-lent-Ru3cP6"
PIN = 8675309421
LINES = "marker-first-Ye1dM7\nmarker-second-Wa6sJ0 \\ and more\n"
ODD = """marker-'odd"-Öß\\ü-{x}\ttab"""
PASSPHRASE = "marker-passphrase-Io8fK3"
PLANTED = (TOKEN, PASSWORD, ITEM, LENT, str(PIN), LINES, ODD, PASSPHRASE)

_SHORTEST = 6
_ALIGNMENTS = 3


@dataclass(slots=True)
class Witness:
    """All that was seen, by where; the same content is kept once."""

    seen: dict[str, set[bytes]] = field(default_factory=dict[str, set[bytes]])

    def see(self, where: str, content: bytes) -> None:
        """Keep it to be searched when all secrets are known."""
        self.seen.setdefault(where, set()).add(content)

    def hits(self, secrets: Iterable[str]) -> list[str]:
        """Where which secret is in what was seen, with what is written before it; one line a place and secret."""
        forms = {form: secret for secret in secrets for form in spellings(secret)}
        found = {
            (where, forms[form]): f"{where}: {form[:60]!r} after {_before(content, form)!r}"
            for where, contents in self.seen.items()
            for content in contents
            for form in forms
            if form in content
        }
        return sorted(found.values())


def spellings(secret: str) -> set[bytes]:
    """A secret as it is, escaped as in JSON, Python and YAML, each of its lines, and within base64 of any text."""
    plain = {secret, *(line for line in secret.splitlines() if len(line) >= _SHORTEST and not _is_frame(line))}
    escaped = set()
    for text in plain:
        both = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
        escaped |= both | {json.dumps(one)[1:-1] for one in both} | {text.encode("unicode_escape").decode()}
    found = {text.encode() for text in plain | escaped}
    for text in plain:
        found |= set(_within_base64(text.encode()))
    return {form for form in found if len(form) >= _SHORTEST}


def secrets_in(value: Any) -> Iterator[str]:
    """Every text and number that is secret in `value`."""
    match value:
        case Secret():
            yield from _leaves(value.value)
        case Mapping():
            for item in value.values():
                yield from secrets_in(item)
        case list():
            for item in value:
                yield from secrets_in(item)
        case _:
            return


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            for item in value.values():
                yield from _leaves(item)
        case list():
            for item in value:
                yield from _leaves(item)
        case bool() | None:
            return
        case _ if len(str(value)) >= _SHORTEST:
            yield str(value)
        case _:
            return


def _is_frame(line: str) -> bool:
    return line.startswith("-----")


def _within_base64(data: bytes) -> Iterator[bytes]:
    """The characters that do not depend on what is before or after it, for each place in a group of three bytes."""
    for before in range(_ALIGNMENTS):
        encoded = base64.b64encode(b"\0" * before + data)
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        yield encoded[first:last]
        yield base64.urlsafe_b64encode(b"\0" * before + data)[first:last]


def _before(content: bytes, form: bytes) -> bytes:
    place = content.index(form)
    return content[max(0, place - 80) : place]
