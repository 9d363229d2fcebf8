"""Rules as code scanning shows them: what holds, why it matters, how to mend it."""

from typing import Any

from tenantmesh.checks.finding import Rule, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
# Code scanning sorts by this number: 7.0 and above is high, 4.0 and above is medium.
_SCORES = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}

UNPROVEN: dict[str, Any] = {
    "id": "unproven",
    "name": "Unproven",
    "shortDescription": {"text": "Everything that routes, selects or grants is understood."},
    "fullDescription": {"text": "An object or field that is not understood may let a tenant reach another."},
    "help": {"text": "Take the object out, or declare its kind harmless in the intent and say why."},
    "defaultConfiguration": {"level": "note"},
    "properties": {"tags": ["security", "isolation"]},
}


def rule_descriptor(rule: Rule) -> dict[str, Any]:
    """One rule with its help."""
    descriptor: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": "\n\n".join(_help(rule))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["security", "isolation"], "security-severity": _SCORES[rule.severity]},
    }
    links = [source for source in rule.sources if source.startswith("https://")]
    return descriptor | ({"helpUri": links[0]} if links else {})


def _help(rule: Rule) -> list[str]:
    sources = [f"See {source}" for source in rule.sources]
    return [rule.why, f"To mend it: {rule.fix}", *sources]
