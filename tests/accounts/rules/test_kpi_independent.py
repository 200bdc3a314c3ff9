"""Every KPI beside a second reading of its formula and limits, written with fractions and nothing of ours, on random cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.playbook import run

DAY = date(2026, 6, 30)
Row = dict[str, Any]
Value = Fraction | None

plain = st.one_of(st.integers(0, 200).map(Decimal), st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100))
optional = st.none() | plain
several = st.lists(plain, max_size=6)
invoices = st.lists(
    st.fixed_dictionaries(
        {"amount": plain, "days_late": st.one_of(st.integers(-20, 90), st.sampled_from([0, 1, 15, 16, 30, 31, 60, 61]))}
    ),
    max_size=6,
)
goals = st.lists(
    st.fixed_dictionaries({"unit": st.sampled_from(["t", "MWh"]), "achieved": plain, "target": plain}), max_size=5
)


def percent(part: Value, whole: Value) -> Value:
    if part is None or whole is None or not whole:
        return None
    return 100 * part / whole


def at_least(green: int, amber: int) -> Callable[[Value], str]:
    return lambda value: (
        "unknown" if value is None else "green" if value >= green else "amber" if value >= amber else "red"
    )


def at_most(green: Any, amber: Any) -> Callable[[Value], str]:
    return lambda value: (
        "unknown" if value is None else "green" if value <= green else "amber" if value <= amber else "red"
    )


def none(value: Value) -> str | None:
    """Without limits there is no colour; without a value it is told that it is not known."""
    return "unknown" if value is None else None


def against(value: Value, base: Value) -> Value:
    """How far above its base, in %; unknown without one."""
    return percent(value - base, base) if value is not None and base else None


def gross_margin(row: Row) -> tuple[Value, Any]:
    value = percent(row["net_revenue"] - row["cogs"] - row["cost_to_serve"], row["net_revenue"])
    off = against(value, row["plan_pct"])
    band = "unknown" if off is None else "green" if off > -2 else "amber" if off > -5 else "red"
    return value, band


def retention(row: Row) -> tuple[Value, Any]:
    value = percent(row["starting_arr"] + row["expansion"] - row["contraction"] - row["churn"], row["starting_arr"])
    return value, at_least(120 if row.get("preset") == "growth_120" else 110, 100)(value)


def drag(row: Row) -> tuple[Value, Any]:
    rate = 9 if row["wacc_pct"] is None else row["wacc_pct"]
    capital = (
        row["dso_days"] / 365 * row["revenue"] + row["inventory_days"] / 365 * row["cogs"] + row["prepaid_services"]
    )
    value = percent(capital * rate / 100, row["contract_value"])
    return value, at_most(1, 2)(value)


def timeliness(row: Row) -> tuple[Value, Any]:
    def share(late: Fraction) -> Fraction:
        return next(
            (Fraction(score) for limit, score in ((0, 1), (15, "0.75"), (30, "0.5"), (60, "0.25")) if late <= limit),
            Fraction(0),
        )

    amount = sum((item["amount"] for item in row["invoices"]), Fraction(0))
    value = percent(sum((item["amount"] * share(item["days_late"]) for item in row["invoices"]), Fraction(0)), amount)
    return value, at_least(90, 75)(value)


def coverage(row: Row) -> tuple[Value, Any]:
    value = row["weighted_pipeline"] / row["target"] if row["target"] else None
    band = "unknown" if value is None else "green" if 3 <= value <= 5 else "amber" if value >= 2 else "red"
    return value, band


def cycle(row: Row) -> tuple[Value, Any]:
    value = mean(row["days"]) if row["days"] else None
    return value, at_most(0, 15)(against(value, row["baseline_days"]))


def esg(row: Row) -> tuple[Value, Any]:
    units = {item["unit"] for item in row["items"]}
    found = []
    for unit in units:
        mine = [item for item in row["items"] if item["unit"] == unit]
        share = percent(sum(item["achieved"] for item in mine), sum(item["target"] for item in mine))
        if share is not None:
            found.append(min(Fraction(100), share))
    value = mean(found) if found else None
    return value, at_least(80, 60)(value)


def of(part: str, whole: str, band: Callable[[Value], Any]) -> tuple[Row, Callable[[Row], tuple[Value, Any]]]:
    def read(row: Row) -> tuple[Value, Any]:
        value = percent(row[part], row[whole])
        return value, band(value)

    return {part: plain, whole: plain}, read


def over(name: str, how: Callable[[Any], Any], band: Callable[[Value], Any], empty: Value = None) -> Any:
    def read(row: Row) -> tuple[Value, Any]:
        value = Fraction(how(row[name])) if row[name] else empty
        return value, band(value)

    return {name: several}, read


def by(band: Callable[[Value], Any], formula: Callable[[Row], Value], *names: str, kind: Any = plain) -> Any:
    def read(row: Row) -> tuple[Value, Any]:
        value = formula(row)
        return value, band(value)

    return dict.fromkeys(names, kind), read


few = st.integers(0, 12).map(Decimal)
KPIS: dict[str, tuple[Row, Callable[[Row], tuple[Value, Any]]]] = {
    "gross_margin": ({"net_revenue": plain, "cogs": plain, "cost_to_serve": plain, "plan_pct": optional}, gross_margin),
    "net_revenue_retention": (
        {
            **dict.fromkeys(("starting_arr", "expansion", "contraction", "churn"), plain),
            "preset": st.sampled_from([None, "sustain_110", "growth_120"]),
        },
        retention,
    ),
    "gross_revenue_retention": by(
        at_least(92, 85),
        lambda row: percent(row["starting_arr"] - row["contraction"] - row["churn"], row["starting_arr"]),
        "starting_arr",
        "contraction",
        "churn",
    ),
    "working_capital_drag": (
        {
            **dict.fromkeys(
                ("dso_days", "revenue", "inventory_days", "cogs", "prepaid_services", "contract_value"), plain
            ),
            "wacc_pct": st.none() | st.integers(0, 20).map(Decimal),
        },
        drag,
    ),
    "price_realization": of("net", "list", at_least(90, 85)),
    "payment_timeliness": ({"invoices": invoices}, timeliness),
    "share_of_wallet": of("revenue", "addressable_spend", none),
    "pipeline_coverage": ({"weighted_pipeline": plain, "target": plain}, coverage),
    "win_rate": of("won", "total", at_least(40, 25)),
    "deal_cycle_days": ({"days": several, "baseline_days": optional}, cycle),
    "cross_sell_ratio": of("adopted", "offered", at_least(50, 25)),
    "sla_compliance": of("met", "total", at_least(98, 95)),
    "mttr_hours": over("hours", mean, none),
    "defect_density": by(
        at_most(Fraction(1, 2), 1),
        lambda row: row["defects"] / row["transactions"] * 1000 if row["transactions"] else None,
        "defects",
        "transactions",
    ),
    "change_order_days": over("days", mean, at_most(5, 10)),
    "cost_to_serve_variance": by(
        at_most(5, 10), lambda row: percent(row["actual"] - row["budget"], row["budget"]), "actual", "budget"
    ),
    "stakeholder_coverage": of("active_champions", "high_influence_contacts", at_least(60, 40)),
    "executive_engagement": by(at_least(2, 1), lambda row: row["interactions"], "interactions", kind=few),
    "champion_velocity": by(at_least(0, -1), lambda row: row["gained"] - row["lost"], "gained", "lost", kind=few),
    "escalation_recovery": of("in_sla", "total", at_least(90, 80)),
    "benefit_realization": of("verified", "committed", at_least(90, 70)),
    "innovation_pipeline": over("values", sum, none, Fraction(0)),
    "joint_ip": by(none, lambda row: row["patents"] + row["publications"], "patents", "publications", kind=few),
    "esg_impact": ({"items": goals}, esg),
    "time_to_market": by(
        none, lambda row: row["days_before"] - row["days_after"], "days_before", "days_after", kind=few
    ),
    "expansion_revenue_share": of("expansion", "total", at_least(30, 20)),
    "time_to_first_expansion": over("days", median, at_most(180, 365)),
    "multi_product_adoption": of("multi_product_accounts", "active_accounts", at_least(50, 30)),
}


def exactly(value: Any) -> Any:
    """Inputs in fractions, lists and rows of lists too."""
    if isinstance(value, Decimal | int):
        return Fraction(value)
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("key", sorted(KPIS))
def test_kpi(key: str) -> None:
    inputs, formula = KPIS[key]

    @given(st.fixed_dictionaries(inputs))
    @settings(max_examples=40)
    def agree(case: Row) -> None:
        found = run(f"accounts.kpi.{key}", case, as_of=DAY)
        value, band = formula(exactly(case))
        assert (found.value is None) == (value is None)
        if value is not None:
            assert abs(Fraction(found.value) - value) <= Fraction(1, 10**9) * max(1, abs(value))
        assert found.band == band

    agree()
