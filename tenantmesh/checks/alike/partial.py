"""Words that are compared by a part: by what they begin or end with, or what a pattern has in it."""

import re
from collections.abc import Iterable, Iterator, Set

# In paths no tenant is compared with another. All here is read in small letters.
_PATH = re.compile(r'"\^?/[^"]*')
_STAR = re.compile(r"([a-z0-9-]*)\*([a-z0-9-]*)")
_AFFIX = re.compile(r'fix\\*":\\*"([^"\\]*)')
_PATTERN = re.compile(r'(?:regex|matchpattern)\\*":\\*"((?:[^"\\]|\\.)*)')
_TYPED = re.compile(r'"value\\*":\\*"((?:[^"\\]|\\.)*)')
_CLASS = re.compile(r"\[[^\]]*\]")
_LETTERS = re.compile(r"[a-z0-9-]+")


def partly_named(texts: Iterable[str], known: Set[str]) -> set[str]:
    """The names that a text may fit by a part of them, others of the same tenants' kind not: rather too many."""
    beginnings, endings, parts = set[str](), set[str](), set[str]()
    for text in texts:
        plain = _PATH.sub('"', text)
        # No word goes over a quote, and few parts between two have a star.
        for part in {part for part in plain.split('"') if "*" in part}:
            for before, after in _STAR.findall(part):
                beginnings.update(_runs(before.rstrip("-"), to_end=True))
                endings.update(_runs(after.lstrip("-"), to_end=False))
        parts.update(part for value in _values(plain) for part in _LETTERS.findall(_CLASS.sub(" ", value)))
    begun, ended = tuple(beginnings), tuple(endings)
    inside = tuple(part for one in parts if (part := one.strip("-")))
    return {
        name
        for name in known
        if name.startswith(begun) or name.endswith(ended) or (inside and any(part in name for part in inside))
    }


def _values(text: str) -> Iterator[str]:
    yield from _AFFIX.findall(text)
    yield from _PATTERN.findall(text)
    if "regularexpression" in text:
        yield from _TYPED.findall(text)


def _runs(word: str, *, to_end: bool) -> Iterator[str]:
    """A word and what is left of it without its first words, or its last."""
    words = word.split("-") if word else []
    for at in range(len(words)):
        yield "-".join(words[at:] if to_end else words[: at + 1])
