"""Where growth comes from and what is done for it: routes, white space, renewals, plays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q

from trackline.align.models import RenewalCycle, Route
from trackline.align.rules.gate import OPEN
from trackline.align.whitespace import grid_of
from trackline.choose.models import Play
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.documents.gathering.scope import Scope, named, word

CLOSED_DAYS = 365
"""Routes won or lost are told for a year."""


def routes(scope: Scope) -> list[dict[str, Any]]:
    """Return open routes by their expected close, then those won or lost within a year."""
    since = scope.on - timedelta(days=CLOSED_DAYS)
    closed = Q(state__in=("won", "lost"), closed_on__range=(since, scope.on))
    rows = scope.among(Route, Q(state__in=OPEN) | closed).select_related("owner", "goal", "product", "business_unit")
    made = [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "type": word(one, "type"),
            "state": word(one, "state"), "open": one.state in OPEN, "value": one.value,
            "currency": one.currency or scope.account.currency, "probability": one.probability,
            "expected_close_on": one.expected_close_on, "closed_on": one.closed_on, "trigger": one.trigger_event or None,
            "goal": named(one.goal), "product": named(one.product), "unit": named(one.business_unit),
            "owner": named(one.owner), "close_reason": one.close_reason or None,
        }
        for one in rows.order_by("expected_close_on", "-value", "pk")
    ]  # fmt: skip
    return sorted(made, key=lambda one: not one["open"])


def pipeline(scope: Scope) -> dict[str, Any]:
    """Return the sums of open routes, whole and weighted by probability, in one currency."""
    rows = list(scope.among(Route, state__in=OPEN).only("value", "currency", "probability"))
    gross = scope.rates.total((one.value, one.currency) for one in rows)
    weighted = scope.rates.weighted(rows)
    return {
        "count": len(rows), "gross": gross.amount, "weighted": weighted.amount, "currency": gross.currency,
        "without_value": sum(one.value is None for one in rows), "note": gross.note or None,
    }  # fmt: skip


def whitespace(scope: Scope) -> dict[str, Any]:
    """Return units × products with what stands in each place, and what is still open."""
    grid = grid_of(scope.ids, scope.on, scope.rates, scope.account.currency or scope.rates.book)
    return {
        "currency": grid.currency,
        "products": [product.name for product in grid.products],
        "rows": [
            {
                "account": row.unit.account.name, "unit": row.unit.name,
                "cells": [{"state": cell.state, "label": cell.name, "value": cell.value} for cell in row.cells],
            }
            for row in grid.rows
        ],
        "left_out": grid.left_out,
        "unplaced": grid.unplaced,
    }  # fmt: skip


def renewals(scope: Scope) -> list[dict[str, Any]]:
    """Return renewals that are not decided, the nearest first, then those decided within the quarter."""
    undecided = Q(state__in=("preparing", "proposal", "negotiation"))
    rows = scope.among(RenewalCycle, undecided | Q(renewal_date__range=(scope.recent, scope.on)))
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "renewal_date": one.renewal_date,
            "state": word(one, "state"), "arr_up": one.arr_up, "proposed_arr": one.proposed_arr,
            "currency": (one.contract.currency if one.contract else "") or scope.account.currency,
            "forecast": word(one, "forecast"), "owner": named(one.owner), "note": one.note or None,
        }
        for one in rows.select_related("contract", "owner").order_by("renewal_date", "pk")
    ]  # fmt: skip


def plays(scope: Scope) -> list[dict[str, Any]]:
    """Return open plays by their end, each with its steps, then those done within the quarter."""
    done = Q(status="done", done_on__range=(scope.recent, scope.on))
    rows = scope.among(Play, Q(status__in=OPEN_PLAYS) | done).select_related("owner", "goal")
    rows = rows.prefetch_related("steps__owner", "routes__goal").order_by("due_on", "pk")
    made = [_play(scope, one) for one in rows]
    return sorted(made, key=lambda one: not one["open"])


def _play(scope: Scope, one: Any) -> dict[str, Any]:
    steps = sorted(
        (step for step in one.steps.all() if step.deleted_at is None), key=lambda step: (step.position, step.pk)
    )
    routes = [route for route in one.routes.all() if route.deleted_at is None]
    return {
        "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "open": one.status in OPEN_PLAYS,
        "status": word(one, "status"), "horizon": one.horizon, "owner": named(one.owner), "start_on": one.start_on,
        "due_on": one.due_on, "done_on": one.done_on, "goal": named(one.goal), "routes": [route.title for route in routes],
        "tied": one.goal_id is not None or any(route.goal_id for route in routes),
        "success_criterion": one.success_criterion or None, "blocked_reason": one.blocked_reason or None,
        "steps": [
            {"title": step.title, "due_on": step.due_on, "status": word(step, "status"), "owner": named(step.owner),
             "done_on": step.done_on}
            for step in steps
        ],
        "steps_done": sum(step.status == "done" for step in steps),
    }  # fmt: skip
