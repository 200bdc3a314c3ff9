"""The scores of a whole book equal those of the rules, to the last decimal; so do ranks, percentiles, tiers, volatility."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.analytics.normal import cdf
from trackline.core.analytics.scoring import STEPS, Scored, places
from trackline.core.analytics.tiers import cuts, sensitivity, tiers
from trackline.core.playbook import run
from trackline.core.scoring import normal_cdf, settled

DAY = date(2026, 6, 30)
PERCENTILES = {"t1": Decimal(90), "t2": Decimal(55), "t3": Decimal(20)}
ABSOLUTE = {"t1": Decimal(70), "t2": Decimal(50), "t3": Decimal(30)}
NORMALISERS = ("minmax", "zcdf")

Rows = list[list[float | None]]

number = st.one_of(
    st.integers(-5, 5),
    st.decimals(-1000, 1000, places=2).map(float),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 20)),
)
cell = st.one_of(number, number, number, st.none())


@st.composite
def books(draw: st.DrawFn, most: int = 24) -> tuple[Rows, list[int], list[bool]]:
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=most))
    weights = draw(st.lists(st.integers(0, 40), min_size=width, max_size=width))
    known = [any(row[at] is not None for row in rows) for at in range(width)]
    weights = [max(weight, 1) if known[at] else 0 for at, weight in enumerate(weights)]
    if not any(known):
        rows[0][0], weights[0] = 1.0, 1
    return rows, weights, draw(st.lists(st.booleans(), min_size=width, max_size=width))


def inputs(rows: Rows, weights: list[int], down: list[bool], normaliser: str) -> dict[str, Any]:
    return {
        "criteria": [
            {"key": f"c{at}", "weight": weight, "direction": "down" if falls else "up"}
            for at, (weight, falls) in enumerate(zip(weights, down, strict=True))
        ],
        "accounts": [
            {"key": f"a{at}", "values": {f"c{column}": value for column, value in enumerate(row)}}
            for at, row in enumerate(rows)
        ],
        "normaliser": normaliser,
    }


def scored(rows: Rows, weights: list[int], down: list[bool], normaliser: Any) -> Scored:
    matrix = np.array([[np.nan if value is None else value for value in row] for row in rows], float)
    return Scored(matrix, [Decimal(weight) for weight in weights], down, normaliser)


def by_rule(rule: str, rows: Rows, weights: list[int], down: list[bool], normaliser: str) -> Any:
    found = run(rule, inputs(rows, weights, down, normaliser), as_of=DAY)
    return found, found.details["accounts"]


@pytest.mark.parametrize("normaliser", NORMALISERS)
@given(book=books())
@settings(deadline=None, max_examples=120)
def test_scores_ranks_and_percentiles_are_those_of_the_rule(
    normaliser: str, book: tuple[Rows, list[int], list[bool]]
) -> None:
    found, accounts = by_rule("book.score.composite", *book, normaliser)
    array = scored(*book, normaliser)
    assert array.coverage_pct == found.coverage_pct
    assert array.steps.tolist() == [int(settled(account["score"]) * STEPS) for account in accounts]
    assert array.places.ranks.tolist() == [account["rank"] for account in accounts]
    assert array.places.percentiles.tolist() == [float(account["percentile"]) for account in accounts]
    assert array.provisional(Decimal(30)).tolist() == [account["provisional"] for account in accounts]
    keys = [f"c{at}" for at in array.kept]
    for row, account in enumerate(accounts):
        assert dict(zip(keys, array.contributions(row), strict=True)) == account["contributions"]


@pytest.mark.parametrize("normaliser", NORMALISERS)
@given(book=books(most=14))
@settings(deadline=None, max_examples=60)
def test_volatility_is_that_of_the_rule(normaliser: str, book: tuple[Rows, list[int], list[bool]]) -> None:
    found, accounts = by_rule("book.score.sensitivity", *book, normaliser)
    array = sensitivity(scored(*book, normaliser), Decimal("0.1"), PERCENTILES, ABSOLUTE, 10)
    assert array.ranks.tolist() == [account["rank"] for account in accounts]
    assert array.volatility.tolist() == [account["volatility"] for account in accounts]
    assert array.tier_changes.tolist() == [account["tier_changes"] for account in accounts]
    assert int(array.volatility.max()) == found.value


@given(
    st.lists(st.integers(0, STEPS), min_size=1, max_size=40),
    st.sampled_from(["percentile", "band", "book", "absolute", "elbow"]),
)
@settings(deadline=None, max_examples=150)
def test_tiers_are_those_of_the_rule(steps: list[int], method: Any) -> None:
    points = [Decimal(step) * 100 / STEPS for step in steps]
    found = run("book.tier.cutoffs", {"scores": points, "preset": method}, as_of=DAY)
    bounds = found.parameters["percentiles"].get(method, {})
    array = np.array(steps, np.int64)
    marks = cuts(np.sort(array), method, {key: Decimal(str(value)) for key, value in bounds.items()}, ABSOLUTE)
    told = [tier or 0 for tier in found.details["tiers"]]
    if marks is None:
        assert told == [3] * len(steps)
    else:
        assert list(marks) == found.details["cuts"]
        assert tiers(array, marks).tolist() == told


@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_large_numbers_close_together_lose_nothing(normaliser: str) -> None:
    """Differences of a cent on a billion: floats alone would be wrong in the eighth decimal."""
    random = np.random.default_rng(3)
    rows: Rows = [[1e9 + cents / 100, 5e8 + other / 10] for cents, other in random.integers(0, 500, (60, 2)).tolist()]
    _, accounts = by_rule("book.score.composite", rows, [2, 1], [False, True], normaliser)
    array = scored(rows, [2, 1], [False, True], normaliser)
    assert array.steps.tolist() == [int(settled(account["score"]) * STEPS) for account in accounts]


@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_many_blocks_of_many_criteria(normaliser: str) -> None:
    random = np.random.default_rng(8)
    values = random.gamma(2, 1000, (20_000, 6)).round(2)
    values[random.random(values.shape) < 0.03] = np.nan
    weights, down = [25, 20, 20, 15, 10, 10], [False, True, False, False, True, False]
    array = Scored(values, [Decimal(weight) for weight in weights], down, normaliser)  # type: ignore[arg-type]
    some = random.integers(0, len(values), 200).tolist()
    for row in some:
        assert array.steps[row] == int(settled(sum(array.contributions(row), Decimal(0))) * STEPS)
    assert array.places.ranks.min() == 1
    assert (np.argsort(-array.steps, kind="stable")[0]) == int(np.argmin(array.places.ranks))


def test_a_score_on_the_middle_between_two_steps_rounds_as_decimals_do() -> None:
    # 1 / 2^34 of the way has a 5 behind its tenth decimal in one of these; floats and decimals agree all the same.
    values = np.array([[0.0], [2.0**20], *[[float(2**power)] for power in range(20)]])
    array = Scored(values, [Decimal(1)], [False])
    exact = [int(settled(Decimal(int(value)) / 2**20) * STEPS) for (value,) in values.tolist()]
    assert array.steps.tolist() == exact


def test_equals_share_a_rank() -> None:
    found = places(np.array([4, 2, 2, 0]) * 1000)
    assert found.ranks.tolist() == [1, 2, 2, 4]
    assert found.percentiles.tolist() == [100, 100 / 3, 100 / 3, 0]
    alone = places(np.array([4]))
    assert (alone.ranks.tolist(), alone.percentiles.tolist()) == ([1], [100])


def test_scores_stay_within_0_and_1_and_rise_with_a_value() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 10, (300, 3))
    before = Scored(values, [Decimal(1)] * 3, [False, True, False])
    assert before.steps.min() >= 0
    assert before.steps.max() <= STEPS
    raised = values.copy()
    raised[7, 0] = values[:, 0].max()
    assert Scored(raised, [Decimal(1)] * 3, [False, True, False]).steps[7] >= before.steps[7]


def test_refuses_what_is_not_finite_and_what_has_no_weight() -> None:
    with pytest.raises(ValueError, match="finite"):
        Scored(np.array([[1.0], [np.inf]]), [Decimal(1)], [False])
    with pytest.raises(ValueError, match="weight"):
        Scored(np.array([[1.0], [2.0]]), [Decimal(0)], [False])


def test_the_normal_distribution_over_arrays() -> None:
    z = np.concatenate((np.linspace(-12, 12, 5001), np.random.default_rng(0).normal(0, 3, 5000), [0.0, -40.0, 40.0]))
    assert np.abs(cdf(z) - np.array([normal_cdf(float(value)) for value in z])).max() < 4e-16
