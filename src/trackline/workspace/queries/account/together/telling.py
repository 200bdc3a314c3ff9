"""The figures of a group as JSON has them: the pages of the group without their pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trackline.book.queries.readiness import row_json
from trackline.kit.policy import Context
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.together.churn import group_churn
from trackline.workspace.queries.account.together.competition import group_competition
from trackline.workspace.queries.account.together.coverage import group_coverage
from trackline.workspace.queries.account.together.execution import group_execution
from trackline.workspace.queries.account.together.forecast import group_forecast
from trackline.workspace.queries.account.together.goals import GoalLine, group_goals
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.kpis import group_kpis
from trackline.workspace.queries.account.together.readiness import group_readiness
from trackline.workspace.queries.account.together.renewals import group_renewals
from trackline.workspace.queries.account.together.summary import summary_of
from trackline.workspace.queries.account.together.surveys import group_surveys
from trackline.workspace.queries.account.together.value import group_value

Tells = Callable[[Context, Head], Any]


def group_json(ctx: Context, head: Head) -> dict[str, Any]:
    """Return the accounts that `head` shows, what each page says of them, and the figures behind; amounts in `currency`.

    Figures that do not add up stand by account. The number of queries does not depend on the accounts.
    """
    return {
        "account": {"id": str(head.account.pk), "key": head.account.key, "name": head.account.name},
        "as_of": ctx.today,
        "currency": head.currency,
        "rates": {code: {"rate": rate, "on": on} for code, rate, on in head.used_rates},
        "accounts": [{"id": str(row.id), "key": row.key, "name": row.name} for row in head.members.values()],
        "says": [
            {"section": section, "page": page, "says": said} for (section, page), said in summary_of(ctx, head).items()
        ],
        **{name: tell(ctx, head) for name, tell in TELLS.items()},
    }


def _kpis(_ctx: Context, head: Head) -> Any:
    keys = [row.key for row in head.members.values()]
    return [
        {
            "metric": row.metric.key, "name": row.metric.name, "unit": row.metric.unit,
            "adds_up": row.metric.adds_up, "total": row.total, "accounts_in_total": row.summed,
            "accounts": [
                {"key": key, "value": cell.value, "on": cell.on, "currency": cell.currency}
                for key, cell in zip(keys, row.cells, strict=True)
            ],
        }
        for row in group_kpis(head).rows
    ]  # fmt: skip


def _coverage(_ctx: Context, head: Head) -> Any:
    return [
        {"name": line.name, "coverage": line.value, "band": line.band, "cells": line.covered, "target": line.target,
         "c_level_gap": line.c_level_gap if line.value is not None else None}
        for line in group_coverage(head)
    ]  # fmt: skip


def _health(_ctx: Context, head: Head) -> Any:
    found = group_health(head)
    return {
        "bands": [
            {"band": one.band, "accounts": one.count, "arr": one.arr, "share_pct": one.share} for one in found.bands
        ],
        "accounts": [
            {"key": one.account.key, "value": one.value, "band": one.band, "change_30d": one.change, "arr": one.arr}
            for one in found.lines
        ],
        "without_arr": list(found.without_arr),
    }


def _surveys(ctx: Context, head: Head) -> Any:
    found = group_surveys(ctx, head)
    scores = found.pool.scores
    return {
        "answers": found.pool.answered,
        "rate_pct": found.pool.rate,
        **{name: getattr(scores, name).value for name in ("nps", "csat", "ces", "rhi")},
        "accounts": [
            {
                "name": line.name, "answers": line.result.answered, "sent_on": line.result.wave.sent_on,
                **{name: getattr(line.result.scores, name).value for name in ("nps", "csat", "ces", "rhi")},
            }
            for line in found.lines
            if line.result
        ],
        "without": list(found.without),
        "open_cases": len(found.cases),
    }  # fmt: skip


def _competition(_ctx: Context, head: Head) -> Any:
    found = group_competition(head)
    return {
        "competitors": [
            {
                "name": rival.name, "arr": rival.arr, "accounts_without_arr": rival.unknown, "seen_90d": rival.seen,
                "nothing_planned": rival.open,
                "accounts": [{"name": place.name, "gap": place.gap} for place in rival.places],
            }
            for rival in found.rivals
        ],
        "without": list(found.unwatched),
    }  # fmt: skip


def _goals(_ctx: Context, head: Head) -> Any:
    found = group_goals(head)

    def line(one: GoalLine) -> dict[str, Any]:
        return {
            "name": one.name, "active": one.sums.active, "unread": one.sums.unread,
            "progress_pct": one.sums.progress_pct, "worst": one.sums.worst or None,
        }  # fmt: skip

    sums = found.overall
    return {
        "active": sums.active, "unread": sums.unread, "progress_pct": sums.progress_pct, "worst": sums.worst or None,
        "accounts": [line(one) for one in found.lines],
    }  # fmt: skip


def _value(_ctx: Context, head: Head) -> Any:
    found = group_value(head)
    return {
        "committed": found.committed,
        "verified": found.verified,
        "accounts": [
            {"name": one.name, "outcomes": one.outcomes, "committed": one.committed, "verified": one.verified}
            for one in found.lines
        ],
        "without_rate": list(found.without_rate),
    }


def _forecast(_ctx: Context, head: Head) -> Any:
    found = group_forecast(head)
    return {
        "routes": found.count, "gross": found.gross, "weighted": found.weighted,
        "quantiles": dict(found.fan.quantiles) if found.fan else None, "sd": found.sd,
        "accounts": [
            {"name": one.name, "routes": one.count, "gross": one.gross, "weighted": one.weighted}
            for one in found.accounts
        ],
        "left_out": [{"id": str(pk), "title": title, "why": why} for pk, title, why in found.left_out],
    }  # fmt: skip


def _renewals(_ctx: Context, head: Head) -> Any:
    found = group_renewals(head)
    return {
        "within": [{"days": due.days, "accounts": due.count, "arr": due.arr} for due in found.due],
        "accounts": [
            {"name": one.name, "on": one.on, "arr": one.arr, "state": one.cycle.state if one.cycle else None,
             "unprepared": one.unprepared}
            for one in found.lines
        ],
        "without_date": list(found.without_date),
        "without_arr": list(found.without_arr),
    }  # fmt: skip


def _readiness(_ctx: Context, head: Head) -> Any:
    told = ("readiness", "ready", "blocked_by", "not_known", "as_of", "signals")
    rows = group_readiness(head).rows
    return [
        {"key": row.account["key"], "name": row.account["name"]} | {name: row_json(row)[name] for name in told}
        for row in rows
    ]


def _churn(_ctx: Context, head: Head) -> Any:
    return [
        {"name": one.name, "risk": one.value, "band": one.band, "open_alerts": one.alerts, "arr": one.arr}
        for one in group_churn(head)
    ]


def _execution(_ctx: Context, head: Head) -> Any:
    found = group_execution(head)
    return {
        "metrics": [
            {"name": one.label, "done": one.done, "due": one.due, "share_pct": one.found.value,
             "target_pct": one.target, "band": one.found.band, "accounts": one.accounts}
            for one in found.sums
        ],
        "without": list(found.without),
    }  # fmt: skip


TELLS: Mapping[str, Tells] = {
    "coverage": _coverage,
    "metrics": _kpis,
    "health": _health,
    "surveys": _surveys,
    "competition": _competition,
    "churn": _churn,
    "goals": _goals,
    "value": _value,
    "forecast": _forecast,
    "renewals": _renewals,
    "readiness": _readiness,
    "execution": _execution,
}
"""The figures of a group by what they are about, in the order of its sections."""
