"""What a preview makes reachable: the objects of the state against the planned ones, as `diff` compares two sides."""

import typer

from tenantmesh.checks.differences.comparing import compare
from tenantmesh.checks.differences.difference import Difference
from tenantmesh.cli import proving
from tenantmesh.cli.sources import made
from tenantmesh.engine.display import JsonDisplay
from tenantmesh.engine.run import RunResult
from tenantmesh.errors import TenantmeshError
from tenantmesh.report import difference_document, plain, reach_view

_KEY = "reachability"


def tell_reachable(result: RunResult, document: JsonDisplay | None) -> None:
    """Print it below what a preview printed, or put it into its document. Without tenants there is nothing to tell.

    Objects that can't be proven don't fail the preview: their error is told instead.
    """
    try:
        difference = _difference(result)
    except TenantmeshError as error:
        typer.echo(f"what becomes reachable is not known: {error}", err=True)
        if document is not None:
            document.add(_KEY, {"outcome": "isolation not proven", "error": str(error)})
        return
    if difference is None:
        return
    if document is not None:
        document.add(_KEY, difference_document(difference))
    else:
        typer.echo()
        proving.show(plain(reach_view(difference)), reach_view(difference), None)


def _difference(result: RunResult) -> Difference | None:
    alive = [one for one in result.resources if not one.delete]
    before, after = made([one for one in result.before if not one.delete]), made(alive)
    meaning = proving.Meaning()
    difference = compare(proving.proven(before, meaning), proving.proven(after, meaning))
    return difference if difference.base.tenants or difference.head.tenants else None
