"""Contacts past the days that may go without a two-way touch, as a condition that a database answers for many of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.tending import TouchParameters, touch


@dataclass(frozen=True)
class PastTouch:
    """`late` keeps contacts whose last two-way touch lies too far back; `limit` is the days that each may go without one."""

    late: Q
    limit: Any


def past_touch(people: QuerySet[Any], today: date, overrides: Overrides | None = None) -> PastTouch:
    """Return the condition for contacts gone silent; one query, one more without `overrides`. Those who were never touched
    are not among them. Source: STK-11."""
    laid = overrides or Overrides.load(today)
    limits = cast(TouchParameters, laid.in_force(touch, today).parameters)
    close = Q(buying_role="champion") | Q(is_exec_sponsor=True)
    own = people.filter(touch_days__isnull=False).order_by().values_list("touch_days", flat=True).distinct()
    late = Q(touch_days__isnull=True, last_touch_on__lt=today - timedelta(days=limits.champion_days)) & close
    late |= Q(touch_days__isnull=True, last_touch_on__lt=today - timedelta(days=limits.other_days)) & ~close
    for days in own:
        late |= Q(touch_days=days, last_touch_on__lt=today - timedelta(days=days))
    default = Case(When(close, then=Value(limits.champion_days)), default=Value(limits.other_days))
    return PastTouch(late, Coalesce(F("touch_days"), default, output_field=IntegerField()))
