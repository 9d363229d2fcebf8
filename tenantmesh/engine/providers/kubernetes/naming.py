"""Names that the program leaves out, and the namespace that an object without one gets."""

import hashlib
from typing import Final

from tenantmesh.engine.provider import CheckFailure, Resource
from tenantmesh.engine.providers.kubernetes.bodies import annotation, is_annotated, name_of
from tenantmesh.engine.values import Properties, Unknown
from tenantmesh.errors import ProviderError

AUTONAMED: Final = "pulumi.com/autonamed"
"""Marks an object whose name was made here, so that a replacement may have another one."""

_PLAIN: Final = (("name", "a name"), ("namespace", "a namespace"))


def failures(inputs: Properties) -> tuple[CheckFailure, ...]:
    """What is wrong with the metadata that identifies an object."""
    metadata = inputs.get("metadata")
    if metadata is None or isinstance(metadata, Unknown):
        return ()
    if not isinstance(metadata, dict):
        return (CheckFailure(property="metadata", reason="write metadata as an object with name, labels and so on"),)
    return tuple(
        CheckFailure(property=f"metadata.{key}", reason=f"{what} is a text, not {type(metadata[key]).__name__}")
        for key, what in _PLAIN
        if not isinstance(metadata.get(key), str | Unknown | None)
    )


def named(resource: Resource, old: Properties, new: Properties, salt: str) -> Properties:
    """`new` with a name: its own, else the one that was made before, else the logical name and a hash.

    The hash is of the URN and `salt`: a random one for a cluster, where an old name may still be taken, and a fixed
    one where the same program is to render the same files. Raises ProviderError for `generateName`, which server-side
    apply can't take.
    """
    metadata = new.get("metadata") or {}
    if isinstance(metadata, Unknown) or metadata.get("name"):
        return new
    if old and is_annotated(old, AUTONAMED):
        return _with_name(new, name_of(old))
    if metadata.get("generateName"):
        raise ProviderError(
            f"{resource.name}: metadata.generateName can't be used with server-side apply; leave it out for a "
            "generated name, or set metadata.name"
        )
    return _with_name(new, _made(resource, salt))


def in_namespace(inputs: Properties, namespace: str) -> Properties:
    """`inputs` with `namespace` unless they name one."""
    metadata = inputs.get("metadata") or {}
    if isinstance(metadata, Unknown) or metadata.get("namespace"):
        return inputs
    return {**inputs, "metadata": {**metadata, "namespace": namespace}}


def is_autonamed(inputs: Properties) -> bool:
    """Whether the name was made here."""
    return annotation(inputs, AUTONAMED) == "true"


def _made(resource: Resource, salt: str) -> str:
    seed = f"{resource.urn}\n{resource.sequence}\n{salt}"
    return f"{resource.name}-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"


def _with_name(inputs: Properties, name: str) -> Properties:
    metadata = inputs.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    if not isinstance(annotations, Unknown):
        annotations = {**annotations, AUTONAMED: "true"}
    return {**inputs, "metadata": {**metadata, "name": name, "annotations": annotations}}
