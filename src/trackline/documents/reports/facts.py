"""What the report of the book tells of a period, JSON-ready; it counts the accounts that the actor sees.

Everything is what the book's own queries find (`trackline portfolio …`): the report adds no figure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from django.db.models import Q

from trackline.accounts.models import Observation, Score, ScoreChange
from trackline.accounts.rates import Rates, rates_in_force
from trackline.accounts.settings import setting
from trackline.book.cards.judging import judge, with_lines
from trackline.book.models import Scorecard
from trackline.book.queries.forecast import forecast
from trackline.book.queries.pipeline import pipeline
from trackline.book.queries.renewals import GONE, renewals
from trackline.book.queries.retention import retention
from trackline.book.queries.scorecards import clocks, judged_json
from trackline.core.periods import quarter_of
from trackline.kickoff.models import Action
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.health import RULES
from trackline.track.models import Response
from trackline.watch.models import Alert

Period = Literal["month", "quarter"]
ALIVE = Q(deleted_at__isnull=True)
YEAR = timedelta(days=365)
RENEWAL_DAYS = 180
QUOTES_AT_MOST = 8
URGENT = ("critical", "high")
OPEN_ALERTS = ("open", "acknowledged", "diagnosed", "escalated")


def report_facts(ctx: Context, on: date | None = None, period: Period = "quarter") -> dict[str, Any]:
    """Return the facts of the report as of a day (today), over the fiscal quarter or month that the day falls into."""
    on = on or ctx.today
    start = _before(on, period)
    rates = rates_in_force(on)
    accounts = _accounts(ctx, rates)
    names = {row["id"]: row["name"] for row in accounts}
    told = {
        "as_of": on,
        "from": start,
        "period": period,
        "currency": rates.book,
        "book": setting("book.name"),
        "accounts": accounts,
        "moves": _moves(names, start, on),
        "retention": retention(ctx, start, on),
        "retention_year": retention(ctx, on - YEAR, on),
        "renewals": renewals(ctx, on, RENEWAL_DAYS),
        "pipeline": pipeline(ctx, on, "quarter", "open"),
        "forecast": forecast(ctx, on),
        "readiness": _readiness(names, on),
        "nps": _newest(names, "nps", on),
        "quotes": _quotes(names, start, on),
        "attention": _attention(accounts, on),
        "scorecard": _scorecard(ctx, on),
    }
    found: dict[str, Any] = msgspec.json.decode(encode(told))
    return found


def _scorecard(ctx: Context, on: date) -> dict[str, Any] | None:
    """Return what the live scorecard of the book finds: each metric with its targets, who answers and what is done; None without
    one that the actor sees.
    """
    rows = scoped(ctx, registry.get("scorecard")).filter(level="book", state="live").order_by("pk")
    card = rows.first()
    if card is None:
        return None
    found = judge(ctx, with_lines(Scorecard.objects.filter(pk=card.pk)), on, history=True)[0]
    told = judged_json(found, clocks(ctx, card=card.pk))
    for metric, line in zip(told["metrics"], found.lines, strict=True):
        metric |= {
            "words": line.found.words(line.found.value),
            "committed_words": line.found.words(line.line.committed) if line.line.committed is not None else None,
            "owner_name": line.line.owner.name if line.line.owner else None,
        }  # fmt: skip
    return told


def _before(on: date, period: Period) -> date:
    """Return the last day before the period that a day falls into."""
    if period == "month":
        return on.replace(day=1) - timedelta(days=1)
    return quarter_of(on, int(setting("book.fiscal_year_start_month"))).start - timedelta(days=1)


def _accounts(ctx: Context, rates: Rates) -> list[dict[str, Any]]:
    rows = scoped(ctx, registry.get("account")).exclude(status__in=GONE).select_related("owner").order_by("name", "pk")
    return [
        {
            "id": one.pk, "key": one.key, "name": one.name, "tier": one.tier, "owner": one.owner.name if one.owner else None,
            "arr": rates.convert(one.arr, one.currency), "renewal_date": one.renewal_date,
            "health": one.health.get("value"), "band": one.health.get("band") or "unknown",
        }
        for one in rows
    ]  # fmt: skip


def _moves(names: Mapping[int, str], start: date, on: date) -> list[dict[str, Any]]:
    """Return the changes of colour of health scores within the period, the newest first."""
    rows = ScoreChange.objects.filter(account__in=names, rule__in=[rule.id for rule in RULES.values()], on__gt=start)
    found = []
    for one in rows.filter(on__lte=on).order_by("-on", "-pk"):
        if one.from_band != one.to_band:
            found.append(
                {"account": names[one.account_id], "on": one.on, "from": one.from_band, "to": one.to_band,
                 "from_value": one.from_value, "to_value": one.to_value}
            )  # fmt: skip
    return found


def _readiness(names: Mapping[int, str], on: date) -> dict[str, Any]:
    rows = Score.objects.filter(account__in=names, rule="align.expansion.readiness", on__lte=on).order_by("on")
    newest = {one.account_id: one.details.get("ready") for one in rows.only("account_id", "details", "on")}
    return {"ready": sorted(names[pk] for pk, ready in newest.items() if ready), "judged": len(newest)}


def _newest(names: Mapping[int, str], key: str, on: date) -> list[dict[str, Any]]:
    rows = Observation.objects.filter(
        ALIVE, account__in=names, metric__key=key, metric__account__isnull=True, on__range=(on - YEAR, on)
    )
    found: dict[int, dict[str, Any]] = {}
    for pk, day, value in rows.order_by("on", "pk").values_list("account_id", "on", "value"):
        before = found.get(pk)
        found[pk] = {
            "account": names[pk], "on": day, "value": value, "before": before["value"] if before else None,
        }  # fmt: skip
    return sorted(found.values(), key=lambda one: one["value"])


def _quotes(names: Mapping[int, str], start: date, on: date) -> list[dict[str, Any]]:
    """Return what customers wrote within the period; where a wave is anonymous, without saying whose person it was."""
    rows = Response.objects.filter(ALIVE, wave__account__in=names, on__gt=start, on__lte=on).exclude(reason="")
    return [
        {"account": names[one.wave.account_id], "on": one.on, "recommend": one.recommend, "said": one.reason}
        for one in rows.select_related("wave").order_by("-on", "-pk")[:QUOTES_AT_MOST]
    ]


def _attention(accounts: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    """Return accounts that are red or amber or have an urgent alert, the largest first, each with what is to be done."""
    ids = [row["id"] for row in accounts]
    alerts: dict[int, str] = {}
    for pk, severity, title in (
        Alert.objects.filter(ALIVE, account__in=ids, state__in=OPEN_ALERTS, severity__in=URGENT)
        .order_by("severity", "fired_at")
        .values_list("account_id", "severity", "title")
    ):
        if pk not in alerts or severity == "critical":
            alerts.setdefault(pk, title)
    actions: dict[int, dict[str, Any]] = {}
    for one in (
        Action.objects.filter(ALIVE, account__in=ids, status="open")
        .select_related("owner", "client_owner")
        .order_by("due_on", "pk")
    ):
        who = one.owner or one.client_owner
        actions.setdefault(
            one.account_id, {"title": one.title, "due_on": one.due_on, "owner": str(who) if who else None}
        )
    found = [
        row | {"alert": alerts.get(row["id"]), "action": actions.get(row["id"])}
        for row in accounts
        if row["band"] in ("red", "amber") or row["id"] in alerts
    ]
    return sorted(found, key=lambda row: (row["band"] != "red", -(row["arr"] or 0)))
