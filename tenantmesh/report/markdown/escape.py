"""Names and sentences made inert: no markup, HTML, link, mention or reference comes out of them.

Names go into code spans (CommonMark 6.1), whose content is literal. Sentences get escapes; a zero-width space
breaks what a forge would link by itself: addresses, mentions, issue numbers.
"""

import re

from tenantmesh.report.wording import clean, shortened

_NAME = 200
_SENTENCE = 600
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKUP = frozenset("\\`*_[]#|~$")
_BLOCK = re.compile(r"^\d{0,9}(?=[-+=.)])")
_BREAK = "&#8203;"
# A forge turns these into links or pictures: @team, #12, https://…, www.…, :emoji:.
_LINKED = re.compile(r"[@#:](?=\S)|(?i:www)(?=\.)")


def code(text: str) -> str:
    """`text` as a code span."""
    shown = shortened(clean(text), _NAME)
    if not shown.strip(" "):
        return "`(none)`"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def codes(names: tuple[str, ...], most: int) -> str:
    """Some names as code spans with commas, and how many more there are."""
    shown = ", ".join(code(name) for name in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def prose(text: str) -> str:
    """`text` as a sentence within a line."""
    shown = shortened(clean(text), _SENTENCE).strip()
    parts: list[str] = []
    start = 0
    opening = _BLOCK.match(shown)
    if opening:
        parts, start = [f"{opening[0]}\\{shown[opening.end()]}"], opening.end() + 1
    for hit in _LINKED.finditer(shown, start):
        parts += [_escaped(shown[start : hit.end()]), _BREAK]
        start = hit.end()
    return "".join([*parts, _escaped(shown[start:])])


def _escaped(text: str) -> str:
    return "".join(_ENTITIES.get(one) or (f"\\{one}" if one in _MARKUP else one) for one in text)
