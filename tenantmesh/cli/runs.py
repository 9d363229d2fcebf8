"""The verbs that run a stack's program or work from its state."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer
from msgspec.structs import replace
from rich.console import Console

from tenantmesh.cli import options as given
from tenantmesh.cli.workspace import Workspace
from tenantmesh.engine.backend import StackStore
from tenantmesh.engine.display import JsonDisplay, LiveDisplay, PlainDisplay
from tenantmesh.engine.events import Command, Op
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import RunResult, run
from tenantmesh.errors import UnsupportedError

HERE = Path()

_Display = JsonDisplay | LiveDisplay | PlainDisplay


def preview(
    stack: given.Stack = None,
    program: given.Program = HERE,
    kubeconfig: given.Kubeconfig = None,
    parallel: given.Parallel = 16,
    *,
    json: given.Json = False,
    refresh: given.Refresh = False,
) -> None:
    """Show what `up` would change, and what becomes reachable."""
    from tenantmesh.cli.reaching import tell_reachable  # The prover, which no other verb here needs.

    workspace = Workspace.find(program, stack)
    options = RunOptions(parallel=parallel, refresh=refresh, ambient=_ambient(workspace, kubeconfig))
    with workspace.reading() as store, _display(json=json) as display:
        result = _run(Command.PREVIEW, workspace, store, options, display)
        if result.ok:
            tell_reachable(result, display if isinstance(display, JsonDisplay) else None)
    _finish(result.ok)


def up(
    stack: given.Stack = None,
    program: given.Program = HERE,
    engine: given.Chosen = given.Engine.EMBEDDED,
    kubeconfig: given.Kubeconfig = None,
    out: given.Out = None,
    parallel: given.Parallel = 16,
    *,
    yes: given.Yes = False,
    json: given.Json = False,
    refresh: given.Refresh = False,
    skip_preview: given.SkipPreview = False,
    continue_on_error: given.ContinueOnError = False,
) -> None:
    """Make the cluster as the program says, after a preview and a question."""
    if out is not None:
        render(out, stack, program, json=json)
        return
    workspace = Workspace.find(program, stack)
    if _by_pulumi(engine):
        flags = _flags(
            yes=yes, refresh=refresh, json=json, skip_preview=skip_preview, continue_on_error=continue_on_error
        )
        workspace.ensure()
        _finish(_pulumi("up", workspace, kubeconfig, [*flags, f"--parallel={parallel}"]))
        return
    options = RunOptions(
        parallel=parallel,
        refresh=refresh,
        skip_preview=skip_preview,
        continue_on_error=continue_on_error,
        confirm=_confirmation("update", yes=yes or skip_preview),
        ambient=_ambient(workspace, kubeconfig),
    )
    with workspace.creating("up") as store:
        _finish(_perform(Command.UP, workspace, store, options, json=json))


def destroy(
    stack: given.Stack = None,
    program: given.Program = HERE,
    kubeconfig: given.Kubeconfig = None,
    parallel: given.Parallel = 16,
    *,
    yes: given.Yes = False,
    json: given.Json = False,
    refresh: given.Refresh = False,
    skip_preview: given.SkipPreview = False,
    continue_on_error: given.ContinueOnError = False,
) -> None:
    """Delete everything that the stack made; its configuration and history stay."""
    workspace = Workspace.find(program, stack)
    options = RunOptions(
        parallel=parallel,
        refresh=refresh,
        skip_preview=skip_preview,
        continue_on_error=continue_on_error,
        confirm=_confirmation("destroy", yes=yes or skip_preview),
        ambient=_ambient(workspace, kubeconfig),
    )
    with workspace.writing("destroy") as store:
        _finish(_perform(Command.DESTROY, workspace, store, options, json=json))


def refresh(
    stack: given.Stack = None,
    program: given.Program = HERE,
    kubeconfig: given.Kubeconfig = None,
    parallel: given.Parallel = 16,
    *,
    yes: given.Yes = False,
    json: given.Json = False,
    skip_preview: given.SkipPreview = False,
) -> None:
    """Bring the stack's state up to date with the cluster."""
    workspace = Workspace.find(program, stack)
    options = RunOptions(
        parallel=parallel,
        skip_preview=skip_preview,
        confirm=_confirmation("refresh", yes=yes or skip_preview),
        ambient=_ambient(workspace, kubeconfig),
    )
    with workspace.writing("refresh") as store:
        _finish(_perform(Command.REFRESH, workspace, store, options, json=json))


def render(
    out: given.RequiredOut,
    stack: given.Stack = None,
    program: given.Program = HERE,
    *,
    with_secrets: given.WithSecrets = False,
    json: given.Json = False,
) -> None:
    """Write what `up` would make as YAML, one file an object; no cluster and no state is touched."""
    workspace = Workspace.find(program, stack)
    ambient = replace(_ambient(workspace, None), render_to=out.absolute(), render_secrets=with_secrets)
    store = MemoryStore(workspace.project.name, workspace.stack)
    options = RunOptions(skip_preview=True, ambient=ambient)
    ok = _perform(Command.UP, workspace, store, options, json=json)
    if ok and not json:
        typer.echo(f"rendered to {out}")
    _finish(ok)


def _ambient(workspace: Workspace, kubeconfig: Path | None) -> Ambient:
    return Ambient(
        project=workspace.project.name,
        stack=workspace.stack,
        environment=dict(os.environ),
        kubeconfig=kubeconfig,
    )


def _perform(command: Command, workspace: Workspace, store: StackStore, options: RunOptions, *, json: bool) -> bool:
    with _display(json=json) as display:
        result = _run(command, workspace, store, options, display)
    if result.declined:
        typer.echo("nothing was changed", err=True)
    return result.ok


def _run(
    command: Command, workspace: Workspace, store: StackStore, options: RunOptions, display: _Display
) -> RunResult:
    needs_program = command in (Command.PREVIEW, Command.UP)
    return run(
        command,
        project=workspace.project,
        store=store,
        config=workspace.config,
        program=workspace.program if needs_program else None,
        providers=BuiltInProviders(),
        sink=display,
        options=replace(options, outputs=workspace.outputs),
    )


@contextmanager
def _display(*, json: bool) -> Generator[_Display]:
    console = Console()
    if json:
        shown: _Display = JsonDisplay(sys.stdout.write)
    elif console.is_terminal:
        shown = LiveDisplay(console)
    else:
        shown = PlainDisplay(sys.stdout.write)
    try:
        yield shown
    finally:
        shown.close()
        sys.stdout.flush()


def _confirmation(what: str, *, yes: bool) -> Callable[[Mapping[Op, int]], bool]:
    if yes:
        return lambda _changes: True
    if not sys.stdin.isatty():
        raise UnsupportedError(f"nobody is there to be asked before the {what}; give --yes")
    return lambda _changes: typer.confirm(f"Perform this {what}?", default=False)


def _by_pulumi(engine: given.Engine) -> bool:
    found = shutil.which("pulumi") is not None
    if engine is given.Engine.PULUMI and not found:
        raise UnsupportedError("pulumi is not on PATH; install the Pulumi CLI or use --engine embedded")
    return engine is given.Engine.PULUMI or (engine is given.Engine.AUTO and found)


def _flags(**chosen: bool) -> list[str]:
    return [f"--{name.replace('_', '-')}" for name, value in chosen.items() if value]


def _pulumi(verb: str, workspace: Workspace, kubeconfig: Path | None, flags: list[str]) -> bool:
    """The same verb of the real CLI, on the same project, stack and backend."""
    environment = {**os.environ, "PULUMI_BACKEND_URL": workspace.backend.url}
    if kubeconfig is not None:
        environment["KUBECONFIG"] = str(kubeconfig.absolute())
    command = ["pulumi", verb, "--stack", workspace.stack, "--cwd", str(workspace.project.folder), *flags]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def _finish(ok: bool) -> None:  # noqa: FBT001  it is the outcome, not a switch
    if not ok:
        raise typer.Exit(1)
