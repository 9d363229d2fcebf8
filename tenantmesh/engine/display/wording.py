"""The words, symbols and colours that all displays share."""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.engine.events import Command, Op, Severity, Step
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Archive, Asset, Properties, ResourceReference, Unknown, Value


class OpWords(Struct, frozen=True):
    """How an operation is written: its symbol and colour, and in a preview, while it runs, when done, in a sum."""

    symbol: str
    style: str
    planned: str
    running: str
    done: str
    counted: str


WORDS: Final[Mapping[Op, OpWords]] = {
    Op.SAME: OpWords(" ", "dim", "", "", "", "unchanged"),
    Op.CREATE: OpWords("+", "green", "create", "creating", "created", "created"),
    Op.UPDATE: OpWords("~", "yellow", "update", "updating", "updated", "updated"),
    Op.DELETE: OpWords("-", "red", "delete", "deleting", "deleted", "deleted"),
    Op.REPLACE: OpWords("+-", "magenta", "replace", "replacing", "replaced", "replaced"),
    Op.CREATE_REPLACEMENT: OpWords(
        "++", "green", "create replacement", "creating replacement", "created replacement", "replacements created"
    ),
    Op.DELETE_REPLACED: OpWords(
        "--", "red", "delete original", "deleting original", "deleted original", "originals deleted"
    ),
    Op.READ: OpWords(">", "cyan", "read", "reading", "read", "read"),
    Op.READ_REPLACEMENT: OpWords(">>", "cyan", "read for replacement", "reading", "read", "read for replacement"),
    Op.REFRESH: OpWords("~", "cyan", "refresh", "refreshing", "refreshed", "refreshed"),
    Op.DISCARD: OpWords("<", "red", "discard", "discarding", "discarded", "discarded"),
    Op.IMPORT: OpWords("=", "green", "import", "importing", "imported", "imported"),
    Op.IMPORT_REPLACEMENT: OpWords(
        "=>", "green", "import replacement", "importing replacement", "imported replacement", "imported as replacement"
    ),
}

_PARTS_OF_REPLACEMENT: Final = frozenset({Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED})

SEVERITY_STYLES: Final[Mapping[Severity, str]] = {
    Severity.DEBUG: "dim",
    Severity.INFO: "",
    Severity.WARNING: "yellow",
    Severity.ERROR: "red bold",
}

_HEADINGS: Final[Mapping[Command, tuple[str, str]]] = {
    Command.PREVIEW: ("Previewing", "Previewing"),
    Command.UP: ("Previewing update", "Updating"),
    Command.DESTROY: ("Previewing destroy", "Destroying"),
    Command.REFRESH: ("Previewing refresh", "Refreshing"),
}


def heading(command: Command, stack: str, *, preview: bool) -> str:
    """The line above a run, such as `Updating (dev)`."""
    planned, real = _HEADINGS[command]
    return f"{planned if preview else real} ({stack})"


def short_type(type_: str) -> str:
    """A type token as Pulumi displays it: `tenantmesh:index:Tenant` becomes `tenantmesh:Tenant`."""
    parts = type_.split(":")
    if len(parts) != 3:
        return type_
    package, module, name = parts
    first = module.split("/")[0]
    if module == "index" or (module.split("/")[-1] == name[:1].lower() + name[1:] and first == "index"):
        return f"{package}:{name}"
    return f"{package}:{module}:{name}"


def changed_fields(step: Step, most: int = 4) -> str:
    """The inputs that change, such as `[diff: ~spec.hard.cpu]`; empty when nothing is known of them."""
    names = [f"{_MARKS[item.kind[:3]]}{path}" for path, item in sorted(step.detailed.items())]
    names = names or [f"~{name}" for name in step.changed]
    if not names:
        return ""
    more = f", … {len(names) - most} more" if len(names) > most else ""
    return f"[diff: {', '.join(names[:most])}{more}]"


_MARKS: Final[Mapping[str, str]] = {"add": "+", "del": "-", "upd": "~"}


def summed(counts: Mapping[Op, int]) -> dict[Op, int]:
    """`counts` in which a replacement is one change, not three, as Pulumi counts."""
    parts = _PARTS_OF_REPLACEMENT if counts.get(Op.REPLACE) else frozenset[Op]()
    return {op: count for op, count in counts.items() if count and op not in parts}


def counted(counts: Mapping[Op, int], *, preview: bool) -> list[str]:
    """One phrase for each kind of change, then what is unchanged, such as `+ 3 to create` or `+ 3 created`."""
    sums = summed(counts)
    changes = [
        f"{words.symbol} {sums[op]} {'to ' + words.planned if preview else words.counted}"
        for op, words in WORDS.items()
        if op is not Op.SAME and op in sums
    ]
    same = sums.get(Op.SAME, 0)
    return [*changes, f"{same} unchanged"] if same or not changes else changes


def elapsed(seconds: float) -> str:
    """A duration as `0.4s`, `12s` or `3m05s`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    return f"{int(seconds) // 60}m{int(seconds) % 60:02d}s"


def printable(value: Value) -> Any:
    """`value` as JSON data that is fit to be shown: secrets as `[secret]`, unknowns as `[unknown]`."""
    match value:
        case dict():
            return {key: printable(item) for key, item in value.items()}
        case list():
            return [printable(item) for item in value]
        case Unknown():
            return "[unknown]"
        case Asset() | Archive():
            return f"[{type(value).__name__.lower()} {value.hash[:7]}]"
        case ResourceReference():
            return value.urn
        case None | bool() | int() | float() | str():
            return value
        case _:
            return "[secret]"


def shown_outputs(outputs: Properties) -> list[str]:
    """The stack's outputs, a line each, sorted; what is not a plain text is JSON."""
    shown = {name: printable(value) for name, value in sorted(outputs.items())}
    return [
        f"{name}: {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"
        for name, value in shown.items()
    ]


def printable_state(state: ResourceState) -> Any:
    """A resource as it stands in `pulumi preview --json`, with nothing secret in it."""
    fields: Properties = {
        "urn": state.urn,
        "custom": state.custom,
        "id": state.id,
        "type": state.type,
        "inputs": printable(state.inputs),
        "outputs": printable(state.outputs),
        "parent": state.parent,
        "protect": state.protect,
        "retainOnDelete": state.retain_on_delete,
        "dependencies": list(state.dependencies),
        "propertyDependencies": {key: list(urns) for key, urns in state.property_dependencies.items()},
        "provider": state.provider,
        "additionalSecretOutputs": list(state.additional_secret_outputs),
        "aliases": list(state.aliases),
        "initErrors": list(state.init_errors),
        "sourcePosition": state.source_position,
    }
    return {key: value for key, value in fields.items() if value or key in ("custom", "urn", "type")}
