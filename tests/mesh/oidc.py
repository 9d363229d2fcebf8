"""A real, certified OpenID provider (npm's oidc-provider), and a browser that logs in there."""

import html
import http.client
import json
import re
import shutil
import subprocess
import urllib.parse
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "oidc"
_STEPS = 20


@contextmanager
def provider(folder: Path, address: str, clients: Iterable[Mapping[str, str]]) -> Generator[str]:
    """A running provider: its name, which is its address. `folder` gets what the lock file names."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are needed for the OpenID provider")
    shutil.copytree(TOOL, folder, dirs_exist_ok=True)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=600)
    command = ["node", str(folder / "provider.mjs"), address, json.dumps(list(clients))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def logged_in(address: str, name: str) -> str:
    """Where the provider sends a browser that begins at `address`, logs in by a name and agrees to what is asked."""
    jar: dict[str, str] = {}
    origin = urllib.parse.urlsplit(address).netloc
    form: dict[str, str] | None = None
    for _ in range(_STEPS):
        parts = urllib.parse.urlsplit(address)
        if parts.netloc != origin:
            return address
        page, target = _step(parts, jar, form)
        form = None
        if not target:
            found = re.search(r'action="([^"]+)"', page)
            assert found, page
            target = html.unescape(found[1])
            form = {**dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)), "login": name, "password": "any"}
        address = urllib.parse.urljoin(address, target)
    raise AssertionError(f"the provider did not come to an end: {address}")


def _step(parts: urllib.parse.SplitResult, jar: dict[str, str], form: Mapping[str, str] | None) -> tuple[str, str]:
    """A page, or where it leads; the browser keeps the cookies."""
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
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
