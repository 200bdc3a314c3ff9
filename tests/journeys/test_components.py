"""What the components do in a browser: keyboard, inline edit, panel, palette, type-ahead, board, and no finding of axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.checks import CONTRAST, RULES, findings, sideways
from tests.kit.gallery_site import serve

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve() as url:
        yield url


@pytest.fixture
def gallery(browser: Browser, address: str) -> Iterator[Open]:
    contexts = []

    def go(path: str = "/", width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.goto(address + path)
        return page

    yield go
    for context in contexts:
        context.close()


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.name || document.activeElement.id || document.activeElement.tagName")
    )


def check(page: Page, state: str, rules: tuple[str, ...] = RULES) -> None:
    found = findings(page, rules)
    assert not found, (state, found)


@pytest.mark.parametrize(
    ("width", "scheme", "rules"), [(1440, "light", RULES), (1440, "dark", CONTRAST), (390, "light", RULES)]
)
def test_axe_finds_nothing(gallery: Open, width: int, scheme: str, rules: tuple[str, ...]) -> None:
    check(gallery(width=width, scheme=scheme), "page", rules)


def test_axe_finds_nothing_in_what_opens(gallery: Open) -> None:
    page = gallery("/?panel=account/3")
    expect(page.locator("#panel h2")).to_be_visible()
    page.locator("td[data-cell]").first.click()
    expect(page.locator("td.editing")).to_have_count(1)
    check(page, "panel and cell")
    page.keyboard.press("Escape")
    page.locator("#f-owner").click()
    expect(page.locator("#f-owner-list [role=option]")).to_have_count(5)
    check(page, "type-ahead")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    check(page, "palette")


def test_page_never_scrolls_sideways(gallery: Open) -> None:
    page = gallery()
    assert {width: sideways(page, width) for width in (320, 390, 900, 1440)} == {320: "", 390: "", 900: "", 1440: ""}


def test_rows_by_keyboard(gallery: Open) -> None:
    page = gallery()
    for key in ("j", "j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("tr.selected")).to_have_count(3)
    expect(page.locator("[data-bulk-bar]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("tr.selected")).to_have_count(0)
    expect(page.locator(".filter-bar")).to_be_visible()


def test_letters_do_nothing_while_typing_or_when_switched_off(gallery: Open) -> None:
    page = gallery()
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("xn?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Single-letter shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_filters_apply_as_one_types_and_stand_in_the_address(gallery: Open) -> None:
    page = gallery()
    page.locator("input[name=q]").type("oka")
    page.wait_for_url("**/?q=oka")
    expect(page.locator("#list")).to_have_count(1)
    expect(page.locator("input[name=q]")).to_be_focused()


def test_panel_has_an_address_and_follows_the_rows(gallery: Open) -> None:
    page = gallery()
    page.keyboard.press("j")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#panel h2")).to_have_text("Account 1")
    page.locator("tr[data-row]").first.focus()
    page.keyboard.press("j")
    expect(page.locator("#panel h2")).to_have_text("Account 2")
    assert page.url.endswith("?panel=account%2F2")
    page.reload()
    expect(page.locator("#panel h2")).to_have_text("Account 2")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert "panel" not in page.url


def test_cell_edits_in_its_box(gallery: Open) -> None:
    page = gallery()
    cell = page.locator("td[data-cell]").first
    before = cell.bounding_box()
    cell.click()
    expect(page.locator("td.editing input[name=arr]")).to_be_focused()
    after = page.locator("td.editing").bounding_box()
    assert before is not None and after is not None
    assert abs(before["height"] - after["height"]) < 1 and abs(before["width"] - after["width"]) < 2
    page.locator("td.editing input[name=arr]").fill("many")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing .cell-error")).to_be_visible()
    expect(page.locator("td.editing input[name=arr]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("td.editing")).to_have_count(0)
    expect(cell).to_contain_text("2,840,000")


def test_enter_saves_goes_down_and_can_be_undone(gallery: Open) -> None:
    page = gallery()
    cell = page.locator("td[data-cell]").first
    cell.focus()
    page.keyboard.press("Enter")
    page.locator("td.editing input[name=arr]").fill("777")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing")).to_have_attribute("data-cell", "/cell/2/arr")
    expect(cell).to_contain_text("777")
    expect(page.locator(".toast")).to_contain_text("ARR: €777")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    expect(cell).to_contain_text("2,840,000")


def test_type_ahead(gallery: Open) -> None:
    page = gallery()
    page.locator("#f-owner").fill("lor")
    expect(page.locator("#f-owner-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#f-owner")).to_have_value("Tim Lorca")
    assert page.locator("input[name=owner]").input_value() == "8"
    page.locator("#f-kpis").fill("小林")
    expect(page.locator("#f-kpis-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-field=kpis] .tag")).to_have_count(3)
    page.keyboard.press("Backspace")
    expect(page.locator("[data-field=kpis] .tag")).to_have_count(2)
    page.locator("#f-tags").type("risk,")
    expect(page.locator("[data-field=tags] .tag")).to_have_count(2)


def test_dialog_refuses_then_closes_and_gives_focus_back(gallery: Open) -> None:
    page = gallery()
    page.keyboard.press("n")
    expect(page.locator("#dialog input[name=name]")).to_be_focused()
    page.evaluate("document.querySelector('#dialog form').noValidate = true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog .field-error:visible")).to_have_text("Needed, but empty.")
    page.locator("#dialog input[name=name]").fill("Neu")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("Neu added")


def test_a_message_stands_over_a_dialog_and_outlives_it(gallery: Open) -> None:
    page = gallery()
    page.keyboard.press("n")
    expect(page.locator("#dialog input[name=name]")).to_be_focused()
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Saved', undo: '/undo/1'}}))")
    toast = page.locator(".toast")
    # What the point of the button hits is the button: the dialog neither covers it nor makes it inert.
    assert toast.get_by_role("button", name="Undo").evaluate(
        """each => { const at = each.getBoundingClientRect();
        return each.contains(document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2)); }"""
    )
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(toast).to_be_visible()
    expect(page.locator("#dialog .toast")).to_have_count(0)
    # A message keeps neither the panel nor the shortcuts from answering.
    page.keyboard.press("j")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#panel h2")).to_have_text("Account 1")
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Saved'}}))")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def test_failure_of_the_server_is_told_where_it_happened(gallery: Open) -> None:
    page = gallery()
    page.locator("[data-dialog='#confirm']").click()
    page.locator("#confirm button[type=submit]").click()
    expect(page.locator("#confirm [data-problem]")).to_contain_text("Nothing was changed")
    expect(page.locator("#confirm")).to_be_visible()


def test_palette_keeps_what_was_opened(gallery: Open) -> None:
    page = gallery()
    page.keyboard.press("Control+k")
    page.keyboard.type("oka")
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?from=palette")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=group]").first).to_have_attribute("aria-label", "Recent")


def test_board_by_keyboard(gallery: Open) -> None:
    page = gallery()
    card = page.locator("[data-card='1']")
    card.focus()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-column=qualifying] [data-card='1']")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("Moved")
    card.focus()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_contain_text("Not moved to Pursuing")
    expect(page.locator("[data-column=qualifying] [data-card='1'].returned")).to_have_count(1)


def test_theme_is_kept(gallery: Open) -> None:
    page = gallery()
    page.locator(".who-menu").click()
    page.locator("#who-menu").get_by_text("Dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
