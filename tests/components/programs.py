"""Programs of components, evaluated by the real embedded engine in this process."""

from collections.abc import Callable, Mapping
from typing import Any

from tenantmesh.engine.evaluate import Evaluation, evaluate
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import reveal
from tenantmesh.errors import ArgsError, OwnershipError

Program = Callable[[], Any]


def run(program: Program, *, preview: bool = False) -> Evaluation:
    """What a program makes; certificates are real, Kubernetes objects go nowhere."""

    def main() -> None:
        program()

    return evaluate(main, preview=preview)


def made(program: Program, *, preview: bool = False) -> Evaluation:
    """What a program makes that must not fail."""
    found = run(program, preview=preview)
    assert found.failures == ()
    return found


def problems(program: Program, error: type[ArgsError] | type[OwnershipError] = ArgsError) -> list[str]:
    """The problems of the error that a program ends with, as it is raised."""
    found: list[str] = []

    def caught() -> None:
        try:
            program()
        except error as raised:
            found.extend(raised.problems)

    evaluate(caught)
    return found


def resource(found: Evaluation, name: str, kind: str) -> ResourceState:
    """The one resource with this logical name whose type ends with `:kind`."""
    (state,) = [one for one in found.resources if one.urn.endswith(f"::{name}") and one.type.endswith(f":{kind}")]
    return state


def body(found: Evaluation, name: str, kind: str) -> Mapping[str, Any]:
    """The object that a resource stands for, with secrets in the clear."""
    return reveal(resource(found, name, kind).inputs)
