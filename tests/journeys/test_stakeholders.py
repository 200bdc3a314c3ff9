"""People are moved on their map, with the mouse and with the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.factories import Cast, make
from tests.journeys.checks import clean, settle
from trackline.accounts.models import Contact

Open = Callable[..., Page]


def cell(page: Page, name: str) -> Locator:
    """A cell of the power grid by what it is called."""
    return page.locator(f'.power-grid [data-name^="{name}"]')


def test_a_person_is_scored_anew_on_the_grid(open_page: Open, cast: Cast) -> None:
    make("contact", account=cast.account, name="Thomas Reiter", influence=4, sentiment="detractor")
    page = open_page("owner", f"/accounts/{cast.account.key}/track/contacts")
    one = page.locator("#power-grid").get_by_role("link", name="Thomas Reiter")
    one.drag_to(cell(page, "Influence 4, neutral"))
    expect(page.locator(".toast")).to_contain_text("Thomas Reiter: sentiment Neutral")
    settle(page)
    expect(cell(page, "Influence 4, neutral")).to_contain_text("Thomas Reiter")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(cell(page, "Influence 4, detractor")).to_contain_text("Thomas Reiter")
    settle(page)

    one.focus()
    for key in ("Space", "ArrowUp", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(cell(page, "Influence 5, positive")).to_contain_text("Thomas Reiter")
    settle(page)
    found = Contact.objects.get(name="Thomas Reiter")
    assert (found.influence, found.sentiment) == (5, "positive")
    expect(one).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(cell(page, "Influence 5, positive")).to_contain_text("Thomas Reiter")
    clean(page)


def test_a_person_gets_another_manager(open_page: Open, cast: Cast) -> None:
    keller = make("contact", account=cast.account, name="Sabine Keller")
    reiter = make("contact", account=cast.account, name="Thomas Reiter", reports_to=keller)
    make("contact", account=cast.account, name="Rachel Nguyen", reports_to=keller)
    page = open_page("owner", f"/accounts/{cast.account.key}/track/contacts")
    chart = page.locator("#org-chart")
    card = chart.get_by_role("link", name="Rachel Nguyen")
    card.drag_to(chart.get_by_role("link", name="Thomas Reiter"))
    expect(page.locator(".toast")).to_contain_text("Rachel Nguyen: reports to Thomas Reiter")
    settle(page)
    assert Contact.objects.get(name="Rachel Nguyen").reports_to == reiter

    card.focus()
    for key in ("Space", "ArrowLeft", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".toast")).to_contain_text("Rachel Nguyen: reports to Sabine Keller")
    settle(page)
    expect(card).to_be_focused()

    chart.get_by_role("link", name="Sabine Keller").drag_to(card)
    expect(page.locator("#problem")).to_contain_text("circle")
    clean(page)
