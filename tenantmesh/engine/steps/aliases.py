"""Under which earlier URNs a resource may be found (pkg/resource/deploy/step_generator.go: generateAliases)."""

from collections.abc import Iterable, Mapping

from tenantmesh.engine import urn as urns
from tenantmesh.engine.steps.goal import Alias, Goal


def candidates(goal: Goal, project: str, stack: str, taken: Mapping[str, str]) -> tuple[str, ...]:
    """The earlier URNs of `goal` in the order in which they are tried; `taken` maps new URNs to the old ones used."""
    own = [_collapse(alias, goal, project, stack, taken) for alias in goal.aliases]
    return tuple(dict.fromkeys((*own, *_inherited(own, goal, project, stack, taken))))


def _collapse(alias: Alias, goal: Goal, project: str, stack: str, taken: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = taken.get(alias.parent, alias.parent) if alias.parent else goal.parent
    if alias.no_parent or urns.qualified_type(parent) == urns.ROOT_STACK:
        parent = ""
    name, type_ = alias.name or goal.name, alias.type or goal.type
    return urns.make(alias.stack or stack, alias.project or project, parent, type_, name)


def _inherited(own: Iterable[str], goal: Goal, project: str, stack: str, taken: Mapping[str, str]) -> Iterable[str]:
    """What follows from the parent having been found under an earlier URN."""
    earlier = taken.get(goal.parent)
    if earlier is None:
        return
    for type_, name in ((goal.type, goal.name), *((urns.type_of(urn), urns.name_of(urn)) for urn in own)):
        parent_name = urns.name_of(goal.parent)
        # By custom a child's name begins with its parent's, so that a renamed parent renames its children.
        fitted = urns.name_of(earlier) + name.removeprefix(parent_name) if name.startswith(parent_name) else name
        yield urns.make(stack, project, earlier, type_, fitted)
