"""Properties of the KPI rules: every KPI is there, scale does not matter, bands follow the value, zero is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import Explained, RunRefused, rulebook, run
from trackline.core.playbook.data import read_yaml

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}

SHARES = {
    "price_realization": ("net", "list"),
    "share_of_wallet": ("revenue", "addressable_spend"),
    "win_rate": ("won", "total"),
    "cross_sell_ratio": ("adopted", "offered"),
    "sla_compliance": ("met", "total"),
    "stakeholder_coverage": ("active_champions", "high_influence_contacts"),
    "escalation_recovery": ("in_sla", "total"),
    "benefit_realization": ("verified", "committed"),
    "expansion_revenue_share": ("expansion", "total"),
    "multi_product_adoption": ("multi_product_accounts", "active_accounts"),
}
"""KPIs that are one input in percent of another."""
LISTS = {
    "deal_cycle_days": "days",
    "mttr_hours": "hours",
    "change_order_days": "days",
    "innovation_pipeline": "values",
    "time_to_first_expansion": "days",
}
WITHOUT_LIMITS = {"share_of_wallet", "mttr_hours", "innovation_pipeline", "joint_ip", "time_to_market"}
OTHERS = {
    "gross_margin",
    "net_revenue_retention",
    "gross_revenue_retention",
    "working_capital_drag",
    "payment_timeliness",
    "pipeline_coverage",
    "defect_density",
    "cost_to_serve_variance",
    "executive_engagement",
    "champion_velocity",
    "joint_ip",
    "esg_impact",
    "time_to_market",
}
KEYS = sorted({*SHARES, *LISTS, *OTHERS})

amounts = st.decimals(0, 10**6, places=2)
positive = st.decimals(Decimal("0.01"), 10**6, places=2)
shares = pytest.mark.parametrize("key", sorted(SHARES))


def kpi(key: str, **inputs: Any) -> Explained:
    return run(f"accounts.kpi.{key}", inputs, as_of=DAY)


def number(explained: Explained) -> Decimal:
    assert isinstance(explained.value, Decimal)
    return explained.value


def near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= Decimal("1e-20") * max(Decimal(1), abs(one))


def test_every_kpi_is_a_rule_and_no_other() -> None:
    found = [rule.id.removeprefix("accounts.kpi.") for rule in rulebook() if rule.id.startswith("accounts.kpi.")]
    assert found == KEYS


def test_the_key_of_a_kpi_is_a_metric_that_every_book_starts_with() -> None:
    metrics = read_yaml((files("trackline.accounts.rules") / "metrics.yaml").read_text())
    assert set(KEYS) <= {metric["key"] for metric in metrics}


@pytest.mark.parametrize("key", KEYS)
def test_a_kpi_has_bands_exactly_where_it_has_limits(key: str) -> None:
    assert ("bands" in rulebook().get(f"accounts.kpi.{key}").parameters.model_fields) is (key not in WITHOUT_LIMITS)


@shares
def test_a_share_of_nothing_is_told(key: str) -> None:
    part, whole = SHARES[key]
    found = kpi(key, **{part: 5, whole: 0})
    assert (found.value, found.band, found.missing) == (None, "unknown", ())
    assert len(found.notes) == 1


@shares
@given(amounts, amounts, positive, st.integers(1, 1000))
def test_a_share_rises_with_its_part_and_ignores_scale(
    key: str, one: Decimal, other: Decimal, of: Decimal, scale: int
) -> None:
    part, whole = SHARES[key]
    low, high = sorted((one, other))
    before, after = (kpi(key, **{part: value, whole: of}) for value in (low, high))
    assert number(before) <= number(after)
    if key not in WITHOUT_LIMITS:
        assert BANDS[str(before.band)] <= BANDS[str(after.band)]
    assert bool(after.notes) is (high > of and number(after).quantize(Decimal("0.000001")) > 100)
    scaled = kpi(key, **{part: low * scale, whole: of * scale})
    assert near(number(scaled), number(before))
    assert scaled.band == before.band


@pytest.mark.parametrize("key", sorted(LISTS))
@given(st.lists(amounts | st.none(), max_size=8), st.randoms(use_true_random=False))
def test_lists_have_no_order_and_unknown_entries_do_not_count(
    key: str, values: list[Decimal | None], shuffler: Any
) -> None:
    name = LISTS[key]
    found = kpi(key, **{name: values})
    mixed = list(values)
    shuffler.shuffle(mixed)
    assert kpi(key, **{name: mixed}).to_json() == found.to_json()
    told = [value for value in values if value is not None]
    assert (name in found.missing) is (len(told) < len(values))
    if told or key == "innovation_pipeline":
        assert kpi(key, **{name: told}).value == found.value or not told
    if told and key != "innovation_pipeline":
        assert min(told) <= number(found) <= max(told)


@given(positive, amounts, amounts, amounts)
def test_net_retention_exceeds_gross_by_expansion(
    start: Decimal, expansion: Decimal, contraction: Decimal, churn: Decimal
) -> None:
    losses = {"starting_arr": start, "contraction": contraction, "churn": churn}
    net, gross = (
        kpi("net_revenue_retention", expansion=expansion, **losses),
        kpi("gross_revenue_retention", **losses),
    )
    assert near(number(net) - number(gross), expansion * 100 / start)
    growth = kpi("net_revenue_retention", expansion=expansion, preset="growth_120", **losses)
    assert growth.value == net.value
    assert BANDS[str(growth.band)] <= BANDS[str(net.band)]


invoices = st.lists(
    st.fixed_dictionaries({"amount": positive, "days_late": st.integers(-30, 120)}), min_size=1, max_size=8
)


@given(invoices, st.integers(1, 60))
def test_paying_later_never_raises_the_index(given_invoices: list[dict[str, Any]], delay: int) -> None:
    late = [{**invoice, "days_late": invoice["days_late"] + delay} for invoice in given_invoices]
    before, after = kpi("payment_timeliness", invoices=given_invoices), kpi("payment_timeliness", invoices=late)
    assert 0 <= number(after) <= number(before) <= 100
    assert BANDS[str(after.band)] <= BANDS[str(before.band)]


items = st.lists(
    st.fixed_dictionaries({"unit": st.sampled_from(["t", "kWh", "m³"]), "achieved": amounts, "target": positive}),
    min_size=1,
    max_size=8,
)


@given(items)
def test_impact_is_bounded_and_the_mean_of_its_units(given_items: list[dict[str, Any]]) -> None:
    found = kpi("esg_impact", items=given_items)
    assert 0 <= number(found) <= 100
    assert {part.key for part in found.parts} == {item["unit"] for item in given_items}
    assert near(sum((part.points or Decimal(0) for part in found.parts), Decimal(0)) / len(found.parts), number(found))


@given(amounts, positive)
def test_coverage_is_green_only_from_three_to_five_times(pipeline: Decimal, target: Decimal) -> None:
    found = kpi("pipeline_coverage", weighted_pipeline=pipeline, target=target)
    settled = number(found).quantize(Decimal("0.000001"))
    expected = "green" if 3 <= settled <= 5 else "amber" if settled >= 2 else "red"
    assert found.band == expected


@given(positive, amounts, amounts, positive)
def test_margin_and_costs_make_up_revenue(revenue: Decimal, cogs: Decimal, service: Decimal, plan: Decimal) -> None:
    costs = {"net_revenue": revenue, "cogs": cogs, "cost_to_serve": service}
    found = kpi("gross_margin", **costs, plan_pct=plan)
    assert near(number(found), (revenue - cogs - service) * 100 / revenue)
    assert kpi("gross_margin", **costs).band == "unknown"
    assert kpi("gross_margin", **costs).value == found.value


@pytest.mark.parametrize("key", KEYS)
def test_inputs_that_are_needed_must_be_named(key: str) -> None:
    needed = [
        name for name, field in rulebook().get(f"accounts.kpi.{key}").inputs.model_fields.items() if field.is_required()
    ]
    with pytest.raises(RunRefused) as refusal:
        kpi(key)
    assert [error["loc"] for error in refusal.value.errors] == [["inputs", name] for name in needed]
    found = kpi(key, **dict.fromkeys(needed))
    assert found.value is None
    assert set(needed) <= set(found.missing)
