"""The ranking on live data: figures collected, scored as the rule says, kept as runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as drawn
from hypothesis import settings as tuned
from hypothesis import strategies as st

from tests.factories import NOW, as_user, make, make_account, make_cast, make_model, system
from trackline.accounts.models import Metric, RuleOverride
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.preview import preview
from trackline.accounts.services import set_exchange_rate
from trackline.book.models import ScoringModel, ScoringRun
from trackline.book.queries.score import score
from trackline.book.rules.score import composite, sensitivity
from trackline.book.rules.scoring_model import Criterion, read_criteria, shipped, warnings
from trackline.book.rules.tiers import cutoffs
from trackline.book.scoring.feeds import Column
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.scoring.run import Given, Run, given, score_book, scored
from trackline.book.scoring.universe import universe
from trackline.book.versions import model_in_force
from trackline.core.decimals import plain
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def criterion(key: str, weight: float, kind: str, name: str, direction: str = "up", **more: Any) -> dict[str, Any]:
    """A criterion with one feed."""
    feed = {"kind": kind, "name": name} | more
    return {"key": key, "label": key.capitalize(), "weight": weight, "direction": direction, "feeds": [feed]}


def model_of(*criteria: dict[str, Any], **more: Any) -> ScoringModel:
    """Make a model in force from the start of time on."""
    return make_model(name="Ours", criteria=list(criteria), **more)


def fed(kind: str, name: str, on: date = TODAY, **more: Any) -> dict[str, Any]:
    """What one feed says of each account, by key."""
    model = model_of(criterion("one", 100, kind, name, **more), from_on=date(2000, 1, 1))
    found = given(system(), on, model)
    assert found.over is not None
    column = found.columns[0]
    return {} if column is None else {found.over.scored[pk].key: plain(value) for pk, value in column.values.items()}


def reading(account: Any, metric: str, on: date, value: float) -> Any:
    """Write an observation."""
    return make("observation", account=account, metric=Metric.objects.get(key=metric), on=on, value=value)


# -- the model -----------------------------------------------------------------------------------------------------


def test_the_shipped_model_holds_to_the_catalogue() -> None:
    criteria, errors = read_criteria(list(shipped()["criteria"]))
    assert (errors, warnings(criteria)) == ([], [])
    groups: dict[str, Decimal] = {}
    for item in criteria:
        groups[item.group] = groups.get(item.group, Decimal(0)) + item.weight
        assert item.origin and item.source
        assert item.origin == "stated" or item.why
    assert groups == {
        "Financial": 40, "Fit and influence": 20, "Relationship": 15, "Innovation": 15, "Risk and values": 10,
    }  # fmt: skip
    found = model_in_force(TODAY)
    assert found is not None and found.name == shipped()["name"]


def test_warnings_tell_of_what_is_unwise() -> None:
    criteria, errors = read_criteria(
        [criterion("arr", 60, "field", "arr"), criterion("fte", 40, "field", "client_fte")]
    )
    assert errors == []
    assert [text.split(":")[0].split(".")[0] for text in warnings(criteria)] == [
        "Arr holds 60 % of the weight", "No criterion looks ahead", "No criterion tells of a risk",
    ]  # fmt: skip


def test_weights_sum_to_100_within_a_thousandth() -> None:
    for weight, fine in ((50, True), ("50.001", True), ("50.0011", False), ("49.999", True), ("49.99", False)):
        rows = [criterion("a", 50, "field", "arr"), criterion("b", Decimal(weight), "field", "client_fte")]  # type: ignore[arg-type]
        assert (read_criteria(rows)[1] == []) is fine, weight


def test_the_newest_model_that_has_begun_is_in_force() -> None:
    first = model_of(criterion("a", 100, "field", "arr"), from_on=date(2026, 1, 1))
    second = model_of(criterion("a", 100, "field", "arr"), from_on=date(2026, 7, 1))
    later = model_of(criterion("a", 100, "field", "arr"), from_on=date(2027, 1, 1))
    for on, expected in ((date(2026, 6, 30), first), (date(2026, 7, 1), second), (date(2026, 12, 31), second)):
        assert model_in_force(on) == expected
    assert model_in_force(date(2027, 1, 1)) == later
    shipped_one = model_in_force(date(2025, 12, 31))
    assert shipped_one is not None and shipped_one.from_on is None


def test_a_model_that_has_scored_stays_as_it_is() -> None:
    make_account(arr=5)
    make_account("Other", arr=6)
    model, rtype = model_of(criterion("a", 100, "field", "arr")), registry.get("scoring_model")
    services.update(system(), rtype, model.pk, {"normaliser": "zcdf"})
    ScoringModel.objects.filter(pk=model.pk).update(signed_on=TODAY)
    refresh_ranking(system(), TODAY)
    for changes in ({"normaliser": "minmax"}, {"criteria": [criterion("b", 100, "field", "arr")]}, {"from_on": None}):
        with pytest.raises(Refused, match="has scored accounts"):
            services.update(system(), rtype, model.pk, changes)
    services.update(system(), rtype, model.pk, {"name": "Renamed", "note": "why"})
    with pytest.raises(Refused):
        services.delete(system(), rtype, model.pk)
    with pytest.raises(Invalid, match="Weights must sum to 100"):
        model_of(criterion("a", 99, "field", "arr"))


# -- feeds ---------------------------------------------------------------------------------------------------------


def test_who_is_scored_and_whose_money_counts_for_whom() -> None:
    set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.9"))
    top = make_account("Top", arr=100)
    unit = make_account("Unit", parent=top, arr=10, is_decision_level=False)
    make_account("Deep", parent=unit, arr=1, is_decision_level=False, currency="USD")
    make_account("Own", parent=top, arr=50)
    make_account("Prospect", status="prospect", arr=7)
    gone = make_account("Gone", status="churned", arr=8)
    make_account("Below gone", parent=gone, arr=9, is_decision_level=False)
    assert fed("field", "arr") == {"top": 110.9, "own": 50}
    over = universe(TODAY)
    assert ({account.key for account in over.scored.values()}, over.nested) == ({"top", "own"}, 1)
    assert any("1 stand below another account" in note for note in score_book(system(), TODAY).notes)
    make("route", account=unit, title="A", type="upsell", state="won", value=30, closed_on=TODAY)
    assert fed("routes", "won_value") == {"top": 30, "own": 0}


def test_fields_shares_and_currencies_without_a_rate() -> None:
    make_account("A", arr=75, client_fte=1000)
    make_account("B", arr=25)
    make_account("C", arr=9, currency="JPY", maturity=3)
    assert fed("field", "arr") == {"a": 75, "b": 25}
    assert fed("field", "share_of_arr") == {"a": 75, "b": 25}
    assert fed("field", "client_fte") == {"a": 1000}
    assert fed("field", "maturity") == {"c": 3}
    assert any("no rate for JPY" in note for note in score_book(system(), TODAY).notes)


def test_readings_of_the_day_that_are_not_too_old() -> None:
    one, two = make_account("One"), make_account("Two")
    reading(one, "stakeholder_coverage", TODAY - timedelta(days=47), 40)
    reading(two, "stakeholder_coverage", TODAY - timedelta(days=48), 50)
    reading(two, "stakeholder_coverage", TODAY + timedelta(days=1), 99)
    assert fed("metric", "stakeholder_coverage") == {"one": 40}
    assert fed("metric", "stakeholder_coverage", max_age_days=60) == {"one": 40, "two": 50}
    assert fed("metric", "stakeholder_coverage", TODAY - timedelta(days=2)) == {"one": 40, "two": 50}
    assert fed("metric", "no_such_metric") == {}


def test_growth_compares_with_the_reading_before_the_window() -> None:
    grown, young, zero, old = (make_account(name) for name in ("Grown", "Young", "Zero", "Old"))
    for account, days, value in (
        (grown, 400, 200), (grown, 30, 250), (young, 200, 100), (young, 1, 150), (zero, 400, 0), (zero, 1, 5),
        (old, 900, 100), (old, 1, 110),
    ):  # fmt: skip
        reading(account, "revenue", TODAY - timedelta(days=days), value)
        reading(account, "arr", TODAY - timedelta(days=days), value)
    assert fed("growth", "revenue", months=12) == {"grown": 25}
    assert fed("growth", "arr", months=12) == {"grown": 25, "old": 10}


def test_routes_won_in_the_window_and_open_ones() -> None:
    one, two, three = (make_account(name) for name in ("One", "Two", "Three"))
    won = {"type": "upsell", "state": "won"}
    make("route", account=one, title="A", value=10, closed_on=TODAY - timedelta(days=364), **won)
    make("route", account=one, title="B", value=20, closed_on=TODAY - timedelta(days=365), **won)
    make("route", account=two, title="C", value=40, closed_on=TODAY, **won)
    make("route", account=two, title="D", type="upsell", state="pursuing", value=100, probability=70)
    make("route", account=two, title="E", type="upsell", state="identified", value=100)
    make("route", account=three, title="F", type="upsell", state="identified")
    assert fed("routes", "won_value", months=12) == {"one": 10, "two": 40, "three": 0}
    assert fed("routes", "won_value") == {"one": 30, "two": 40, "three": 0}
    assert fed("routes", "won_count") == {"one": 2, "two": 1, "three": 0}
    assert fed("routes", "open_weighted") == {"one": 0, "two": 80}  # three's only route has no value
    assert fed("routes", "open_count") == {"one": 0, "two": 2, "three": 1}


def test_contacts_products_projects_journey_and_scores() -> None:
    one, two = make_account("One"), make_account("Two")
    make("contact", account=one, name="Ann", seniority="c_suite")
    make("contact", account=one, name="Bea", seniority="c_suite", status="departed")
    make("contact", account=one, name="Cora", influence=5, buying_role="champion")
    assert fed("contacts", "c_suite") == {"one": 1, "two": 0}
    assert fed("contacts", "active") == {"one": 2, "two": 0}
    assert fed("contacts", "champions") == fed("contacts", "high_influence") == {"one": 1, "two": 0}
    assert fed("contacts", "c_suite", TODAY - timedelta(days=1)) == {}
    pump, valve = make("product", name="Pump"), make("product", name="Valve")
    over = make("contract", account=one, ref="Over", start_on=date(2024, 1, 1), end_on=date(2025, 1, 1))
    runs = make("contract", account=one, ref="Runs", start_on=date(2026, 1, 1))
    for contract, item in ((over, valve), (runs, pump)):
        make("contract_item", contract=contract, product=item)
    make("route", account=two, title="A", type="upsell", state="won", value=1, closed_on=TODAY, product=valve)
    assert fed("products", "in_use") == {"one": 1, "two": 1}
    make("project", name="Now", account=one, status="active")
    make("project", name="Then", account=two, status="completed", due_on=date(2020, 1, 1))
    assert fed("projects", "run", months=24) == {"one": 1, "two": 0}
    assert fed("projects", "run") == {"one": 1, "two": 1}
    dimension = registry.get("journey_dimension").model.objects.get(key="delivery_trust")
    for on, value in ((date(2026, 1, 1), 3), (date(2026, 6, 1), 4)):
        make("journey_score", account=one, dimension=dimension, score=value, on=on)
    assert fed("journey", "delivery_trust") == {"one": 4}
    assert fed("journey", "delivery_trust", date(2026, 5, 31)) == {"one": 3}


def test_the_first_feed_that_speaks_for_the_book_feeds_all() -> None:
    for number in range(4):
        make_account(f"A{number}", arr=100, client_fte=number + 1, maturity=3 if number < 1 else None)
    feeds = [{"kind": "field", "name": name} for name in ("maturity", "arr", "client_fte")]
    model = model_of({**criterion("one", 100, "field", "arr"), "feeds": feeds})
    [told] = score_book(system(), TODAY).criteria  # maturity is known of one in four, ARR is the same for all
    assert (told["fed_by"], told["known"], model.name) == ("Client headcount", 4, "Ours")


# -- the score -----------------------------------------------------------------------------------------------------


def test_the_worked_example_on_live_data() -> None:
    """PF-06: Alder 62.14, Birch 51.00, Cedar 35.00."""
    model_of(
        criterion("fin", 40, "field", "arr"),
        criterion("fit", 20, "field", "maturity"),
        criterion("rel", 15, "metric", "stakeholder_coverage"),
        criterion("inn", 15, "metric", "joint_ip"),
        criterion("risk", 10, "metric", "escalation_index", "down"),
    )
    rows = (("Alder", 4.2, 3, 40, 2, 30), ("Birch", 2.1, 5, 70, 1, 55), ("Cedar", 0.7, 1, 60, 4, 20))
    for name, arr, fit, coverage, pilots, risk in rows:
        account = make_account(name, arr=arr * 1_000_000, maturity=fit)
        for metric, value in (("stakeholder_coverage", coverage), ("joint_ip", pilots), ("escalation_index", risk)):
            reading(account, metric, TODAY, value)
    found = score(system(), TODAY)
    told = {row["key"]: (round(row["score"], 2), row["rank"], row["tier"]) for row in found["accounts"]}
    assert told == {
        "alder": (Decimal("62.14"), 1, 2), "birch": (Decimal("51.00"), 2, 2), "cedar": (Decimal("35.00"), 3, 3),
    }  # fmt: skip
    assert found["accounts"][0]["contributions"] == {
        "fin": 40, "fit": 10, "rel": 0, "inn": 5, "risk": 7.142857,
    }  # fmt: skip
    assert (found["cutoffs"], found["cuts"], found["coverage_pct"]) == ("absolute", [70, 50, 30], 100)


VALUES = st.one_of(st.none(), st.integers(-50, 50), st.decimals(-1000, 1000, places=2))


@tuned(max_examples=40, deadline=None)
@drawn(
    st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=14),
    st.sampled_from(["minmax", "zcdf"]),
    st.sampled_from(["", "percentile", "band", "book", "absolute", "elbow"]),
)
def test_a_run_is_what_the_rules_say(rows: list[tuple[Any, ...]], normaliser: str, method: str) -> None:
    """Ranks, tiers, percentiles, sensitivity, medians: as the exact rules find them on the same figures."""
    raw = [
        criterion("a", 50, "field", "arr"),
        criterion("b", 30, "field", "maturity", "down"),
        criterion("c", 20, "field", "arr"),
    ]
    criteria: list[Criterion] = read_criteria(raw)[0]
    columns: list[Column | None] = []
    for at, item in enumerate(criteria):
        column = Column(item.label)
        for number, row in enumerate(rows):
            if row[at] is not None:
                column.put(number, row[at])
        columns.append(column if column.values else None)
    facts = _facts(len(rows), criteria, columns, normaliser, method)
    run = scored(facts, Overrides({}))
    book = {
        "criteria": [{"key": item.key, "weight": item.weight, "direction": item.direction} for item in criteria],
        "accounts": [{"key": str(at), "values": dict(zip("abc", row, strict=True))} for at, row in enumerate(rows)],
        "normaliser": normaliser,
    }
    expected = composite(book, as_of=TODAY)
    assert abs(expected.coverage_pct - run.coverage_pct) < Decimal("1e-20")
    if expected.value is None:
        assert run.places == []
        return
    by_key = {row["key"]: row for row in expected.details["accounts"]}
    firm = {row["key"]: row for row in sensitivity(book, as_of=TODAY).details["accounts"]}
    for place in run.places:
        told = by_key[str(place.account)]
        assert abs(place.score - told["score"] * 100) < Decimal("1e-7")
        assert (place.rank, place.provisional) == (told["rank"], told["provisional"])
        assert abs(place.percentile - told["percentile"]) < Decimal("1e-9")
        assert {part["key"] for part in place.criteria if part["imputed"]} == set(told["imputed"])
        assert abs(sum(part["contribution"] for part in place.criteria) - float(place.score)) < 1e-5
        steady = firm[str(place.account)]
        assert (place.volatility, place.tier_changes, place.flagged) == (
            steady["volatility"], steady["tier_changes"], steady["flagged"],
        )  # fmt: skip
    points = {"scores": [place.score for place in run.places], "preset": method or None}
    tiers = cutoffs(points, as_of=TODAY)
    assert [place.tier for place in run.places] == tiers.details["tiers"]


def _facts(count: int, criteria: Any, columns: Any, normaliser: str, method: str) -> Given:
    from types import SimpleNamespace

    model = ScoringModel(pk=1, name="Drawn", normaliser=normaliser, cutoffs=method, criteria=[])
    accounts = {number: SimpleNamespace(name=f"{number:02}") for number in range(count)}
    return Given(TODAY, model, criteria, columns, SimpleNamespace(scored=accounts), [])  # type: ignore[arg-type]


def test_too_little_known_is_said_and_scores_nothing() -> None:
    model_of(criterion("a", 59, "field", "arr"), criterion("b", 41, "metric", "joint_ip"))
    make_account(arr=5)
    found = score(system(), TODAY)
    assert (found["accounts"], found["coverage_pct"]) == ([], 59)
    assert "59 % of the weight are known; 60 % are needed" in found["notes"][0]


def test_between_60_and_70_percent_all_are_provisional() -> None:
    model_of(criterion("a", 65, "field", "arr"), criterion("b", 35, "metric", "joint_ip"))
    make_account(arr=5)
    found = score(system(), TODAY)
    assert [row["provisional"] for row in found["accounts"]] == [True]
    assert found["notes"][0].startswith("Provisional")


def test_parameters_of_administrators_count() -> None:
    for number in range(12):
        make_account(f"A{number}", arr=100 * number)
    model_of(criterion("a", 100, "field", "arr"))
    before = score_book(system(), TODAY)
    RuleOverride.objects.create(
        rule="book.tier.cutoffs", scope="all", changes={"percentiles": {"percentile": {"t1": 50}}}, from_on=TODAY,
        number=1, reason="More in the first tier", created_at=NOW,
    )  # fmt: skip
    after = score_book(system(), TODAY)
    assert [sum(place.tier == 1 for place in run.places) for run in (before, after)] == [2, 6]
    assert before.version != after.version


def test_the_preview_of_an_adjustment_tells_who_would_move_tier() -> None:
    for number in range(12):
        make_account(f"A{number:02}", arr=100 * number)
    model_of(criterion("a", 100, "field", "arr"))
    changes = {"percentiles": {"percentile": {"t1": 80}}}
    found = preview(cutoffs, ("all", None, None, ""), changes, TODAY)
    assert [(move.key, move.before, move.after) for move in found.tiers] == [("a09", 2, 1)]
    assert (found.live, found.summary["tiers"]) == (True, 1)
    assert preview(composite, ("all", None, None, ""), {"imputed_above": 50}, TODAY).tiers == []


# -- kept ----------------------------------------------------------------------------------------------------------


def at(day: date) -> Any:
    """The program on a day."""
    return system(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def test_of_a_week_the_newest_run_stays() -> None:
    for number in range(3):
        make_account(f"A{number}", arr=number)
    model_of(criterion("a", 100, "field", "arr"), from_on=date(2026, 1, 1))
    monday = date(2026, 11, 16)
    for days in (0, 2, 2, 7, 8):
        refresh_ranking(at(monday + timedelta(days=days)), monday + timedelta(days=days))
    kept = list(ScoringRun.objects.order_by("on").values_list("on", "scored"))
    assert kept == [(monday + timedelta(days=2), 3), (monday + timedelta(days=8), 3)]
    model_of(criterion("b", 100, "field", "arr", "down"), from_on=monday + timedelta(days=9))
    refresh_ranking(at(monday + timedelta(days=9)), monday + timedelta(days=9))
    assert ScoringRun.objects.count() == 3
    newest = ScoringRun.objects.first()
    assert newest is not None
    assert [standing.account.key for standing in newest.standings.order_by("rank")] == ["a0", "a1", "a2"]


def test_an_empty_book_keeps_nothing() -> None:
    found: Run = refresh_ranking(system(), TODAY)
    assert (found.places, ScoringRun.objects.count()) == ([], 0)
    assert "no accounts to score" in found.notes[0]


# -- whose, and how many queries -----------------------------------------------------------------------------------


def test_ranks_are_of_the_whole_book_rows_of_those_in_scope() -> None:
    cast = make_cast()
    model_of(criterion("a", 100, "field", "arr"))
    make_account("Mine", owner=cast.outsider, arr=5)
    make_account("Zanzibar", owner=cast.admin, arr=9_000_000)
    found = score(as_user(cast.outsider), TODAY)
    assert [(row["key"], row["rank"]) for row in found["accounts"]] == [("mine", 3)]
    assert found["of"] == 3
    assert "zanzibar" not in str(found).lower()


def test_queries_do_not_grow_with_accounts() -> None:
    counts = []
    for number in range(3):
        account = make_account(f"A{number}", arr=number, client_fte=number)
        reading(account, "stakeholder_coverage", TODAY, number)
        reading(account, "arr", TODAY - timedelta(days=400), number + 1)
        make("contact", account=account, name="Ann", seniority="c_suite")
        make("route", account=account, title="A", type="upsell", state="won", value=number, closed_on=TODAY)
        with CaptureQueriesContext(connection) as asked:
            score_book(system(), TODAY)
        with CaptureQueriesContext(connection) as kept:
            refresh_ranking(system(), TODAY)
        counts.append((len(asked), len(kept)))
    assert counts[1] == counts[2], counts
