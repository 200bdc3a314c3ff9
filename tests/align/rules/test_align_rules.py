"""Properties of the rules of align: bounded, monotone, sums of their parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}
OPEN = ("identified", "qualifying", "pursuing")

money = st.decimals(0, 10**6, places=2)
share = st.decimals(0, 100, places=1)


def rule(name: str, **inputs: Any) -> Explained:
    return run(name, inputs, as_of=DAY)


def number(found: Explained) -> Decimal:
    assert isinstance(found.value, Decimal | int)
    return Decimal(found.value)


def parts(found: Explained) -> Decimal:
    return sum((part.contribution or Decimal(0) for part in found.parts), Decimal(0))


def near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= Decimal("1e-20") * max(Decimal(1), abs(one))


# -- pipeline ----------------------------------------------------------------------------------------------------------

route = st.fixed_dictionaries(
    {"value": money, "probability": st.none() | share, "state": st.sampled_from([*OPEN, "won", "lost", "parked"])}
)


@given(st.lists(route, max_size=8), route)
def test_the_weighted_pipeline_lies_within_its_gross_and_grows_with_open_routes(
    routes: list[Any], another: Any
) -> None:
    found, more = (rule("align.pipeline.weighted", routes=listed) for listed in (routes, [*routes, another]))
    assert 0 <= number(found) <= found.details["gross"]
    assert found.details["count"] == sum(route["state"] in OPEN for route in routes)
    assert number(more) >= number(found)
    if another["state"] not in OPEN:
        assert (more.value, more.details["gross"]) == (found.value, found.details["gross"])
    assert rule("align.pipeline.weighted", routes=routes[::-1]).value == found.value


@given(st.integers(0, 50), st.integers(0, 50), share, st.integers(0, 40))
def test_the_probability_lies_between_history_and_prior(wins: int, losses: int, prior: Decimal, k: int) -> None:
    closed = wins + losses
    found = rule("align.pipeline.probability", wins=wins, closed=closed, prior_pct=prior, k=k)
    if not closed and not k:
        assert found.value is None
        return
    known = [Decimal(wins) * 100 / closed] if closed else []
    low, high = min([*known, prior]), max([*known, prior])
    assert low - Decimal("1e-20") <= number(found) <= high + Decimal("1e-20")
    luckier = rule("align.pipeline.probability", wins=wins + 1, closed=closed + 1, prior_pct=prior, k=k)
    assert number(luckier) >= number(found)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 90))
def test_more_days_in_a_stage_are_never_judged_better(one: int, other: int, median: int) -> None:
    young, old = (rule("align.pipeline.ageing", days_in_stage=d, median_days=median) for d in sorted((one, other)))
    assert number(young) <= number(old)
    assert BANDS[str(young.band)] >= BANDS[str(old.band)]


# -- scores ------------------------------------------------------------------------------------------------------------

DIMENSIONS = (
    *("metrics", "economic_buyer", "decision_criteria", "decision_process"),
    *("identify_pain", "champion", "competition", "plus"),
)
fives = st.none() | st.integers(0, 5)


@given(
    st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, fives)), st.sampled_from(DIMENSIONS), st.sampled_from([None, 1, 2])
)
def test_qualification_is_the_sum_of_its_dimensions_and_rises_with_each(
    scores: dict[str, int | None], key: str, tier: int | None
) -> None:
    found = rule("align.qualification.meddicc", scores=scores, tier=tier)
    assert 0 <= number(found) <= 100
    assert near(parts(found), number(found))
    assert found.details["passed"] is (not found.details["failed_because"])
    assert set(found.details["weakest"]) <= set(DIMENSIONS)
    assert max(scores[name] or 0 for name in found.details["weakest"]) <= min(
        scores[name] or 0 for name in DIMENSIONS if name not in found.details["weakest"]
    )
    better = rule("align.qualification.meddicc", scores={**scores, key: 5}, tier=tier)
    assert number(better) >= number(found)
    assert set(better.details["failed_because"]) <= set(found.details["failed_because"])
    if tier != 1:
        stricter = rule("align.qualification.meddicc", scores=scores, tier=1)
        assert found.details["passed"] or not stricter.details["passed"]


CRITERIA = ("strategic_fit", "economic_impact", "feasibility", "relationship_leverage")
five = st.decimals(0, 5, places=1)


@given(st.fixed_dictionaries(dict.fromkeys(CRITERIA, five)), st.sampled_from(CRITERIA), five)
def test_priority_is_the_sum_of_its_criteria_and_rises_with_each(
    scores: dict[str, Decimal], key: str, other: Decimal
) -> None:
    low, high = sorted((scores[key], other))
    before, after = (rule("align.whitespace.priority", **{**scores, key: value}) for value in (low, high))
    assert 0 <= number(before) <= number(after) <= 100
    assert near(parts(after), number(after))
    assert before.details["go"] <= after.details["go"]
    assert 20 * min(scores.values()) <= number(rule("align.whitespace.priority", **scores)) <= 20 * max(scores.values())


@given(money, share, money, money)
def test_white_space_shrinks_by_what_is_sold(
    addressable: Decimal, attainable: Decimal, sold: Decimal, more: Decimal
) -> None:
    asked = {"addressable": addressable, "attainable_pct": attainable}
    before, after = (rule("align.whitespace.value", current=value, **asked) for value in (sold, sold + more))
    assert near(number(before) - number(after), more)
    assert number(before) <= addressable
    assert before.details["saturated"] is (number(before) < 0)


facts = {
    "roi_documented": st.none() | st.booleans(),
    "champion_rating": st.none() | st.integers(0, 10),
    "champion_active": st.none() | st.booleans(),
    "economic_buyer_aware": st.none() | st.booleans(),
    "new_use_case": st.none() | st.booleans(),
    "days_to_renewal": st.none() | st.integers(-30, 200),
}
BEST: dict[str, Any] = {
    **dict.fromkeys(("roi_documented", "champion_active", "economic_buyer_aware", "new_use_case"), True),
    "champion_rating": 10,
    "days_to_renewal": 200,
}


@given(st.fixed_dictionaries(facts), st.sampled_from(sorted(facts)))
def test_readiness_counts_what_does_not_block(given_facts: dict[str, Any], key: str) -> None:
    found = rule("align.expansion.readiness", **given_facts)
    assert number(found) == 5 - len(found.details["blocked_by"])
    assert found.details["ready"] is (number(found) == 5)
    assert set(found.missing) == {name for name, value in given_facts.items() if value is None}
    better = rule("align.expansion.readiness", **{**given_facts, key: BEST[key]})
    assert set(better.details["blocked_by"]) <= set(found.details["blocked_by"])


# -- renewal -----------------------------------------------------------------------------------------------------------

days = st.integers(-60, 250)


@given(days, st.none() | st.integers(-200, 0), st.sampled_from(["am_120", "am_90", "sam_180", "kam_180"]), st.data())
def test_late_steps_are_those_overdue_and_doing_one_never_adds_one(
    left: int, started: int | None, preset: str, data: st.DataObject
) -> None:
    asked = {"renewal_date": (DAY + timedelta(left)).isoformat(), "preset": preset}
    if started is not None:
        asked["created_on"] = (DAY + timedelta(started)).isoformat()
    found = rule("align.renewal.timeline", **asked)
    steps = found.details["steps"]
    assert number(found) == sum(step["state"] == "late" for step in steps)
    assert [step["due_on"] for step in steps] == sorted(step["due_on"] for step in steps)
    assert all(step["due_on"] < DAY and not step["late_start"] for step in steps if step["state"] == "late")
    done = data.draw(st.lists(st.sampled_from([step["key"] for step in steps]), unique=True))
    after = rule("align.renewal.timeline", done=done, **asked)
    assert number(after) == sum(step["state"] == "late" and step["key"] not in done for step in steps)
    assert {step["key"] for step in after.details["steps"] if step["state"] == "done"} == set(done)
