"""Properties of the book's rules: bounded, monotone, sums of their parts, blind to order and scale."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run
from trackline.core.scoring import settled

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}

number = st.decimals(-500, 500, places=2)
share = st.decimals(0, 100, places=2)


def rule(name: str, **inputs: Any) -> Explained:
    return run(name, inputs, as_of=DAY)


def parts(found: Explained) -> Decimal:
    return sum((part.contribution or Decimal(0) for part in found.parts), Decimal(0))


def near(one: Any, other: Any) -> bool:
    return abs(Decimal(one) - Decimal(other)) < Decimal("1e-15")


# -- composite ---------------------------------------------------------------------------------------------------------

rows = st.lists(st.tuples(number, number, st.none() | number), min_size=1, max_size=12)


def scored(values: list[Any], weights: tuple[int, ...] = (5, 3, 2), normaliser: str = "minmax") -> Explained:
    return rule(
        "book.score.composite",
        criteria=[
            {"key": f"c{at}", "weight": weight, "direction": "down" if at == 1 else "up"}
            for at, weight in enumerate(weights)
        ],
        accounts=[
            {"key": f"a{at}", "values": {f"c{column}": value for column, value in enumerate(row)}}
            for at, row in enumerate(values)
        ],
        normaliser=normaliser,
    )


@given(rows, st.sampled_from(["minmax", "zcdf"]))
@settings(deadline=None)
def test_scores_are_bounded_sums_of_their_contributions(values: list[Any], normaliser: str) -> None:
    accounts = scored(values, normaliser=normaliser).details["accounts"]
    assert len(accounts) == len(values)
    for account in accounts:
        assert 0 <= account["score"] <= 1
        assert near(sum(account["contributions"].values(), Decimal(0)), account["score"])
        assert all(0 <= value <= 1 for value in account["normalised"].values())
        assert 0 <= account["percentile"] <= 100
    assert min(account["rank"] for account in accounts) == 1
    by_rank = sorted(accounts, key=lambda account: account["rank"])
    # What differs by dust shares a rank.
    assert [settled(account["score"]) for account in by_rank] == sorted(
        (settled(one["score"]) for one in accounts), reverse=True
    )


@given(rows, st.integers(2, 1000))
@settings(deadline=None)
def test_scores_know_no_units_and_no_scale_of_weights(values: list[Any], factor: int) -> None:
    scaled = [tuple(None if value is None else value * factor + 7 for value in row) for row in values]
    before, after = scored(values).details["accounts"], scored(scaled, (5 * factor, 3 * factor, 2 * factor))
    for one, other in zip(before, after.details["accounts"], strict=True):
        assert near(one["score"], other["score"])
        assert (one["rank"], one["imputed"]) == (other["rank"], other["imputed"])


@given(rows, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_accounts_changes_nothing(values: list[Any], shuffler: Any) -> None:
    order = list(range(len(values)))
    shuffler.shuffle(order)
    before, after = scored(values).details["accounts"], scored([values[at] for at in order]).details["accounts"]
    for place, at in enumerate(order):
        assert after[place] == {**before[at], "key": f"a{place}"}


@given(rows)
@settings(deadline=None)
def test_a_criterion_without_weight_is_never_sensitive(values: list[Any]) -> None:
    found = rule(
        "book.score.sensitivity",
        criteria=[{"key": "c0", "weight": 1, "direction": "up"}, {"key": "c1", "weight": 0, "direction": "up"}],
        accounts=[{"key": f"a{at}", "values": {"c0": row[0], "c1": row[1]}} for at, row in enumerate(values)],
    )
    assert found.value == 0
    assert not any(account["flagged"] for account in found.details["accounts"])


# -- tiers -------------------------------------------------------------------------------------------------------------

methods = st.sampled_from([None, "percentile", "band", "book", "absolute", "elbow"])


@given(st.lists(share, max_size=30), methods)
def test_a_better_score_has_no_worse_tier(scores: list[Decimal], preset: str | None) -> None:
    found = rule("book.tier.cutoffs", scores=scores, preset=preset)
    tiers = [tier or 4 for tier in found.details["tiers"]]
    by_score = sorted(zip(scores, tiers, strict=True), reverse=True)
    assert [tier for _, tier in by_score] == sorted(tiers)
    assert found.value == tiers.count(1)
    cuts = [cut for cut in found.details["cuts"] if cut is not None]
    assert cuts == sorted(cuts, reverse=True)


@given(
    st.lists(share, max_size=4),
    share,
    st.none() | share,
    st.none() | st.integers(0, 3),
    st.none() | st.booleans(),
    st.none() | share,
)
def test_moves_count_what_is_met(
    cycles: list[Decimal],
    cut: Decimal,
    pct: Decimal | None,
    count: int | None,
    flag: bool | None,
    other: Decimal | None,
) -> None:
    up = rule(
        "book.tier.upgrade", score_cycles=cycles, cut=cut, cagr_24m_pct=pct, multi_year_contract=flag,
        joint_innovations=count, c_level_active=count, untapped_pct=other, capacity_ok=flag,
    )  # fmt: skip
    down = rule(
        "book.tier.downgrade", score_cycles=cycles, cut=cut, nrr_pct=other, margin_gap_bps=pct, steering_missed=count,
        sponsor_lost=flag, months_since_initiative=pct, cost_over_envelope_pct=other, offsetting_roi=flag,
    )  # fmt: skip
    for found in (up, down):
        met = [condition["key"] for condition in found.details["conditions"] if condition["met"]]
        assert found.value == len(met) == parts(found)
    assert up.details["eligible"] is (up.value == 6)
    assert not (down.details["propose"] and down.details["watch"])
    first = {condition["key"]: condition["met"] for found in (up, down) for condition in found.details["conditions"]}
    assert not (first["U1"] and first["D1"])


# -- scorecards --------------------------------------------------------------------------------------------------------

triples = st.lists(number, min_size=3, max_size=3, unique=True).map(sorted)
metrics = st.lists(st.tuples(number, triples, st.booleans(), st.integers(1, 50)), min_size=1, max_size=6).map(
    lambda items: [
        {"key": f"m{at}", "value": value, "weight": weight}
        | dict(zip(("minimum", "committed", "stretch"), targets[::-1] if falls else targets, strict=True))
        for at, (value, targets, falls, weight) in enumerate(items)
    ]
)


@given(metrics, st.decimals(0, 100, places=1))
def test_a_card_is_the_sum_of_its_metrics_and_rises_with_each(card: list[dict[str, Any]], gain: Decimal) -> None:
    found = rule("book.scorecard.composite", metrics=card)
    assert isinstance(found.value, Decimal)
    assert 0 <= found.value <= 100
    assert near(parts(found), found.value)
    first = card[0]
    better = first["value"] + (gain if first["stretch"] > first["minimum"] else -gain)
    raised = rule("book.scorecard.composite", metrics=[{**first, "value": better}, *card[1:]])
    assert isinstance(raised.value, Decimal)
    assert raised.value >= found.value - Decimal("1e-15")
    assert BANDS[str(raised.band)] >= BANDS[str(found.band)]
    assert BANDS[str(raised.parts[0].band)] >= BANDS[str(found.parts[0].band)]


@pytest.mark.parametrize(("target", "points"), [("minimum", 60), ("committed", 80), ("stretch", 100)])
@given(metrics)
def test_attainment_meets_the_targets(target: str, points: int, card: list[dict[str, Any]]) -> None:
    found = rule("book.scorecard.composite", metrics=[{**metric, "value": metric[target]} for metric in card])
    assert isinstance(found.value, Decimal)
    assert near(found.value, points)


@given(st.lists(share, min_size=6, max_size=6), st.integers(0, 5), share)
def test_priority_lies_among_its_scores_and_rises_with_each(scores: list[Decimal], at: int, other: Decimal) -> None:
    names = (
        "strategic_alignment", "economic_impact", "feasibility", "time_to_value", "risk_profile", "relationship_leverage"
    )  # fmt: skip
    found = rule("book.priority.growth", **dict(zip(names, scores, strict=True)))
    assert isinstance(found.value, Decimal)
    assert min(scores) <= found.value.quantize(Decimal("1e-20")) <= max(scores)
    assert near(parts(found), found.value)
    changed = [*scores[:at], max(other, scores[at]), *scores[at + 1 :]]
    raised = rule("book.priority.growth", **dict(zip(names, changed, strict=True)))
    assert isinstance(raised.value, Decimal)
    assert raised.value >= found.value
