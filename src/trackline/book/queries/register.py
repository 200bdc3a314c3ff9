"""The segmentation register: every account with its tier, what the model says, why they differ, and what comes next.

`register` reads what all rows are chosen and ordered by; `opened` adds the rest to the rows that are shown. Source: PF-17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Q

from trackline.accounts.models import Account, Score
from trackline.accounts.rates import Rates, rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.queries import newest
from trackline.align.whitespace import open_value
from trackline.book.models import Standing, TierDecision, TierOverride
from trackline.book.queries.expected import Expected, expected_revenue
from trackline.book.queries.flags import Flags, flags_of
from trackline.book.queries.margins import margins_on, spend_on
from trackline.book.queries.narrowing import Narrowing, narrowing
from trackline.book.rules.promises import promised
from trackline.book.rules.service import service
from trackline.book.rules.watch import WatchParameters, nearest
from trackline.book.rules.watch import watch as watch_rule
from trackline.book.tiers.deciding import OPEN
from trackline.book.tiers.dependence import hanging_on
from trackline.book.tiers.dropping import Drop, drops_of
from trackline.book.tiers.funding import Funding, Pricing
from trackline.book.tiers.held import Held, held_of
from trackline.book.tiers.scores import Scored, Scores, next_cycle, scores_of
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

ALIVE = Q(deleted_at__isnull=True)
GONE = (Account.Status.CHURNED, Account.Status.ARCHIVED)
SHOWS = ("differs", "near", "open", "override", "exit")


@dataclass(frozen=True)
class Row:
    """An account in the register: its facts, scores, tier by score, and how near the next cut is.

    `gap` is None for an account that is not scored. `decision` is the one that is open, `override` the one in force.
    """

    pk: int
    facts: Mapping[str, Any]
    arr: Decimal | None
    scored: Scored
    gap: Decimal | None
    nearest: int | None
    near: bool
    decision: TierDecision | None
    override: TierOverride | None

    @property
    def tier(self) -> int | None:
        """The tier in force."""
        found: int | None = self.facts["tier"]
        return found

    @property
    def differs(self) -> bool:
        """Whether the score gives another tier than the one in force."""
        return self.scored.score is not None and self.scored.by_score != self.tier

    @property
    def band(self) -> str:
        """The colour of the account's health."""
        return (self.facts["health"] or {}).get("band") or "unknown"


@dataclass(frozen=True)
class Register:
    """The rows that the filters keep, in order; `counts` tells how many each further choice would keep."""

    on: date
    scores: Scores
    rates: Rates
    narrowed: Narrowing
    rows: Sequence[Row]
    counts: Mapping[str, int]
    total: int


@dataclass(frozen=True)
class Opened:
    """The rest of a row: since when and by what the tier is held, why it differs, what the account is to bring and cost.

    `revenue` is that of the next twelve months: ARR and what open routes bring in on average; the budget rests on it.
    `differs_since` is the run since which the score gives another tier.
    """

    row: Row
    held: Held
    differs_since: date | None
    why: str
    revenue: Expected
    margin_pct: Decimal | None
    whitespace: Decimal | None
    adherence: Score | None
    funding: Funding
    drop: Drop
    flags: Flags
    spend: Decimal | None
    sunset_plan: str
    last: TierDecision | None
    next_review: date
    mean: Decimal | None
    may_propose: bool | None
    hangs_on: Sequence[str] = ()

    @property
    def margin(self) -> Decimal | None:
        """What is left of the expected revenue at the newest gross margin."""
        return self._kept_of(self.revenue.mean)

    @property
    def margin_range(self) -> tuple[Decimal | None, Decimal | None]:
        """The same of the amounts that enclose eight in ten outcomes."""
        return self._kept_of(self.revenue.low), self._kept_of(self.revenue.high)

    @property
    def commitment(self) -> list[str]:
        """What the tier promises, in words."""
        return [words for one in promised(self.row.tier) for tier, words in one.tiers.items() if tier == self.row.tier]

    @property
    def open_pct(self) -> Decimal | None:
        """White space as a share of what the customer spends in our category; None where either is not known."""
        return self.whitespace * HUNDRED / self.spend if self.spend and self.whitespace is not None else None

    def _kept_of(self, revenue: Decimal | None) -> Decimal | None:
        return None if revenue is None or self.margin_pct is None else revenue * self.margin_pct / HUNDRED


def register(
    ctx: Context,
    filters: Mapping[str, str] | None = None,
    *,
    show: str = "",
    q: str = "",
    order: str = "rank",
    only: int | None = None,
) -> Register:
    """Return the register of the accounts the actor sees, or `only` one of them, without those that have left. The number of
    queries is fixed."""
    today = ctx.today
    scores = scores_of(None if only is None else [only], today)
    rates, narrowed = rates_in_force(today), narrowing(ctx, filters or {})
    overrides = Overrides.load(today)
    p = cast(WatchParameters, overrides.in_force(watch_rule, today).parameters)
    columns = (
        "pk", "key", "name", "tier", "status", "watch", "exit_candidate", "arr", "currency", "health", "region", "industry",
        "serving_fte", "owner__name", "owner__username", "search_text",
    )  # fmt: skip
    rows = scoped(ctx, registry.get("account")).exclude(status__in=GONE)
    accounts = (rows if only is None else rows.filter(pk=only)).values(*columns)
    decisions = {one.account_id: one for one in TierDecision.objects.filter(ALIVE, status__in=OPEN)}
    in_force = {one.account_id: one for one in TierOverride.objects.filter(ALIVE, state="active")}
    cuts = list(scores.cuts)
    every = []
    for facts in accounts:
        pk = facts["pk"]
        if pk not in narrowed.ids or not all(word in facts["search_text"] for word in q.casefold().split()):
            continue
        own = scores.get(pk)
        number = gap = None
        if own.score is not None and any(cut is not None for cut in cuts):
            number, gap = nearest(own.score, cuts)
        near = gap is not None and abs(gap) <= p.near_points
        worth = rates.convert(facts["arr"], facts["currency"])
        every.append(Row(pk, facts, worth, own, gap, number, near, decisions.get(pk), in_force.get(pk)))
    kept = [row for row in every if not show or _shows(row, show)]
    kept.sort(key=_key(order.removeprefix("-")), reverse=order.startswith("-"))
    counts = {name: sum(_shows(row, name) for row in every) for name in SHOWS}
    return Register(today, scores, rates, narrowed, kept, counts, len(every))


def opened(ctx: Context, found: Register, rows: Sequence[Row]) -> list[Opened]:
    """Return rows with all that the register tells of them. The number of queries does not grow with the rows."""
    today, rates = found.on, found.rates
    ids = [row.pk for row in rows]
    held = held_of(ids)
    since = _differ_since(found, [row for row in rows if row.differs])
    money = expected_revenue(ctx, {row.pk: row.arr for row in rows}, today, rates)
    margins = margins_on(ids, today)
    accounts = scoped(ctx, registry.get("account")).filter(pk__in=ids)
    whitespace = open_value(accounts, today, rates)
    adherence = {
        score.account_id: score for score in newest(Score.objects.filter(rule=service.id, account__in=ids), today)
    }
    last: dict[int, TierDecision] = {}
    for decision in (
        TierDecision.objects.filter(ALIVE, account__in=ids).exclude(decided_on=None).order_by("decided_on", "pk")
    ):
        last[decision.account_id] = decision
    overrides, cycle = Overrides.load(today), next_cycle(today)
    drops = drops_of(ctx, {row.pk: row.tier for row in rows}, today, rates, overrides)
    flags, spends, plans = flags_of(ids), spend_on(ids, today), _sunset_plans(ids)
    pricing = Pricing.load(overrides, today)
    hanging = hanging_on(found.scores.run, ids)
    out = []
    for row in rows:
        watched, hangs_on = _watch(row, found, overrides), hanging.get(row.pk, ())
        watch_end = last[row.pk].watch_until if row.pk in last else None
        out.append(
            Opened(
                row,
                held[row.pk],
                since.get(row.pk),
                _why(row, watched, hangs_on),
                money[row.pk],
                margins.get(row.pk),
                whitespace.get(row.pk),
                adherence.get(row.pk),
                pricing.funding(row.pk, row.tier, money[row.pk].funds, row.facts["serving_fte"]),
                drops[row.pk],
                flags[row.pk],
                rates.convert(spends.get(row.pk), row.facts["currency"]),
                plans.get(row.pk, ""),
                last.get(row.pk),
                min(cycle, watch_end) if watch_end and watch_end >= today else cycle,
                watched.details.get("mean") if watched else None,
                watched.details.get("may_propose") and not hangs_on if watched else None,
                hangs_on,
            )
        )
    return out


# -- inside --------------------------------------------------------------------------------------------------------


def _shows(row: Row, show: str) -> bool:
    if show == "differs":
        return row.differs
    if show == "near":
        return row.near
    if show == "open":
        return row.decision is not None
    if show == "override":
        return row.override is not None
    return bool(row.facts["exit_candidate"])


def _key(order: str) -> Any:
    orders: Mapping[str, Any] = {
        "rank": lambda row: row.scored.rank or 10**9,
        "name": lambda row: row.facts["name"].casefold(),
        "tier": lambda row: row.tier or 4,
        "score": lambda row: row.scored.score if row.scored.score is not None else Decimal(-1),
        "gap": lambda row: abs(row.gap) if row.gap is not None else Decimal(1000),
        "arr": lambda row: row.arr or ZERO,
    }
    first = orders.get(order, orders["rank"])
    return lambda row: (first(row), row.scored.rank or 10**9, row.facts["name"], row.pk)


def _watch(row: Row, found: Register, overrides: Overrides) -> Explained | None:
    if row.scored.score is None:
        return None
    given = {
        "score": row.scored.score, "cuts": list(found.scores.cuts), "tier": row.tier,
        "quarter_scores": list(row.scored.quarters),
    }  # fmt: skip
    in_force = overrides.in_force(watch_rule, found.on, tier=row.tier, account_id=row.pk)
    result: Explained = watch_rule.explain(read_inputs(watch_rule.inputs, given), in_force, found.on)
    return result


def _why(row: Row, watched: Explained | None, hangs_on: Sequence[str]) -> str:
    """Say in a sentence why the tier in force and the one by score differ, or that they agree."""
    if row.scored.score is None or watched is None or watched.value is None:
        return "Not scored."
    by_score = f"tier {row.scored.by_score}" if row.scored.by_score else "no tier"
    if not row.differs:
        return f"The score gives {by_score} as well."
    told = f"Scores {row.scored.score:.1f} for {by_score}"
    if row.override is not None:
        return f"{told}; an override holds until {formats.day(row.override.sunset_on)}: {row.override.reason}"
    if row.scored.provisional:
        return f"{told}, provisionally: that moves no tier."
    if hangs_on:
        return (
            f"{told}, but that hangs on “{hangs_on[0]}” alone: nothing may be proposed until somebody has looked at it."
        )
    mean, cut = watched.details["mean"], watched.details["cut"]
    side = "above" if watched.details["crossed"] == "up" else "below"
    if mean is None:
        return f"{told}; without scores of three quarters nothing may be proposed yet."
    if watched.details["may_propose"]:
        return f"{told}; the mean of three quarters, {mean:.1f}, is {side} {cut:.1f} too: a move may be proposed."
    return f"{told}, but the mean of three quarters is {mean:.1f}, not {side} {cut:.1f}: nothing may be proposed yet."


def _differ_since(found: Register, rows: Sequence[Row]) -> Mapping[int, date]:
    """The run since which each score gives another tier than the one in force; one query."""
    wanted = {row.pk: row.tier for row in rows}
    since: dict[int, date] = {}
    over: set[int] = set()
    lines = Standing.objects.filter(account__in=list(wanted), run__on__lte=found.on)
    for pk, tier, on in lines.order_by("-run__on").values_list("account", "tier", "run__on"):
        if pk in over:
            continue
        if tier == wanted[pk]:
            over.add(pk)
        else:
            since[pk] = on
    return since


def _sunset_plans(ids: Sequence[int]) -> Mapping[int, str]:
    """The newest plan of an exit that decisions hold for accounts, withdrawn and rejected ones aside; one query."""
    rows = TierDecision.objects.filter(ALIVE, account__in=ids, kind="exit").exclude(sunset_plan="")
    plans = rows.exclude(status__in=("rejected", "withdrawn")).order_by("pk")
    return dict(plans.values_list("account", "sunset_plan"))
