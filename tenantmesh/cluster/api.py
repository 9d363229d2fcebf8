"""The few HTTPS requests that starting and watching a cluster needs, over the standard library alone."""

import http.client
import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from tenantmesh.errors import ClusterError

FIELD_MANAGER = "tenantmesh-cluster"
"""The owner of what a cluster starts with, as server-side apply knows it."""

_REQUEST_TIMEOUT = 30.0
_PATIENCE = 10
_CONTENT_TYPES = {"PATCH": "application/apply-patch+yaml"}


class Answer(Struct, frozen=True, kw_only=True):
    """A response: its HTTP status and its body as text."""

    status: int
    text: str

    def json(self) -> dict[str, Any]:
        """The body of a success; ClusterError with the server's own words otherwise."""
        if self.status >= http.HTTPStatus.BAD_REQUEST:
            raise ClusterError(f"the API server refused a request with {self.status}: {self.text.strip()}")
        return json.loads(self.text)


class _Socket(ssl.SSLSocket):
    """Closes itself where nobody has it: ssl leaves one behind when the server has reset the connection before TLS."""

    def __del__(self) -> None:
        self.close()


class Api:
    """A client of one server on loopback, safe to share between threads: each request has its own connection."""

    def __init__(self, port: int, *, authority: Path, certificate: Path) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(authority))
        self._tls.sslsocket_class = _Socket
        self._tls.load_cert_chain(certificate, certificate.with_suffix(".key"))

    def request(self, method: str, path: str, body: Any = None) -> Answer:
        """Send `body` as JSON; ClusterError when nobody answers within 30 seconds.

        A server that asks for patience (429, as while it opens the storage of a new kind) is asked again a few times.
        """
        for _ in range(_PATIENCE):
            answer = self._once(method, path, body)
            if answer.status != http.HTTPStatus.TOO_MANY_REQUESTS:
                return answer
            time.sleep(1)
        return self._once(method, path, body)

    def watch(self, path: str, version: str, *, seconds: int) -> Iterator[dict[str, Any]]:
        """What changes in the list at `path` after `version`, as watch events, for at most `seconds`.

        ClusterError when the server refuses; a lost connection just ends it. Watch again from the last version seen.
        """
        separator = "&" if "?" in path else "?"
        query = f"watch=true&allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds={seconds}"
        patience = seconds + _REQUEST_TIMEOUT
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=patience, context=self._tls)
        try:
            connection.request("GET", f"{path}{separator}{query}")
            response = connection.getresponse()
            if response.status != http.HTTPStatus.OK:
                raise ClusterError(f"the API server refused a watch: {response.read().decode().strip()}")
            for line in response:
                yield json.loads(line)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return
        finally:
            connection.close()

    def _once(self, method: str, path: str, body: Any) -> Answer:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=_REQUEST_TIMEOUT, context=self._tls)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": _CONTENT_TYPES.get(method, "application/json")})
            response = connection.getresponse()
            return Answer(status=response.status, text=response.read().decode())
        except (OSError, http.client.HTTPException) as problem:
            raise ClusterError(f"no answer from 127.0.0.1:{self._port}: {problem}") from problem
        finally:
            connection.close()

    def get(self, path: str) -> dict[str, Any]:
        """An object or a list; ClusterError unless it is there."""
        return self.request("GET", path).json()

    def apply(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Server-side apply, taking fields over from whoever had them; the object as the server now has it."""
        return self.request("PATCH", f"{path}?fieldManager={FIELD_MANAGER}&force=true", body).json()

    def is_ok(self, path: str) -> bool:
        """Whether a health path answers 200."""
        try:
            return self.request("GET", path).status == http.HTTPStatus.OK
        except ClusterError:
            return False
