"""`tenantmesh verify`: prove tenants apart before anything is deployed."""

from pathlib import Path
from typing import Annotated

import typer

from tenantmesh.cli import options as given
from tenantmesh.cli import proving
from tenantmesh.cli.runs import HERE
from tenantmesh.cli.sources import Source
from tenantmesh.errors import ManifestError
from tenantmesh.report import Format, proof_view, render_proof

Further = Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Further paths of --manifests.")]


def verify(
    further: Further = None,
    stack: given.Stack = None,
    program: given.Program = HERE,
    manifests: proving.Manifests = None,
    kubeconfig: proving.Kubeconfig = None,
    tenant_label: proving.TenantLabel = "",
    shared_namespace: proving.SharedNamespaces = None,
    intent: proving.IntentPath = None,
    report: proving.Shape = Format.TEXT,
    output: proving.Output = None,
) -> None:
    """Prove that no tenant reaches another. Exits with 0 when nothing is found, 1 with findings, 2 on bad input."""
    with proving.answering():
        meaning = proving.Meaning.given(tenant_label, shared_namespace, intent)
        paths = (*(manifests or ()), *(further or ()))
        source = Source(manifests=paths, kubeconfig=kubeconfig, stack=stack, program=program)
        proof = proving.proven(source.read(), meaning).proof
        if not proof.tenants:
            raise ManifestError(["there is no tenant among the objects, so there is nothing to prove"])
        view = proof_view(proof) if report is Format.TEXT else None
        proving.show(render_proof(proof, report), view, output)
    if proof.findings:
        raise typer.Exit(proving.FOUND)
