"""The page in a real browser: what is drawn, what a click opens, and a thousand tenants."""

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from tenantmesh.report import Format, render_proof
from tests.report.pages import CELL, PAGES, cell
from tests.report.samples import BREACH, LEAKS, PROOF


@pytest.mark.parametrize(
    ("source", "destination", "kind"),
    [
        ("acme", "globex", "granted"),
        ("globex", "acme", "breach"),
        ("initech", "acme", "partial"),
        ("outside", "acme", "passage"),
        ("globex", "initech", "closed"),
        ("acme", "acme", "own"),
    ],
)
def test_each_cell_shows_its_state(open_page, source, destination, kind):
    assert kind in cell(open_page(PAGES["proof"]()), source, destination).get_attribute("class").split()


def test_the_matrix_has_a_cell_for_every_pair_and_a_name_for_every_row(open_page):
    page = open_page(PAGES["proof"]())
    assert page.locator(CELL).count() == 16
    assert page.get_by_role("rowheader").all_inner_texts() == ["acme", "globex", "initech", "outside"]
    assert page.get_by_role("columnheader").count() == 4
    assert page.locator("#verdict").inner_text().startswith("not isolated: 1 error")


def test_states_differ_by_shape_and_not_only_by_colour(open_page):
    page = open_page(PAGES["proof"]())
    shape = """name => { const one = getComputedStyle(document.querySelector(`.legend .${name}`), "::before");
        return [one.borderTopLeftRadius, one.borderTopStyle, one.clipPath, one.transform, one.top].join("|"); }"""
    states = ["granted", "broken", "breach", "undecided", "partial", "passage", "closed"]
    assert len({page.evaluate(shape, state) for state in states}) == len(states)


def test_hovering_tells_ports_paths_and_the_reason(open_page):
    page = open_page(PAGES["proof"]())
    cell(page, "acme", "globex").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("acme → globex")
    expect(page.get_by_role("tooltip")).to_contain_text("9080/TCP, GET /v1/*")
    expect(page.get_by_role("tooltip")).to_contain_text("orders")


def test_a_click_opens_the_chain_with_the_objects_of_each_layer(open_page):
    page = open_page(PAGES["proof"]())
    cell(page, "globex", "acme").click()
    dialog = page.get_by_role("dialog", name="globex → acme")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".chain h3")).to_have_text(["network ✓ allowed", "identity ✓ allowed", "routing ✓ allowed"])
    expect(dialog.locator(".chain li.allowed").first).to_contain_text("NetworkPolicy acme/allow-all")
    expect(dialog).to_contain_text("acme/policies.yaml:12")
    expect(dialog).to_contain_text("spec.ingress[0]")
    expect(dialog).to_contain_text("To flip it: remove spec.ingress[0] of NetworkPolicy acme/allow-all")


def test_a_closed_cell_shows_the_fence_of_its_destination(open_page):
    page = open_page(PAGES["proof"]())
    cell(page, "globex", "initech").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("a stranger → initech/any pod")
    expect(dialog.locator(".chain > li").first).to_contain_text("✕ denied")
    expect(dialog).to_contain_text("initech.yaml:3")


def test_before_and_after_are_two_matrices(open_page):
    page = open_page(PAGES["difference"]())
    assert "breach" in cell(page, "globex", "acme").get_attribute("class")
    page.get_by_role("button", name="before").click()
    assert "closed" in cell(page, "globex", "acme").get_attribute("class")
    assert "passage" in cell(page, "outside", "acme").get_attribute("class")
    expect(page.locator("#findings")).to_contain_text("Nothing found.")
    page.get_by_role("button", name="after").click()
    assert "breach" in cell(page, "globex", "acme").get_attribute("class")


def test_what_differs_is_marked_and_can_be_chosen(open_page):
    page = open_page(PAGES["difference"]())
    assert "changed" in cell(page, "globex", "acme").get_attribute("class")
    assert "changed" not in cell(page, "globex", "initech").get_attribute("class")
    page.get_by_role("combobox", name="cells").select_option("changed")
    cell(page, "globex", "acme").click()
    expect(page.get_by_role("dialog")).to_contain_text("before: closed")


def test_a_finding_of_the_change_is_called_new(open_page):
    page = open_page(PAGES["difference"]())
    expect(page.locator("#findings .error h3")).to_have_text("error network-reach new")


def test_a_page_of_one_proof_has_no_toggle(open_page):
    page = open_page(PAGES["proof"]())
    expect(page.get_by_role("button", name="before")).to_be_hidden()
    expect(page.get_by_text("Changed objects")).to_be_hidden()


def test_a_thousand_tenants_open_and_scroll(open_page):
    page = open_page(PAGES["large"]())
    drawn = page.locator(CELL).count()
    assert 0 < drawn < 5_000
    assert "granted" in cell(page, "tenant-0000", "tenant-0001").get_attribute("class")
    page.locator("#matrix").evaluate("grid => grid.scrollTo(500 * 22, 500 * 22)")
    expect(cell(page, "tenant-0510", "tenant-0511")).to_have_class("cell granted")
    expect(cell(page, "tenant-0000", "tenant-0001")).to_have_count(0)
    assert page.locator(CELL).count() < 5_000


def test_the_last_of_a_thousand_tenants_is_reached_by_keyboard(open_page):
    page = open_page(PAGES["large"]())
    page.locator("#matrix").focus()
    page.keyboard.press("End")
    for _ in range(100):
        page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="tenant-0999 → tenant-0998")).to_be_visible()


def test_a_thousand_tenants_can_be_filtered(open_page):
    page = open_page(PAGES["large"]())
    page.get_by_role("searchbox").fill("tenant-0123")
    expect(page.get_by_role("rowheader")).to_have_count(5)
    expect(cell(page, "tenant-0123", "tenant-0125")).to_be_visible()


def test_a_long_list_grows_on_demand(open_page):
    page = open_page(PAGES["large"]())
    expect(page.locator("#edges .edge")).to_have_count(100)
    page.locator("#edges .more").click()
    expect(page.locator("#edges .edge")).to_have_count(200)


def test_a_hostile_name_is_shown_and_not_run(open_page):
    name = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    finding = replace(LEAKS, tenants=(name,), message=name)
    edge = replace(BREACH, source=name)
    page = open_page(
        render_proof(replace(PROOF, tenants=(name, "acme"), matrix=(edge,), findings=(finding,)), Format.HTML)
    )
    expect(page.locator("#findings .finding.error")).to_contain_text(name)
    assert page.locator("img").count() == 0


def test_no_tenant_at_all_is_a_page_too(open_page):
    empty = replace(PROOF, tenants=(), matrix=(), findings=(), unproven=(), exempted=(), fences=(), classes=())
    page = open_page(render_proof(empty, Format.HTML))
    page.locator("#matrix").focus()
    for key in ("ArrowDown", "End", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#findings")).to_contain_text("Nothing found.")
