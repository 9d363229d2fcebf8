"""The program `tenantmesh`: its verbs, and how an error becomes one message and an exit code."""

import sys
import warnings

import typer
from rich.console import Console

from tenantmesh.cli.cluster import app as cluster
from tenantmesh.cli.diff import diff
from tenantmesh.cli.explain import explain
from tenantmesh.cli.runs import destroy, preview, refresh, render, up
from tenantmesh.cli.verify import verify
from tenantmesh.errors import TenantmeshError

app = typer.Typer(
    name="tenantmesh",
    help="A mesh of its own for each tenant of a shared Kubernetes cluster.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (preview, up, destroy, refresh, render, verify, explain, diff):
    app.command()(verb)
app.add_typer(cluster, name="cluster")


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted."""
    warnings.showwarning = _show_warning
    try:
        app()
    except TenantmeshError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as its text alone; where in the code it was raised says nothing to a user."""
    Console(stderr=True).print(f"warning: {message}", style="yellow", markup=False, highlight=False)
