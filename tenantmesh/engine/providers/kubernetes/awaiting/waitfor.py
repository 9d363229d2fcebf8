"""The annotation `pulumi.com/waitFor`: conditions and JSONPath expressions that the program itself sets."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import Ready, Verdict, Waiting, condition, is_observed
from tenantmesh.engine.providers.kubernetes.bodies import Body
from tenantmesh.errors import ProviderError

_Test = Callable[[Body], bool]
_STEP: Final = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_\-/]+|\*)
      | \[(?P<index>-?\d+|\*)\]
      | \[['"](?P<quoted>[^'"]+)['"]\]
      | \[\?\(@\.(?P<key>[A-Za-z0-9_]+)\s*==\s*['"](?P<value>[^'"]*)['"]\)\]""",
    re.VERBOSE,
)


def parse_wait_for(written: str) -> Callable[[Body, Surroundings], Verdict]:
    """A rule that holds when all expressions do. Raises ProviderError for what is not understood."""
    tests = [(one, _parse(one)) for one in _expressions(written)]

    def predicate(live: Body, _around: Surroundings) -> Verdict:
        open_ = [one for one, test in tests if not (is_observed(live) and test(live))]
        return Waiting(f"waiting for {', '.join(open_)}") if open_ else Ready()

    return predicate


def _expressions(written: str) -> list[str]:
    try:
        parsed = json.loads(written)
    except json.JSONDecodeError:
        parsed = written
    found = parsed if isinstance(parsed, list) else [written]
    if not found or not all(isinstance(one, str) for one in found):
        raise ProviderError("pulumi.com/waitFor is an expression or a JSON list of at least one")
    return found


def _parse(expression: str) -> _Test:
    kind, _, rest = expression.partition("=")
    if kind == "condition" and rest:
        type_, _, status = rest.partition("=")
        return lambda live: condition(live, type_).get("status") == (status or "True")
    if kind == "jsonpath" and rest:
        return _parse_path(rest)
    raise ProviderError(f'pulumi.com/waitFor: expected "jsonpath=" or "condition=" in {expression!r}')


def _parse_path(written: str) -> _Test:
    match = re.fullmatch(r"\{(?P<path>.*)\}(=(?P<value>.*))?", written, re.DOTALL)
    if match is None:
        raise ProviderError(
            f"pulumi.com/waitFor: write a JSONPath in braces, such as {{.status.phase}}=Running, not {written!r}"
        )
    steps, wanted = _steps(match["path"]), match["value"]

    def test(live: Body) -> bool:
        found: list[Any] = [live]
        for step in steps:
            found = [inner for one in found for inner in step(one)]
        return bool(found) if wanted is None else any(_written(one) == wanted for one in found)

    return test


def _steps(path: str) -> list[Callable[[Any], list[Any]]]:
    steps: list[Callable[[Any], list[Any]]] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ProviderError(f"pulumi.com/waitFor: {path[position:]!r} is not supported in a JSONPath")
        steps.append(_step(match))
        position = match.end()
    return steps


def _step(match: re.Match[str]) -> Callable[[Any], list[Any]]:
    key, value = match["key"], match["value"]
    if key is not None:
        return lambda node: [one for one in _items(node) if isinstance(one, dict) and _written(one.get(key)) == value]
    if "*" in (match["name"], match["index"]):
        return _items
    if match["index"] is not None:
        index = int(match["index"])
        return lambda node: _items(node)[index : index + 1 or None] if isinstance(node, list) else []
    name = match["name"] or match["quoted"]
    return lambda node: [node[name]] if isinstance(node, dict) and name in node else []


def _items(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _written(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
