"""The view of `verify`: verdict line, findings worst first, the matrix by classes, what stays undecided."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Group
from rich.text import Text

from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Proof, Unproven
from tenantmesh.report.text.lines import SEVERITY, first, group, line, section, where
from tenantmesh.report.text.matrix import matrix_lines
from tenantmesh.report.undecided import untold
from tenantmesh.report.wording import ISOLATED, NOT_ISOLATED, counted, listed, outcome, proof_line

_FINDINGS_OF_A_RULE = 10
_OBJECTS = 5
_UNPROVEN = 20
_STYLES = {ISOLATED: "bold green", NOT_ISOLATED: "bold red"}


def proof_view(proof: Proof) -> Group:
    """The whole view of a proof."""
    return group(
        [
            line((proof_line(proof), _STYLES.get(outcome(proof), "bold yellow"))),
            *section("Findings", finding_lines(proof.findings)),
            *section("Undecided", unproven_lines(untold(proof))),
            *section("Matrix", matrix_lines(proof)),
            *section("Exempted", _exempted(proof.exempted)),
            *section("Assumed", [line(one, indent=1) for one in proof.assumptions]),
        ]
    )


def finding_lines(findings: Iterable[Finding]) -> list[Text]:
    """Findings by rule, in the order they have (worst first)."""
    lines: list[Text] = []
    for _, of_rule in groupby(findings, key=lambda one: one.rule.id):
        lines += _of_rule(list(of_rule))
    return lines


def unproven_lines(unproven: Sequence[Unproven]) -> list[Text]:
    """What could not be decided, with the object and the tenants it leaves open."""
    shown, rest = first(unproven, _UNPROVEN, 1)
    lines: list[Text] = []
    for one in shown:
        names = "every tenant" if one.tenants == ("*",) else listed(one.tenants)
        lines.append(line(names, ": ", one.reason, indent=1))
        if one.object:
            lines.append(line("object   ", *where(one.object), indent=3))
    return lines + rest


def _of_rule(findings: list[Finding]) -> list[Text]:
    rule = findings[0].rule
    title = line((f"{rule.severity:<8}", SEVERITY[rule.severity]), (rule.id, "bold"), f"  {rule.title}", indent=1)
    if len(findings) > 1:
        title.append(f" ({len(findings):,} times)", "dim")
    shown, rest = first(findings, _FINDINGS_OF_A_RULE, 2)
    return [title, *(each for one in shown for each in _finding(one)), *rest]


def _finding(finding: Finding) -> list[Text]:
    lines = [line((listed(finding.tenants), "bold"), ": ", finding.message, indent=2)]
    if finding.witness:
        lines.append(line("witness  ", finding.witness, indent=3))
    shown, rest = first(finding.objects, _OBJECTS, 3)
    lines += [line("object   ", *where(one), indent=3) for one in shown]
    return [*lines, *rest, *([line("fix      ", finding.fix, indent=3)] if finding.fix else [])]


def _exempted(findings: Sequence[Finding]) -> list[Text]:
    lines: list[Text] = []
    for name, of_rule in groupby(findings, key=lambda one: one.rule.id):
        found = list(of_rule)
        tenants = tuple(dict.fromkeys(tenant for one in found for tenant in one.tenants))
        lines.append(line(f"{name}: {counted(len(found), 'finding')}, {listed(tenants)}", indent=1))
    return lines
