"""The providers that the engine brings, opened when a program first uses them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from tenantmesh.engine.provider import Ambient, Provider
from tenantmesh.errors import UnsupportedError

_PROVIDERS: Final[Mapping[str, tuple[str, str]]] = {
    "kubernetes": ("tenantmesh.engine.providers.kubernetes", "KubernetesProvider"),
    "random": ("tenantmesh.engine.providers.random", "RandomProvider"),
    "tls": ("tenantmesh.engine.providers.tls", "TlsProvider"),
}


def open_provider(package: str, ambient: Ambient) -> Provider:
    """The provider of a package, not configured yet; raises UnsupportedError for one that the engine lacks."""
    if package not in _PROVIDERS:
        names = ", ".join(sorted(_PROVIDERS))
        raise UnsupportedError(
            f"the package {package!r} has no provider in this engine, which brings {names}; use the Pulumi CLI for it"
        )
    module, name = _PROVIDERS[package]
    # Imported only now: each of them takes a noticeable time, and few programs use all.
    made: Any = getattr(import_module(module), name)
    return made(ambient)


class BuiltInProviders:
    """The providers that the engine brings, as a source."""

    def open_provider(self, package: str, ambient: Ambient) -> Provider:
        """As the function of this name."""
        return open_provider(package, ambient)
