"""A series of readings with its control limits: what the control chart signal looks at, for people to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, Metric, Observation
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.watch.evidence.series import LOOK_BACK
from trackline.watch.rules.signals import control_chart

SIGNALS = {"above": "above the limits", "below": "below the limits", "trend": "completes a trend"}


@dataclass(frozen=True)
class Reading:
    """A reading; `signal` says why it fires (`above`, `below`, `trend`), empty where it does not."""

    pk: int
    on: date
    value: Decimal
    source: str
    estimated: bool
    signal: str = ""

    @property
    def said(self) -> str:
        """The signal in words."""
        return SIGNALS.get(self.signal, "")


@dataclass(frozen=True)
class Control:
    """Readings, oldest first, and what the rule finds in those since `watched_from`."""

    readings: Sequence[Reading]
    watched_from: date
    found: Explained

    @property
    def limits(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """Lower limit, mean and upper limit; None while too few readings set them."""
        details = self.found.details
        return (details["lower"], details["mean"], details["upper"]) if details["mean"] is not None else None

    @property
    def firing(self) -> Sequence[Reading]:
        """Readings that fire, newest first."""
        return [one for one in reversed(self.readings) if one.signal]


def control_of(account: Account, metric: Metric, since: date, today: date) -> Control:
    """Return the readings of a metric since a day, judged as the signal judges them; in two queries.

    The limits rest on the readings of the signal's own reach, whatever is shown. Source: SIG-45.
    """
    watched_from = today - LOOK_BACK
    rows = Observation.objects.filter(
        account=account, metric=metric, deleted_at__isnull=True, on__range=(min(since, watched_from), today)
    )
    listed = list(rows.order_by("on").values_list("pk", "on", "value", "source", "quality"))
    first = next((at for at, row in enumerate(listed) if row[1] >= watched_from), len(listed))
    held = Overrides.load(today).in_force(control_chart, today, tier=account.tier, account_id=account.pk)
    given = read_inputs(control_chart.inputs, {"series": [row[2] for row in listed[first:]]})
    found = control_chart.explain(given, held, today)
    signals = _signals(found, [row[2] for row in listed[first:]])
    readings = [
        Reading(pk, on, value, source, quality == Observation.Quality.ESTIMATED, signals.get(at - first, ""))
        for at, (pk, on, value, source, quality) in enumerate(listed)
        if on >= since
    ]
    return Control(readings, watched_from, found)


def _signals(found: Explained, values: Sequence[Decimal]) -> Mapping[int, str]:
    """Return why points fire, by their place; what lies outside counts before what completes a trend."""
    details = found.details
    signals = dict.fromkeys(details["trends"], "trend")
    return signals | {at: "above" if values[at] > details["mean"] else "below" for at in details["beyond"]}


def to_json(control: Control) -> dict[str, Any]:
    """Return the chart, JSON-ready."""
    limits = control.limits
    return {
        "limits": dict(zip(("lower", "mean", "upper"), limits, strict=True)) if limits else None,
        "watched_from": control.watched_from,
        "notes": list(control.found.notes),
        "readings": [
            {
                "id": str(one.pk),
                "on": one.on,
                "value": one.value,
                "source": one.source,
                "estimated": one.estimated,
                "signal": one.signal or None,
            }
            for one in control.readings
        ],
    }
