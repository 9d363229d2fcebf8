"""One result for each finding, with a fingerprint that stays when its lines move."""

import hashlib
import json
import re
from typing import Any

from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Unproven
from tenantmesh.report.sarif.locations import location, related
from tenantmesh.report.sarif.rules import LEVELS, UNPROVEN

Result = dict[str, Any]
_FINGERPRINT = "tenantmesh/v1"


def finding_result(finding: Finding, *, suppressed: bool = False) -> Result:
    """A finding as a result; a suppressed one was exempted in the intent."""
    result: Result = {
        "ruleId": finding.rule.id,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "partialFingerprints": {_FINGERPRINT: fingerprint(finding)},
        "properties": {"tenants": list(finding.tenants), "witness": finding.witness},
    }
    if finding.objects:
        first = finding.objects[0]
        result["locations"] = [location(first, finding.path_in(first))]
    others = related(finding.evidence, finding.objects)
    if others:
        result["relatedLocations"] = others
    if suppressed:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": "exempted in the intent"}]
    return result


def unproven_result(unproven: Unproven) -> Result:
    """Something undecided: SARIF calls it open and gives it no level."""
    key = str(unproven.object.key) if unproven.object else ""
    result: Result = {
        "ruleId": UNPROVEN["id"],
        "kind": "open",
        "level": "none",
        "message": {"text": _literal(unproven.reason or "not understood")},
        "partialFingerprints": {_FINGERPRINT: _digest(UNPROVEN["id"], *unproven.tenants, key, unproven.reason)},
        "properties": {"tenants": list(unproven.tenants)},
    }
    return result | ({"locations": [location(unproven.object)]} if unproven.object else {})


def fingerprint(finding: Finding) -> str:
    """What makes the finding the same one tomorrow: rule, tenants, objects, witness; no file and no line."""
    return _digest(finding.rule.id, *finding.tenants, *(str(one.key) for one in finding.objects), finding.witness)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _message(finding: Finding) -> str:
    parts = [finding.message]
    if finding.witness:
        parts.append(f"Seen with: {finding.witness}")
    if finding.fix:
        parts.append(f"To mend it: {finding.fix}")
    return _literal("\n".join(part for part in parts if part) or finding.rule.title)


def _literal(text: str) -> str:
    """`text` without the two things that SARIF reads in a message: placeholders (3.11.5) and links (3.11.6)."""
    text = re.sub(r"\{(\d+)\}", r"{{\1}}", text)
    return re.sub(r"[\[\]]", r"\\\g<0>", text) if "](" in text else text
