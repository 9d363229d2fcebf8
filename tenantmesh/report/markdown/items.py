"""One list item for each thing that a comment tells: an edge, a finding, an object, something undecided."""

from tenantmesh.checks.differences.difference import ObjectChange
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Edge, Unproven
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.cells import MEANING, State, ports
from tenantmesh.report.changes import SECRET_CHANGED, is_secret, subject, values
from tenantmesh.report.markdown.escape import code, codes, prose
from tenantmesh.report.wording import counted, label

_OBJECTS = 5
_TENANTS = 5
_FIELDS = 12


def pair_item(edge: Edge, state: State, more: int = 0) -> str:
    """One edge that is open, or others that are like it."""
    reason = f", for {prose(edge.reason)}" if edge.reason else ""
    alike = f", and {counted(more, 'pair')} alike" if more else ""
    return f"- {_ends(edge)}: {code(ports(edge))} ({MEANING[state]}{reason}){alike}"


def reach_item(before: Edge, after: Edge, state: State) -> str:
    """One edge that lets more or less through than before."""
    return f"- {_ends(after)}: {code(ports(before))} → {code(ports(after))} ({MEANING[state]})"


def finding_item(finding: Finding) -> str:
    """One finding with its witness, objects and fix."""
    tenants = codes(finding.tenants, _TENANTS)
    lines = [f"- **{finding.severity}** {code(finding.rule.id)} {tenants}: {prose(finding.message)}"]
    if finding.witness:
        lines.append(f"  - witness: {code(finding.witness)}")
    lines += [f"  - object: {_place(one)}" for one in finding.objects[:_OBJECTS]]
    if len(finding.objects) > _OBJECTS:
        lines.append(f"  - … and {len(finding.objects) - _OBJECTS:,} more objects")
    if finding.fix:
        lines.append(f"  - fix: {prose(finding.fix)}")
    return "\n".join(lines)


def change_item(change: ObjectChange) -> str:
    """One object, what happens to it, and its fields."""
    why = f", because {code(change.why)} changes" if change.why else ""
    tenants = f" ({codes(change.tenants, _TENANTS)})" if change.tenants else ""
    lines = [f"- **{change.change}** {_place(subject(change))}{tenants}{why}"]
    for field in change.fields[:_FIELDS]:
        shown = code(SECRET_CHANGED) if is_secret(change, field) else code(values(change, field))
        lines.append(f"  - {code(field.path)}: {shown}")
    if len(change.fields) > _FIELDS:
        lines.append(f"  - … and {len(change.fields) - _FIELDS:,} more fields")
    return "\n".join(lines)


def secret_item(change: ObjectChange) -> str:
    """One secret that changes, without what it holds."""
    return f"- {_place(subject(change))}: {code(SECRET_CHANGED)}"


def unproven_item(one: Unproven) -> str:
    """Something undecided and whom it leaves open."""
    tenants = "every tenant" if one.tenants == ("*",) else codes(one.tenants, _TENANTS)
    at = f", {_place(one.object)}" if one.object else ""
    return f"- {tenants}: {prose(one.reason)}{at}"


def _ends(edge: Edge) -> str:
    return f"{code(edge.source)} → {code(edge.destination)}"


def _place(one: ManifestObject) -> str:
    return f"{code(label(one))} at {code(one.source)}" if one.source else code(label(one))
