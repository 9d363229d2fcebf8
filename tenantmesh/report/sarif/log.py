"""A SARIF log: one run with its rules and results."""

import json
from collections.abc import Iterable
from typing import Any

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Proof
from tenantmesh.report.sarif.locations import BASE
from tenantmesh.report.sarif.results import Result, finding_result, fingerprint, unproven_result
from tenantmesh.report.sarif.rules import UNPROVEN, rule_descriptor
from tenantmesh.report.undecided import untold

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def proof_sarif(proof: Proof) -> str:
    """The findings of a proof; exempted ones are suppressed, undecided objects are open results."""
    results = [finding_result(one) for one in proof.findings]
    results += [finding_result(one, suppressed=True) for one in proof.exempted]
    results += [unproven_result(one) for one in untold(proof)]
    return _log("verify", [*proof.findings, *proof.exempted], results)


def difference_sarif(difference: Difference) -> str:
    """The findings of the head, told apart from those of the base: new, unchanged, or absent when fixed."""
    found = {fingerprint(one) for one in difference.found}
    results = [_against(one, found) for one in difference.head.findings]
    results += [finding_result(one) | {"baselineState": "absent"} for one in difference.fixed]
    results += [finding_result(one, suppressed=True) for one in difference.head.exempted]
    results += [unproven_result(one) for one in untold(difference.head)]
    findings = [*difference.head.findings, *difference.fixed, *difference.head.exempted]
    return _log("diff", findings, results)


def _against(finding: Finding, found: set[str]) -> Result:
    state = "new" if fingerprint(finding) in found else "unchanged"
    return finding_result(finding) | {"baselineState": state}


def _log(verb: str, findings: Iterable[Finding], results: list[Result]) -> str:
    rules = {one.rule.id: one.rule for one in findings}
    descriptors = [rule_descriptor(rules[name]) for name in sorted(rules)]
    if any(one["ruleId"] == UNPROVEN["id"] for one in results):
        descriptors.append(UNPROVEN)
    index = {each["id"]: number for number, each in enumerate(descriptors)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "tenantmesh", "rules": descriptors}},
        "automationDetails": {"id": f"tenantmesh/{verb}/"},
        "originalUriBaseIds": {BASE: {"description": {"text": "The folder that tenantmesh was started in."}}},
        "columnKind": "unicodeCodePoints",
        "results": [one | {"ruleIndex": index[one["ruleId"]]} for one in results],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"
