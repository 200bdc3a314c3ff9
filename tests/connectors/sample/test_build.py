"""The content of the sample book: the same for the same day, whole, and within the rules on any day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from trackline.connectors.sample.build import build
from trackline.connectors.sample.drafts import Book

TODAY = date(2026, 11, 23)
DAYS = [TODAY, date(2027, 1, 1), date(2028, 2, 29), date(2026, 3, 31), date(2026, 8, 1), date(2026, 8, 2)]
"""Month ends, a leap day, a new year, a Saturday and a Sunday."""


@pytest.fixture(scope="module", params=DAYS, ids=str)
def book(request: Any) -> Book:
    return build(request.param)


@pytest.fixture(scope="module")
def autumn() -> Book:
    return build(TODAY)


def account_of(key: str) -> str:
    return key.partition(":")[2].partition("/")[0]


def is_local(book: Book, item: Any) -> bool:
    """Tell a local name from other text."""
    return isinstance(item, str) and ":" in item and " " not in item and item.partition(":")[0] in book.drafts


def test_the_same_day_gives_the_same_book() -> None:
    assert repr(build(TODAY)) == repr(build(TODAY))


def test_dates_move_with_today(autumn: Book) -> None:
    later = build(TODAY + timedelta(days=70))
    before, after = autumn.final("account"), later.final("account")
    for key, data in before.items():
        if "renewal_date" in data:
            assert after[key]["renewal_date"] - data["renewal_date"] == timedelta(days=70)


def test_every_reference_is_there(book: Book) -> None:
    keys = {draft.key for drafts in book.drafts.values() for draft in drafts}
    sources = [draft.data for drafts in book.drafts.values() for draft in drafts]
    sources += [change.data for change in book.amendments]
    for data in sources:
        for value in data.values():
            for item in value if isinstance(value, list) else [value]:
                if is_local(book, item):
                    assert item in keys
    for change in book.amendments:
        assert change.key in keys or change.key.startswith("step:")


def test_local_names_are_unique(book: Book) -> None:
    keys = [draft.key for drafts in book.drafts.values() for draft in drafts]
    assert len(keys) == len(set(keys))


def test_links_stay_within_the_account(book: Book) -> None:
    shared = (
        "user:",
        "product:",
        "objective:",
        "assignment:",
        "playbook:",
        "journey_dimension:",
        "account:",
        "survey_round:",
    )
    for drafts in book.drafts.values():
        for draft in drafts:
            for name, value in draft.data.items():
                for item in value if isinstance(value, list) else [value]:
                    if is_local(book, item) and not item.startswith(shared) and name != "same_as":
                        assert account_of(item) == account_of(draft.key)


def test_nothing_is_written_before_the_book_or_after_today(book: Book) -> None:
    for drafts in book.drafts.values():
        for draft in drafts:
            assert book.opened <= draft.at.date() <= book.today, draft.key
    for change in book.amendments:
        assert book.opened <= change.at.date() <= book.today, change.key


def test_a_change_follows_what_it_changes(book: Book) -> None:
    made = {draft.key: draft.at for drafts in book.drafts.values() for draft in drafts}
    for change in book.amendments:
        if change.key in made:
            assert change.at >= made[change.key], change.key


def test_one_reading_a_day(book: Book) -> None:
    seen = Counter((reading.account, reading.metric, reading.on) for reading in book.readings)
    assert max(seen.values()) == 1
    assert all(reading.on <= book.today for reading in book.readings)


def test_one_snapshot_a_day_and_none_ahead(book: Book) -> None:
    seen = Counter((row["account"], row["on"]) for row in book.final("health_snapshot").values())
    assert max(seen.values()) == 1
    assert all(row["on"] <= book.today for row in book.final("health_snapshot").values())


def test_journey_scores_go_in_half_steps(book: Book) -> None:
    for row in book.final("journey_score").values():
        assert 1 <= row["score"] <= 5
        assert (row["score"] * 2) % 1 == 0


def test_at_most_five_goals_each_with_a_way_to_go(book: Book) -> None:
    goals = book.final("goal").values()
    assert max(Counter(goal["account"] for goal in goals).values()) == 5
    for goal in goals:
        assert goal["baseline"] != goal["target"]
        assert goal["due_on"] > goal["start_on"]
        assert (goal["target"] > goal["baseline"]) == (goal["direction"] == "increase")


def test_plays_end_within_their_horizon(book: Book) -> None:
    for play in book.final("play").values():
        assert play.get("horizon") in (30, 60, 90) or "playbook" in play
        if "horizon" in play:
            assert play["start_on"] <= play["due_on"] <= play["start_on"] + timedelta(days=play["horizon"])


def test_parked_routes_come_back_within_half_a_year(book: Book) -> None:
    parked = [change for change in book.amendments if change.data.get("state") == "parked"]
    assert parked
    for change in parked:
        assert timedelta(0) < change.data["revisit_on"] - change.at.date() <= timedelta(days=180)


def test_at_most_three_priorities_a_year(book: Book) -> None:
    rows = book.final("customer_priority").values()
    assert max(Counter((row["account"], row["fiscal_year"]) for row in rows).values()) <= 3
    assert len({(row["account"], row["fiscal_year"], row["rank"]) for row in rows}) == len(rows)


def test_an_address_belongs_to_one_person(book: Book) -> None:
    rows = book.final("contact")
    addresses = Counter(row["email"] for row in rows.values() if "same_as" not in row)
    further = [row for row in rows.values() if "same_as" in row]
    assert further and all(
        (one["email"], one["name"]) == (rows[one["same_as"]]["email"], rows[one["same_as"]]["name"]) for one in further
    )
    assert max(addresses.values()) == 1
    assert all(address.isascii() and address.endswith(".example") for address in addresses)


def test_contracts_add_up_to_the_account(book: Book) -> None:
    accounts = book.final("account")
    for contract in book.final("contract").values():
        account = accounts[contract["account"]]
        if account["status"] != "churned":
            assert contract["arr"] == account["arr"]
        assert contract["end_on"] == account["renewal_date"]


def test_every_text_stands_for_itself(autumn: Book) -> None:
    texts = [row["summary"] for key, row in autumn.final("interaction").items() if key.count("/") == 1]
    texts += [row["title"] for kind in ("note", "issue", "action", "decision") for row in autumn.final(kind).values()]
    assert all(text.strip() and "lorem" not in text.lower() for text in texts)
    assert max(Counter(texts).values()) == 1
