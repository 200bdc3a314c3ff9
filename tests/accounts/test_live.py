"""Stakeholder coverage out of contacts: cells, what is unknown, and that queries do not grow."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.accounts.rulebook.running import live, queries_for, score_of
from tests.factories import NOW, make, make_account
from trackline.accounts.rulebook.computing import compute_scores
from trackline.accounts.rulebook.queries import latest, trend
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.rules.stakeholder_map import area_of, is_active, level_of
from trackline.accounts.rules.stakeholders import coverage

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
RULE = coverage


def person(account: Any, name: str, touched: int | None = 10, **more: Any) -> Any:
    on = None if touched is None else TODAY - timedelta(days=touched)
    return make("contact", account=account, name=name, last_touch_on=on, **more)


def test_contacts_fill_cells() -> None:
    account = make_account()
    unit = make("business_unit", account=account, name="Lab", area="adjacent")
    person(account, "Abe", seniority="vp", function="Purchasing", buying_role="economic_buyer", is_exec_sponsor=True)
    person(account, "Bea", seniority="director", function="Quality management", buying_role="champion")
    person(account, "Cem", seniority="manager", function="Operations", business_unit=unit)
    person(account, "Dot", seniority="c_suite", function="Purchasing", status="departed")
    found = score_of(RULE, account)
    assert found.value == Decimal("33.333333")
    assert found.details["solo_cells"] == ["individual/adjacent", "director/using", "executive/buying"]
    assert (found.details["thread"], found.details["c_level_gap"]) == ("ok", True)
    assert found.details["missing_roles"] == ["user_influencer"]
    assert found.missing == []
    sources = found.inputs["contacts"]["sources"]
    assert [one["label"] for one in sources] == ["Abe", "Bea", "Cem"]
    assert [one["area_by"] for one in sources] == ["function", "function", "business_unit"]
    assert sources[0]["age_days"] == 10


def test_what_a_contact_does_not_say_is_named_not_guessed() -> None:
    account = make_account()
    one = person(account, "Abe", touched=None)
    found = score_of(RULE, account)
    assert (found.value, found.details["thread"]) == (0, "single_threaded")
    lacks = ["seniority", "functional area", "two-way touch"]
    assert found.missing == [
        {"input": "contacts", "record_type": "contact", "record_id": one.pk, "label": "Abe", "lacks": lacks}
    ]


def test_a_silent_quarter_empties_the_cell() -> None:
    account = make_account()
    person(account, "Abe", touched=90, seniority="director", function="Finance")
    assert score_of(RULE, account).details["covered"] == 1
    person(account, "Bea", touched=91, seniority="vp", function="Finance")
    assert score_of(RULE, account).details["covered"] == 1


def test_what_hangs_on_one_person_is_kept_on_the_day_it_changes() -> None:
    account = make_account()
    person(account, "Abe", touched=10, seniority="director", function="Finance")
    person(account, "Bea", touched=88, seniority="director", function="Finance")
    refresh_scores([account.pk], TODAY)
    refresh_scores([account.pk], TODAY + timedelta(days=1))
    refresh_scores([account.pk], TODAY + timedelta(days=3))
    line = trend(account.pk, coverage.id)
    assert [((one.on - TODAY).days, one.details["solo_cells"]) for one in line] == [(0, []), (3, ["director/buying"])]


def test_a_touch_and_a_new_contact_are_seen_at_once() -> None:
    account = make_account()
    one = person(account, "Abe", touched=None, seniority="director", function="Finance")
    assert latest([account.pk], coverage.id)[account.pk, coverage.id, ""].details["covered"] == 0
    make("interaction", account=account, on=TODAY, kind="call", contacts=[one.pk])
    assert latest([account.pk], coverage.id)[account.pk, coverage.id, ""].details["covered"] == 1


@pytest.mark.parametrize(
    ("unit", "function", "role", "area", "by"),
    [
        ("using", "Purchasing", "", "using", "business_unit"),
        ("", "Information technology", "user_influencer", "adjacent", "function"),
        ("", "Falconry", "economic_buyer", "buying", "buying_role"),
        ("", "", "champion", None, ""),
    ],
)
def test_the_unit_counts_before_the_function_and_the_function_before_the_role(
    unit: str, function: str, role: str, area: str | None, by: str
) -> None:
    assert area_of(unit, function, role) == (area, by)


def test_levels_and_activity() -> None:
    levels = [level_of(one) for one in ("c_suite", "vp", "director", "manager", "practitioner", "")]
    assert levels == ["executive", "executive", "director", "individual", "individual", None]
    assert is_active(None, date(2026, 11, 23)) is None


def test_queries_do_not_grow() -> None:
    accounts = [make_account(f"Account {n}") for n in range(4)]
    for account in accounts:
        person(account, "Abe", seniority="director", function="Finance")
    assert queries_for(RULE, accounts[:1]) == queries_for(RULE, accounts)


def test_accounts_of_which_the_same_is_known_keep_their_own_people() -> None:
    """What a rule finds is found once for all that look alike; whom it found that of is each account's own."""
    one, two, three = make_account("One"), make_account("Two"), make_account("Three")
    first, same = (person(account, "Abe", seniority="vp", function="Purchasing") for account in (one, two))
    vague = person(two, "Bea", touched=None)
    other = person(three, "Cem", seniority="vp", function="Purchasing", touched=None)
    found = {score.account_id: score for score in compute_scores([one.pk, two.pk, three.pk], TODAY, rules=[live(RULE)])}
    vague_pk = vague.pk
    vague.delete()
    alone = {pk: score_of(RULE, account) for pk, account in ((one.pk, one), (two.pk, two), (three.pk, three))}
    assert found[two.pk].missing[0]["record_id"] == vague_pk
    assert not found[one.pk].missing
    assert found[three.pk].missing[0]["record_id"] == other.pk
    again = {score.account_id: score for score in compute_scores([one.pk, two.pk, three.pk], TODAY, rules=[live(RULE)])}
    for pk, score in alone.items():
        told = {name: value for name, value in score.__dict__.items() if name != "_state"}
        assert {name: value for name, value in again[pk].__dict__.items() if name != "_state"} == told
    ids = [again[pk].inputs["contacts"]["sources"][0]["record_id"] for pk in (one.pk, two.pk, three.pk)]
    assert ids == [first.pk, same.pk, other.pk]
    assert again[one.pk].details is again[two.pk].details is not again[three.pk].details
