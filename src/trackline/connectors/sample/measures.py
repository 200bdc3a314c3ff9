"""KPIs agreed with customers, and two years of observations.

A story names the curves that carry it; what it leaves open follows from its `quality` curve (0 poor, 1 excellent), so
that service, surveys and margin move together with the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from trackline.connectors.sample.accounts import arr_steps
from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft, Reading
from trackline.connectors.sample.series import Curve, line, noise, stairs
from trackline.connectors.sample.timeline import BOOK_OPENED, DAYS_PER_MONTH, add_months, spread

MONTHS = 24
_STEPPED = {"seats_licensed", "core_features_used", "tickets_escalated", "sla_amber", "competitive_intrusion"}
_QUARTERLY = (
    "nps", "nps_rating", "champion_rating", "csat", "ces", "benefit_realization", "engagement_pct",
    "share_of_voice_pct", "escalation_index", "competitive_intrusion", "customer_spend", "share_of_wallet",
)  # fmt: skip
_FINANCE = (
    "revenue", "gross_margin", "price_realization", "cost_to_serve", "cost_to_serve_plan", "dso_days",
    "pipeline_weighted", "pipeline_target", "inventory_days", "working_capital_charge",
)  # fmt: skip
_MONTHLY = (
    "seats_licensed", "active_seat_pct", "seats_active_weekly", "core_features_used", "dau", "mau", "usage_index",
    "tickets_new", "tickets_open", "tickets_escalated", "mttr_hours", "sla_compliance", "sla_amber",
    "response_latency_hours", "targets_met_pct",
)  # fmt: skip
_LIGHT = {
    "seats_licensed", "active_seat_pct", "seats_active_weekly", "core_features_used", "tickets_new", "tickets_open",
    "tickets_escalated", "mttr_hours", "targets_met_pct", "nps_rating", "csat", "revenue", "gross_margin", "dso_days",
}  # fmt: skip
"""What is measured on a tier 3 account."""
_WHOLE = {
    "seats_licensed", "seats_active_weekly", "core_features_used", "dau", "mau", "tickets_new", "tickets_open",
    "tickets_escalated", "sla_amber", "nps", "escalation_index", "competitive_intrusion", "backlog",
    "unauthorized_access", "failed_logins_priv", "edr_high",
}  # fmt: skip
_SCALES = {"nps_rating": 10.0, "champion_rating": 10.0, "csat": 5.0, "ces": 7.0}
_SHARES = {"active_seat_pct", "sla_compliance", "targets_met_pct", "engagement_pct", "patch_compliance_pct"}


def add_kpis(book: Book, story: Story) -> None:
    """Draft the KPIs agreed with the customer, and their readings."""
    for row in story.rows("kpis"):
        name = story.local("kpi", row["id"]) or ""
        months = -min(point[0] for point in row["readings"])
        start = max(-round(months * DAYS_PER_MONTH) - 10, story.since + 30)
        start = min(start, -6)
        data = slim(
            account=story.account,
            name=row["name"],
            unit=row["unit"],
            direction=row["direction"],
            kind=row["type"],
            baseline=row["baseline"],
            target=row["target"],
            target_on=story.when.maybe(row.get("due")),
            refresh=row.get("every", "monthly"),
            source=row["source"],
            agreed_with_customer=True,
            owner=story.owner,
            client_owner=story.local("contact", row.get("client_owner")),
        )
        book.add(Draft(name, story.when.written(start, name), story.owner, data))
        step = 3 if row.get("every") == "quarterly" else 1
        curve, change = line(row["readings"]), noise(name, row.get("noise", 0))
        for month, on in _monthly_days(story, min(months, MONTHS), step, days_ago=3):
            if row.get("stops") is None or story.when.offset(on) <= row["stops"]:
                value = round(curve(month) + change(month), _decimals(row["baseline"], row["target"]))
                book.readings.append(Reading(story.account, name, on, max(value, 0), row["source"]))


def add_readings(book: Book, story: Story) -> None:
    """Add the observations of the usual metrics of an account."""
    if not story.facts.get("metrics"):
        return
    plot = _Plot(story)
    for code in _MONTHLY:
        weekly = story.facts.get("weekly") and code in ("active_seat_pct", "seats_active_weekly")
        days = _weekly_days(story, 104) if weekly else _monthly_days(story, plot.months, 1, days_ago=1)
        _add(book, plot, code, days, "Product telemetry" if code in _USAGE else "Service desk")
    for code in _QUARTERLY:
        _add(book, plot, code, _monthly_days(story, plot.months, 3, days_ago=6), "Quarterly survey")
    for code in _FINANCE:
        _add(book, plot, code, _firsts(story, plot.months), "Finance system")
    for code in ("backlog", "stock_price"):
        if code in plot.points:
            _add(book, plot, code, _weekly_days(story, 26), "Service desk" if code == "backlog" else "Market data")
    if plot.points.get("security"):
        _add(book, plot, "patch_compliance_pct", _monthly_days(story, plot.months, 1, days_ago=2), "Security office")
        _add(book, plot, "unauthorized_access", _monthly_days(story, plot.months, 1, days_ago=2), "Security office")
        _add(book, plot, "failed_logins_priv", _weekly_days(story, 52), "Security office")
        _add(book, plot, "edr_high", _weekly_days(story, 52), "Security office")
    _add_arr(book, plot)


_USAGE = _MONTHLY[:7]


@dataclass
class _Plot:
    """The curves of one account."""

    story: Story

    def __post_init__(self) -> None:
        self.points: dict[str, Any] = dict(self.story.facts["metrics"])
        self.months = min(int(self.story.facts.get("months", MONTHS)), MONTHS)
        self.tier = self.story.facts["account"].get("tier")
        self.omit = set(self.points.get("omit", []))
        self.stops: dict[str, int] = self.points.get("stops", {})
        self.quality = line(self.points["quality"])
        self.arr = stairs([(day / DAYS_PER_MONTH, value) for day, value in arr_steps(self.story)])
        taste = spread(self.story.key, 100) / 100
        self.margin, self.spend = 33 + 8 * taste, 0.62 + 0.3 * taste

    def last_day(self, code: str) -> int:
        """Return the day, from today, after which a metric has no readings."""
        return min(self.stops.get(code, 0), int(self.points.get("stops_all", 0)))

    def curve(self, code: str) -> Curve | None:
        """Return the curve of a metric, or None where the account has none."""
        if code in self.omit or (self.tier == 3 and code not in _LIGHT):
            return None
        if code in self.points:
            return (stairs if code in _STEPPED else line)(self.points[code])
        return self._derived().get(code)

    def _derived(self) -> dict[str, Callable[[float], float]]:
        q, arr = self.quality, self.arr
        seats, share = self.curve_of("seats_licensed"), self.curve_of("active_seat_pct")
        new = self.curve_of("tickets_new")
        rating = line(self.points["nps_rating"]) if "nps_rating" in self.points else None
        found: dict[str, Callable[[float], float]] = {
            "seats_active_weekly": lambda m: seats(m) * share(m) / 100,
            "dau": lambda m: 0.62 * seats(m) * share(m) / 100,
            "mau": lambda m: min(seats(m), 1.12 * seats(m) * share(m) / 100),
            "usage_index": lambda m: min(100.0, 0.82 * share(m) + 18 * q(m)),
            "tickets_open": lambda m: new(m) * (0.2 + 0.8 * (1 - q(m))),
            "tickets_escalated": lambda _m: 0.0,
            "mttr_hours": lambda m: 3.1 + 4.6 * (1 - q(m)),
            "sla_compliance": lambda m: 93.6 + 6.2 * q(m),
            "sla_amber": lambda m: float(round(3 * (1 - q(m)) ** 2)),
            "response_latency_hours": lambda m: 6 + 54 * (1 - q(m)),
            "csat": lambda m: 3.05 + 1.6 * q(m),
            "ces": lambda m: 3.6 + 2.7 * q(m),
            "benefit_realization": lambda m: 38 + 56 * q(m),
            "engagement_pct": lambda m: 34 + 58 * q(m),
            "share_of_voice_pct": lambda m: 50 + 20 * (1 - q(m)),
            "escalation_index": lambda m: 13 * (1 - q(m)) ** 1.3,
            "competitive_intrusion": lambda m: 3 * (1 - q(m)) ** 2,
            "customer_spend": lambda m: arr(m) * self.spend,
            "share_of_wallet": lambda m: 25 / self.spend * (0.96 + 0.06 * q(m)),
            "revenue": lambda m: arr(m) / 12,
            "gross_margin": lambda m: self.margin + 14 * q(m),
            "price_realization": lambda m: 86.5 + 6 * q(m),
            "cost_to_serve": lambda m: arr(m) / 12 * (0.13 + 0.1 * (1 - q(m))),
            "cost_to_serve_plan": lambda m: arr(m) / 12 * 0.165,
            "dso_days": lambda m: 31 + 22 * (1 - q(m)),
            "pipeline_weighted": lambda m: arr(m) * (0.05 + 0.09 * q(m)),
            "pipeline_target": lambda m: arr(m) * 0.035,
            "inventory_days": lambda m: 8 + 7 * (1 - q(m)),
            "working_capital_charge": lambda m: arr(m) / 12 * (0.02 + 0.03 * (1 - q(m))),
            "patch_compliance_pct": lambda m: 95.5 + 3.5 * q(m),
            "unauthorized_access": lambda m: 2 * (1 - q(m)),
            "failed_logins_priv": lambda m: 78 + 40 * (1 - q(m)),
            "edr_high": lambda m: 1.4 * (1 - q(m)),
        }
        if rating:
            found["nps"] = lambda m: max(-100.0, min(100.0, (rating(m) - 6.6) * 22))
        return found

    def curve_of(self, code: str) -> Curve:
        """Return a curve that the story must give."""
        return (stairs if code in _STEPPED else line)(self.points.get(code, [[0, 0]]))


def _add(book: Book, plot: _Plot, code: str, days: Iterator[tuple[float, date]], source: str) -> None:
    curve = plot.curve(code)
    if curve is None:
        return
    story, last = plot.story, plot.last_day(code)
    change = noise(f"{story.key}/{code}", 0.0 if code in _STEPPED else 0.012)
    told = {point[0] for point in plot.points.get(code, [])}
    for month, on in days:
        drawn = change(month)
        if story.when.offset(on) <= last:
            value = _shaped(code, curve(month) * (1 if month in told else 1 + drawn))
            book.readings.append(Reading(story.account, code, on, value, source))


def _add_arr(book: Book, plot: _Plot) -> None:
    """ARR is read on the first of each month and on each day on which it changed."""
    story = plot.story
    days = {on for _, on in _firsts(story, plot.months)}
    days |= {story.when.day(day) for day, _ in arr_steps(story) if max(BOOK_OPENED, story.since) <= day <= 0}
    steps = arr_steps(story)
    for on in sorted(days):
        value = next((amount for day, amount in reversed(steps) if day <= story.when.offset(on)), steps[0][1])
        book.readings.append(Reading(story.account, "arr", on, float(value), "Contract register"))


def _shaped(code: str, value: float) -> float:
    if code in _SCALES:
        value = min(value, _SCALES[code])
    if code in _SHARES:
        value = min(value, 100.0)
    if code in _WHOLE:
        return float(round(value)) if code == "nps" else float(max(0, round(value)))
    if code in _FINANCE and abs(value) > 1000:
        return float(round(value, -1))
    return round(max(value, 0.0), 2 if code in _SCALES else 1)


def _decimals(*values: float) -> int:
    return 1 if max(abs(value) for value in values) >= 10 else 2


def _monthly_days(story: Story, months: float, step: int, *, days_ago: int) -> Iterator[tuple[float, date]]:
    """Yield (month, day) going back from a few days ago, oldest first; one reading in each calendar month."""
    last = story.when.day(-days_ago)
    for back in range(int(months) // step * step, -1, -step):
        on = add_months(last, -back)
        if story.when.offset(on) >= story.since:
            yield float(-back), on


def _firsts(story: Story, months: int) -> Iterator[tuple[float, date]]:
    first = story.when.today.replace(day=1)
    for back in range(months, -1, -1):
        on = add_months(first, -back)
        if story.when.offset(on) >= story.since:
            yield float(-back), on


def _weekly_days(story: Story, weeks: int) -> Iterator[tuple[float, date]]:
    monday = story.when.today - timedelta(days=story.when.today.weekday())
    for back in range(weeks - 1, -1, -1):
        on = monday - timedelta(weeks=back)
        if story.when.offset(on) >= story.since:
            yield -7 * back / DAYS_PER_MONTH, on
