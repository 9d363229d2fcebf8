"""Which cluster is meant: by a kubeconfig's path or content, KUBECONFIG, the home folder or the pod's own account."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import yaml
from lightkube.config.kubeconfig import SERVICE_ACCOUNT, KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.settings import Settings
from tenantmesh.errors import ProviderError

Document = dict[str, Any]

_FILES: Final = {
    "cluster": ("certificate-authority",),
    "user": ("client-certificate", "client-key", "tokenFile"),
}
"""Fields that name a file relative to the kubeconfig."""
_REFUSED: Final = {
    "cluster": ("proxy-url", "tls-server-name"),
    "user": ("as", "as-groups", "as-uid", "as-user-extra", "auth-provider"),
}
"""Fields that would change where or as whom requests go, and that the client does not know."""
_READING: Final = threading.Lock()
"""msgspec, with which lightkube reads, ends the process when two threads have it meet a type for the first time."""


def resolve(settings: Settings, ambient: Ambient) -> SingleConfig:
    """The cluster, user and namespace to use. Raises ProviderError when there is none or it can't be read."""
    document = _document(settings, ambient)
    try:
        with _READING:
            config = KubeConfig.from_dict(document) if document else _in_cluster()
        chosen = config.get(settings.context or None)
    except (ConfigError, KeyError, TypeError, ValueError) as error:
        raise ProviderError(f"the kubeconfig can't be used: {error}") from error
    if chosen is None:
        raise ProviderError("the kubeconfig names no current context; set one, or set kubernetes:context")
    _refuse(document, chosen)
    return _with_overrides(config, chosen, settings)


def cluster_of(config: Any, context: str, cluster: str) -> Any:
    """The active cluster's settings in a provider's `kubeconfig` input, or None; for telling clusters apart."""
    try:
        document = _parse(config if isinstance(config, str) else yaml.safe_dump(config)) if config else {}
    except ProviderError:
        return None
    contexts = {item.get("name"): item.get("context", {}) for item in document.get("contexts", [])}
    clusters = {item.get("name"): item.get("cluster") for item in document.get("clusters", [])}
    active = contexts.get(context or document.get("current-context"))
    return clusters.get(cluster or active.get("cluster")) if active else None


def _document(settings: Settings, ambient: Ambient) -> Document:
    listed = ambient.environment.get("KUBECONFIG", "")
    # A program's explicit provider carries KUBECONFIG as its default: that is no choice of its own.
    if settings.kubeconfig and settings.kubeconfig != listed:
        return _parse(settings.kubeconfig)
    if ambient.kubeconfig is not None:
        return _load(ambient.kubeconfig)
    paths = [Path(part).expanduser() for part in listed.split(os.pathsep) if part]
    if not paths:
        paths = [Path(ambient.environment.get("HOME", "~")).expanduser() / ".kube" / "config"]
    return _merge([_load(path) for path in paths if path.is_file()])


def _parse(path_or_content: str) -> Document:
    if "\n" not in path_or_content and len(path_or_content) < 4096 and not path_or_content.lstrip().startswith("{"):
        return _load(Path(path_or_content).expanduser())
    return _checked(path_or_content, "kubernetes:kubeconfig")


def _load(path: Path) -> Document:
    try:
        document = _checked(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ProviderError(f"the kubeconfig {path} can't be read: {error.strerror}") from error
    for kind, fields in _FILES.items():
        for item in document.get(f"{kind}s") or []:
            entry = item.get(kind) or {}
            entry |= {field: str(path.parent / entry[field]) for field in fields if entry.get(field)}
    return document


def _checked(content: str, origin: str) -> Document:
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        # The content holds keys, so its text is not repeated.
        raise ProviderError(f"{origin} is not a kubeconfig: it is not YAML") from error
    if not isinstance(document, dict) or "clusters" not in document:
        raise ProviderError(f"{origin} is not a kubeconfig: it has no clusters")
    return cast(Document, document)


def _merge(documents: list[Document]) -> Document:
    """Several files as one, by kubectl's rule: the first to name something wins."""
    merged: Document = {}
    for document in documents:
        merged.setdefault("current-context", document.get("current-context") or None)
        merged["current-context"] = merged["current-context"] or document.get("current-context")
        for key in ("clusters", "contexts", "users"):
            have = merged.setdefault(key, [])
            names = {item.get("name") for item in have}
            have.extend(item for item in document.get(key) or [] if item.get("name") not in names)
    return merged


def _in_cluster() -> KubeConfig:
    if not Path(SERVICE_ACCOUNT).is_dir():
        raise ProviderError("no cluster is configured; set KUBECONFIG, give --kubeconfig, or render with --out")
    return KubeConfig.from_service_account()


def _refuse(document: Mapping[str, Any], chosen: SingleConfig) -> None:
    names = {"cluster": chosen.context.cluster, "user": chosen.context.user}
    for kind, fields in _REFUSED.items():
        for item in document.get(f"{kind}s") or []:
            used = [field for field in fields if (item.get(kind) or {}).get(field)]
            if used and item.get("name") == names[kind]:
                raise ProviderError(
                    f"the kubeconfig's {kind} {names[kind]} uses {', '.join(used)}, which is not supported"
                )


def _with_overrides(config: KubeConfig, chosen: SingleConfig, settings: Settings) -> SingleConfig:
    if settings.cluster:
        if settings.cluster not in config.clusters:
            raise ProviderError(f"the kubeconfig has no cluster {settings.cluster}")
        chosen = chosen._replace(cluster=config.clusters[settings.cluster])
    return chosen if chosen.user is not None else chosen._replace(user=User())
