"""Health judged over arrays is that of the rules, value and band, on the limits, with gaps and under any figures too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.decimals import q6
from trackline.core.playbook import RunRefused
from trackline.core.playbook.inputs import read_inputs
from trackline.track.health import RULES, TWINS

DAY = date(2026, 6, 30)
NEAR = [Decimal(one) for one in ("0", "0.0000004", "0.0000005", "-0.0000005", "0.000001", "-0.000001", "1", "-1")]


def near(*limits: str) -> st.SearchStrategy[Any]:
    """On limits, beside them by less than six decimals tell and by more, and anywhere."""
    beside = st.builds(lambda limit, off: Decimal(limit) + off, st.sampled_from(limits), st.sampled_from(NEAR))
    anywhere = st.decimals(-20, 120, places=2)
    return st.one_of(beside, anywhere, st.integers(0, 12), st.none())


def lines(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({}, optional=fields), min_size=1, max_size=12)


FLAG = st.sampled_from([True, False, None])
COUNT = st.one_of(st.integers(0, 4), st.none(), st.sampled_from([30, 29, -1]))
GIVEN = {
    "usage": lines(
        active_seat_pct=near("50", "80", "100"),
        core_features_used=st.one_of(st.integers(-1, 4), st.none(), st.just(Decimal("2.5"))),
        nps_rating=near("6", "8", "10"),
        ticket_trend=st.sampled_from(
            ["decreasing", "none_open", "stable", "increasing", "escalated", "sideways", None]
        ),
        targets_met_pct=near("70", "90"),
    ),
    "relationship": lines(
        engagement_pct=near("60", "80", "100"),
        share_of_voice_pct=near("50", "40", "70"),
        response_latency_hours=near("4", "24", "48", "120"),
        escalation_index=near("0", "2", "5"),
        benefit_realization_pct=near("70", "90", "100"),
        nps=near("30", "10", "70"),
        csat=near("4.3", "3.5", "5"),
        champion_velocity=near("0", "-1", "2"),
        competitive_intrusion=near("0", "1", "2"),
        champions_per_unit=st.one_of(st.lists(st.one_of(st.integers(0, 3), st.none()), max_size=3), st.none()),
        negative_streak_quarters=COUNT,
        engagement_steady=FLAG,
        legal_dispute=FLAG,
        sponsor_exit_days=COUNT,
    ),
}
FIGURES: dict[str, list[dict[str, Any]]] = {
    "usage": [{}, {"weights": {"product_usage": 33, "relationship": 11}}, {"bands": {"green": 50, "amber": 25}}],
    "relationship": [{}, {"weights": {"advocacy": 45}, "nps_gate": 10}, {"min_coverage": 20, "champions_gate": 1}],
}
GREENS: dict[str, dict[str, Any]] = {
    "usage": {
        "active_seat_pct": Decimal("80.1"), "core_features_used": 3, "nps_rating": Decimal(8), "ticket_trend": "none_open",
        "targets_met_pct": Decimal(91),
    },
    "relationship": {
        "engagement_pct": Decimal(80), "share_of_voice_pct": Decimal(40), "response_latency_hours": Decimal(24),
        "escalation_index": Decimal(2), "benefit_realization_pct": Decimal(90), "nps": Decimal(30), "csat": Decimal("4.3"),
        "champion_velocity": Decimal(0), "competitive_intrusion": Decimal(1), "champions_per_unit": [2, 2],
    },
}  # fmt: skip
"""Every input on its own green limit."""


def agree(model: str, listed: list[dict[str, Any]], preset: str | None, figures: dict[str, Any]) -> list[Any]:
    rule = RULES[model]
    force = rule.in_force(DAY, preset, figures)
    said = TWINS[model](listed, force.parameters)
    for given_, verdict in zip(listed, said, strict=True):
        try:
            found = rule.explain(read_inputs(rule.inputs, given_), force, DAY)
        except RunRefused:
            assert verdict is None, given_
            continue
        value = q6(found.value) if isinstance(found.value, Decimal | int) else None
        assert verdict in (None, (value, found.band)), given_
    return said


@pytest.mark.parametrize("model", TWINS)
@given(st.data())
@settings(deadline=None, max_examples=60)
def test_any_accounts(model: str, data: st.DataObject) -> None:
    preset = data.draw(st.sampled_from([None, "standard", "regulated"] if model == "relationship" else [None]))
    agree(model, data.draw(GIVEN[model]), preset, data.draw(st.sampled_from(FIGURES[model])))


@pytest.mark.parametrize("model", TWINS)
def test_on_the_limits_nobody_has_to_be_asked(model: str) -> None:
    green = GREENS[model]
    worse = [{**green, name: None} for name in green]
    said = agree(model, [green, {}, *worse], None, {})
    assert said[0] == (Decimal(80) if model == "relationship" else Decimal(100), "green")
    assert said[1] == (None, "unknown")
    assert None not in said
    assert {one[1] for one in said} >= {"green", "unknown"}
