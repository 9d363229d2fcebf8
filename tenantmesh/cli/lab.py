"""`tenantmesh lab`: start, stop and look at the mesh lab."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tenantmesh import lab as mesh_lab
from tenantmesh.cli.progress import shown_progress

app = typer.Typer(
    name="lab",
    help="A local mesh of real istiod and Envoys, which carries the traffic of a stack.",
    no_args_is_help=True,
    add_completion=False,
)

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help=f"Where the lab's files lie. Default: {mesh_lab.DEFAULT_FOLDER}."),
]


@app.command()
def up(
    folder: Folder = None,
    stack: Annotated[str, typer.Option("--stack", "-s", help="The stack to deploy.")] = "dev",
    program: Annotated[Path, typer.Option(help="A folder with Pulumi.yaml.")] = Path(),
    image: Annotated[
        list[str] | None, typer.Option(help="NAME=COMMAND: a program of this machine plays the image NAME; repeatable.")
    ] = None,
) -> None:
    """Build what is missing, start a mesh with the stack in it, and say what to try; deploy to one that runs."""
    wanted = mesh_lab.Stack(program=program.resolve(), name=stack)
    ran = mesh_lab.Lab.at(folder).runs()
    with shown_progress() as on_progress:
        found = mesh_lab.up(wanted, folder, images=dict(map(_played, image or [])), on_progress=on_progress)
        if ran:
            found.deploy(wanted)
        commands = [one.curl() for one in mesh_lab.entrances(found)]
    typer.echo(f"ready; export KUBECONFIG={found.layout.cluster.kubeconfig}\ntry:")
    for command in commands:
        typer.echo(f"  {command}")


def _played(text: str) -> tuple[str, list[str]]:
    name, _, command = text.partition("=")
    if not name or not command:
        raise typer.BadParameter(f"{text!r} is not NAME=COMMAND", param_hint="--image")
    return name, shlex.split(command)


@app.command()
def down(folder: Folder = None) -> None:
    """End the lab's own processes, and remove its networks and files."""
    with shown_progress() as on_progress:
        mesh_lab.down(folder, on_progress=on_progress)


@app.command()
def status(folder: Folder = None) -> None:
    """Show whether it runs and which pods are ready; exit code 0 when all are, 1 when not."""
    found = mesh_lab.Lab.at(folder)
    if not found.runs():
        typer.echo(f"no lab runs in {found.layout.folder}")
        raise typer.Exit(1)
    table = Table("pod", "address", "ready", box=None)
    pods = found.all_pods()
    for pod in pods:
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        table.add_row(name, pod["status"].get("podIP", ""), "yes" if mesh_lab.is_ready(pod) else "no")
    Console(soft_wrap=True).print(table)
    typer.echo(f"node: {found.node_address}, istiod: {found.address}, kubeconfig: {found.layout.cluster.kubeconfig}")
    raise typer.Exit(0 if all(map(mesh_lab.is_ready, pods)) else 1)
