"""A real, certified OpenID provider (npm's oidc-provider), and a browser that logs in there."""

import base64
import html
import http.client
import json
import re
import shutil
import ssl
import subprocess
import urllib.parse
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from tenantmesh.lab.namespaces import connect

TOOL = Path(__file__).parents[2] / "tools" / "oidc"
_STEPS = 20
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A provider in the world outside, reached with https by its name from a network there, where `ca` is trusted."""

    host: str
    address: str
    network: str
    ca: Path

    @property
    def issuer(self) -> str:
        """Its name as tokens have it."""
        return f"https://{self.host}"

    def connection(self, _: str = "") -> http.client.HTTPConnection:
        """A connection of a browser."""
        plain = connect(self.network, self.address, 443, timeout=_PATIENCE)
        found = http.client.HTTPConnection(self.host, timeout=_PATIENCE)
        found.sock = ssl.create_default_context(cafile=self.ca).wrap_socket(plain, server_hostname=self.host)
        return found

    def ask(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Any:
        """What it answers, which is JSON."""
        connection = self.connection()
        body = urllib.parse.urlencode(form) if form else None
        typed = {"content-type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", path, body, {**typed, **headers})
        found = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def token(self, client: str, secret: str, resource: str = "urn:tenantmesh:books") -> str:
        """A token that a program gets as itself."""
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        form = {"grant_type": "client_credentials", "resource": resource}
        return self.ask("/token", form, authorization=f"Basic {basic}")["access_token"]


@contextmanager
def provider(folder: Path, address: str, clients: Iterable[Mapping[str, str]]) -> Generator[str]:
    """A running provider: its name, which is its address. `folder` gets what the lock file names."""
    with _running(folder, [], address, clients) as issuer:
        yield issuer


@contextmanager
def provider_outside(
    folder: Path, outside: Outside, pem: Path, clients: Iterable[Mapping[str, str]]
) -> Generator[None]:
    """A provider that runs in the world outside, with the certificate and key in `pem`."""
    enter = ["ip", "netns", "exec", outside.network]
    with _running(folder, enter, outside.address, clients, outside.host, str(pem)) as issuer:
        assert issuer == outside.issuer
        yield


@contextmanager
def _running(
    folder: Path, enter: list[str], address: str, clients: Iterable[Mapping[str, str]], *secured: str
) -> Generator[str]:
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are needed for the OpenID provider")
    shutil.copytree(TOOL, folder, dirs_exist_ok=True)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=600)
    command = [*enter, "node", str(folder / "provider.mjs"), address, json.dumps(list(clients)), *secured]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _plain(netloc: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(netloc, timeout=_PATIENCE)


def logged_in(address: str, name: str, connection: Callable[[str], http.client.HTTPConnection] = _plain) -> str:
    """Where the provider sends a browser that begins at `address`, logs in by a name and agrees to what is asked."""
    jar: dict[str, str] = {}
    origin = urllib.parse.urlsplit(address).netloc
    form: dict[str, str] | None = None
    for _ in range(_STEPS):
        parts = urllib.parse.urlsplit(address)
        if parts.netloc != origin:
            return address
        page, target = _step(parts, jar, form, connection)
        form = None
        if not target:
            found = re.search(r'action="([^"]+)"', page)
            assert found, page
            target = html.unescape(found[1])
            form = {**dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)), "login": name, "password": "any"}
        address = urllib.parse.urljoin(address, target)
    raise AssertionError(f"the provider did not come to an end: {address}")


def _step(
    parts: urllib.parse.SplitResult,
    jar: dict[str, str],
    form: Mapping[str, str] | None,
    connected: Callable[[str], http.client.HTTPConnection],
) -> tuple[str, str]:
    """A page, or where it leads; the browser keeps the cookies."""
    connection = connected(parts.netloc)
    headers = {"cookie": written(jar)}
    if form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    body = urllib.parse.urlencode(form) if form is not None else None
    connection.request("POST" if body else "GET", parts._replace(scheme="", netloc="").geturl(), body, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status < 400, page
    jar.update(kept(answer.headers.get_all("set-cookie") or []))
    return page, answer.headers.get("location", "")


def kept(set_cookies: Iterable[str]) -> dict[str, str]:
    """The cookies of an answer by their names."""
    return {name: one.value for text in set_cookies for name, one in SimpleCookie(text).items()}


def written(jar: Mapping[str, str]) -> str:
    """The cookies as a browser sends them back."""
    return "; ".join(f"{name}={value}" for name, value in jar.items())
