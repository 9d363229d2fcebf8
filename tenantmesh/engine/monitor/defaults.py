"""The providers that nobody wrote down: one a package and version, made when the first resource needs it."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from importlib import metadata
from threading import Lock
from typing import Any

from tenantmesh.engine import urn as urns
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.steps.goal import Goal
from tenantmesh.engine.values import Properties, Secret
from tenantmesh.errors import ProgramError


class Config:
    """The stack's configuration; values are texts, and the secret ones are known by their keys.

    `secret_texts` are what is secret within the values of those keys, where a value is only partly secret.
    """

    def __init__(
        self,
        values: "dict[str, str]",
        secret_keys: frozenset[str] = frozenset(),
        secret_texts: frozenset[str] = frozenset(),
    ) -> None:
        self.values = values
        self.secret_keys = secret_keys
        self.secret_texts = secret_texts

    def secrets(self) -> Properties:
        """All that is secret, marked."""
        whole = {key: Secret(self.values[key]) for key in self.secret_keys if key in self.values}
        return {**whole, "": Secret(sorted(self.secret_texts))}

    def of_package(self, package: str) -> Properties:
        """What is configured for the default provider of a package."""
        lead = f"{package}:"
        return {
            key.removeprefix(lead): Secret(value) if key in self.secret_keys else value
            for key, value in self.values.items()
            if key.startswith(lead)
        }


class DefaultProviders:
    """Gives the reference of a package's default provider."""

    def __init__(self, config: Config, register: Callable[[Goal], ResourceState]) -> None:
        self._config = config
        self._register = register
        self._made: dict[str, Future[str]] = {}
        self._lock = Lock()
        self._denied = _denied(config.values.get("pulumi:disable-default-providers", ""))

    def reference(self, package: str, version: str, url: str = "") -> str:
        """`urn::id` of the provider, which is made if it isn't there yet."""
        if package != "pulumi" and self._denied & {"*", package}:
            raise ProgramError(
                f"the default provider of {package} is disabled by pulumi:disable-default-providers; "
                f"pass a provider of your own"
            )
        version = version or _installed(package)
        name = urns.default_provider_name(version, url)
        key = f"{package}::{name}"
        with self._lock:
            future = self._made.get(key)
            mine = future is None
            if future is None:
                future = self._made[key] = Future()
        if mine:
            self._make(future, package, name, version, url)
        return future.result()

    def _make(self, future: "Future[str]", package: str, name: str, version: str, url: str) -> None:
        inputs = self._config.of_package(package)
        try:
            goal = Goal(
                type=urns.PROVIDER_PREFIX + package,
                name=name,
                custom=True,
                properties=provider_inputs(inputs, version, url),
            )
            state = self._register(goal)
            future.set_result(f"{state.urn}::{state.id}")
        except BaseException as error:  # noqa: BLE001  whoever waits for the provider has to hear of it
            future.set_exception(error)


@cache
def _installed(package: str) -> str:
    """The version of the package's SDK, which the Pulumi CLI takes for a resource that names none; "" without one."""
    try:
        return metadata.version(f"pulumi-{package}")
    except metadata.PackageNotFoundError:
        return ""


def provider_inputs(inputs: Properties, version: str, url: str) -> Properties:
    """A provider resource's inputs with the engine's bookkeeping (pkg/resource/deploy/providers/registry.go)."""
    if not (version or url):
        return inputs
    internal: dict[str, Any] = {**inputs.get("__internal", {}), **({"pluginDownloadURL": url} if url else {})}
    return {**inputs, "__internal": internal, **({"version": version} if version else {})}


def _denied(text: str) -> frozenset[str]:
    if not text:
        return frozenset()
    try:
        return frozenset(str(name).strip() for name in json.loads(text))
    except (ValueError, TypeError):
        raise ProgramError("pulumi:disable-default-providers has to be a list of package names") from None
