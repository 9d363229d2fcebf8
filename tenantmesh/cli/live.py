"""A live cluster as the graph asks it: by the kubeconfig that every verb uses."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.failures import ApiError, UnreachableError
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import ClientSettings, Settings
from tenantmesh.errors import ManifestError, ProviderError
from tenantmesh.graph.reading import Refused


class Server:
    """The API server of a kubeconfig."""

    def __init__(self, kubeconfig: Path | None) -> None:
        """Default: KUBECONFIG, and what kubectl takes without it. Raises ManifestError when that names no cluster."""
        environment = dict(os.environ)
        try:
            config = resolve(Settings(), Ambient(environment=environment, kubeconfig=kubeconfig))
            self._client = Client(config, ClientSettings(timeout=_SECONDS), environment)
        except ProviderError as error:
            raise ManifestError([str(error)]) from error
        self._address = config.cluster.server

    def get(self, path: str, query: Mapping[str, str], accept: str) -> Any:
        """The answer as plain data. Raises Refused for a refusal, and ManifestError when there is no answer."""
        try:
            return self._client.request("GET", path, query=query, accept=accept, attempts=_ATTEMPTS)
        except ApiError as error:
            raise Refused(error.code, str(error)) from error
        except UnreachableError as error:
            raise ManifestError([f"{self._address}: {error}"]) from error


_SECONDS = 30.0
"""How long one answer may take."""
_ATTEMPTS = 4
"""Of one question, within about two seconds where nobody answers."""
