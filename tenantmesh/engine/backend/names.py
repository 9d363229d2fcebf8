"""The names of projects and stacks, and the ways to write a reference to a stack."""

import re
from typing import Final

from msgspec import Struct

from tenantmesh.errors import StateError

ORGANIZATION: Final = "organization"
"""The one organization that the file backend knows."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class StackName(Struct, frozen=True):
    """A stack of a project; both are checked, so that they can stand in a path."""

    project: str
    stack: str

    def __post_init__(self) -> None:
        for kind, name in (("project", self.project), ("stack", self.stack)):
            if not _NAME.fullmatch(name) or name in {".", ".."}:
                raise StateError(
                    f"{name!r} is not a {kind} name: it has 1 to 100 letters, digits, hyphens, underscores and periods"
                )

    def __str__(self) -> str:
        return f"{ORGANIZATION}/{self.project}/{self.stack}"


def parse(reference: str, current_project: str) -> StackName:
    """The stack that `reference` names: `stack`, `organization/stack` or `organization/project/stack`.

    The first two mean a stack of `current_project`. These are the forms that the Pulumi CLI's file backend accepts
    (projectReferenceStore.ParseReference in pkg/backend/diy/store.go).
    """
    parts = reference.split("/")
    if len(parts) > 3 or not all(parts):
        raise StateError(f"{reference!r} is not a stack; write organization/<project>/<stack>")
    if len(parts) > 1 and parts[0] != ORGANIZATION:
        raise StateError(f"{reference!r} is not a stack: the first part has to be '{ORGANIZATION}'")
    project = parts[1] if len(parts) == 3 else current_project
    if not project:
        raise StateError(f"{reference!r} does not say which project; write {ORGANIZATION}/<project>/{parts[-1]}")
    return StackName(project, parts[-1])
