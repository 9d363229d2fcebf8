"""Writing objects to files instead of a cluster."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import yaml

from tenantmesh.engine.paths import Path as PropertyPath
from tenantmesh.engine.paths import parse
from tenantmesh.engine.providers.kubernetes.bodies import Body, name_of, namespace_of, text
from tenantmesh.engine.providers.kubernetes.scopes import is_builtin
from tenantmesh.engine.providers.kubernetes.tokens import kind_of
from tenantmesh.errors import ProviderError

LEFT_OUT: Final = "tenantmesh.dev/secret-values"
"""The annotation that says that an object's secret values were left out."""
_CLUSTER: Final = "_cluster"
"""The folder of objects without a namespace; no namespace has such a name."""
_FASTEST: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_FASTEST):
    """Writes texts of several lines as blocks, as people do."""


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


class Files(Protocol):
    """Where an object's file is."""

    def path(self, body: Body) -> Path:
        """The file of `body`."""
        ...


class ByNamespace:
    """`<namespace>/<kind>-<name>.yaml`; kinds of other groups than Kubernetes' own have their group in the name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, body: Body) -> Path:
        """The file of `body`."""
        kind = kind_of(text(body, "apiVersion"), text(body, "kind"))
        what = kind.kind.lower() if is_builtin(kind.group) else f"{kind.kind.lower()}.{kind.group}"
        return self._root / (namespace_of(body) or _CLUSTER) / f"{what}-{quote(name_of(body), safe='')}.yaml"


class AsPulumi:
    """The layout of the real provider's renderYamlToDirectory: definitions first, then everything else."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, body: Body) -> Path:
        """The file of `body`."""
        api_version, kind = text(body, "apiVersion"), text(body, "kind")
        folder = "0-crd" if kind == "CustomResourceDefinition" else "1-manifest"
        safe = api_version.replace("/", "_").replace(":", "_")
        where = namespace_of(body) or "default"
        return self._root / folder / f"{safe}-{kind.lower()}-{where}-{quote(name_of(body), safe=':')}.yaml"


def write(files: Files, body: Body, secrets: Iterable[str], *, include_secrets: bool) -> None:
    """Write `body`; its secret values (a Secret's data and the paths `secrets`) only when they are to be included."""
    hidden = () if include_secrets else tuple(secrets)
    shown = body if include_secrets else without_secrets(body, hidden)
    path = files.path(body)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump(shown, Dumper=_Dumper, sort_keys=True, allow_unicode=True), encoding="utf-8")
        if include_secrets and (body.get("kind") == "Secret" or any(secrets)):
            path.chmod(0o600)
    except OSError as error:
        raise ProviderError(f"{path} can't be written: {error.strerror}") from error


def remove(files: Files, body: Body) -> None:
    """Remove the file of `body`, and its folder when that is empty."""
    path = files.path(body)
    try:
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    except OSError as error:
        raise ProviderError(f"{path} can't be removed: {error.strerror}") from error


def without_secrets(body: Body, secrets: Iterable[str]) -> Body:
    """`body` with empty texts for its secret values, and an annotation that says so."""
    hidden = [parse(path) for path in secrets]
    if body.get("kind") == "Secret":
        hidden += [(field,) for field in ("data", "stringData") if field in body]
    if not hidden:
        return body
    for path in hidden:
        body = _emptied(body, path)
    metadata = body.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), LEFT_OUT: "left-out"}
    return {**body, "metadata": {**metadata, "annotations": annotations}}


def _emptied(value: Any, path: PropertyPath) -> Any:
    if not path:
        return {key: _emptied(item, ()) for key, item in value.items()} if isinstance(value, dict) else ""
    head = path[0]
    if isinstance(value, dict) and head in value:
        return {**value, head: _emptied(value[head], path[1:])}
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [*value[:head], _emptied(value[head], path[1:]), *value[head + 1 :]]
    return value
