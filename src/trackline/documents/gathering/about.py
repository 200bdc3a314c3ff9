"""Who the account is: header, team, people at the customer, health."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trackline.accounts.completeness import compute
from trackline.accounts.models import Contact, Kpi, Observation, Score, TeamMember
from trackline.align.models import Contract
from trackline.documents.gathering.scope import ALIVE, Scope, named, word
from trackline.track.health import MODELS
from trackline.track.models import HealthSnapshot, JourneyScore
from trackline.track.rules.standing import reached

TREND_DAYS = 730
"""Health and readings are told over two years."""


def account(scope: Scope) -> dict[str, Any]:
    """Return the header: who it is, whose, how large, when it renews. `renews_in_days` is negative once that has passed."""
    one = scope.account
    group = scope.rates.total((each.arr, each.currency) for each in scope.accounts)
    return {
        "id": str(one.pk), "key": one.key, "name": one.name, "status": word(one, "status"), "tier": one.tier,
        "industry": one.industry or None, "business_model": one.business_model or None, "segment": one.segment or None,
        "region": one.region or None, "use_case": one.primary_use_case or None, "description": one.description or None,
        "currency": one.currency or scope.rates.book, "arr": one.arr, "go_live_on": one.go_live_on,
        "client_fte": one.client_fte, "serving_fte": one.serving_fte, "renewal_date": one.renewal_date,
        "renews_in_days": (one.renewal_date - scope.on).days if one.renewal_date else None,
        "owner": named(one.owner), "exec_sponsor": named(one.exec_sponsor),
        "customer_sponsor": named(one.customer_sponsor), "parent": named(one.parent),
        "completeness_pct": compute([one.pk], scope.on)[one.pk].total,
        "group": {"accounts": len(scope.accounts), "arr": group.amount, "currency": group.currency, "note": group.note or None},
    }  # fmt: skip


def members(scope: Scope) -> list[dict[str, Any]]:
    """Return the accounts of the group in order of the tree, with their size and colour."""
    depth = scope.account.path.count("/")
    return [
        {
            "id": str(one.pk), "key": one.key, "name": one.name, "depth": one.path.count("/") - depth, "tier": one.tier,
            "status": word(one, "status"), "arr": one.arr, "currency": one.currency or scope.rates.book,
            "renewal_date": one.renewal_date, "owner": named(one.owner), "health": one.health.get("band"),
        }
        for one in scope.accounts
    ]  # fmt: skip


def team(scope: Scope) -> list[dict[str, Any]]:
    """Return who of us works on it, in which role."""
    rows = scope.among(TeamMember).select_related("user").order_by("user__name", "pk")
    return [
        {"id": str(one.pk), "account": scope.names[one.account_id], "name": one.user.name, "role": one.job_role or None}
        for one in rows
    ]


def stakeholders(scope: Scope) -> list[dict[str, Any]]:
    """Return the customer's people who are there, the most influential first."""
    rows = scope.among(Contact, status="active").select_related("owner", "business_unit", "reports_to")
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "name": one.name, "title": one.title or None,
            "unit": named(one.business_unit), "role": word(one, "buying_role"), "sponsor": one.is_exec_sponsor,
            "influence": one.influence, "sentiment": word(one, "sentiment"), "relationship": one.relationship,
            "reports_to": named(one.reports_to), "owner": named(one.owner), "last_touch_on": one.last_touch_on,
            "next_action": one.next_action or None, "next_action_on": one.next_action_on,
        }
        for one in rows.order_by("-influence", "name", "pk")
    ]  # fmt: skip


def contracts(scope: Scope) -> list[dict[str, Any]]:
    """Return what is signed and runs, with the products in it."""
    rows = scope.among(Contract).exclude(end_on__lt=scope.on).prefetch_related("items__product")
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "ref": one.ref or None, "start_on": one.start_on,
            "end_on": one.end_on, "arr": one.arr, "currency": one.currency or scope.account.currency,
            "notice_days": one.notice_days, "auto_renew": one.auto_renew,
            "products": [item.product.name for item in one.items.all() if item.deleted_at is None],
        }
        for one in rows.order_by("end_on", "pk")
    ]  # fmt: skip


def kpis(scope: Scope) -> list[dict[str, Any]]:
    """Return the KPIs agreed on, each with its value on the day and the readings of two years."""
    found = list(scope.among(Kpi).select_related("owner", "client_owner").order_by("name", "pk"))
    readings: dict[tuple[int, int], list[tuple[date, Any]]] = {}
    rows = scope.among(
        Observation, metric__in={one.metric_id for one in found},
        on__range=(scope.on - timedelta(days=TREND_DAYS), scope.on),
    )  # fmt: skip
    for of, metric, on, value in rows.order_by("on").values_list("account_id", "metric_id", "on", "value"):
        readings.setdefault((of, metric), []).append((on, value))
    return [_kpi(scope, one, readings.get((one.account_id, one.metric_id), [])) for one in found]


def _kpi(scope: Scope, one: Any, points: list[tuple[date, Any]]) -> dict[str, Any]:
    on, current = points[-1] if points else (None, None)
    if on is None and one.current_on and one.current_on <= scope.on:
        on, current = one.current_on, one.current
    return {
        "id": str(one.pk), "account": scope.names[one.account_id], "name": one.name, "unit": one.unit,
        "direction": one.direction, "kind": one.kind, "baseline": one.baseline, "target": one.target,
        "target_on": one.target_on, "current": current, "current_on": on, "reached": reached(current, one.target, one.direction),
        "agreed": one.agreed_with_customer, "owner": named(one.owner), "client_owner": named(one.client_owner),
        "source": one.source or None, "points": [[day, value] for day, value in points],
    }  # fmt: skip


def health(scope: Scope) -> dict[str, Any]:
    """Return what the two models found on the day, their course over two years, our own view and the journey."""
    pk = scope.account.pk
    scores = Score.objects.filter(
        account=pk, rule__in=list(MODELS), preset="", on__range=(scope.on - timedelta(days=TREND_DAYS), scope.on)
    ).order_by("on")
    points: dict[str, list[list[Any]]] = {}
    newest: dict[str, Any] = {}
    for rule, on, value, band, coverage in scores.values_list("rule", "on", "value", "band", "coverage_pct"):
        points.setdefault(MODELS[rule], []).append([on, value])
        newest[MODELS[rule]] = {"value": value, "band": band or None, "on": on, "coverage_pct": coverage}
    views = HealthSnapshot.objects.filter(ALIVE, account=pk, on__lte=scope.on).select_related("author").order_by("-on")
    journey: dict[str, dict[str, Any]] = {}
    for one in (
        JourneyScore.objects.filter(ALIVE, account=pk, on__lte=scope.on).select_related("dimension").order_by("on")
    ):
        journey[one.dimension.name] = {"dimension": one.dimension.name, "score": one.score, "on": one.on}
    return {
        "models": [{"model": name, **found, "points": points[name]} for name, found in sorted(newest.items())],
        "views": [
            {"on": one.on, "delivery": one.delivery, "relationship": one.relationship, "note": one.note or None,
             "author": named(one.author)}
            for one in views[:8]
        ],
        "journey": list(journey.values()),
    }  # fmt: skip
