"""The page's controls in a real browser: filter, keyboard, names for those who listen, colours, paper."""

import pytest
from playwright.sync_api import expect

from tests.report.pages import PAGES, cell, colour


def test_the_filter_leaves_a_tenant_and_those_it_is_joined_with(open_page):
    page = open_page(PAGES["proof"]())
    page.get_by_role("searchbox").fill("initech")
    assert page.get_by_role("rowheader").all_inner_texts() == ["acme", "initech"]
    expect(page.locator("#findings article")).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("2 of 4 rows")


def test_the_filter_finds_a_rule(open_page):
    page = open_page(PAGES["proof"]())
    page.get_by_role("searchbox").fill("network-reach")
    assert page.get_by_role("rowheader").all_inner_texts() == ["acme", "globex"]
    expect(page.locator("#findings article")).to_have_count(1)


def test_findings_are_chosen_by_severity(open_page):
    page = open_page(PAGES["proof"]())
    page.get_by_role("combobox", name="findings").select_option("warning")
    expect(page.locator("#findings article")).to_have_count(1)
    assert page.get_by_role("rowheader").all_inner_texts() == ["initech"]


def test_cells_are_chosen_by_state(open_page):
    page = open_page(PAGES["proof"]())
    page.get_by_role("combobox", name="cells").select_option("breach")
    assert page.get_by_role("rowheader").all_inner_texts() == ["acme", "globex"]
    assert "closed" in cell(page, "acme", "globex").get_attribute("class")


def test_a_tenant_of_a_finding_filters(open_page):
    page = open_page(PAGES["proof"]())
    page.locator("#findings").get_by_role("button", name="initech").click()
    expect(page.get_by_role("searchbox")).to_have_value("initech")


def test_the_keyboard_is_enough(open_page):
    page = open_page(PAGES["proof"]())
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("initech")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator("#matrix")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    active = page.locator("#matrix").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-label") == "globex → acme: open without a grant, any"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="globex → acme")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#matrix")).to_be_focused()


def test_the_keyboard_stops_at_the_edges(open_page):
    page = open_page(PAGES["proof"]())
    page.locator("#matrix").focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#matrix")).to_have_attribute("aria-activedescendant", "cell-0-3")


def test_a_slash_in_the_filter_is_a_slash(open_page):
    page = open_page(PAGES["proof"]())
    page.get_by_role("searchbox").fill("a")
    page.keyboard.type("/b")
    expect(page.get_by_role("searchbox")).to_have_value("a/b")


def test_everything_that_works_has_a_role_and_a_name(open_page):
    page = open_page(PAGES["difference"]())
    for role, name in (
        ("grid", "rows reach columns"),
        ("searchbox", "filter by tenant, rule or words"),
        ("combobox", "cells"),
        ("combobox", "findings"),
        ("button", "before"),
        ("button", "colours: as the system"),
        ("list", "legend"),
        ("region", "Findings"),
    ):
        expect(page.get_by_role(role, name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_follow_the_system(open_page, scheme):
    page = open_page(PAGES["proof"](), color_scheme=scheme)
    assert colour(page, "--paper") == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}[scheme]


def test_the_colours_can_be_chosen(open_page):
    page = open_page(PAGES["proof"](), color_scheme="dark")
    button = page.locator("#theme")
    seen = []
    for _ in range(3):
        button.click()
        seen.append((button.get_attribute("aria-label"), colour(page, "--paper")))
    assert seen == [
        ("colours: light", "rgb(255, 255, 255)"),
        ("colours: dark", "rgb(18, 22, 28)"),
        ("colours: as the system", "rgb(18, 22, 28)"),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(open_page, scheme):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for words; 1.4.11: of 3 for shapes."""
    page = open_page(PAGES["proof"](), color_scheme=scheme)
    words = ("--ink", "--quiet", "--warn", "--grant", "--caution", "--good")
    shapes = ("--grant", "--warn", "--passage")
    assert [name for name in words if contrast(colour(page, name), colour(page, "--panel")) < 4.5] == []
    assert [name for name in shapes if contrast(colour(page, name), colour(page, "--closed")) < 3] == []


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(rgb: str) -> float:
    parts = [int(part) / 255 for part in rgb.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_paper_is_white_and_shows_no_controls(open_page):
    page = open_page(PAGES["difference"](), color_scheme="dark")
    page.emulate_media(media="print")
    assert colour(page, "--paper") == "rgb(255, 255, 255)"
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.locator("#matrix")).to_be_visible()


def test_a_matrix_too_large_for_paper_is_printed_as_its_connections(open_page):
    page = open_page(PAGES["large"]())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("#matrix")).to_be_hidden()
    expect(page.get_by_text("Too many rows for paper")).to_be_visible()
    assert page.locator("#edges .edge").count() == 2_000
