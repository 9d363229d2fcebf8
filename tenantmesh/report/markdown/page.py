"""A page of sections that always fits a comment: what is left out is counted, and it is the least important."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tenantmesh.report.wording import counted, listed

MARKER = "<!-- tenantmesh -->"
"""The hidden first line, by which a workflow finds its comment again."""
LARGEST = 60_000
"""Characters of a page at most; a forge takes 65,536."""
_FOOT = 2_000
_CUT = 80
_TITLES = 15


class Section(Struct, frozen=True, kw_only=True):
    """Items under a title, worst first. A folded one opens by a click; `body` comes before the items."""

    title: str
    items: Sequence[str]
    folded: bool = False

    def fit(self, room: int) -> tuple[str, int]:
        """The section in at most `room` characters, and how many of its items are in it."""
        frame = len(self._framed("")) + _CUT
        taken = 0
        for item in self.items:
            frame += len(item) + 1
            if frame > room:
                break
            taken += 1
        if not taken:
            return "", 0
        left = len(self.items) - taken
        cut = [f"- … and {left:,} more"] if left else []
        return self._framed("\n".join([*self.items[:taken], *cut])), taken

    @property
    def length(self) -> int:
        """Characters of the whole section."""
        return len(self._framed("")) + sum(len(item) + 1 for item in self.items) if self.items else 0

    def _framed(self, body: str) -> str:
        title = f"{self.title} ({len(self.items):,})"
        if self.folded:
            return f"\n<details><summary>{title}</summary>\n\n{body}\n\n</details>\n"
        return f"\n### {title}\n\n{body}\n"


class Drawing(Struct, frozen=True, kw_only=True):
    """A diagram under a title, whole or not at all."""

    title: str
    body: str
    items: Sequence[str] = ()

    def fit(self, room: int) -> tuple[str, int]:
        """The drawing, or nothing when it is longer than `room`."""
        return (self._text, 0) if self.length <= room else ("", 0)

    @property
    def length(self) -> int:
        """Characters of the drawing."""
        return len(self._text)

    @property
    def _text(self) -> str:
        return f"\n<details><summary>{self.title}</summary>\n\n{self.body}\n\n</details>\n" if self.body else ""


def page(verdict: str, sections: Iterable[Section | Drawing]) -> str:
    """The marker, the verdict line, and as much of each section as fits."""
    text = f"{MARKER}\n{verdict}\n"
    left_out: list[str] = []
    later = list(sections)
    while later:
        section = later.pop(0)
        left = LARGEST - _FOOT - len(text)
        # A long section takes what the later ones don't need, and half of what is left in any case.
        part, taken = section.fit(max(left // 2, left - sum(each.length for each in later)))
        text += part
        if taken < len(section.items):
            left_out.append(f"{counted(len(section.items) - taken, 'item')} of “{section.title}”")
    foot = f"\nLeft out for length: {listed(tuple(left_out), _TITLES)}.\n" if left_out else ""
    return text + foot
