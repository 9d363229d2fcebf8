"""Runs a command on a stack: preview, up, destroy and refresh."""

from msgspec.structs import replace

from tenantmesh.engine.conductor import Run, RunResult
from tenantmesh.engine.events import Command, Sink
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.program import ProgramRunner
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.registry import ProviderSource
from tenantmesh.engine.store import StackStore

__all__ = ["RunResult", "run"]


def run(
    command: Command,
    *,
    project: Project,
    store: StackStore,
    config: StackConfig,
    program: ProgramRunner | None,
    providers: ProviderSource,
    sink: Sink,
    options: RunOptions,
) -> RunResult:
    """Carry out `command` on the stack in `store`; destroy and refresh need no program.

    Failures of resources, providers and the program are told to `sink`, and the result is not ok. Raises EngineError
    when the state can't be read or written, and KeyboardInterrupt when Ctrl-C was pressed twice.
    """
    own = Config(dict(config.values), config.secret_keys, config.secret_texts)
    options = replace(options, root=project.folder, program=project.program_folder)
    return Run(store=store, config=own, program=program, providers=providers, sink=sink, options=options).execute(
        command
    )
