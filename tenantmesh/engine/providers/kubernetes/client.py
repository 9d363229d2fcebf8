"""Requests to one API server: a shared pool of connections, a timeout on each request, and retries."""

import json
import random
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from tenantmesh.engine.providers.kubernetes.bodies import Body
from tenantmesh.engine.providers.kubernetes.credentials import PluginCredentials
from tenantmesh.engine.providers.kubernetes.failures import ApiError, QuotaRaceError, UnreachableError
from tenantmesh.engine.providers.kubernetes.settings import ClientSettings

_ATTEMPTS: Final = 6
_FIRST_PAUSE: Final = 0.25
"""Seconds before the first retry; each further one waits twice as long, about 8 seconds in all."""
_LONGEST_PAUSE: Final = 30.0
_RACES: Final = 60
_RACE_PAUSE: Final = 0.5
"""Seconds on average before an object is counted again against a quota that others change: half a minute in all."""
_BUSY: Final = frozenset({429, 502, 503, 504})
_CONNECTIONS: Final = 64


class Client:
    """Sends requests and gives the parsed answers; thread-safe."""

    def __init__(self, config: SingleConfig, settings: ClientSettings, environment: Mapping[str, str]) -> None:
        limits = httpx2.Timeout(settings.timeout, connect=min(10.0, settings.timeout))
        # As in kubectl, a server on this machine is never asked through a proxy.
        proxied = httpx2.URL(config.cluster.server).host not in ("localhost", "127.0.0.1", "::1")
        parameters = client_adapter.ConnectionParams(timeout=limits, trust_env=proxied)
        try:
            arguments = parameters.httpx_params(config)
        except (ConfigError, OSError, ValueError, AssertionError) as error:
            raise UnreachableError(f"the kubeconfig's credentials can't be used: {error}") from error
        if config.user is not None and config.user.exec is not None:
            arguments["auth"] = PluginCredentials(config.user.exec, environment)
        pool = httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        self._http = httpx2.Client(**arguments, limits=pool)
        self._rate = _Rate(settings)
        # Providers have no end of life of their own; the connections must not outlive the last use.
        weakref.finalize(self, self._http.close)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        media: str = "application/json",
        accept: str = "application/json",
        attempts: int = _ATTEMPTS,
    ) -> Any:
        """The answer as JSON. Raises ApiError for a refusal, UnreachableError when there is no answer."""
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Content-Type": media, "Accept": accept}
        pauses, race_pauses = _pauses(attempts), _race_pauses()
        lost = False
        while True:
            self._rate.take()
            try:
                response = self._http.request(method, path, params=query, content=content, headers=headers)
            except (httpx2.HTTPError, ConfigError, OSError) as error:
                pause = next(pauses, None)
                if pause is None or not _worth_repeating(error):
                    raise UnreachableError(_describe(error)) from error
                lost = True
            else:
                if response.status_code < 400:
                    return json.loads(response.content) if response.content else {}
                refusal = _refusal(response, path)
                refusal.answer_was_lost = lost
                pause = next(race_pauses if isinstance(refusal, QuotaRaceError) else pauses, None)
                if pause is None or not _is_busy(refusal, response):
                    raise refusal
                pause = max(pause, _asked_pause(response))
            time.sleep(min(pause, _LONGEST_PAUSE))

    def watch(self, path: str, *, query: Mapping[str, str], seconds: int) -> Iterator[tuple[str, Body]]:
        """Events (`ADDED`, `MODIFIED`, `DELETED`, …) with their objects, for at most `seconds`."""
        parameters = {**query, "watch": "true", "timeoutSeconds": str(max(1, seconds))}
        patience = httpx2.Timeout(10.0, read=seconds + 10.0)
        try:
            with self._http.stream("GET", path, params=parameters, timeout=patience) as response:
                if response.status_code >= 400:
                    response.read()
                    raise ApiError(response.status_code, _status(response))
                for line in response.iter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise ApiError(int(event["object"].get("code") or 500), event["object"])
                    yield event["type"], event["object"]
        except (httpx2.HTTPError, OSError) as error:
            raise UnreachableError(_describe(error)) from error


class _Rate:
    """Lets `qps` requests through a second, and `burst` at once."""

    def __init__(self, settings: ClientSettings) -> None:
        self._qps = settings.qps
        self._burst = max(1, settings.burst)
        self._tokens = float(self._burst)
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> None:
        if not self._qps:
            return
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._qps) - 1
            self._filled = now
            wait = -self._tokens / self._qps
        if wait > 0:
            time.sleep(wait)


def _worth_repeating(error: Exception) -> bool:
    """A certificate or a credential plugin that fails now fails again."""
    return not isinstance(error, ConfigError) and "certificate" not in str(error).lower()


def _pauses(attempts: int) -> Iterator[float]:
    return (_FIRST_PAUSE * 2**retry for retry in range(attempts - 1))


def _race_pauses() -> Iterator[float]:
    """At random, for those who lose a race together would meet again."""
    return (random.uniform(0, 2 * _RACE_PAUSE) for _ in range(_RACES))  # noqa: S311 - it guards nothing


def _refusal(response: httpx2.Response, path: str) -> ApiError:
    code, status = response.status_code, _status(response)
    refusal = ApiError(code, status)
    raced = code == 409 and refusal.kind == "resourcequotas" and refusal.reason == "Conflict"
    # Of a quota itself the same answer means that it is not in the version that the request expects.
    return QuotaRaceError(code, status) if raced and "/resourcequotas/" not in path else refusal


def _is_busy(refusal: ApiError, response: httpx2.Response) -> bool:
    if isinstance(refusal, QuotaRaceError) or refusal.code in _BUSY:
        return True
    return refusal.code == 500 and "Retry-After" in response.headers


def _asked_pause(response: httpx2.Response) -> float:
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else 0.0


def _status(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        status = json.loads(response.content)
    except ValueError:
        return {"message": response.text.strip() or f"the API server answered with status {response.status_code}"}
    return status if isinstance(status, dict) else {}


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
