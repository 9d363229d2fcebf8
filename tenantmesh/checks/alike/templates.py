"""Texts with places for names: which text another is when its own names stand in those places."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter, mul
from typing import Generic, Self, TypeVar

from msgspec import Struct, field

# A place, two bytes that make a number, stands between these two, which no text has.
_BEGIN, _PLACE, _END = b"\x01", 0x80, b"\x02"
_PLACES = re.compile(rb"\x01(..)\x02", re.DOTALL)
# Where a name could reach over the border of a place. No name has a letter that isn't plain, a quote least of all.
_ADJOINED = re.compile(rb"[a-z0-9-]\x01|\x02[a-z0-9-]|\x02\x01")
_QUOTE = b'"'
_MOST = 32
"""As many templates are compared with a text before its places are looked for."""

MOST_NAMES = 1000
"""The places that a text can have. It is gone through for each name."""
_Text = TypeVar("_Text", bytes, str)
_Names = tuple[bytes, ...]
_MARKS = tuple(_BEGIN + bytes(_PLACE + part for part in divmod(place, _PLACE)) + _END for place in range(MOST_NAMES))


class Filling(Struct, Generic[_Text], frozen=True):
    """A text in whose places names can be put: `pattern` is for `%`, `chosen` gives the name for each place in it."""

    pattern: _Text
    chosen: Callable[[tuple[_Text, ...]], tuple[_Text, ...]]

    @classmethod
    def of(cls, pattern: _Text, places: Sequence[int]) -> Self:
        """`places` are the numbers of the names that the pattern asks for, in its order."""
        # For fewer than two an itemgetter gives no tuple.
        several = len(places) > 1
        return cls(pattern, itemgetter(*places) if several else lambda names: tuple([names[at] for at in places]))

    def with_names(self, names: tuple[_Text, ...]) -> _Text:
        """The text."""
        return self.pattern % self.chosen(names)


class Templates:
    """The templates of many texts. Texts are equal, names apart, if they have the same one."""

    def __init__(self) -> None:
        self._known: defaultdict[int, dict[bytes, _Template]] = defaultdict(dict)

    def template(self, text: bytes, names: Sequence[str]) -> bytes:
        """`text` with places for `names`, the longest name first; the same object for equal ones."""
        plain = tuple(map(str.encode, names))
        known = self._known[len(names)]
        lengths = tuple(map(len, plain))
        # Those that were met last come first.
        for one in islice(reversed(known.values()), _MOST):
            if one.is_of(text, plain, lengths):
                return self._met(known, one)
        made = _with_places(text, plain)
        return self._met(known, known.get(made) or _Template.of(made, len(plain)))

    def _met(self, known: "dict[bytes, _Template]", one: "_Template") -> bytes:
        known.pop(one.text, None)
        known[one.text] = one
        return one.text


class _Template(Struct, frozen=True):
    """One template, prepared for texts that may be of it.

    `whole` is all of it, to put names in; `border` are the parts between quotes in which a name could reach over the
    border of a place, each once, and `adjoined` the same, to put names in. In `fixed`, all other parts, a name shows
    only where it has no place; `clean` names are known not to.
    """

    text: bytes
    length: int
    counts: tuple[int, ...]
    whole: Filling[bytes]
    border: bytes
    adjoined: Filling[bytes]
    fixed: bytes
    clean: set[bytes] = field(default_factory=set[bytes])

    @classmethod
    def of(cls, text: bytes, names: int) -> Self:
        parts = dict.fromkeys(text.split(_QUOTE))
        adjoined = dict.fromkeys(part for part in parts if _ADJOINED.search(part))
        border = _QUOTE.join(adjoined)
        return cls(
            text=text,
            length=len(_PLACES.sub(b"", text)),
            counts=tuple(map(Counter(map(_place, _PLACES.findall(text))).__getitem__, range(names))),
            whole=_filling(text),
            border=border,
            adjoined=_filling(border),
            fixed=_QUOTE.join(part for part in parts if part not in adjoined),
        )

    def is_of(self, text: bytes, names: _Names, lengths: tuple[int, ...]) -> bool:
        """Whether places for the names would make this template of a text.

        A name reaches over no quote, so what it is in each part between quotes it is in the whole.
        """
        return (
            len(text) == self.length + sum(map(mul, self.counts, lengths))
            and self.whole.with_names(names) == text
            and self._has_not(names)
            and _with_places(self.adjoined.with_names(names), names) == self.border
        )

    def _has_not(self, names: _Names) -> bool:
        for name in names:
            if name not in self.clean:
                if name in self.fixed:
                    return False
                self.clean.add(name)
        return True


def filled(template: bytes, names: Sequence[bytes]) -> bytes:
    """A template's text with these names in its places."""
    return _PLACES.sub(lambda mark: names[_place(mark[1])], template)


def _filling(text: bytes) -> Filling[bytes]:
    between, places = _PLACES.split(text)[::2], _PLACES.findall(text)
    pattern = b"%b".join(part.replace(b"%", b"%%") for part in between)
    return Filling.of(pattern, list(map(_place, places)))


def _place(mark: bytes) -> int:
    return (mark[0] - _PLACE) * _PLACE + mark[1] - _PLACE


def _with_places(text: bytes, names: _Names) -> bytes:
    lengths = tuple(map(len, names))
    for place in sorted(range(len(names)), key=lengths.__getitem__, reverse=True):
        text = text.replace(names[place], _MARKS[place])
    return text
