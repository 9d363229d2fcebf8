"""What the tests of the page share: pages to open, and how to find a cell and a colour in them."""

from playwright.sync_api import Locator, Page

from tenantmesh.report import Format, render_difference, render_proof
from tests.report.samples import DIFFERENCE, PROOF
from tests.report.sizes import large

CELL = "#matrix [role=gridcell]"
PAGES = {
    "proof": lambda: render_proof(PROOF, Format.HTML),
    "difference": lambda: render_difference(DIFFERENCE, Format.HTML),
    "large": lambda: render_proof(large(1000), Format.HTML),
}


def cell(page: Page, source: str, destination: str) -> Locator:
    return page.locator(f'{CELL}[aria-label^="{source} → {destination}:"]')


def colour(page: Page, variable: str) -> str:
    """A colour of the page as the browser resolves it."""
    script = """name => { const one = document.createElement("i"); document.body.append(one);
        one.style.color = `var(${name})`; const found = getComputedStyle(one).color; one.remove(); return found; }"""
    return page.evaluate(script, variable)
