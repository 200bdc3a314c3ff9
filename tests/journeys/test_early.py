"""Whoever acts on a part in the moment it is swapped in, before htmx has bound it, gets what the part promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.factories import Cast, make

Open = Callable[..., Page]

SUBMIT_AT_ONCE = """() => new Promise((done) => {
  const watching = new MutationObserver(() => {
    const form = document.querySelector("td.editing form");
    if (!form) return;
    watching.disconnect();
    form.querySelector("[name=region]").value = "Kansai";
    form.requestSubmit();
    done();
  });
  watching.observe(document.body, { childList: true, subtree: true });
  const cell = document.querySelector("td[data-cell*='/cell/region']");
  cell.focus();
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
})"""


def test_a_cell_sent_the_moment_it_opens_is_stored(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", f"/accounts/{cast.account.key}/track")
    page.locator("td[data-cell*='/cell/region']").wait_for()
    page.evaluate(SUBMIT_AT_ONCE)
    expect(page.locator(".toast")).to_contain_text("Region: not set → Kansai")
    assert "?" not in page.url


def test_what_is_swapped_away_before_its_answer_still_tells(open_page: Open, cast: Cast) -> None:
    review = make("meeting", account=cast.account, title="Review", review="qbr", at=timezone.now() + timedelta(days=7))
    page = open_page("owner", f"/meetings/{review.pk}")

    def late(route: Route) -> None:
        page.locator("#tick-rehearsal").evaluate("box => box.closest('section').remove()")
        route.continue_()

    page.route("**/tick", late)
    page.locator("#tick-rehearsal").check()
    expect(page.locator(".toast")).to_contain_text("Done")
    expect(page.locator("#tick-rehearsal")).to_be_checked()
    expect(page.locator("html")).not_to_have_class("loading")
