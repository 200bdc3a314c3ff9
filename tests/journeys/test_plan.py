"""From a new account to a plan over all five sections, following what the pages say is missing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.factories import Cast
from tests.journeys.checks import clean, settle
from tests.workspace.account.world import days
from trackline.accounts.models import Account, Contact, Kpi
from trackline.align.models import Route
from trackline.choose.models import Play
from trackline.kickoff.models import Cadence
from trackline.reveal.models import Goal

Open = Callable[..., Page]


def test_a_new_account_becomes_a_plan(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", "/accounts")
    page.get_by_role("banner").get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("button", name="Create the account").click()
    expect(page.locator(".form-errors")).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Kranz Systems")
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/accounts/kranz-systems")
    expect(page.get_by_role("heading", name="Getting started")).to_be_visible()
    before = percent(page)

    section(page, "Track the Situation")
    add(page, "Add the first contact", {"Name": "Sabine Keller", "Title": "Group CIO"}, "Add contact")
    expect(page.locator(".gaps")).to_contain_text("1 of 6 complete")
    add(page, "Agree on a KPI", {"Name": "First-pass yield", "Baseline": "91", "Target": "95"}, "Add KPI")
    add(page, "Write the first note", {"Title": "Budget is set in May"}, "Add note")

    section(page, "Reveal the Goals")
    goal = {"Title": "Halve scrap", "Baseline": "4", "Target": "2", "Due": days(200).isoformat()}
    add(page, "Reveal 2 to 3 goals", goal, "Add goal", also=kpi_of_goal)
    expect(page.locator("#section-body")).to_contain_text("Halve scrap")

    section(page, "Align the Routes")
    add(page, "Align the first route", {"Title": "Trace for line 4"}, "Add route", also=kind_of_route)
    expect(page.locator("[data-column=identified] h2")).to_have_text("Identified 1")

    section(page, "Choose the Line")
    play = {"Title": "Win a second sponsor", "Due": days(50).isoformat()}
    add(page, "Choose the first play", play, "Add play", also=route_of_play)
    expect(page.locator("#section-body")).to_contain_text("Win a second sponsor")

    section(page, "Kickoff the Plan")
    add(page, "Kick off the first cadence", {"Name": "Monthly check-in"}, "Add cadence", also=rhythm)
    expect(page.locator(".gaps")).to_contain_text("complete")
    page.keyboard.press("0")
    page.wait_for_url("**/accounts/kranz-systems")
    expect(page.locator("#main")).not_to_contain_text("Getting started")
    assert percent(page) > before + 30
    clean(page)

    account = Account.objects.get(name="Kranz Systems")
    assert account.owner == cast.owner, "who adds an account owns it unless they say otherwise"
    assert Contact.objects.get(account=account).title == "Group CIO"
    made = Goal.objects.get(account=account)
    assert list(made.kpis.all()) == [Kpi.objects.get(account=account)]
    assert list(Play.objects.get(account=account).routes.all()) == [Route.objects.get(account=account)]
    assert Cadence.objects.get(account=account).frequency == "monthly"


def percent(page: Page) -> int:
    """Return how complete the page says the account is."""
    return int(page.locator(".track .total").inner_text().split("%")[0].split()[-1])


def section(page: Page, name: str) -> None:
    """Open a section by its station on the line."""
    page.locator(".track").get_by_role("link", name=name).click()
    expect(page.locator(".track [aria-current]")).to_contain_text(name)
    settle(page)


def add(
    page: Page, gap: str, values: dict[str, str], send: str, also: Callable[[Locator], None] = lambda panel: None
) -> None:
    """Follow what is missing, or what comes next, to the form beside the page, fill it in and save it; the gap is closed."""
    listed = page.locator(".gaps").get_by_role("link", name=gap)
    comes_next = page.locator(".next-line").filter(has_text=gap).locator(".next-acts").locator("a, button").last
    listed.or_(comes_next).click()
    panel = page.locator("#panel")
    for label, value in values.items():
        panel.get_by_label(label).first.fill(value)
    also(panel)
    panel.get_by_role("button", name=send).click()
    expect(panel.locator(".panel-head h2")).to_have_text(next(iter(values.values())))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    settle(page)


def kpi_of_goal(panel: Locator) -> None:
    choose(panel, "KPIs", "first", "First-pass yield")


def kind_of_route(panel: Locator) -> None:
    panel.get_by_label("Type").select_option("upsell")


def route_of_play(panel: Locator) -> None:
    panel.get_by_label("Horizon").select_option("60")
    choose(panel, "Routes", "trace", "Trace for line 4")


def rhythm(panel: Locator) -> None:
    panel.get_by_label("Type").select_option("client_checkin")
    panel.get_by_label("Frequency").select_option("monthly")


def choose(panel: Locator, label: str, typed: str, found: str) -> None:
    """Type ahead and take what is found."""
    panel.get_by_role("combobox", name=label).fill(typed)
    panel.get_by_role("option", name=found).click()
