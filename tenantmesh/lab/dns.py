"""The few DNS messages that a lab needs (RFC 1035): questions as they come, and answers with addresses and aliases."""

import struct
from collections.abc import Sequence
from enum import IntEnum
from ipaddress import IPv4Address

from msgspec import Struct

_HEADER = struct.Struct("!HHHHHH")
_KIND_AND_CLASS = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_IN = 1
_RESPONSE, _AUTHORITATIVE, _TRUNCATED, _RECURSION_AVAILABLE = 0x8000, 0x0400, 0x0200, 0x0080
_RECURSION_DESIRED = 0x0100
_OPCODE = 0x7800
_LONGEST_LABEL = 63
"""A greater number marks a pointer."""
_SECONDS = 1
"""How long an answer may be kept: pods come and go."""


class Kind(IntEnum):
    """The types of records that are answered."""

    A = 1
    CNAME = 5


class Outcome(IntEnum):
    """The response codes that are given."""

    FOUND = 0
    NO_SUCH_NAME = 3
    NOT_IMPLEMENTED = 4


class Question(Struct, frozen=True, kw_only=True):
    """What is asked: a name in lower case without the last dot, and the number of a record type."""

    id: int
    flags: int
    name: str
    kind: int
    raw: bytes
    """The question's own bytes, which an answer repeats."""

    @property
    def is_query(self) -> bool:
        """Whether it is a standard query."""
        return not self.flags & (_RESPONSE | _OPCODE)


class Record(Struct, frozen=True, kw_only=True):
    """One record of an answer: an address, or the name that `name` is an alias of."""

    name: str
    kind: Kind
    value: str


def parse(message: bytes) -> Question:
    """The first question of a message; ValueError when it is not a whole one."""
    try:
        number, flags, questions, *_ = _HEADER.unpack_from(message)
        if questions != 1:
            raise ValueError(f"{questions} questions")
        labels, end = _labels(message, _HEADER.size)
        kind, _ = _KIND_AND_CLASS.unpack_from(message, end)
    except (struct.error, IndexError, UnicodeDecodeError) as problem:
        raise ValueError(f"not a DNS message: {problem}") from None
    raw = message[_HEADER.size : end + _KIND_AND_CLASS.size]
    return Question(id=number, flags=flags, name=".".join(labels).lower(), kind=kind, raw=raw)


def answer(question: Question, outcome: Outcome, records: Sequence[Record] = (), *, limit: int) -> bytes:
    """The answer's bytes; one that is longer than `limit` says so and leaves the records away."""
    flags = _RESPONSE | _AUTHORITATIVE | _RECURSION_AVAILABLE | (question.flags & _RECURSION_DESIRED) | outcome
    body = b"".join(_encoded(record) for record in records)
    if _HEADER.size + len(question.raw) + len(body) > limit:
        return _HEADER.pack(question.id, flags | _TRUNCATED, 1, 0, 0, 0) + question.raw
    return _HEADER.pack(question.id, flags, 1, len(records), 0, 0) + question.raw + body


def _labels(message: bytes, start: int) -> tuple[list[str], int]:
    """A question comes first, so nothing before it could be pointed at."""
    labels: list[str] = []
    while length := message[start]:
        if length > _LONGEST_LABEL:
            raise ValueError("a question with a pointer")
        labels.append(message[start + 1 : start + 1 + length].decode("ascii"))
        start += 1 + length
    return labels, start + 1


def _encoded(record: Record) -> bytes:
    value = IPv4Address(record.value).packed if record.kind is Kind.A else _name(record.value)
    return _name(record.name) + _RECORD.pack(record.kind, _IN, _SECONDS, len(value)) + value


def _name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"
