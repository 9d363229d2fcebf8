"""From the resources that Pulumi's engine shows to a policy to Kubernetes objects and the settings of the mesh."""

# pulumi-policy is in an environment of its own, so its types are not known where pyright runs.
# pyright: reportMissingImports=false, reportUnknownParameterType=false

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource
from pulumi_policy.proxy import UnknownValueError

from tenantmesh.engine.values import UNKNOWN
from tenantmesh.errors import ManifestError
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.schema import shaped

_MESH = "tenantmesh:index:Mesh"
_KUBERNETES = "kubernetes:"
_PROVIDERS_OWN = "__"
"""What begins the properties that the Kubernetes provider keeps for itself, beside those of the object."""


def objects_of(resources: Iterable[PolicyResource]) -> Manifest:
    """The Kubernetes objects among the resources.

    Raises ManifestError, which names every field that has a wrong type.
    """
    problems: list[str] = []
    found = tuple(_object(one, problems) for one in resources if _is_object(one))
    if problems:
        raise ManifestError(problems)
    return Manifest.of(found)


def mesh_of(resources: Iterable[PolicyResource]) -> MeshSettings | None:
    """What the Mesh component says of itself; None when there is none, or its outputs are not known or not shown."""
    return next(_meshes(resources), None)


def _is_object(resource: PolicyResource) -> bool:
    return resource.resource_type.startswith(_KUBERNETES) and "kind" in resource.props


def _object(resource: PolicyResource, problems: list[str]) -> ManifestObject:
    body = {
        key: value
        for key, value in _plain(resource.props).items()
        if not key.startswith(_PROVIDERS_OWN) and key != "status"
    }
    made = shaped(body)
    problems += [f"{resource.urn}: {misfit}" for misfit in made.misfits]
    return ManifestObject(body=made.body, urn=resource.urn)


def _meshes(resources: Iterable[PolicyResource]) -> Iterator[MeshSettings]:
    for one in resources:
        if one.resource_type == _MESH:
            outputs = _plain(one.props)
            config, environment = outputs.get("meshConfig"), outputs.get("istiodEnvironment")
            if isinstance(config, dict) and isinstance(environment, dict):
                yield MeshSettings.of(config, environment)


def _plain(value: Any) -> Any:
    """The value without Pulumi's proxies: what is unknown is so only at its own place, whole numbers are ints."""
    if isinstance(value, Mapping):
        return {key: _read(value.__getitem__, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_read(value.__getitem__, index) for index in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read(get: Callable[[Any], Any], key: Any) -> Any:
    try:
        return _plain(get(key))
    except UnknownValueError:
        return UNKNOWN
