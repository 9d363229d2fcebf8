"""A stack policy for each rule, all answered by one proof of the stack."""

# pulumi-policy is in an environment of its own, so its types are not known where pyright runs.
# pyright: reportMissingImports=false, reportUnknownParameterType=false

from collections.abc import Callable
from datetime import date
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack, ReportViolation, StackValidationArgs, StackValidationPolicy

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.checks.finding import Finding, Rule, Severity
from tenantmesh.checks.prove import prove
from tenantmesh.checks.rules import ALL
from tenantmesh.errors import TenantmeshError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest
from tenantmesh.policypack.resources import mesh_of, objects_of

UNREADABLE = "stack-readable"
"""The policy that is broken when the stack can't be proven at all; the other policies then say nothing."""

LEVELS = {
    Severity.ERROR: EnforcementLevel.MANDATORY,
    Severity.WARNING: EnforcementLevel.ADVISORY,
    Severity.NOTE: EnforcementLevel.ADVISORY,
}


def serve(intent: Path | None = None) -> None:
    """Serve the pack to Pulumi's engine until it ends; `intent` is the file that `tenantmesh verify --intent` takes."""
    PolicyPack("tenantmesh", policies(IntentFile.read(intent) if intent else None))


def policies(said: IntentFile | None = None) -> list[StackValidationPolicy]:
    """One policy for each rule, named by its id; the pack's configuration sets the level of each by that name."""
    proofs = _Proofs(said)
    readable = StackValidationPolicy(
        name=UNREADABLE,
        description="Every object and declaration of the stack can be read.",
        enforcement_level=EnforcementLevel.MANDATORY,
        validate=_readable(proofs),
    )
    return [readable, *(_policy(rule, proofs) for rule in ALL)]


class _Proofs:
    """The findings of the stack that was shown last: the engine shows the same one to every policy in turn."""

    def __init__(self, said: IntentFile | None) -> None:
        self._said = said
        self._last: tuple[Manifest, MeshSettings | None] | None = None
        self._findings: tuple[Finding, ...] = ()

    def of(self, args: StackValidationArgs) -> tuple[Finding, ...]:
        """What a proof of today finds. Raises TenantmeshError when the stack can't be read."""
        shown = (objects_of(args.resources), mesh_of(args.resources))
        if shown != self._last:
            cluster = Cluster(shown[0], mesh=shown[1])
            self._findings = prove(cluster, find_intent(cluster, self._said), today=date.today()).findings
            self._last = shown
        return self._findings


_Validate = Callable[[StackValidationArgs, ReportViolation], None]


def _policy(rule: Rule, proofs: _Proofs) -> StackValidationPolicy:
    return StackValidationPolicy(
        name=rule.id, description=rule.title, enforcement_level=LEVELS[rule.severity], validate=_holds(rule, proofs)
    )


def _readable(proofs: _Proofs) -> _Validate:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        try:
            proofs.of(args)
        except TenantmeshError as error:
            report_violation(str(error), None)

    return validate


def _holds(rule: Rule, proofs: _Proofs) -> _Validate:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        try:
            findings = proofs.of(args)
        except TenantmeshError:
            return  # said once, by the policy for it
        for finding in findings:
            if finding.rule.id == rule.id:
                report_violation(_message(finding), finding.objects[0].urn if finding.objects else None)

    return validate


def _message(finding: Finding) -> str:
    witness = f"for example: {finding.witness}" if finding.witness else ""
    fix = f"fix: {finding.fix}" if finding.fix else ""
    return "\n".join(part for part in (f"{finding.rule.id}: {finding.message}", witness, fix) if part)
