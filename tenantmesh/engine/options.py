"""What a run is told besides its project, stack and program."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from tenantmesh.engine.builtin import Outputs
from tenantmesh.engine.events import Op
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.values import Properties
from tenantmesh.errors import StateError

Changes = Mapping[Op, int]
"""How many steps of each kind a preview found."""


def _yes(_changes: Changes) -> bool:
    return True


def _no_stacks(name: str) -> Properties:
    raise StateError(f"the outputs of stack {name!r} can't be read in this run")


class RunOptions(Struct, frozen=True, kw_only=True):
    """How a run goes about it.

    `parallel` limits the provider calls at one time. `refresh` reads the world first. `skip_preview` acts at once.
    `confirm` is asked with the changes of the preview, and False ends the run there. `continue_on_error` lets what does
    not depend on a failure go on, as `pulumi up --continue-on-error`. `ambient` goes to the providers. `outputs` reads
    other stacks for stack references. `root` is the project's folder and `program` that of its program (the same when
    None), for source positions.
    """

    parallel: int = 16
    refresh: bool = False
    skip_preview: bool = False
    continue_on_error: bool = False
    confirm: Callable[[Changes], bool] = _yes
    ambient: Ambient = field(default_factory=Ambient)
    organization: str = "organization"
    outputs: Outputs = _no_stacks
    root: Path = field(default_factory=Path.cwd)
    program: Path | None = None
