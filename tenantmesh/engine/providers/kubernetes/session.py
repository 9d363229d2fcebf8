"""The cluster that a provider was configured for, connected when it is first needed."""

import threading

from lightkube.config.kubeconfig import SingleConfig

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.discovery import Discovery
from tenantmesh.engine.providers.kubernetes.failures import ApiError, UnreachableError
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import Settings
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.errors import ProviderError

_ALWAYS_THERE = Kind(group="", version="v1", kind="Namespace")


class Session:
    """One cluster. Whether it can be reached is found out once; thread-safe."""

    def __init__(self, settings: Settings, ambient: Ambient) -> None:
        self._settings = settings
        self._ambient = ambient
        self._lock = threading.Lock()
        self._config: SingleConfig | None = None
        self._outcome: Objects | UnreachableError | None = None

    def objects(self) -> Objects:
        """The cluster's objects. Raises UnreachableError."""
        with self._lock:
            if self._outcome is None:
                self._outcome = self._connect()
        if isinstance(self._outcome, UnreachableError):
            raise UnreachableError(str(self._outcome)) from self._outcome
        return self._outcome

    def reachable(self) -> Objects | None:
        """The cluster's objects, or None when it can't be reached."""
        try:
            return self.objects()
        except UnreachableError:
            return None

    def namespace(self) -> str:
        """Where objects without a namespace go: the provider's setting, the context's, or `default`."""
        if self._settings.namespace:
            return self._settings.namespace
        try:
            return self._resolved().namespace
        except ProviderError:
            return "default"

    def _resolved(self) -> SingleConfig:
        if not self._settings.known:
            raise ProviderError("its kubeconfig is known only after a deployment")
        if self._config is None:
            self._config = resolve(self._settings, self._ambient)
        return self._config

    def _connect(self) -> Objects | UnreachableError:
        try:
            client = Client(self._resolved(), self._settings.client, self._ambient.environment)
            discovery = Discovery(client)
            discovery.find(_ALWAYS_THERE)
        except (ProviderError, ApiError) as error:
            return UnreachableError(f"the Kubernetes cluster is unreachable: {error}")
        return Objects(client, discovery)
