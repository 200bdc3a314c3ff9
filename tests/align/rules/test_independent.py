"""Pipeline, qualification, white space, expansion and renewals beside a second reading of their entries."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import (
    DAY,
    Row,
    answer,
    between,
    checked,
    maybe,
    renormalised,
    rows,
    same,
    six,
)
from trackline.core.playbook import RunRefused

OPEN = {"identified": 10, "qualifying": 30, "pursuing": 60}
money = st.integers(0, 10**8).map(lambda cents: cents / 100)
share = st.integers(0, 100) | between(0, 100)
route = st.one_of(
    st.fixed_dictionaries({"value": money, "probability": share}),
    st.fixed_dictionaries(
        {"value": money, "probability": maybe(share), "state": st.sampled_from([*OPEN, "won", "lost", "parked"])}
    ),
)


@given(st.lists(route, max_size=8))
@checked()
def test_weighted(routes: list[Row]) -> None:
    found = answer("align.pipeline.weighted", {"routes": routes})
    held = [row for row in routes if row.get("state") is None or row["state"] in OPEN]

    def chance(row: Row) -> Fraction:
        known = row["probability"]
        return Fraction(OPEN[row["state"]] if known is None else known) / 100

    worth = [Fraction(str(row["value"])) for row in held]
    assert same(found.value, sum((v * chance(row) for v, row in zip(worth, held, strict=True)), Fraction(0)))
    assert same(found.details["gross"], sum(worth, Fraction(0)))
    assert found.details["count"] == len(held)
    assert bool(found.notes) >= any(row["probability"] is None for row in held)


@given(st.integers(0, 60), st.integers(0, 60), share, maybe(st.integers(0, 30)))
@checked()
def test_probability(wins: int, closed: int, prior: Any, k: int | None) -> None:
    row = {"wins": wins, "closed": closed, "prior_pct": prior, "k": k}
    if wins > closed:
        with pytest.raises(RunRefused):
            answer("align.pipeline.probability", row)
        return
    weight = 10 if k is None else k
    value = (wins * 100 + weight * Fraction(prior)) / (closed + weight) if closed + weight else None
    assert same(answer("align.pipeline.probability", row).value, value)


@given(st.integers(0, 200), st.integers(0, 60), st.sampled_from([None, Fraction(2), Fraction(3)]))
@checked()
def test_ageing(days: int, median: int, times: Fraction | None) -> None:
    days = days if times is None else int(median * times)
    found = answer("align.pipeline.ageing", {"days_in_stage": days, "median_days": median})
    ratio = Fraction(days, median) if median else None
    assert same(found.value, ratio)
    assert found.band == (
        "unknown" if ratio is None else "red" if six(ratio) > 3 else "amber" if six(ratio) > 2 else "green"
    )


deal = st.fixed_dictionaries(
    {"value": st.integers(0, 40).map(lambda n: n * 50_000) | money, "probability": st.integers(0, 100)}
)


@given(st.lists(deal, max_size=7), maybe(st.integers(0, 100)))
@checked()
def test_distribution(deals: list[Row], aim: int | None) -> None:
    worth = [Fraction(str(row["value"])) for row in deals]
    chances = [Fraction(row["probability"], 100) for row in deals]
    target = None if aim is None else round(float(sum(worth) * aim / 100), 2)
    found = answer(
        "align.forecast.distribution", {"deals": deals, "target": target, "quantiles": [0, 5, 37.5, 50, 90, 100]}
    )
    totals: dict[Fraction, Fraction] = {}
    for outcome in product((0, 1), repeat=len(deals)):
        total = sum((v * hit for v, hit in zip(worth, outcome, strict=True)), Fraction(0))
        chance = prod((p if hit else 1 - p for p, hit in zip(chances, outcome, strict=True)), start=Fraction(1))
        totals[total] = totals.get(total, Fraction(0)) + chance
    mean = sum((v * p for v, p in zip(worth, chances, strict=True)), Fraction(0))
    variance = sum((v * v * p * (1 - p) for v, p in zip(worth, chances, strict=True)), Fraction(0))
    assert found.details["method"] == "exact"
    assert abs(Fraction(found.value) - mean) <= Fraction(1, 10**9) * max(1, mean)  # type: ignore[arg-type]
    assert abs(float(found.details["sd"]) - float(variance) ** 0.5) <= 1e-9 * max(1.0, float(variance) ** 0.5)
    reached = Fraction(0)
    steps = []
    for total in sorted(totals):
        reached += totals[total]
        steps.append((total, reached))
    for name, amount in found.details["quantiles"].items():
        wanted = Fraction(name.removeprefix("p")) / 100
        # A cumulative share that meets the quantile but for the dust of floats may fall to either side.
        near = (
            {t for t, r in steps if r >= wanted - Fraction(1, 10**9)},
            {t for t, r in steps if r >= wanted + Fraction(1, 10**9)},
        )
        assert Fraction(amount) in {min(side) for side in near if side}
    if target is None:
        assert found.details["p_target_pct"] is None
    else:
        chance = 100 * sum((p for t, p in totals.items() if t >= Fraction(str(target))), Fraction(0))
        assert abs(float(found.details["p_target_pct"]) - float(chance)) < 1e-7


WEIGHTS = {
    "metrics": 15, "economic_buyer": 15, "decision_criteria": 10, "decision_process": 10,
    "identify_pain": 15, "champion": 15, "competition": 10, "plus": 10,
}  # fmt: skip


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(WEIGHTS, maybe(st.integers(0, 5)))),
    maybe(st.integers(1, 3)),
)
@checked()
def test_qualification(scores: Row, tier: int | None) -> None:
    found = answer("align.qualification.meddicc", {"scores": scores, "tier": tier})
    marks = {key: scores.get(key) or 0 for key in WEIGHTS}
    value = sum(Fraction(WEIGHTS[key] * mark, 5) for key, mark in marks.items())
    cut = 75 if tier == 1 else 65
    because = [key for key, bad in (("composite", value < cut), ("economic_buyer", marks["economic_buyer"] < 3)) if bad]
    order = sorted(WEIGHTS, key=lambda key: (marks[key], -WEIGHTS[key], list(WEIGHTS).index(key)))
    assert same(found.value, value)
    assert found.details["cut"] == cut
    assert found.details["passed"] is not bool(because)
    assert list(found.details["failed_because"]) == because
    assert list(found.details["weakest"]) == order[:3]
    assert set(found.missing) == {key for key in WEIGHTS if scores.get(key) is None}


@given(
    rows(
        {
            name: maybe(st.booleans())
            for name in ("roi_documented", "champion_active", "economic_buyer_aware", "new_use_case")
        },
        {"champion_rating": between(0, 10, 8), "days_to_renewal": st.sampled_from([-5, 0, 59, 60, 61, 200])},
    )
)
@checked()
def test_readiness(row: Row) -> None:
    found = answer("align.expansion.readiness", row)
    rating, days = row.get("champion_rating"), row.get("days_to_renewal")
    met = {
        "roi": row["roi_documented"] is True,
        "champion": rating is not None and six(Fraction(rating)) >= 8 and row["champion_active"] is True,
        "economic_buyer": row["economic_buyer_aware"] is True,
        "use_case": row["new_use_case"] is True,
        "renewal": days is not None and days > 60,
    }
    assert found.value == sum(met.values())
    assert found.details["ready"] is all(met.values())
    assert list(found.details["blocked_by"]) == [key for key, good in met.items() if not good]
    names = ("roi_documented", "champion_rating", "champion_active", "economic_buyer_aware", "new_use_case")
    assert set(found.missing) == {name for name in (*names, "days_to_renewal") if row.get(name) is None}


@given(money, share, money)
@checked()
def test_white_space(addressable: float, attainable: Any, current: float) -> None:
    row = {"addressable": addressable, "attainable_pct": attainable, "current": current}
    found = answer("align.whitespace.value", row)
    value = Fraction(str(addressable)) * Fraction(attainable) / 100 - Fraction(str(current))
    assert same(found.value, value)
    if six(value):
        assert found.details["saturated"] is (value < 0)


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            ("strategic_fit", "economic_impact", "feasibility", "relationship_leverage"),
            maybe(st.integers(0, 5) | between(0, 5)),
        )
    )
)
@checked()
def test_white_space_priority(row: Row) -> None:
    found = answer("align.whitespace.priority", row)
    weights = {"strategic_fit": 30, "economic_impact": 30, "feasibility": 20, "relationship_leverage": 20}
    value, known = renormalised(
        [(Fraction(w), None if row[key] is None else Fraction(row[key]) * 20) for key, w in weights.items()]
    )
    assert same(found.value, value)
    assert same(found.coverage_pct, known)
    if value is not None:
        assert found.details["go"] is (six(value) >= 75)


OFFSETS = {
    "am_120": [120, 90, 60, 30, 7],
    "am_90": [90, 60, 30, 7],
    "sam_180": [180, 150, 120, 90, 60, 30, 0],
    "kam_180": [180, 150, 120, 100, 90, 75, 60, 45, 30, 15, 7, 0, -14],
}
renewal = rows(
    {"renewal_date": (st.integers(-60, 250).map(lambda days: DAY + timedelta(days))).map(date.isoformat)},
    {
        "preset": st.sampled_from(sorted(OFFSETS)),
        "tier": st.integers(1, 3),
        "arr": st.sampled_from([0, 99_999.99, 100_000, 100_000.01, 250_000]),
        "enterprise": st.booleans(),
        "created_on": (st.integers(-250, 30).map(lambda days: DAY + timedelta(days))).map(date.isoformat),
        "done": st.lists(
            st.sampled_from(["T-180", "T-120", "T-90", "T-30", "T-7", "T-0", "T+14"]), max_size=4, unique=True
        ),
    },
)


@given(renewal)
@checked()
def test_renewal(row: Row) -> None:
    if row.get("tier") == 1 or row.get("enterprise"):
        preset = "kam_180"
    else:
        preset = "am_120" if (row.get("arr") or 0) > 100_000 else "am_90"
    preset = row.get("preset") or preset
    keys = {f"T+{-offset}" if offset < 0 else f"T-{offset}": offset for offset in OFFSETS[preset]}
    row = {**row, "done": [key for key in row["done"] if key in keys]} if row.get("done") else row
    found = answer("align.renewal.timeline", row)
    renews = date.fromisoformat(row["renewal_date"])
    created = date.fromisoformat(row["created_on"]) if row.get("created_on") else None
    steps, late = [], 0
    for key, offset in keys.items():
        due = renews - timedelta(offset)
        started_late = created is not None and due < created
        if key in (row.get("done") or ()):
            state = "done"
        elif started_late:
            state = "due"
        elif due < DAY:
            state = "late"
        else:
            state = "due" if (due - DAY).days <= 7 else "pending"
        late += state == "late"
        steps.append(
            {"key": key, "offset_days": offset, "due_on": due.isoformat(), "state": state, "late_start": started_late}
        )
    told = found.to_json()
    assert told["value"] == late
    assert told["details"]["preset"] == preset
    assert [{key: step[key] for key in steps[0]} for step in told["details"]["steps"]] == steps
