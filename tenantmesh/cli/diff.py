"""`tenantmesh diff`: what a change makes reachable, and what it takes away."""

from typing import Annotated

import typer

from tenantmesh.checks.differences.comparing import Compared, compare
from tenantmesh.cli import options as given
from tenantmesh.cli import proving
from tenantmesh.cli.runs import HERE
from tenantmesh.cli.sources import side
from tenantmesh.report import Format, difference_view, render_difference

Base = Annotated[str, typer.Option("--base", help="What is there now: a folder, or a git revision.")]
Head = Annotated[str, typer.Option("--head", help="What is to be: a folder, or a git revision.")]


def diff(
    base: Base,
    head: Head,
    stack: given.Stack = None,
    program: given.Program = HERE,
    tenant_label: proving.TenantLabel = "",
    shared_namespace: proving.SharedNamespaces = None,
    intent: proving.IntentPath = None,
    report: proving.Shape = Format.TEXT,
    output: proving.Output = None,
) -> None:
    """Show what becomes reachable between two folders or git revisions. Exits with 1 when findings are new."""
    with proving.answering():
        meaning = proving.Meaning.given(tenant_label, shared_namespace, intent)

        def read(name: str) -> Compared:
            with side(name, program, stack) as source:
                return proving.proven(source.read(), meaning)

        difference = compare(read(base), read(head))
        view = difference_view(difference) if report is Format.TEXT else None
        proving.show(render_difference(difference, report), view, output)
    if difference.found:
        raise typer.Exit(proving.FOUND)
