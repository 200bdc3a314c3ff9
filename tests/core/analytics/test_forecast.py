"""The forecast of deals in money: units, certainty, simulation, a real pipeline."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.analytics.forecast import Forecast
from trackline.core.analytics.waves import Undecided, Waves
from trackline.core.playbook import run

DAY = date(2026, 6, 30)

money = st.decimals(0, 1000, places=2)
percent = st.one_of(st.decimals(0, 100, places=1), st.sampled_from([Decimal(0), Decimal(50), Decimal(100)]))


def forecast(deals: list[tuple[Decimal, Decimal]], runs: int = 10_000) -> Forecast:
    return Forecast([value for value, _ in deals], [chance for _, chance in deals], runs=runs, seed=1)


@given(st.lists(st.tuples(money, percent), max_size=12))
@settings(deadline=None, max_examples=80)
def test_bounded_and_monotone(deals: list[tuple[Decimal, Decimal]]) -> None:
    found = forecast(deals)
    total = sum((value for value, chance in deals if chance), Decimal(0))
    asked = [Decimal(at) for at in range(0, 101, 5)]
    told, _ = found.told(asked, None)
    assert told == sorted(told)
    assert sum((value for value, chance in deals if chance == 100), Decimal(0)) == told[0]
    assert told[-1] == total
    assert 0 <= found.mean <= total
    chances = [found.told([], Decimal(target))[1] or 0 for target in range(0, 3000, 250)]
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(chances))
    assert found.runs is None


@given(st.lists(st.tuples(money, percent), min_size=1, max_size=10))
@settings(deadline=None, max_examples=40)
def test_a_likelier_deal_moves_the_mean_up(deals: list[tuple[Decimal, Decimal]]) -> None:
    raised = [(value, min(chance + 10, Decimal(100))) for value, chance in deals]
    assert forecast(raised).mean >= forecast(deals).mean


def test_quantiles_are_totals_in_money() -> None:
    deals = [(Decimal("1250.50"), Decimal(50)), (Decimal("99.99"), Decimal(50)), (Decimal("10"), Decimal(100))]
    found = forecast(deals)
    assert found.told([Decimal(q) for q in (25, 50, 75, 100)], None)[0] == [
        Decimal("10"),
        Decimal("109.99"),
        Decimal("1260.50"),
        Decimal("1360.49"),
    ]


def test_dust_behind_six_decimals_makes_no_finer_grid() -> None:
    deals = [(Decimal("0.30000000000000004"), Decimal(50)), (Decimal("123456.78999999999"), Decimal(50))]
    found = forecast(deals)
    assert found.runs is None
    assert found.told([Decimal(100)], None) == ([Decimal("123457.09")], None)


def test_a_simulation_says_so_and_meets_the_closed_form() -> None:
    draw = random.Random(4)
    deals = [{"value": draw.randrange(10**8) / 100, "probability": draw.randrange(5, 95)} for _ in range(100)]
    found = run("align.forecast.distribution", {"deals": deals, "target": 25_000_000}, as_of=DAY).to_json()
    details = found["details"]
    assert details["method"] == "simulated"
    assert details["runs"] == 10_000
    assert details["standard_error"] == pytest.approx(details["sd"] / 100)
    assert "steps of 0.01" in found["notes"][0]
    assert details["quantiles"]["p50"] == pytest.approx(found["value"], abs=details["sd"] / 20)
    assert details["quantiles"]["p95"] == pytest.approx(found["value"] + 1.645 * details["sd"], abs=details["sd"] / 8)
    again = run("align.forecast.distribution", {"deals": deals, "target": 25_000_000}, as_of=DAY).to_json()
    assert again["details"] == details


def test_what_cannot_be_decided_exactly_is_simulated_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(waves: Waves, share: float) -> int:
        raise Undecided

    draw = random.Random(4)
    deals = [(Decimal(draw.randrange(1, 1000) * 10), Decimal(draw.randrange(5, 95))) for _ in range(1000)]
    monkeypatch.setattr(Waves, "quantile", undecided)
    found = forecast(deals, runs=200)
    assert found.runs is None
    quantiles, chance = found.told([Decimal(50)], found.mean)
    assert found.runs == 200
    assert quantiles[0] == pytest.approx(found.mean, abs=found.sd / 3)
    assert chance == pytest.approx(0.5, abs=0.15)


def test_a_real_pipeline_is_exact() -> None:
    """Open opportunities of a published hardware seller's pipeline, at list price: 2,089 deals of seven products."""
    engaging = {26768: 15, 550: 337, 1096: 258, 5482: 176, 4821: 253, 3393: 242, 55: 308}
    prospecting = {550: 93, 1096: 74, 5482: 47, 4821: 80, 3393: 86, 55: 120}
    deals = [
        {"value": price, "probability": chance}
        for stage, chance in ((engaging, 60), (prospecting, 30))
        for price, count in stage.items()
        for _ in range(count)
    ]
    assert len(deals) == 2089
    found = run("align.forecast.distribution", {"deals": deals, "target": 2_657_908}, as_of=DAY).to_json()
    assert found["value"] == pytest.approx(2_657_533.2)
    assert found["details"]["method"] == "exact"
    assert found["details"]["sd"] == pytest.approx(83_351.787681)
    assert found["details"]["quantiles"]["p50"] == 2_657_908
    assert found["details"]["p_target_pct"] > 50
