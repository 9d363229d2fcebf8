"""`tenantmesh cluster`: start, stop and look at the local control plane."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tenantmesh import cluster as control_plane
from tenantmesh.cli.progress import shown_progress

app = typer.Typer(
    name="cluster",
    help="A local Kubernetes control plane for development and tests.",
    no_args_is_help=True,
    add_completion=False,
)

Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where the cluster's state lies. Default: the user's state folder.")
]


@app.command()
def up(
    folder: Folder = None,
    nodes: Annotated[int, typer.Option(help="How many nodes are simulated.")] = control_plane.DEFAULT_NODES,
) -> None:
    """Build what is missing, start what does not run, and wait until it is ready."""
    with shown_progress() as on_progress:
        cluster = control_plane.up(folder, nodes=nodes, on_progress=on_progress)
    typer.echo(f"ready: {cluster.server}\nexport KUBECONFIG={cluster.kubeconfig}")


@app.command()
def down(
    folder: Folder = None,
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Remove all its data too.")] = False,
) -> None:
    """Stop it; its data stays unless --delete is given."""
    with shown_progress() as on_progress:
        (control_plane.delete if delete else control_plane.down)(folder, on_progress=on_progress)


@app.command()
def status(folder: Folder = None) -> None:
    """Show whether it runs; exit code 0 when it is ready, 1 when not."""
    found = control_plane.status(folder)
    table = Table(show_header=False, box=None)
    rows = {
        "state": found.state.value,
        "server": found.server,
        "version": found.version,
        "nodes": str(found.nodes),
        "kubeconfig": str(found.kubeconfig or ""),
        "folder": str(found.folder),
        "processes": ", ".join(f"{name} {pid}" for name, pid in sorted(found.pids.items())),
        "missing": ", ".join(found.missing),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, value)
    Console(soft_wrap=True).print(table)
    raise typer.Exit(0 if found.state is control_plane.State.RUNNING else 1)


@app.command()
def kubeconfig(folder: Folder = None) -> None:
    """Print the path of its administrator's kubeconfig."""
    cluster = control_plane.Cluster.at(folder)
    cluster.record()
    typer.echo(cluster.kubeconfig)
