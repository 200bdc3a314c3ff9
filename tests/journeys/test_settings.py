"""An administrator sets the house up: a person with a role, team scope, a token, a custom field, words, a rate."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, Cast, make_account
from tests.journeys.checks import clean, settle
from trackline.accounts.models import Account, ExchangeRate, User
from trackline.accounts.settings import setting
from trackline.kit.models import PicklistValue

Open = Callable[..., Page]


def test_a_person_is_added_given_a_password_and_signs_in(open_page: Open, visit: Open, cast: Cast) -> None:
    page = open_page("admin", "/settings/people")
    page.get_by_role("button", name="Add a person").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Add person").click()
    expect(dialog.locator(".field-error:visible").first).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("Mei Lindgren")
    dialog.get_by_label("Sign-in name").fill("mei")
    dialog.get_by_label("Role").select_option("manager")
    dialog.get_by_role("button", name="Add person").click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row", name="Mei Lindgren")
    expect(row).to_contain_text("cannot sign in yet")
    row.get_by_role("button", name="More for Mei Lindgren").click()
    page.get_by_role("button", name="Set password").locator("visible=true").click()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Set password").click()
    expect(row).to_contain_text("not signed in so far")
    clean(page)
    assert [role.code for role in User.objects.get(username="mei").roles.all()] == ["manager"]

    theirs = visit(None, "/accounts")
    theirs.get_by_label("Sign-in name").fill("mei")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.keyboard.press("Enter")
    theirs.wait_for_url("**/accounts")
    expect(theirs.locator("#main")).to_contain_text("No accounts yet")  # the book is in team scope, she is in none
    theirs.goto("/settings/people")
    expect(theirs.get_by_role("button", name="Add a person")).to_have_count(0)


def test_scope_decides_which_accounts_there_are(open_page: Open, cast: Cast) -> None:
    make_account("Nordwall Logistik")
    page = open_page("admin", "/settings/access")
    page.get_by_role("button", name="Change…").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("All accounts").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".choice-line.current")).to_contain_text("All accounts")
    assert setting("perm.account_scope") == "all"
    theirs = open_page("outsider", "/accounts?view=all")
    expect(theirs.locator("#list")).to_contain_text("Okada Brandt Mobility")
    page.keyboard.press("Control+z")
    expect(page.locator(".choice-line.current")).to_contain_text("Their own accounts only")
    theirs.reload()
    expect(theirs.locator("#list")).not_to_contain_text("Okada Brandt Mobility")


def test_a_token_opens_the_api_and_is_revoked(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", "/settings/tokens")
    page.get_by_role("button", name="Make a token").or_(page.get_by_role("button", name="New token")).first.click()
    page.locator("#dialog").get_by_label("Name").fill("Warehouse feed")
    page.get_by_role("button", name="Make token").click()
    bearer = page.locator("#bearer").inner_text()
    ask = """async (token) => {
      const answer = await fetch("/api/v1/accounts", {headers: {Authorization: `Bearer ${token}`}, credentials: "omit"});
      return [answer.status, answer.ok ? (await answer.json()).items.map((each) => each.name) : []];
    }"""
    assert page.evaluate(ask, bearer) == [200, ["Okada Brandt Mobility"]]
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("row", name="Warehouse feed")
    row.get_by_role("button", name="Revoke").click()
    page.locator("#dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("#settings-page")).to_contain_text("revoked")
    assert page.evaluate(ask, bearer) == [401, []]
    page.problems.clear()  # type: ignore[attr-defined]  # the browser notes the refusal that was asked for


def test_a_custom_field_stands_in_forms_lists_and_filters(open_page: Open, cast: Cast) -> None:
    page = open_page("admin", "/settings/fields")
    page.get_by_role("button", name="Add a field").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name", exact=True).fill("Contract class")
    dialog.get_by_label("Kind").select_option("choice")
    dialog.get_by_label("Choices").fill("Frame\nSingle")
    dialog.get_by_role("button", name="Add field").click()
    expect(page.get_by_role("row", name="Contract class")).to_be_visible()

    page.goto("/accounts/new")
    page.get_by_label("Name", exact=True).fill("Kranz Systems")
    page.get_by_text("More fields").click()
    page.get_by_label("Contract class").select_option("Frame")
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/accounts/kranz-systems")
    assert Account.objects.get(name="Kranz Systems").custom == {"contract_class": "Frame"}

    page.goto("/accounts?view=all")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("button", name="Contract class").click()
    page.get_by_label("Frame").check()
    expect(page.locator("h1")).to_contain_text("1 account")
    expect(page.locator("#list")).to_contain_text("Kranz Systems")
    clean(page)


def test_words_of_a_list_are_offered_where_it_is_used(open_page: Open, cast: Cast) -> None:
    page = open_page("admin", "/settings/lists")
    page.get_by_role("button", name="Edit words of Industry").click()
    words = page.locator("#dialog").get_by_label("Words")
    words.fill(f"{words.input_value()}\nRailways")
    page.get_by_role("button", name="Save words").click()
    expect(page.locator("#settings-page")).to_contain_text("Railways")
    assert PicklistValue.objects.filter(value="Railways", active=True).exists()
    page.goto(f"/accounts/{cast.account.key}/track/profile")
    cell = page.locator("tr", has=page.get_by_role("rowheader", name="Industry")).locator("[data-cell]")
    cell.click()
    expect(cell.locator("datalist option[value=Railways]")).to_have_count(1)
    cell.locator("input:visible").fill("Railways")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Industry: not set → Railways")
    settle(page)
    assert Account.objects.get(pk=cast.account.pk).industry == "Railways"


def test_a_rate_lets_foreign_money_into_sums(open_page: Open, cast: Cast) -> None:
    make_account("Ardent Rail", currency="USD", arr=1_000_000)
    page = open_page("admin", "/settings/currencies")
    expect(page.locator("#settings-page")).to_contain_text("USD is in use without a rate")
    page.get_by_role("button", name="Add rate of USD").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("One unit is worth, in EUR").fill("0.9")
    dialog.get_by_role("button", name="Save rate").click()
    expect(page.get_by_role("row", name="USD")).to_contain_text("0.9")
    expect(page.locator("#settings-page")).not_to_contain_text("without a rate")
    assert ExchangeRate.objects.get(currency="USD").rate == Decimal("0.9")
    page.goto("/accounts?view=all")
    expect(page.locator("h1")).to_have_text("2 accounts, €3.74m ARR")
