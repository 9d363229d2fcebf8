"""The words that every format shares: counts, the verdict line, and names that can't command a terminal."""

import unicodedata
from collections import Counter

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.finding import Finding, Severity
from tenantmesh.checks.proof import Proof
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.undecided import standing

ISOLATED, WEAKENED, NOT_PROVEN, NOT_ISOLATED = "isolated", "isolated with warnings", "not proven", "not isolated"
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """`text` on one line, with characters that steer a terminal or the direction of text spelled as `\\u…`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) if unicodedata.category(one) in _UNPRINTABLE else one for one in text)


def _spelled(character: str) -> str:
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"


def shortened(text: str, most: int) -> str:
    """`text`, or its first characters and `…` when it is longer than `most`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 tenant`, `2,000 tenants`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: tuple[str, ...], most: int = 5) -> str:
    """Names with commas, and how many more there are after `most`."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def label(one: ManifestObject) -> str:
    """What names the object for people: `NetworkPolicy acme/allow-web`."""
    return str(one.key)


def severities(findings: tuple[Finding, ...]) -> str:
    """`2 errors, 1 warning`, worst first; "" without findings."""
    counts = Counter(one.severity for one in findings)
    return ", ".join(counted(counts[each], each.value) for each in Severity if counts[each])


def outcome(proof: Proof) -> str:
    """The verdict in a word or two: an error breaks isolation, what is unproven leaves it open."""
    if proof.worst is Severity.ERROR:
        return NOT_ISOLATED
    if standing(proof):
        return NOT_PROVEN
    return WEAKENED if proof.worst is Severity.WARNING else ISOLATED


def proof_line(proof: Proof) -> str:
    """The verdict line of a proof, without its mark."""
    parts = [severities(proof.findings) or "no findings", f"{counted(len(proof.tenants), 'tenant')} looked at"]
    if undecided := len(standing(proof)):
        parts.insert(1, f"{undecided:,} undecided")
    if proof.exempted:
        parts.append(f"{len(proof.exempted):,} exempted")
    return f"{outcome(proof)}: {', '.join(parts)}"


def difference_outcome(difference: Difference) -> str:
    """What the change does to isolation, in a few words."""
    if any(one.severity is Severity.ERROR for one in difference.found):
        return "breaks isolation"
    if difference.head.worst is Severity.ERROR:
        return "does not break isolation further"
    if standing(difference.head):
        return "isolation not proven"
    return "weakens isolation" if difference.found else "keeps isolation"


def difference_line(difference: Difference) -> str:
    """The verdict line of a difference, without its mark."""
    counts = (
        (len(difference.found), "new finding", "new findings"),
        (len(difference.fixed), "fixed", "fixed"),
        (len(difference.opened) + len(difference.widened), "connection opens", "connections open"),
        (len(difference.closed) + len(difference.narrowed), "connection closes", "connections close"),
        (len(difference.objects), "object changes", "objects change"),
    )
    parts = [counted(*each) for each in counts if each[0]]
    return f"{difference_outcome(difference)}: {', '.join(parts) or 'nothing changes'}"
