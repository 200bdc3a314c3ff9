"""The difference of two results: each part with its cause, adding up to the difference of the value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.playbook.inputs import inputs_of
from trackline.core.playbook import Difference, Explained, RunRefused, compare, rulebook, run

DAY = date(2026, 6, 30)
INPUTS: dict[str, Any] = {
    "active_seat_pct": 72,
    "core_features_used": 4,
    "nps_rating": 7,
    "ticket_trend": "stable",
    "targets_met_pct": 93,
}


def usage(parameters: dict[str, Any] | None = None, **changes: Any) -> Explained:
    return run("track.health.usage", {**INPUTS, **changes}, as_of=DAY, parameters=parameters)


def causes(difference: Difference) -> dict[str, tuple[str, ...]]:
    return {part.key: part.causes for part in difference.parts}


def test_nothing_changed() -> None:
    difference = compare(usage(), usage())
    assert difference.empty
    assert difference.delta == 0


def test_an_input_changed() -> None:
    difference = compare(usage(), usage(active_seat_pct=85))
    assert causes(difference) == {"product_usage": ("input",)}
    assert (difference.delta, difference.parts[0].delta) == (15, 15)
    assert difference.bands == ("amber", "green")


def test_an_input_went_missing_and_its_weight_fell_on_the_rest() -> None:
    difference = compare(usage(), usage(nps_rating=None))
    assert difference.went_missing == ("nps_rating",)
    assert causes(difference)["relationship"] == ("missing",)
    assert causes(difference)["product_usage"] == ("coverage",)
    assert sum(part.delta for part in difference.parts) == difference.delta == Decimal("4.375")
    back = compare(usage(nps_rating=None), usage())
    assert (back.became_known, causes(back)["relationship"]) == (("nps_rating",), ("known",))


def test_a_parameter_changed() -> None:
    difference = compare(usage(), usage({"active_seat_bands": {"green": 70}}))
    assert causes(difference) == {"product_usage": ("parameter",)}
    assert [change.to_json() for change in difference.parameters] == [
        {"path": "active_seat_bands.green", "before": 80, "after": 70}
    ]
    weights = compare(usage(), usage({"weights": {"product_usage": 130}}))
    assert set(causes(weights).values()) == {("parameter",)}


def test_results_without_a_number_have_no_delta() -> None:
    nothing = run("track.health.usage", {}, as_of=DAY)
    assert compare(usage(), nothing).delta is None


maybe = st.none() | st.integers(0, 100)


@given(maybe, maybe, maybe, maybe)
def test_deltas_of_parts_sum_to_that_of_the_value(one: Any, two: Any, three: Any, four: Any) -> None:
    before = usage(active_seat_pct=one, targets_met_pct=two)
    after = usage(active_seat_pct=three, targets_met_pct=four)
    difference = compare(before, after)
    if difference.delta is not None:
        assert abs(sum(part.delta for part in difference.parts) - difference.delta) < Decimal("1e-20")


WEIGHTED = [
    "track.health.usage",
    "track.health.relationship",
    "track.survey.rhi",
    "align.qualification.meddicc",
    "align.whitespace.priority",
    "book.scorecard.composite",
    "book.priority.growth",
]


@pytest.mark.parametrize("rule_id", WEIGHTED)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_two_results_of_a_weighted_sum_are_told_apart_by_their_parts(rule_id: str, data: st.DataObject) -> None:
    rule = rulebook().get(rule_id)
    inputs = inputs_of(rule)
    weights = rule.in_force(DAY, None, None).parameters.to_json().get("weights")
    other = (
        {"weights": {key: data.draw(st.integers(1, 90)) for key in weights}}
        if weights and data.draw(st.booleans())
        else None
    )
    try:
        before, after = rule(data.draw(inputs), as_of=DAY), rule(data.draw(inputs), as_of=DAY, parameters=other)
    except RunRefused:
        return
    for one, two in ((before, after), (after, before)):
        difference = compare(one, two)
        assert difference.empty is (one.to_json() == two.to_json())
        if difference.delta is not None:
            parts = sum((part.delta for part in difference.parts), Decimal(0))
            assert abs(parts - difference.delta) < Decimal("1e-20")
        assert all(part.causes for part in difference.parts if part.delta)


def test_rows_that_share_a_key_are_told_apart() -> None:
    def price(*amounts: int) -> Explained:
        elements = [{"key": "rebate", "amount": amount, "before_net": True} for amount in amounts]
        return run("commercial.price.waterfall", {"list": 1000, "elements": elements}, as_of=DAY)

    difference = compare(price(10, 50, 90), price(20, 50))
    assert [(part.key, part.delta) for part in difference.parts] == [("rebate", 90), ("rebate", -10)]
    assert sum(part.delta for part in difference.parts) == difference.delta == 80
