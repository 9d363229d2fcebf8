"""Checks a body as the API server would, before it leaves the plan, and names everything that is wrong at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from tenantmesh.errors import BodyError
from tenantmesh.schema.catalog import Kind, UnknownKindError, kind
from tenantmesh.schema.defaults import filled
from tenantmesh.schema.judge import Problem, judge
from tenantmesh.schema.opaque import Path, Plain, plain, sealed
from tenantmesh.schema.wording import dotted, lines, located_path

NO_PATHS: frozenset[Path] = frozenset()


def check_body(body: Mapping[str, Any]) -> None:
    """Refuse a body that the API server would refuse, prune or ignore in part.

    Checked are the schema of its kind (unknown fields, types, enums, limits, required fields), the CEL rules of custom
    kinds after the server's defaults, repeated keys in lists, the presence of a name, and whether the kind lives in a
    namespace. A leaf that is not plain data (a Pulumi Output) fits any schema, and rules that need it are left to the
    server. `status` and fields that only the server writes are unknown here; null is no way to leave a field out.

    Raises:
        BodyError: with one line for each wrong field, led by the object and the field's path, such as
            `… Gateway acme/ingress: spec.servers[0].port.nmber: unknown field (did you mean "number"?)`.
    """
    problems = _problems(body)
    if problems:
        raise BodyError(f"{_title(body)}: {dotted(path)}: {text}" for path, text in dict.fromkeys(problems))


def _problems(body: Mapping[str, Any]) -> list[Problem]:
    api_version, name = body.get("apiVersion"), body.get("kind")
    if not isinstance(api_version, str) or not isinstance(name, str):
        missing = [key for key in ("apiVersion", "kind") if not isinstance(body.get(key), str)]
        return [((key,), "required, and must be string") for key in missing]
    try:
        found = kind(api_version, name)
    except UnknownKindError as error:
        return [(("kind",), str(error))]
    problems = _content_problems(body, found)
    return problems if _identified(body, found) else [*_identity_problems(body, found), *problems]


def _identified(body: Mapping[str, Any], found: Kind) -> bool:
    """Whether there is plainly nothing for `_identity_problems` to say."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        return False
    return bool(metadata.get("namespace")) if found.namespaced else "namespace" not in metadata


def _identity_problems(body: Mapping[str, Any], found: Kind) -> Iterator[Problem]:
    metadata = body.get("metadata")
    fields: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    if not fields.get("name"):
        yield ("metadata", "name"), "required, but missing"
    if found.namespaced and not fields.get("namespace"):
        yield ("metadata", "namespace"), "required, but missing: the kind lives in a namespace"
    if not found.namespaced and "namespace" in fields:
        yield ("metadata", "namespace"), "the kind does not live in a namespace; leave it out"


def _content_problems(body: Mapping[str, Any], found: Kind) -> list[Problem]:
    whole = filled(body, found.site) if found.site and found.has_defaults else body
    try:
        fits = found.validator.is_valid(whole)
    except ValueError:
        # The validator takes plain data only: there are opaque leaves.
        return _opaque_problems(plain(whole), found)
    if not fits:
        return _schema_problems(whole, found, NO_PATHS)
    return judge(whole, found.site) if found.site else []


def _opaque_problems(made: Plain, found: Kind) -> list[Problem]:
    problems: list[Problem] = [(path, "the name of a field must be string") for path in made.odd_keys]
    problems += _schema_problems(made.body, found, made.paths)
    if problems or not found.site:
        return problems
    return judge(sealed(made.body, made.paths), found.site)


def _schema_problems(body: Any, found: Kind, opaque: frozenset[Path]) -> list[Problem]:
    located = [(located_path(error, body), error) for error in found.validator.iter_errors(body)]
    wrong = (line for path, error in located if path not in opaque for line in lines(path, error, found.schema))
    # One line a field is enough: what is not even the right type is in no enum either.
    first: dict[Path, str] = {}
    for path, text in wrong:
        first.setdefault(path, text)
    return sorted(first.items(), key=lambda line: dotted(line[0]))


def _title(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    fields: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    place = "/".join(str(fields[key]) for key in ("namespace", "name") if isinstance(fields.get(key), str))
    return " ".join(str(part) for part in (body.get("apiVersion"), body.get("kind"), place) if part)
