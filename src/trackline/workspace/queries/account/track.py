"""Pictures of the T section: KPI lines, health views over time, risk grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from trackline.accounts.models import Kpi, Observation
from trackline.kit import formats
from trackline.track.models import HealthSnapshot, Risk
from trackline.track.rules.standing import reached, risk_band

ALIVE = Q(deleted_at__isnull=True)
READINGS = 24
"""So many newest readings of a KPI make its line."""
HEALTH_DAYS = 730


# -- KPIs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KpiRow:
    """A KPI with its newest readings, oldest first, and whether it stands on target (None: cannot be told)."""

    kpi: Kpi
    points: Sequence[tuple[date, Decimal]]
    reached: bool | None

    @property
    def band(self) -> str:
        """Green on target, amber off it, unknown without target or reading."""
        return "unknown" if self.reached is None else "green" if self.reached else "amber"

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"kpi/{self.kpi.pk}"


def on_target(kpi: Kpi) -> bool | None:
    """Tell whether a KPI has reached its target, or None where current or target is missing."""
    return reached(kpi.current, kpi.target, kpi.direction)


def kpi_rows(accounts: Iterable[int], today: date) -> list[KpiRow]:
    """Return the KPIs of accounts with their readings, in two queries."""
    kpis = list(Kpi.objects.filter(ALIVE, account__in=list(accounts)).order_by("name"))
    readings: dict[tuple[int, int], list[tuple[date, Decimal]]] = {}
    rows = Observation.objects.filter(
        ALIVE, account__in={kpi.account_id for kpi in kpis}, metric__in={kpi.metric_id for kpi in kpis},
        on__gte=today - timedelta(days=3 * 366),
    )  # fmt: skip
    for account, metric, on, value in rows.order_by("on").values_list("account_id", "metric_id", "on", "value"):
        readings.setdefault((account, metric), []).append((on, value))
    return [KpiRow(kpi, readings.get((kpi.account_id, kpi.metric_id), [])[-READINGS:], on_target(kpi)) for kpi in kpis]


# -- health --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A stretch of one colour, placed in % of the whole time shown."""

    band: str
    start_pct: float
    width_pct: float
    title: str


@dataclass(frozen=True)
class HealthHistory:
    """The manager's views over time: each colour holds until the next view."""

    start: date
    bars: Sequence[tuple[str, Sequence[Span]]]
    snapshots: Sequence[HealthSnapshot]

    @property
    def finding(self) -> str:
        """The newest view in a sentence."""
        newest = self.snapshots[0]
        held = next((old for old in self.snapshots[1:] if old.delivery != newest.delivery), None)
        before = f" Delivery was {held.delivery} until {formats.day(held.on)}." if held else ""
        return f"Delivery {newest.delivery}, relationship {newest.relationship} on {formats.day(newest.on)}.{before}"


def health_history(account_id: int, today: date) -> HealthHistory | None:
    """Return the health views of two years, newest first, or None where there is none; in one query."""
    rows = HealthSnapshot.objects.filter(ALIVE, account_id=account_id, on__gte=today - timedelta(days=HEALTH_DAYS))
    snapshots = list(rows.select_related("author").order_by("-on"))
    if not snapshots:
        return None
    start = min(snapshots[-1].on, today - timedelta(days=90))
    whole = max((today - start).days, 1)
    bars = []
    for name, label in (("delivery", "Delivery"), ("relationship", "Relationship")):
        spans: list[Span] = []
        ordered = list(reversed(snapshots))
        runs: list[tuple[str, date]] = []
        for snapshot in ordered:
            band = getattr(snapshot, name)
            if not runs or runs[-1][0] != band:
                runs.append((band, snapshot.on))
        for index, (band, on) in enumerate(runs):
            end = runs[index + 1][1] if index + 1 < len(runs) else today
            title = f"{label} {band} from {formats.day(on)} to {formats.day(end)}"
            spans.append(Span(band, 100 * (on - start).days / whole, 100 * (end - on).days / whole, title))
        bars.append((label, spans))
    return HealthHistory(start, bars, snapshots)


# -- risks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RiskCell:
    """Risks of one likelihood and impact; the band follows from their product (RSK-02)."""

    likelihood: int
    impact: int
    risks: Sequence[Risk]

    @property
    def band(self) -> str:
        """The colour of their likelihood × impact."""
        return risk_band(self.likelihood, self.impact)


@dataclass(frozen=True)
class RiskGrid:
    """Open risks on five by five, the likeliest row first."""

    rows: Sequence[tuple[int, Sequence[RiskCell]]]
    total: int
    bands: Mapping[str, int]

    @property
    def finding(self) -> str:
        """The grid in a sentence."""
        red, amber = self.bands.get("red", 0), self.bands.get("amber", 0)
        return f"{self.total} open {'risk' if self.total == 1 else 'risks'}, {red} red and {amber} amber (likelihood × impact)."


def risk_grid(*accounts: int) -> RiskGrid:
    """Return the open risks of accounts on their grid, in one query."""
    risks = list(Risk.objects.filter(ALIVE, account__in=accounts, status__in=("open", "mitigating")).order_by("title"))
    rows: list[tuple[int, Sequence[RiskCell]]] = []
    bands: dict[str, int] = {}
    for likelihood in range(5, 0, -1):
        cells = []
        for impact in range(1, 6):
            there = [risk for risk in risks if (risk.likelihood, risk.impact) == (likelihood, impact)]
            cell = RiskCell(likelihood, impact, there)
            bands[cell.band] = bands.get(cell.band, 0) + len(there)
            cells.append(cell)
        rows.append((likelihood, cells))
    return RiskGrid(rows, len(risks), bands)
