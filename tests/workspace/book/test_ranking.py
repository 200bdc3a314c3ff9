"""The Book page: who ranks where, why, what is shown to whom, and the ranking as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.factories import Cast, as_user, make_account, make_cast, make_model, system
from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.book.scoring.keeping import refresh_ranking
from trackline.kit.problems import NotFound
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.asked import Asked
from trackline.workspace.queries.book.ranking import Ranking, latest_run, ranking
from trackline.workspace.queries.book.why import why

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HTMX = {"HX-Request": "true", "HX-Target": "panel-content"}


@pytest.fixture
def cast() -> Cast:
    """The cast, in a book whose accounts are seen by their teams."""
    return make_cast()


@pytest.fixture
def book(cast: Cast) -> dict[str, Account]:
    """Twelve accounts by ARR and headcount; one lacks the headcount. Scored a week ago and today."""
    feeds = (("arr", 60, "field", "arr", "up"), ("fte", 40, "field", "client_fte", "down"))
    criteria = [
        {"key": key, "label": key.upper(), "group": key.upper(), "weight": weight, "direction": direction,
         "feeds": [{"kind": kind, "name": name}]}
        for key, weight, kind, name, direction in feeds
    ]  # fmt: skip
    make_model(name="Two criteria", from_on=None, criteria=criteria)
    made = {}
    for number in range(11):
        fte = None if number == 4 else 100 + number
        name, tier = f"Account {number:02}", 1 if number == 0 else None
        made[name] = make_account(name, arr=1000 * number, client_fte=fte, tier=tier, region="EMEA", owner=cast.owner)
    hidden = make_account("Zanzibar Holding", arr=999_999, client_fte=1, owner=cast.admin, region="Zanzibar")
    refresh_ranking(system(MONDAY - timedelta(days=7)), MONDAY.date() - timedelta(days=7))
    services.update(system(MONDAY), registry.get("account"), made["Account 03"].pk, {"arr": 20_000})
    refresh_ranking(system(MONDAY), MONDAY.date())
    return made | {"hidden": hidden}


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    """A signed-in browser of somebody."""

    def browser(who: str) -> Client:
        client = Client()
        client.force_login(cast.everyone()[who])
        return client

    return browser


def shown(cast: Cast, person: str = "owner", **asked: Any) -> Ranking:
    """Read the ranking as somebody."""
    run = latest_run()
    assert run is not None
    found = Asked(q=asked.pop("q", ""), order=asked.pop("order", "rank"), filters=asked)
    return ranking(as_user(cast.everyone()[person]), run, found, rates_in_force(MONDAY.date()))


def names(found: Ranking) -> list[str]:
    """The accounts of a page."""
    return [row.account["name"] for row in found.rows]


def test_ranks_are_of_all_accounts_rows_of_those_seen(cast: Cast, book: dict[str, Account]) -> None:
    whole, own = shown(cast, "admin"), shown(cast)
    assert (whole.found, own.found, own.run.scored) == (13, 12, 13)
    assert whole.rows[0].account["name"] == cast.account.name  # by far the most ARR
    assert [row.standing["rank"] for row in whole.rows] == list(range(1, 14))
    ranks = {row.account["name"]: row.standing["rank"] for row in whole.rows}
    assert {row.account["name"]: row.standing["rank"] for row in own.rows} == {
        name: rank for name, rank in ranks.items() if name != "Zanzibar Holding"
    }
    assert "Zanzibar" not in str(own.choices)


def test_what_moved_since_the_run_before(cast: Cast, book: dict[str, Account]) -> None:
    rows = {row.account["name"]: row for row in shown(cast).rows}
    moved = rows["Account 03"]
    assert moved.change is not None and moved.change > 0
    found = why(as_user(cast.owner, MONDAY), book["Account 03"].pk, rates_in_force(MONDAY.date()))
    [move] = found.moves
    assert (move.label, move.moved) == ("ARR", "€3k → €20k")
    assert [part.label for part in found.parts] == ["ARR", "FTE"]
    # Two criteria: without one of them the other decides alone.
    alone = {part.label: part.normalised * 100 for part in found.parts}
    lost = {"ARR": "FTE", "FTE": "ARR"}
    assert all(abs(one.score - alone[lost[one.label]]) < Decimal("0.01") for one in found.flips)
    assert all(one.tier != found.row.standing["tier"] for one in found.flips)
    total = sum((part.contribution for part in found.parts), Decimal(0))
    assert abs(total - found.row.standing["score"]) < Decimal("1e-5")


def test_a_missing_figure_is_told_and_drawn_apart(cast: Cast, book: dict[str, Account]) -> None:
    rows = {row.account["name"]: row for row in shown(cast).rows}
    row = rows["Account 04"]
    assert row.imputed == 1
    assert row.standing["provisional"]  # 40 % of the weight stands on the median
    assert [css for css, share in row.bar if share] == ["s1", "none"]
    assert "by medians" in row.told
    found = why(as_user(cast.owner, MONDAY), book["Account 04"].pk, rates_in_force(MONDAY.date()))
    assert [part.imputed for part in found.parts] == [False, True]


def test_filters_search_and_orders(cast: Cast, book: dict[str, Account]) -> None:
    assert names(shown(cast, tier="1", region="EMEA")) == ["Account 00"]
    assert names(shown(cast, q="ccount 07")) == ["Account 07"]
    assert len(names(shown(cast, owner=str(cast.owner.pk)))) == 12
    assert names(shown(cast, owner=str(cast.admin.pk))) == []
    assert names(shown(cast, owner="x")) == []
    assert names(shown(cast, region="none")) == [cast.account.name]
    assert set(names(shown(cast, proposed="1"))) <= {cast.account.name, "Account 03", "Account 00"}
    by_arr = [row.arr for row in shown(cast, order="-arr").rows]
    assert by_arr == sorted(by_arr, reverse=True)
    assert names(shown(cast, order="name")) == sorted(names(shown(cast, order="name")), key=str.casefold)
    assert names(shown(cast, order="-change"))[0] == "Account 03"


def test_cuts_stand_between_the_tiers_they_part(cast: Cast, book: dict[str, Account]) -> None:
    found = shown(cast, "admin")
    for before, row in zip(found.rows, found.rows[1:], strict=False):
        assert bool(row.cut_above) is (before.standing["tier"] != row.standing["tier"])
    assert [level.number for level in found.levels] == [1, 2, 3, None]
    assert sum(level.count for level in found.levels) == sum(found.bins) == 13
    assert not any(row.cut_above for row in shown(cast, "admin", order="-arr").rows)


def test_the_page_leads_from_a_row_to_its_parts(as_: Callable[[str], Client], book: dict[str, Account]) -> None:
    page = as_("owner").get("/book").content.decode()
    assert "score for another tier" in page
    assert "Zanzibar" not in page
    pk = book["Account 03"].pk
    assert f'data-panel="standing/{pk}"' in page
    panel = as_("owner").get(f"/panel/standing/{pk}", headers=HTMX).content.decode()
    for words in (
        "Why this score?",
        "ARR",
        "FTE",
        "less is better",
        "What moved it since",
        "hang on one weight",
        "hang on one figure",
        "Open the rule",
    ):
        assert words in panel, words
    part = as_("owner").get("/book?q=07", headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert "Account 07" in part
    assert "<html" not in part
    assert as_("owner").get("/book?q=nothing").content.decode().count("No account matches") == 1
    assert as_("owner").get("/book?page=99&order=colour&owner=1;--").status_code == 200


def test_nobody_opens_what_is_out_of_scope_or_not_ranked(
    as_: Callable[[str], Client], cast: Cast, book: dict[str, Account]
) -> None:
    assert as_("owner").get(f"/panel/standing/{book['hidden'].pk}", headers=HTMX).status_code == 404
    late = make_account("Late", owner=cast.owner)
    with pytest.raises(NotFound, match="not in the ranking"):
        why(as_user(cast.owner), late.pk, rates_in_force(MONDAY.date()))
    page = as_("outsider").get("/book").content.decode()
    assert "None of your accounts is ranked" in page
    assert not re.search(r"Account \d\d", page)


def test_files_hold_what_the_filter_shows(as_: Callable[[str], Client], book: dict[str, Account]) -> None:
    text = as_("owner").get("/book/export/csv?region=EMEA").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 11
    assert {row["Key"] for row in rows} == {account.key for name, account in book.items() if name != "hidden"}
    first = rows[0]
    assert float(first["Score"]) == pytest.approx(float(first["ARR, points"]) + float(first["FTE, points"]), abs=1e-5)
    [missing] = [row for row in rows if row["On medians"]]
    assert (missing["Account"], missing["On medians"], missing["FTE: Client headcount"]) == ("Account 04", "FTE", "")
    answer = as_("owner").get("/book/export/xlsx?q=07")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    assert [row[3] for row in sheet.iter_rows(values_only=True)] == ["Account", "Account 07"]


def test_an_empty_book_says_what_to_do(as_: Callable[[str], Client], cast: Cast) -> None:
    assert "Score the book" in as_("owner").get("/book").content.decode()
    assert "Score the book" not in as_("facilitator").get("/book").content.decode()
    refused = as_("owner").post("/book/score", headers=HTMX)
    assert refused.status_code == 409  # one account, of which nearly nothing is known
    page = as_("owner").get("/book").content.decode()
    assert "Too little is known for a score" in page
    assert "60 % are needed" in page
