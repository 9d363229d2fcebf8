"""What a type token such as `kubernetes:apps/v1:Deployment` names."""

from typing import Final

from msgspec import Struct

from tenantmesh.engine.providers.kubernetes.scopes import is_builtin
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError, UnsupportedError

_FEATURES: Final = {
    "helm.sh": "Helm charts and releases; render the chart with `helm template` and register its objects",
    "yaml": "YAML files and groups (ConfigFile, ConfigGroup); register the objects one by one",
    "kustomize": "Kustomize directories; render with `kubectl kustomize` and register the objects",
}
"""What the real provider also does and this one does not, by the first part of a token's module."""


class Kind(Struct, frozen=True, kw_only=True):
    """A group, version and kind; the core group is empty."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """As it is written in an object: `v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}"


def kind_of(api_version: str, kind: str) -> Kind:
    """The kind that an object's `apiVersion` and `kind` name; `core/v1` is `v1`."""
    group, _, version = api_version.rpartition("/")
    return Kind(group="" if group == "core" else group, version=version, kind=kind)


def refuse_unsupported(token: str) -> None:
    """Raise UnsupportedError when `token` names a feature of the real provider that is not a Kubernetes object."""
    module = token.split(":")[1] if token.count(":") == 2 else token
    feature = _FEATURES.get(module.split("/")[0])
    if feature:
        raise UnsupportedError(f"{token}: the embedded engine has no {feature}")


def parse_token(token: str) -> Kind:
    """The kind in a token; the kind of a Patch resource still ends in `Patch`. Raises ProviderError."""
    refuse_unsupported(token)
    parts = token.split(":")
    module = parts[1].split("/") if len(parts) == 3 else []
    if len(module) != 2 or not parts[2]:
        raise ProviderError(f"{token}: a Kubernetes type token is kubernetes:GROUP/VERSION:KIND")
    kind = kind_of(parts[1], parts[2])
    if kind.kind.endswith("List") and is_builtin(kind.group):
        raise UnsupportedError(f"{token}: a list is not an object of its own; register the objects that it holds")
    return kind


def object_kind(token: str, inputs: Properties) -> Kind:
    """The kind of the object that a resource of this type manages, from its inputs or else from the token."""
    named = parse_token(token)
    kind, api_version = inputs.get("kind"), inputs.get("apiVersion")
    if not isinstance(kind, str):
        kind = named.kind.removesuffix("Patch") if is_builtin(named.group) else named.kind
    return kind_of(api_version, kind) if isinstance(api_version, str) else kind_of(named.api_version, kind)


def is_patch(token: str, kind: Kind) -> bool:
    """Whether the resource manages only some fields of an object that somebody else owns."""
    return token.rpartition(":")[2] == f"{kind.kind}Patch"
