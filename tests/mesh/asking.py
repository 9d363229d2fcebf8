"""Requests as the tests send them: plain, or over TLS with or without a client certificate, from the host or a pod."""

import http.client
import json
import select
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    set_cookies: tuple[str, ...] = ()
    """Every Set-Cookie; of other headers that are there twice, `headers` has the last."""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


class RefusedError(Exception):
    """No answer came, for the connection or its handshake was refused.

    `reason` is OpenSSL's name of the alert, as TLSV13_ALERT_CERTIFICATE_REQUIRED, or `closed`, `timeout`, `connection`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Files with a client certificate (chain), its key, and the CA of the servers that are trusted."""

    certificate: Path
    key: Path
    ca: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to send; without `sni` and `ca` it goes without TLS."""

    path: str = "/"
    host: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    sni: str | None = None
    ca: Path | None = None
    credential: Credential | None = None
    alpn: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    verdict: float = 0.5
    """Seconds to listen after the handshake, for with TLS 1.3 a client's certificate is refused only then."""

    def send(self, connect: Callable[[], socket.socket]) -> Answer:
        """Send it over a new connection; RefusedError when there is no answer."""
        connection = http.client.HTTPConnection(self.host or "localhost", timeout=self.timeout)
        try:
            connection.sock = self._secured(connect())
            headers = {"Host": self.host, **self.headers} if self.host else dict(self.headers)
            connection.request(self.method, self.path, self.body, headers)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            cookies = tuple(response.headers.get_all("set-cookie") or ())
            return Answer(status=response.status, headers=found, body=response.read(), set_cookies=cookies)
        except ssl.SSLEOFError as problem:
            raise RefusedError("closed", str(problem)) from None
        except ssl.SSLError as problem:
            raise RefusedError(problem.reason or "tls", str(problem)) from None
        except TimeoutError as problem:
            raise RefusedError("timeout", str(problem)) from None
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as problem:
            raise RefusedError("closed", str(problem)) from None
        except OSError as problem:
            raise RefusedError("connection", str(problem)) from None
        finally:
            connection.close()

    def _secured(self, plain: socket.socket) -> socket.socket:
        if self.ca is None:
            return plain
        context = ssl.create_default_context(cafile=self.ca)
        context.check_hostname = False
        # An intermediate authority in `ca` is enough: gateways do not have their root's certificate to give.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.credential:
            context.load_cert_chain(self.credential.certificate, self.credential.key)
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        with plain:
            secured = context.wrap_socket(plain, server_hostname=self.sni)
        try:
            self._hear(secured)
        except BaseException:
            secured.close()
            raise
        return secured

    def _hear(self, secured: ssl.SSLSocket) -> None:
        """Take a refusal before anything is written, which may lose its reason."""
        secured.settimeout(0)
        if select.select([secured], [], [], self.verdict)[0]:
            with suppress(ssl.SSLWantReadError):
                if not secured.read(1):
                    raise RefusedError("closed", "after the handshake")
        secured.settimeout(self.timeout)
