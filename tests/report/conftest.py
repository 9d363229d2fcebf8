"""A real browser for the tests of the page: Debian's chromium, installed where that is allowed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 540


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install() -> None:
    """Two workers may come here at once; the second one finds what the first has installed."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["--no-install-recommends", "chromium", "fonts-dejavu-core"]
    with (Path(tempfile.gettempdir()) / "tenantmesh-tests-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _found() is not None:
            return
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
            subprocess.run(command, env=environment, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running browser without a window; its event loop would get in the way of other modules' tests."""
    if _found() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    path = _found()
    if path is None:
        pytest.skip("needs chromium: apt-get install chromium")
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        # No container that tests run in as root lets chromium make its sandbox.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page from a file, and fails the test if the page asked for anything or complained."""
    heard: list[str] = []
    contexts: list[BrowserContext] = []

    def show(html: str, **settings) -> Page:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": 1300, "height": 900}, **settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("request", lambda request: heard.append(f"request: {request.url}"))
        page.goto(path.as_uri())
        heard.remove(f"request: {path.as_uri()}")
        return page

    yield show
    for context in contexts:
        context.close()
    assert heard == []
