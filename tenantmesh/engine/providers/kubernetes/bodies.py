"""Reading and rewriting objects, and the keys that the provider adds to their state."""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.engine.values import Properties, Secret, Value

Body = dict[str, Any]
"""An object as the API server takes and gives it."""

INPUTS: Final = "__inputs"
INITIAL_API_VERSION: Final = "__initialApiVersion"
FIELD_MANAGER: Final = "__fieldManager"

_DASHED: Final = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "preserve_unknown_fields",
        "validations",
    )
}
"""Fields of CRD schemas that the SDK spells with underscores."""
_UNDERSCORED: Final = {dashed: spelled for spelled, dashed in _DASHED.items()}
_READ_ONLY: Final = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "uid",
    }
)


def pick(body: Any, *path: str) -> Any:
    """What lies at `path`, or None."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def text(body: Any, *path: str) -> str:
    """The text at `path`, or an empty one."""
    found = pick(body, *path)
    return found if isinstance(found, str) else ""


def name_of(body: Any) -> str:
    """An object's name, or an empty text when it has none or it is not known yet."""
    return text(body, "metadata", "name")


def namespace_of(body: Any) -> str:
    """An object's namespace, or an empty text."""
    return text(body, "metadata", "namespace")


def annotation(body: Any, key: str) -> str:
    """The value of an annotation, or an empty text."""
    return text(body, "metadata", "annotations", key)


def is_annotated(body: Any, key: str) -> bool:
    """Whether an annotation is `true`."""
    return annotation(body, key) == "true"


def identifier(namespace: str, name: str) -> str:
    """The id of an object in Pulumi's state: `namespace/name`, or `name` when it has no namespace."""
    return f"{namespace}/{name}" if namespace else name


def split_identifier(text_: str) -> tuple[str, str]:
    """Namespace and name in an id."""
    namespace, _, name = text_.rpartition("/")
    return namespace, name


def to_body(inputs: Properties) -> Body:
    """The object that inputs describe: CRD fields spelled with dashes, absent top-level fields left out."""
    renamed = _rename(inputs, _DASHED)
    return {key: value for key, value in renamed.items() if value is not None and not key.startswith("__")}


def to_state(inputs: Properties, live: Body, manager: str, initial_api_version: str = "") -> Properties:
    """What a checkpoint keeps of an object: the live one, what was asked for, and who asked."""
    wanted: Properties = {key: value for key, value in inputs.items() if not key.startswith("__")}
    return {
        **_rename(live, _UNDERSCORED),
        INPUTS: _conceal_data(wanted),
        INITIAL_API_VERSION: initial_api_version or text(inputs, "apiVersion"),
        FIELD_MANAGER: manager,
    }


def to_inputs(body: Body) -> Properties:
    """`body` as a program would write it."""
    return _rename(body, _UNDERSCORED)


def from_state(outputs: Properties) -> Body:
    """The live object in a checkpoint's outputs."""
    return to_body(outputs)


def without_read_only(body: Body) -> Body:
    """A copy without the metadata that only the server writes."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return dict(body)
    return {**body, "metadata": {key: value for key, value in metadata.items() if key not in _READ_ONLY}}


def _conceal_data(inputs: Properties) -> Properties:
    """The engine marks the outputs of a Secret; the copy of its inputs within them is marked here."""
    if inputs.get("kind") != "Secret":
        return inputs
    return {key: Secret(value) if key in ("data", "stringData") else value for key, value in inputs.items()}


def _rename(value: Value, names: Mapping[str, str]) -> Value:
    if isinstance(value, dict):
        return {names.get(key, key): _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value
