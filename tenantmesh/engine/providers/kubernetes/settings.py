"""The provider's own configuration: what a program or stack sets, else the environment, else the default."""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from tenantmesh.engine.values import Properties, Unknown
from tenantmesh.errors import ProviderError, UnsupportedError

_IGNORED: Final = frozenset(
    {"helmReleaseSettings", "pluginDownloadURL", "suppressDeprecationWarnings", "suppressHelmHookWarnings", "version"}
)
"""Without effect here: there are no Helm releases, and no warnings to suppress."""
_CLIENT: Final = ("qps", "burst", "timeout")
_KNOWN: Final = _IGNORED | {
    "alwaysRender",
    "cluster",
    "clusterIdentifier",
    "context",
    "deleteUnreachable",
    "enableConfigMapMutable",
    "enablePatchForce",
    "enableSecretMutable",
    "enableServerSideApply",
    "kubeClientSettings",
    "kubeconfig",
    "namespace",
    "renderYamlToDirectory",
    "skipUpdateUnreachable",
    "strictMode",
    "upsertExistingObjects",
}


class ClientSettings(Struct, frozen=True, kw_only=True):
    """How hard the API server may be used; `qps` None for no limit, `timeout` in seconds for one request."""

    qps: float | None = None
    burst: float = 120
    timeout: float = 60


class Settings(Struct, frozen=True, kw_only=True):
    """The configuration, complete. `kubeconfig` is a path or content; `UNKNOWN` inputs make `known` false."""

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    patch_force: bool = False
    upsert: bool = False
    config_map_mutable: bool = False
    secret_mutable: bool = False
    yaml_directory: str = ""
    always_render: bool = False
    client: ClientSettings = ClientSettings()
    known: bool = True


class _Source(Struct, frozen=True):
    """Reads a key as the real provider does: configuration values may be texts, even those of objects."""

    config: Properties
    environment: Mapping[str, str]

    def text(self, key: str) -> str:
        value = self.config.get(key)
        if isinstance(value, dict):
            return json.dumps(value)
        return value if isinstance(value, str) else ""

    def truth(self, key: str, variable: str, *, default: bool = False) -> bool:
        value = self.config.get(key)
        if value is None:
            value = self.environment.get(f"PULUMI_K8S_{variable}", default)
        return value is True or value == "true"

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.config.get(key)
        if value is None or isinstance(value, Unknown):
            return {}
        try:
            parsed = json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as error:
            raise ProviderError(f"kubernetes:{key} is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise ProviderError(f"kubernetes:{key} is not an object")
        return parsed


def read_settings(config: Properties, environment: Mapping[str, str]) -> Settings:
    """The settings in `config`. Raises UnsupportedError or ProviderError for what can't be used."""
    source = _Source(config, environment)
    if not source.truth("enableServerSideApply", "ENABLE_SERVER_SIDE_APPLY", default=True):
        raise UnsupportedError(
            "kubernetes:enableServerSideApply is false: the embedded engine applies on the server only; remove it"
        )
    settings = Settings(
        kubeconfig=source.text("kubeconfig"),
        context=source.text("context"),
        cluster=source.text("cluster"),
        namespace=source.text("namespace"),
        delete_unreachable=source.truth("deleteUnreachable", "DELETE_UNREACHABLE"),
        skip_update_unreachable=source.truth("skipUpdateUnreachable", "SKIP_UPDATE_UNREACHABLE"),
        patch_force=source.truth("enablePatchForce", "ENABLE_PATCH_FORCE"),
        upsert=source.truth("upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
        config_map_mutable=source.truth("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
        secret_mutable=source.truth("enableSecretMutable", "ENABLE_SECRET_MUTABLE"),
        yaml_directory=source.text("renderYamlToDirectory"),
        always_render=source.truth("alwaysRender", "ALWAYS_RENDER"),
        client=_client(source),
        known=not any(isinstance(config.get(key), Unknown) for key in ("kubeconfig", "context", "cluster")),
    )
    _refuse(source, settings)
    return settings


def _client(source: _Source) -> ClientSettings:
    given = source.mapping("kubeClientSettings")
    for key in _CLIENT:
        variable = source.environment.get(f"PULUMI_K8S_CLIENT_{key.upper()}")
        if variable and key not in given:
            given[key] = variable
    try:
        return ClientSettings(**{key: float(given[key]) for key in _CLIENT if given.get(key) is not None})
    except (TypeError, ValueError) as error:
        raise ProviderError(f"kubernetes:kubeClientSettings: qps, burst and timeout are numbers ({error})") from error


def _refuse(source: _Source, settings: Settings) -> None:
    unknown = sorted(key for key in source.config if key not in _KNOWN and not key.startswith("__"))
    if unknown:
        raise ProviderError(f"kubernetes: unknown setting {', '.join(unknown)}")
    if settings.always_render and not settings.yaml_directory:
        raise ProviderError("kubernetes:alwaysRender needs renderYamlToDirectory")
    if settings.yaml_directory and (settings.context or settings.cluster):
        raise ProviderError("kubernetes:renderYamlToDirectory contacts no cluster: remove context and cluster")
    strict = source.truth("strictMode", "STRICT_MODE")
    if strict and settings.known and not (settings.kubeconfig and settings.context):
        raise ProviderError("kubernetes:strictMode needs a provider with kubeconfig and context")
