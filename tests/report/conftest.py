"""A real browser for the tests of the page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.chromium import find_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running browser without a window; its event loop would get in the way of other modules' tests."""
    path = find_chromium()
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
