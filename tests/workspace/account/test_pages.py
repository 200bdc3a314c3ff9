"""Every page of an account: who sees it, what one may do there, and that its queries do not grow."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, make, make_account
from tests.pages.table import PEOPLE, TABLE
from tests.workspace.account.world import PAGES, fill

Browsers = Callable[[str], Client]

WHO_SEES_IT = " ".join(
    {"anonymous": "302", "outsider": "404"}.get(person, "200") for person in PEOPLE
)  # to sign in, nothing there, the page
AT_MOST = 66
"""No page of an account asks more queries than the overview, which asks so many."""


def queries_of(client: Client, url: str) -> int:
    """Return how many queries a page asks."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200, url
    return len(asked)


def test_the_table_of_rights_tells_of_every_page() -> None:
    """tests/pages asks for what stands in the table, as everybody: here nobody sees more of an account than of another."""
    stated = {words: statuses for rows in TABLE.values() for words, statuses in rows.items()}
    found = {page: stated.get(f"GET /accounts/{{account.key}}{page}") for page in PAGES}
    assert found == dict.fromkeys(PAGES, WHO_SEES_IT)


def test_who_only_reads_is_offered_no_change(cast: Cast, as_: Browsers) -> None:
    fill(cast)
    for page in PAGES:
        html = as_("facilitator").get(f"/accounts/{cast.account.key}{page}").content.decode()
        for affordance in ("data-cell=", "/new?", 'data-move="', '/set"', "log-menu", "/undo/"):
            assert affordance not in html, (page, affordance)


def test_an_account_without_anything_has_all_its_pages(cast: Cast, as_: Browsers) -> None:
    bare = make_account("Ng", owner=cast.owner)
    for page in PAGES:
        assert as_("owner").get(f"/accounts/{bare.key}{page}").status_code == 200, page


def test_all_is_offered_where_all_is_more_than_nothing(cast: Cast, as_: Browsers) -> None:
    def shown() -> str:
        html = as_("owner").get(f"/accounts/{cast.account.key}/track/issues").content.decode()
        return html[html.index('id="of-issues-of"') :]

    assert "No issues yet" in shown()
    assert "Show all" not in shown()
    make("issue", account=cast.account, title="Over", assignee=cast.owner, status="resolved")
    assert "No open issues" in shown()
    assert "Show all" in shown()


def test_queries_do_not_grow_with_what_an_account_holds(cast: Cast, as_: Browsers) -> None:
    owner = as_("owner")
    fill(cast, 2)
    make_account("Child", parent=cast.account, owner=cast.owner, arr=10, currency="EUR")
    for page in PAGES:
        owner.get(f"/accounts/{cast.account.key}{page}")  # what is made on first use exists
    few = {page: queries_of(owner, f"/accounts/{cast.account.key}{page}") for page in PAGES}
    fill_more(cast)
    many = {page: queries_of(owner, f"/accounts/{cast.account.key}{page}") for page in PAGES}
    assert many == few
    few.pop("/group")  # tells a line of every other page; what it asks is pinned with all pages
    assert max(few.values()) <= AT_MOST


def fill_more(cast: Cast) -> None:
    """Give the account more of what its pages list."""
    for n in range(10):
        contact = make("contact", account=cast.account, name=f"More {n}", influence=5)
        make("interaction", account=cast.account, summary="Again", contacts=[contact.pk])
        make("note", account=cast.account, title=f"More {n}")
        make("route", account=cast.account, title=f"More {n}", type="renewal", value=5, owner=cast.owner)
        play = make("play", account=cast.account, title=f"More {n}", horizon=30, owner=cast.owner)
        for step in range(6):
            make("step", play=play, title=f"More {step}", owner=cast.owner)
        make("action", account=cast.account, title=f"More {n}", owner=cast.owner)
        make("kpi", account=cast.account, name=f"More {n}", baseline=1, target=2)
        make_account(f"Child {n}", parent=cast.account, owner=cast.owner, arr=10, currency="EUR")


def test_an_account_answers_to_its_id_too(cast: Cast, as_: Browsers) -> None:
    assert as_("owner").get(f"/accounts/{cast.account.pk}").status_code == 200


@pytest.mark.parametrize("page", ["/nothing", "/track/nothing", "/align/plays"])
def test_what_is_not_there_is_not_found(cast: Cast, as_: Browsers, page: str) -> None:
    assert as_("owner").get(f"/accounts/{cast.account.key}{page}").status_code == 404


def test_a_broken_cursor_is_refused(cast: Cast, as_: Browsers) -> None:
    assert as_("owner").get(f"/accounts/{cast.account.key}/timeline?cursor=xyz").status_code == 400


def test_a_new_account_needs_a_name_and_opens_its_workspace(cast: Cast, as_: Browsers) -> None:
    owner = as_("owner")
    assert b"A name is enough" in owner.get("/accounts/new").content
    refused = owner.post("/accounts/new", {"name": "", "arr": "12"})
    assert refused.status_code == 422
    assert b'value="12"' in refused.content
    made = owner.post("/accounts/new", {"name": "美濃電気株式会社", "owner": str(cast.owner.pk)})
    assert made.status_code == 302
    opened = owner.get(made.headers["Location"])
    assert opened.status_code == 200
    assert "Getting started" in opened.content.decode()


def test_who_only_reads_cannot_make_an_account(cast: Cast, as_: Browsers) -> None:
    assert as_("facilitator").get("/accounts/new").status_code == 403
    assert as_("facilitator").post("/accounts/new", {"name": "X"}).status_code == 403


@pytest.mark.parametrize("section", ["track", "reveal", "align", "choose", "kickoff"])
def test_each_section_says_how_complete_it_is(as_: Callable[[str], Client], cast: Cast, section: str) -> None:
    make("goal", account=cast.account, title="Halve scrap", baseline=4, target=2)
    page = as_("owner").get(f"/accounts/{cast.account.key}/{section}").content.decode()
    assert re.search(r'(?s)id="section-gaps".*\d of \d\s+complete', page)
