"""What open routes are worth: gross, weighted, and the distribution of what they bring in, against the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Score
from trackline.align.rules.forecast import distribution
from trackline.align.rules.pipeline import weighted
from trackline.kit import formats
from trackline.workspace.queries.account.cards.score import (
    Lack,
    Shown,
    lacks_of_records,
    reading_act,
    shown,
    sources,
    value_of,
)
from trackline.workspace.queries.account.head import Head
from trackline.workspace.records.addresses import ROOT

RULE, FORECAST = weighted.id, distribution.id
STATES = {"identified": "Identified", "qualifying": "Qualifying", "pursuing": "Pursuing", "open": "Open"}


@dataclass(frozen=True)
class Fan:
    """The forecast as its bar: quantiles by name, the mean, the target, the largest total that can be."""

    quantiles: Mapping[str, Decimal]
    mean: Decimal
    target: Decimal | None
    top: Decimal
    currency: str

    @property
    def range(self) -> str:
        """Where the total lies in eight of ten cases."""
        low, high = (formats.money(self.quantiles[name], self.currency) for name in ("p10", "p90"))
        return f"{low} to {high} in eight of ten cases"

    @property
    def rows(self) -> Sequence[tuple[str, Decimal, Decimal]]:
        """Each quantile with the chance in % of that total or more."""
        return [(name, 100 - Decimal(name[1:]), value) for name, value in self.quantiles.items()]


@dataclass(frozen=True)
class StateRow:
    """The open routes of one state."""

    label: str
    gross: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class Target:
    """What the pipeline stands against, of which day and where it is kept."""

    value: Decimal
    on: date
    url: str
    chance: Decimal | None


@dataclass(frozen=True)
class PipelineCard:
    """The card; without open routes there is no fan."""

    shown: Shown
    forecast: Shown | None
    currency: str
    weighted: Decimal
    gross: Decimal
    count: int
    states: Sequence[StateRow]
    fan: Fan | None
    sd: Decimal | None
    exact: bool
    target: Target | None
    lacks: Sequence[Lack]
    #: Open routes that add nothing, and what they lack.
    uncounted: int = 0
    wanting: Sequence[str] = ()

    @property
    def known(self) -> bool:
        """Whether any open route could be counted, or there is none."""
        return not self.uncounted or self.uncounted < self.count

    @property
    def left_out(self) -> str:
        """What the sums leave out, in a sentence; empty where they hold all."""
        if not self.uncounted:
            return ""
        of = f"{self.uncounted} of {self.count} open route{'' if self.count == 1 else 's'}"
        return f"{of} left out: no {' and no '.join(self.wanting)}."

    @property
    def finding(self) -> str:
        """The forecast in a sentence."""
        if self.fan is None:
            return "No open route." if self.known else "No open route can be counted."
        low, middle, high = (formats.money(self.fan.quantiles[name], self.currency) for name in ("p10", "p50", "p90"))
        return f"Nine in ten chances of {low} or more, even odds of {middle}, one in ten of {high}."


def pipeline_card(
    scores: Mapping[str, Score], head: Head, metrics: Mapping[str, int] | None = None
) -> PipelineCard | None:
    """Return the card of stored scores, or None without them; `metrics` are the ids of what can be recorded."""
    score, spread = scores.get(RULE), scores.get(FORECAST)
    if score is None or score.value is None:
        return None
    currency = head.account.currency or head.rates.book
    count, gross = score.details["count"], _decimal(score.details["gross"])
    short = [one["lacks"] for one in score.missing if one["input"] == "routes" and "record_type" in one]
    fan = _fan(spread, gross, currency) if spread and count > len(short) else None
    return PipelineCard(
        shown=shown(score, head),
        forecast=shown(spread, head) if spread else None,
        currency=currency,
        weighted=score.value,
        gross=gross,
        count=count,
        states=[
            StateRow(STATES.get(part["key"], part["label"]), _decimal(part["input"]), _decimal(part["contribution"]))
            for part in score.parts
        ],
        fan=fan,
        sd=_decimal(spread.details["sd"]) if spread and fan else None,
        exact=bool(spread and spread.details["method"] == "exact"),
        target=_target(spread) if spread else None,
        lacks=_lacks(score, spread, head, metrics or {}),
        uncounted=len(short),
        wanting=sorted({lack for lacks in short for lack in lacks}),
    )


def _fan(spread: Score, gross: Decimal, currency: str) -> Fan | None:
    quantiles = {name: _decimal(value) for name, value in spread.details["quantiles"].items()}
    if spread.value is None or not {"p10", "p50", "p90"} <= quantiles.keys():
        return None
    target = value_of(spread, "target")
    aim = None if target is None else _decimal(target)
    return Fan(quantiles, spread.value, aim, max(gross, aim or Decimal(0)), currency)


def _target(spread: Score) -> Target | None:
    value = value_of(spread, "target")
    if value is None:
        return None
    (source,) = sources(spread, "target")
    chance = spread.details["p_target_pct"]
    url = f"{ROOT}/observation/{source['record_id']}"
    return Target(_decimal(value), date.fromisoformat(source["on"]), url, None if chance is None else _decimal(chance))


def _lacks(score: Score, spread: Score | None, head: Head, metrics: Mapping[str, int]) -> list[Lack]:
    lacks = lacks_of_records(score, "routes", head)
    gone = next((one for one in spread.missing if one["input"] == "target"), None) if spread else None
    if gone:
        act = reading_act(gone.get("metric", ""), head, "Record it", metrics)
        why = f"last reading {gone['last_on']}, too old" if gone["last_on"] else "no reading"
        lacks.append(Lack("Pipeline target", why, act))
    return lacks


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))
