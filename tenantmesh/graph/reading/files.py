"""Files and folders of YAML and JSON become a manifest, or one error that names everything that is wrong in them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tenantmesh.errors import ManifestError
from tenantmesh.garbage import patient_collector
from tenantmesh.graph.reading.documents import Document, Unreadable, read_yaml
from tenantmesh.graph.reading.jsontext import read_json
from tenantmesh.graph.reading.placing import placed
from tenantmesh.manifest import Manifest, ManifestObject, ObjectKey
from tenantmesh.schema import shaped

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file; about 30,000 Deployments."""
ENDINGS: Final = (".json", ".yaml", ".yml")

_OTHER_TOOLS: Final = frozenset(
    {"Chart.yaml", "Pulumi.yaml", "kustomization.yaml", "kustomization.yml", "values.yaml", "values.yml"}
)
"""Files of a folder that hold no objects of a cluster; named by themselves they are read all the same."""


def read_files(paths: Iterable[Path]) -> Manifest:
    """The objects in `paths`, each a file or a folder that is looked through to its depth.

    `source` is `file:line`. An object that lives in a namespace and names none is in `default`, as for kubectl; one of
    a kind that nobody knows, no CustomResourceDefinition among the objects either, is taken to live in none. A null
    field is as good as none. Raises ManifestError, which names every file that can't be read, everything that is no
    object, every field that has not the type which its kind gives it, and every object that is there twice.
    """
    problems: list[str] = []
    with patient_collector():
        read = [one for file in _files(paths, problems) for one in _objects(file, problems)]
        found: dict[ObjectKey, ManifestObject] = {}
        for one in placed(read):
            first = found.setdefault(one.key, one)
            if first is not one:
                problems.append(f"{one.source}: {one.key} is at {first.source} already")
    if not problems and not found:
        problems.append("there are no objects: name files or folders that hold some")
    if problems:
        raise ManifestError(problems)
    return Manifest.of(found.values())


def _files(paths: Iterable[Path], problems: list[str]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inner = sorted(_inside(path, problems))
            if not inner:
                problems.append(f"{path}: holds no file that ends in {', '.join(ENDINGS)}")
            yield from (one for one in inner if one.name not in _OTHER_TOOLS)
        elif path.is_file():
            yield path
        else:
            problems.append(f"{path}: there is no such file or folder")


def _inside(folder: Path, problems: list[str]) -> Iterator[Path]:
    """The files of a folder; links to files are followed, links to folders are not, as by kubectl."""

    def note(error: OSError) -> None:
        problems.append(f"{error.filename}: {error.strerror}")

    for place, _, names in os.walk(folder, onerror=note):
        for name in names:
            file = Path(place, name)
            if file.suffix in ENDINGS and file.is_file():
                yield file


def _objects(file: Path, problems: list[str]) -> Iterator[ManifestObject]:
    try:
        text = _text(file)
        # YAML is read to its end before any of it counts: half a file is no manifest.
        documents = list(read_json(text) if file.suffix == ".json" else read_yaml(text))
    except Unreadable as error:
        where = f"{file}:{error.line}" if error.line else str(file)
        problems.append(f"{where}: {error}")
        return
    for document in documents:
        for body, line in _bodies(document):
            where = f"{file}:{line}"
            wrong = _wrong(body)
            if wrong:
                problems.append(f"{where}: {wrong}")
                continue
            fitted = shaped(body)
            problems += [f"{where}: {ObjectKey.of(body)}: {misfit}" for misfit in fitted.misfits]
            yield ManifestObject(body=fitted.body, source=where)


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"{size:,} bytes are more than the {LARGEST:,} that one file may have; split it")
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 text (byte {error.start:,})") from None


def _bodies(document: Document) -> Iterator[tuple[Any, int]]:
    """The objects of a document: those in a List, or the one that it is."""
    value = document.value
    kind = str(value.get("kind", "")) if isinstance(value, dict) else ""
    if not kind.endswith("List") or "items" not in value:
        yield value, document.line
        return
    items = value["items"] if isinstance(value["items"], list) else []
    lines = document.lines if len(document.lines) == len(items) else (document.line,) * len(items)
    # Lists as the API server gives them name the kind of their items once.
    once = {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")} if kind != "List" else {}
    for item, line in zip(items, lines, strict=True):
        yield {**once, **item} if once and isinstance(item, dict) else item, line


def _wrong(body: Any) -> str:
    """Why it is no object of Kubernetes, "" when it is one."""
    if not isinstance(body, Mapping):
        return f"a {type(body).__name__} is no object of Kubernetes"
    metadata = body.get("metadata")
    fields: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    missing = [name for name in ("apiVersion", "kind") if not _is_name(body.get(name))]
    if not _is_name(fields.get("name")):
        missing.append("metadata.name")
    if not isinstance(fields.get("namespace", ""), str | None):
        missing.append("metadata.namespace as text")
    if missing:
        return f"no object of Kubernetes: it has no {', no '.join(missing)}"
    places = {name: body.get(name) for name in ("spec", "status")} | {
        f"metadata.{name}": fields.get(name) for name in _MAPS
    }
    wrong = [place for place, value in places.items() if value is not None and not isinstance(value, Mapping)]
    return f"{', '.join(wrong)}: has to be a map" if wrong else ""


_MAPS: Final = ("annotations", "labels")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""
