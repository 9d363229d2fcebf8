"""The program `tenantmesh`: its verbs, and how an error becomes one message and an exit code."""

import sys
import warnings
from importlib import import_module
from typing import Any

import typer
import typer.core
import typer.main
from rich.console import Console

from tenantmesh.errors import TenantmeshError
from tenantmesh.garbage import patient_collector

_MODULES = {
    "preview": "runs",
    "up": "runs",
    "destroy": "runs",
    "refresh": "runs",
    "render": "runs",
    "verify": "verify",
    "explain": "explain",
    "diff": "diff",
    "cluster": "cluster",
    "lab": "lab",
}
"""The verbs in the order of the help, and the module of each: a function, or an app of verbs of its own."""


class _Verbs(typer.core.TyperGroup):
    """Imports a verb's module when the verb is asked for: the engine and the prover take a while."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, imported or not."""
        del ctx
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of this name; None where there is none, and then all are there to tell which is meant."""
        for name in (cmd_name,) if cmd_name in _MODULES else _MODULES:
            if name not in self.commands:
                self.add_command(typer.main.get_command(_imported(name)), name)
        return super().get_command(ctx, cmd_name)


def _imported(name: str) -> typer.Typer:
    module = import_module(f"tenantmesh.cli.{_MODULES[name]}")
    if not hasattr(module, name):
        return module.app
    verb = typer.Typer(add_completion=False)
    verb.command()(getattr(module, name))
    return verb


app = typer.Typer(
    name="tenantmesh",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _tenantmesh() -> None:  # pyright: ignore[reportUnusedFunction]  typer keeps it, for its docstring is the help
    """A mesh of its own for each tenant of a shared Kubernetes cluster."""


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted."""
    warnings.showwarning = _show_warning
    try:
        # Verbs import most of what they need, which is no garbage either.
        with patient_collector():
            app()
    except TenantmeshError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as its text alone; where in the code it was raised says nothing to a user."""
    Console(stderr=True).print(f"warning: {message}", style="yellow", markup=False, highlight=False)
