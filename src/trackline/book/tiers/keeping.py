"""What happens to tiers by itself, every night: decisions take effect, overrides end, crossings and broken promises are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models.functions import Coalesce

from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.book.models import ScoringRun, Standing, TierDecision
from trackline.book.queries.funding import paid
from trackline.book.queries.register import Register, register
from trackline.book.rules.service import service
from trackline.book.tiers.deciding import take_effect
from trackline.book.tiers.dropping import drops_of
from trackline.book.tiers.overriding import end_due
from trackline.book.tiers.scores import cycle_days
from trackline.core.periods import quarter_of
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.rules.churn import churn_risk

CROSSED, BROKEN, UNPAID, FELL = "PF-14", "PF-24", "PF-26", "PF-19"
"""What alerts of a crossing, of a decision that goes wrong, of promises above their budget and of a sharp drop name as their
rule."""
CHURN_POINTS = Decimal(15)
"""Points that the churn-risk index may rise after a move. Source: PF-24."""
ADHERENCE_PCT = Decimal(95)
"""What is to be delivered of a promise after an upgrade. Source: PF-24."""


@dataclass(frozen=True)
class Kept:
    """What was done."""

    effective: int
    ended: int
    crossed: int
    warned: int
    unpaid: int
    fell: int


def keep_tiers(ctx: Context) -> Kept:
    """Do what the day asks for; doing it again changes nothing."""
    effective, ended = take_effect(ctx), end_due(ctx)
    crossed, warned, found = _tell_crossings(ctx), _tell_warnings(ctx), register(ctx)
    return Kept(effective, ended, crossed, warned, _tell_unpaid(ctx, found), _tell_drops(ctx, found))


def warning_of(decision: TierDecision, adherence: Decimal | None, churn: Decimal | None) -> str:
    """Return in words what goes wrong after a move, or nothing. Source: PF-24."""
    if decision.churn_before is not None and churn is not None and churn - decision.churn_before >= CHURN_POINTS:
        return f"churn risk rose from {decision.churn_before:.0f} to {churn:.0f}"
    if decision.kind in ("upgrade", "entry") and adherence is not None and adherence < ADHERENCE_PCT:
        return f"{adherence:.0f} % of what the tier promises is delivered"
    return ""


def newest_values(rule: str, accounts: list[int]) -> Mapping[int, Decimal | None]:
    """Return the newest value of a score by account; one query."""
    rows = Score.objects.filter(rule=rule, preset="", account__in=accounts).order_by("on")
    return dict(rows.values_list("account", "value"))


# -- inside --------------------------------------------------------------------------------------------------------


def _tell_crossings(ctx: Context) -> int:
    """Put accounts on watch whose score has crossed a cut since the run before, and tell their owners. Source: PF-14."""
    runs = list(ScoringRun.objects.filter(on__lte=ctx.today)[:2])
    if len(runs) < 2 or runs[0].provisional or runs[0].on != ctx.today:
        return 0
    now, before = (dict(Standing.objects.filter(run=run).values_list("account", "tier")) for run in runs)
    moved = [pk for pk, tier in now.items() if pk in before and before[pk] != tier]
    if not moved:
        return 0
    scores = {
        (pk, run): score
        for pk, run, score in Standing.objects.filter(run__in=runs, account__in=moved, provisional=False).values_list(
            "account", "run", "score"
        )
    }
    told = 0
    for account in Account.objects.alive().filter(pk__in=moved).order_by("pk"):
        pair = scores.get((account.pk, runs[1].pk)), scores.get((account.pk, runs[0].pk))
        if account.tier == now[account.pk] or None in pair:
            continue
        up = (now[account.pk] or 4) < (before[account.pk] or 4)
        cut = (now[account.pk] if up else before[account.pk]) or 3
        words = f"Score crossed the cut of tier {cut} {'upwards' if up else 'downwards'}: {pair[0]:.1f} → {pair[1]:.1f}"
        told += _alert(ctx, account.pk, CROSSED, words, "info", f"{runs[1].on}:{now[account.pk]}", account.owner_id)
        if not account.watch:
            noted = Context(ctx.actor, ctx.now, ctx.via, ctx.batch, words, ctx.zone)
            records.update(noted, registry.get("account"), account.pk, {"watch": True})
    return told


def _tell_warnings(ctx: Context) -> int:
    """Tell whoever watches over a move that it goes wrong. Source: PF-24."""
    told = 0
    for decision, words in warnings(ctx):
        title = f"{decision} needs an interim review: {words}"
        told += _alert(
            ctx, decision.account_id, BROKEN, title, "high", f"decision:{decision.pk}", decision.monitor_owner_id
        )
    return told


def _tell_drops(ctx: Context, found: Register) -> int:
    """Tell owners that revenue of an account with a tier fell sharply: its tier may be decided before the formal cycle; once a
    quarter, and not where a decision is open. Source: PF-19.
    """
    rows = [row for row in found.rows if row.tier is not None and row.decision is None]
    drops = drops_of(ctx, {row.pk: row.tier for row in rows}, found.on, found.rates, Overrides.load(found.on))
    fell = [row.pk for row in rows if drops[row.pk].sharp]
    owners, told = dict(Account.objects.filter(pk__in=fell).values_list("pk", "owner")), 0
    quarter = quarter_of(found.on, int(setting("book.fiscal_year_start_month"))).start
    for pk in fell:
        words = f"An emergency review of the tier may be opened. {drops[pk].words(found.rates.book)}"
        told += _alert(ctx, pk, FELL, words, "high", f"drop:{quarter}", owners[pk])
    return told


def _tell_unpaid(ctx: Context, found: Register) -> int:
    """Tell whoever leads an account's owner, else the owner, that a tier does not pay for what it promises; once a cycle
    for each tier. Source: PF-26.
    """
    cycle, told = cycle_days(ctx.today, 1)[0], 0
    short = paid(ctx, found).short
    leads = dict(
        Account.objects.filter(pk__in=[row.pk for row, _ in short]).values_list(
            "pk", Coalesce("owner__manager", "owner")
        )
    )
    for row, one in short:
        over = formats.money(one.result.details["over"], found.rates.book)
        words = f"{over} a year of what tier {row.tier} promises is not paid for"
        told += _alert(ctx, row.pk, UNPAID, words, "warn", f"promises:{row.tier}:{cycle}", leads[row.pk])
    return told


def warnings(ctx: Context) -> Iterator[tuple[TierDecision, str]]:
    """Yield moves within their 90 days that go wrong, with what; three queries."""
    rows = TierDecision.objects.alive().filter(
        status="effective", watch_until__gte=ctx.today, applied_on__lte=ctx.today
    )
    decisions = list(rows.order_by("applied_on", "pk"))
    accounts = [decision.account_id for decision in decisions]
    adherence, churn = newest_values(service.id, accounts), newest_values(churn_risk.id, accounts)
    for decision in decisions:
        words = warning_of(decision, adherence.get(decision.account_id), churn.get(decision.account_id))
        if words:
            yield decision, words


def _alert(ctx: Context, account: int, rule: str, title: str, severity: str, key: str, owner: int | None) -> int:
    """Raise an alert once for what it is about."""
    if Alert.objects.filter(account=account, rule=rule, dedupe_key=key, deleted_at__isnull=True).exists():
        return 0
    data: dict[str, Any] = {
        "account": account, "rule": rule, "title": title[:250], "severity": severity, "owner": owner, "dedupe_key": key,
    }  # fmt: skip
    records.create(ctx, registry.get("alert"), data)
    return 1
