"""Tools that read figures of the whole book."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from trackline.book.queries.at_risk import at_risk as at_risk_of
from trackline.book.queries.at_risk import told
from trackline.book.queries.forecast import forecast as forecast_of
from trackline.book.queries.pipeline import pipeline as pipeline_of
from trackline.book.queries.renewals import renewals as renewals_of
from trackline.book.queries.retention import retention as retention_of
from trackline.book.queries.score import score as score_of
from trackline.kit.policy import Context

Day = Annotated[date | None, Field(description="As of this day, YYYY-MM-DD; today where left out.")]
YEAR_DAYS = 365


def ranking(ctx: Context, on: Day = None) -> dict[str, Any]:
    """All accounts by the scoring model in force: score from 0 to 100, rank, the tier proposed and the tier in force."""
    return score_of(ctx, on or ctx.today)


def forecast(
    ctx: Context,
    on: Day = None,
    target: Annotated[float | None, Field(ge=0, description="A total whose chance is asked for.")] = None,
    filters: Annotated[
        dict[str, str] | None, Field(description="Narrow by owner, tier, region, industry or group.")
    ] = None,
) -> dict[str, Any]:
    """What the open routes bring in: mean, spread and quantiles of all outcomes, weighted value, commit, by quarter."""
    return forecast_of(ctx, on or ctx.today, None if target is None else Decimal(repr(target)), filters)


def renewals(
    ctx: Context,
    days: Annotated[int | None, Field(ge=0, description="Only those due within so many days.")] = None,
    on: Day = None,
    filters: Annotated[
        dict[str, str] | None, Field(description="Narrow by owner, tier, region, industry or group.")
    ] = None,
) -> dict[str, Any]:
    """Which accounts renew when and for how much, soonest first, with forecast and risk class."""
    return renewals_of(ctx, on or ctx.today, days, filters)


def at_risk(
    ctx: Context,
    filters: Annotated[
        dict[str, str] | None, Field(description="Narrow by owner, tier, region, industry or group.")
    ] = None,
) -> dict[str, Any]:
    """Accounts at risk for the weekly stand-up: why, money at stake, renewal, recovery, what changed in seven days; and
    accounts whose health and money part."""
    return told(at_risk_of(ctx, filters))


def retention(
    ctx: Context,
    start: Annotated[date | None, Field(description="The first day; a year before the last where left out.")] = None,
    end: Annotated[date | None, Field(description="The last day; today where left out.")] = None,
) -> dict[str, Any]:
    """What the recurring revenue of one day became by a later one: expansion, contraction, churn, net and gross retention."""
    last = end or ctx.today
    return retention_of(ctx, start or last - timedelta(days=YEAR_DAYS), last)


def pipeline(
    ctx: Context,
    by: Literal["quarter", "owner", "product", "account", "group", "stage"],
    state: Literal["open", "won", "lost"] = "open",
    on: Day = None,
) -> dict[str, Any]:
    """Value and count of routes, added up."""
    return pipeline_of(ctx, on or ctx.today, by, state)
