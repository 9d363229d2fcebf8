"""Tokens from a credential plugin, the `exec` of a kubeconfig's user."""

import json
import subprocess
import threading
from collections.abc import Generator, Mapping
from typing import Any, Final

import httpx2
from lightkube.config.models import UserExec

from tenantmesh.errors import ProviderError

_GROUP: Final = "client.authentication.k8s.io"
_SECONDS: Final = 60
"""How long a plugin may take; it may have to ask somebody far away."""


class PluginCredentials(httpx2.Auth):
    """Sends the plugin's token, and asks the plugin again when the server does not take it; thread-safe.

    lightkube has such credentials too, but not for the plugin interface's version v1.
    """

    def __init__(self, plugin: UserExec, environment: Mapping[str, str]) -> None:
        self._plugin = plugin
        self._environment = environment
        self._token = ""
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send with the token that is there, else with a new one. Raises ProviderError when the plugin fails."""
        used = self._fresh(than="")
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self._fresh(than=used)}"
            yield request

    def _fresh(self, than: str) -> str:
        """A token other than `than`, which was refused; threads that were refused together ask once."""
        with self._lock:
            if self._token == than:
                self._token = _token(self._ask(), self._plugin.command)
            return self._token

    def _ask(self) -> Any:
        plugin = self._plugin
        info = {"apiVersion": plugin.apiVersion, "kind": "ExecCredential", "spec": {"interactive": False}}
        own = {variable.name: variable.value for variable in plugin.env or ()}
        environment = {**self._environment, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)}
        try:
            done = subprocess.run(
                [plugin.command, *(plugin.args or ())],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=_SECONDS,
            )
            return json.loads(done.stdout)
        except FileNotFoundError as error:
            hint = f"; {plugin.installHint}" if plugin.installHint else ""
            raise ProviderError(
                f"the kubeconfig's credential plugin {plugin.command} is not installed{hint}"
            ) from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            raise ProviderError(f"the credential plugin {plugin.command} failed: {said}") from error
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            # What it printed may be a token, so it is not repeated.
            raise ProviderError(f"the credential plugin {plugin.command} gave no credential") from error


def _token(credential: Any, command: str) -> str:
    status = credential.get("status") if isinstance(credential, dict) else None
    token = status.get("token") if isinstance(status, dict) else None
    if not isinstance(token, str) or not str(credential.get("apiVersion")).startswith(f"{_GROUP}/"):
        raise ProviderError(
            f"the credential plugin {command} gave no token; certificates from plugins are not supported"
        )
    return token
