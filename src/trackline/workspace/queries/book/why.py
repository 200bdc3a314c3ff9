"""Why an account stands where it does: each contribution with its figure and record, and what moved since the run before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import Rates
from trackline.book.models import ScoringRun, Standing
from trackline.book.rules.flip import fed, flips
from trackline.kit.formats import measure
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.ranking import (
    ACCOUNT,
    STANDING,
    Row,
    groups_of,
    latest_run,
    row_of,
    run_before,
    standings,
)

LINKED = ("observation", "journey_score")
_COUNTED = {
    "route": ("route", "routes"),
    "contact": ("contact", "contacts"),
    "product": ("product", "products"),
    "project": ("project", "projects"),
}


@dataclass(frozen=True)
class Part:
    """One criterion: the figure, how it was normalised and weighed, what it added, and what that was before."""

    css: str
    label: str
    fed_by: str
    raw: str
    range: str
    normalised: Decimal
    share: Decimal
    contribution: Decimal
    change: Decimal | None
    imputed: bool
    down: bool
    on: date | None
    age_days: int | None
    panel: str
    counted: str
    why: str
    moved: str


@dataclass(frozen=True)
class Flip:
    """What the tier hangs on: a criterion, or a feed of several, without which the score would give another tier."""

    label: str
    score: Decimal
    tier: int | None


@dataclass(frozen=True)
class Why:
    """A standing, explained."""

    run: ScoringRun
    before: ScoringRun | None
    row: Row
    parts: list[Part]
    moves: list[Part]
    of: int
    near: str
    flips: list[Flip]


def why(ctx: Context, account: int, rates: Rates) -> Why:
    """Explain the newest standing of an account. Raises `NotFound` where there is none, or out of scope."""
    get(ctx, registry.get("account"), account)
    run = latest_run()
    fields = (*STANDING, *(f"account__{name}" for name in ACCOUNT))
    details = standings(ctx, run).filter(account=account).values(*fields).first() if run else None
    if run is None or details is None:
        raise NotFound("The account is not in the ranking: it was not scored when the book was scored last.")
    before_run = run_before(run)
    was = Standing.objects.filter(run=before_run, account=account).first() if before_run else None
    groups = groups_of(run)
    earlier = None if was is None else {"score": was.score, "rank": was.rank}
    row = row_of(details, groups, earlier, rates)
    colours = {key: group.css for group in groups for key in group.criteria}
    then = {} if was is None else {part["key"]: part for part in was.criteria}
    told = {item["key"]: item for item in run.criteria}
    parts = [
        _part(part, told[part["key"]], colours[part["key"]], then.get(part["key"]), rates.book)
        for part in row.standing["criteria"]
    ]
    moves = sorted((part for part in parts if part.change), key=lambda part: -abs(part.change or Decimal(0)))
    return Why(run, before_run if was else None, row, parts, moves, run.scored, _near(row, run), _flips(row, run))


def _part(
    part: Mapping[str, Any], item: Mapping[str, Any], css: str, then: Mapping[str, Any] | None, currency: str
) -> Part:
    source = part["source"] or {}
    unit = item["unit"] or "count"
    linked = source.get("record_type") in LINKED and source.get("record_id")
    words = _COUNTED.get(source.get("record_type", ""))
    count = source.get("count")
    contribution = Decimal(str(part["contribution"]))
    return Part(
        css,
        item["label"],
        item["fed_by"] or "",
        measure(_decimal(part["used"]), unit, currency),
        f"{measure(_decimal(item['low']), unit, currency)} to {measure(_decimal(item['high']), unit, currency)}",
        Decimal(str(part["normalised"] or 0)),
        Decimal(str(item["share_pct"])),
        contribution,
        None if then is None else contribution - Decimal(str(then["contribution"])),
        part["imputed"],
        item["direction"] == "down",
        date.fromisoformat(source["on"]) if source.get("on") and linked else None,
        source.get("age_days") if linked else None,
        f"{source['record_type']}/{source['record_id']}" if linked else "",
        f"{count} {words[count != 1]}" if words and count is not None and unit == "currency" else "",
        item["why"],
        _moved(part, then, unit, currency),
    )


def _moved(part: Mapping[str, Any], then: Mapping[str, Any] | None, unit: str, currency: str) -> str:
    """What changed about a part: the account's own figure, or only how it compares with the others."""
    if then is None:
        return "counts since then"
    before, now = (measure(_decimal(each["used"]), unit, currency) for each in (then, part))
    if then["imputed"] != part["imputed"]:
        return f"{now}, {'no longer known' if part['imputed'] else 'known now'}"
    if then["used"] == part["used"]:
        return "is the same; the lowest or highest of all accounts moved, or its weight"
    return f"{before} → {now}{', the median of the book' if part['imputed'] else ''}"


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _flips(row: Row, run: ScoringRun) -> list[Flip]:
    """Source: PF-12."""
    told = {item["key"]: item["label"] for item in run.criteria}
    cuts = [_decimal(cut) for cut in run.cuts]
    found = flips(row.standing["score"], cuts, fed(run.criteria, row.standing["criteria"]))
    return [Flip(one.feed or told[one.keys[0]], one.score, one.tier) for one in found]


def _near(row: Row, run: ScoringRun) -> str:
    """The cut nearest to the score, in words."""
    cuts = [(number, Decimal(str(cut))) for number, cut in enumerate(run.cuts, 1) if cut is not None]
    if not cuts:
        return ""
    number, cut = min(cuts, key=lambda item: abs(row.standing["score"] - item[1]))
    gap = row.standing["score"] - cut
    return f"{abs(gap):.1f} points {'above' if gap >= 0 else 'below'} the cut of tier {number}, {cut:.1f}."
