"""Columns of tables in the account workspace that are no fields: the line of a KPI's readings, its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.kit import formats
from trackline.kit.templatetags.tl import shape
from trackline.reveal.cases import Result
from trackline.workspace.queries.account.business_case import years
from trackline.workspace.queries.account.track import KpiRow
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.tables import Computed
from trackline.workspace.templatetags.charts import sparkline

NO_READING = mark_safe('<span class="missing-value">no reading</span>')
ONE_READING = mark_safe('<span class="text-3">one reading</span>')


def kpi_columns(rows: Mapping[int, KpiRow], urls: Mapping[int, str]) -> Sequence[str | Computed]:
    """Return the columns of KPIs: where each stands against its target, and how it got there.

    `urls` are those of the accounts; lines lead to the metric's chart.
    """

    def line(item: Item, _facts: Facts) -> SafeString:
        row = rows.get(int(item["id"]))
        if row is None or not row.points:
            return NO_READING
        if len(row.points) == 1:
            return ONE_READING
        return format_html(
            '<a class="chart-link" href="{}/metrics/{}" title="Chart with limits and check-ins">{}</a>',
            urls[row.kpi.account_id], row.kpi.metric_id,
            sparkline(row.points, f"Chart of {row.kpi.name}, {len(row.points)} readings", row.kpi.target),
        )  # fmt: skip

    def state(item: Item, _facts: Facts) -> SafeString:
        row = rows.get(int(item["id"]))
        reached = row.reached if row else None
        words = "on target" if reached else "not there yet"
        if reached is None:
            words = "no target" if item["target"] is None else "no reading"
        band = row.band if row else "unknown"
        return format_html('<span class="status">{}<span>{}</span></span>', shape(band, True), words)

    return (
        "name",
        "current",
        "target",
        Computed("readings", "Readings", line),
        Computed("state", "State", state),
        "baseline",
        "target_on",
        "current_on",
        "owner",
    )


def value_columns() -> Sequence[str | Computed]:
    """Return the columns of value outcomes: what changed, its worth, and who confirmed it with which evidence."""

    def change(item: Item, _facts: Facts) -> SafeString:
        before, after = item["before"], item["after"]
        if before is None or after is None or not before:
            return mark_safe('<span class="text-3">–</span>')
        return format_html('<span class="num">{}</span>', formats.delta(100 * (after - before) / before, "%", 1))

    return (
        "title",
        "before",
        "after",
        Computed("change", "Change", change, css="right"),
        "committed",
        "money",
        "basis",
        "verified_by",
        "verified_on",
        "evidence_url",
    )


def case_columns(results: Mapping[int, Result], currency: str) -> Sequence[str | Computed]:
    """Return the columns of business cases: what each is worth, its return and its payback."""
    none = mark_safe('<span class="missing-value">none</span>')

    def worth(item: Item, _facts: Facts) -> SafeString | str:
        found = results.get(int(item["id"]))
        if found is None or found.npv is None:
            return mark_safe('<span class="missing-value">no cash flows</span>')
        return formats.money_full(round(found.npv), currency)

    def rate(item: Item, _facts: Facts) -> SafeString | str:
        found = results.get(int(item["id"]))
        value = found.found.details["irr_pct"] if found else None
        return none if value is None else formats.percent(value, 1)

    def payback(item: Item, _facts: Facts) -> SafeString | str:
        found = results.get(int(item["id"]))
        value = found.found.details["payback_years"] if found else None
        return none if value is None else years(value)

    return (
        "title",
        Computed("npv", "Net present value", worth, css="right"),
        Computed("irr", "Rate of return", rate, css="right"),
        Computed("payback", "Payback", payback, css="right"),
        "discount_rate_pct",
        "goal",
        "owner",
    )


def reading_action(item: Item) -> SafeString:
    """Return the button that adds a reading of a KPI."""
    address = f"observation/new?kpi={item['id']}"
    return format_html(
        '<a class="btn ghost small" href="/r/{0}" data-panel="{0}">Add a reading<span class="sr"> of {1}</span></a>',
        address,
        item["name"],
    )


def schedule_action(item: Item) -> SafeString:
    """Return the button that sets the coming meetings of a cadence; none for one without rhythm."""
    if item["frequency"] == "ad_hoc" or not item["active"]:
        return mark_safe("")
    return format_html(
        '<button class="btn ghost small" type="button" hx-post="/r/cadence/{}/schedule" hx-swap="none">Set its meetings'
        '<span class="sr"> of {}</span></button>',
        item["id"],
        item["name"],
    )
