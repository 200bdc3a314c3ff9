"""What a link shows on a day, made of what may leave (`allowed.py`) and of nothing else.

Of what may leave, a link holds: the goals and KPIs chosen for it, outcomes that the customer verified, actions marked as
joint, meetings to which the customer is invited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from trackline.accounts.models import Account, Observation
from trackline.documents.allowed.reading import Fields, Row, read
from trackline.documents.models import ShareLink
from trackline.documents.sharing.plan import SharedPlan, shared_plan
from trackline.documents.sharing.refs import ref_of
from trackline.kickoff.models import Action, Meeting
from trackline.kit.days import day_start
from trackline.reveal.models import CheckIn, Goal, ValueOutcome

BACK, AHEAD = timedelta(days=92), timedelta(days=366)
"""Meetings and done actions of this time stand on the page."""
READINGS = timedelta(days=731)
"""Readings of a KPI go back so far."""


@dataclass(frozen=True)
class Measured:
    """A goal or a KPI with its readings, oldest first."""

    fields: Fields
    readings: Sequence[tuple[date, Decimal]]

    def to_json(self) -> Fields:
        """Return it as the page's file holds it."""
        return self.fields | {"readings": [{"on": on, "value": value} for on, value in self.readings]}


@dataclass(frozen=True)
class SharedAction:
    """A joint action. `ref` names it on this link alone; `tickable` ones the customer may mark as done or open again."""

    pk: int
    ref: str
    fields: Fields
    tickable: bool

    @property
    def done(self) -> bool:
        """Whether it is done."""
        return bool(self.fields["status"] == Action.Status.DONE)


@dataclass(frozen=True)
class SharedPage:
    """The page of a link. Parts that it does not show are None."""

    title: str
    greeting: str
    as_of: date
    account: Fields
    goals: Sequence[Measured] | None
    value: Sequence[Fields] | None
    actions: Sequence[SharedAction] | None
    meetings: Sequence[Row] | None
    kpis: Sequence[Measured] | None
    plan: SharedPlan | None

    @property
    def worth(self) -> Decimal:
        """The worth of the outcomes shown, in the account's currency; those without one count nothing."""
        return sum((Decimal(one["money"]) for one in self.value or () if one["money"] is not None), Decimal(0))

    @property
    def is_bare(self) -> bool:
        """Whether it shows no part at all."""
        return all(part is None for part in (self.goals, self.value, self.actions, self.meetings, self.kpis, self.plan))

    def to_json(self) -> Fields:
        """Return all that stands on the page, and nothing beside it."""
        parts: dict[str, Any] = {
            "goals": self.goals and [one.to_json() for one in self.goals],
            "value": self.value,
            "actions": None if self.actions is None else [one.fields for one in self.actions],
            "meetings": None if self.meetings is None else [row.fields for row in self.meetings],
            "kpis": self.kpis and [one.to_json() for one in self.kpis],
            "plan": self.plan and self.plan.to_json(),
        }
        head = {"title": self.title, "greeting": self.greeting, "as_of": self.as_of, "account": self.account}
        return head | {name: part for name, part in parts.items() if part is not None}


def page_of(link: ShareLink, today: date) -> SharedPage:
    """Return what a link shows today."""
    own = {"account_id": link.account_id}
    return SharedPage(
        title=link.title,
        greeting=link.greeting,
        as_of=today,
        account=account_of(link),
        goals=_goals(link.goals.filter(**own).exclude(status=Goal.Status.CANCELLED)),
        value=_value(ValueOutcome.objects.filter(**own)) if link.show_value else None,
        actions=_actions(link, today) if link.show_actions else None,
        meetings=_meetings(Meeting.objects.filter(**own), today) if link.show_meetings else None,
        kpis=_kpis(link, today),
        plan=shared_plan(link),
    )


def account_of(link: ShareLink) -> Fields:
    """Return what may leave of the account of a link."""
    return read("account", Account.objects.filter(pk=link.account_id))[0].fields


def _goals(rows: QuerySet[Any]) -> list[Measured] | None:
    goals = read("goal", rows.order_by(F("due_on").asc(nulls_last=True), "pk"))
    readings: dict[int, list[tuple[date, Decimal]]] = {}
    check_ins = CheckIn.objects.filter(goal__in=[row.pk for row in goals], value__isnull=False)
    for row in read("check_in", check_ins.order_by("on", "pk"), of="goal_id"):
        readings.setdefault(row.of, []).append((row.fields["on"], row.fields["value"]))
    return [Measured(row.fields, readings.get(row.pk, [])) for row in goals] or None


def _value(rows: QuerySet[Any]) -> list[Fields]:
    verified = rows.filter(verified_on__isnull=False, verified_by__isnull=False)
    return [row.fields for row in read("value_outcome", verified.order_by("-verified_on", "-pk"))]


def _actions(link: ShareLink, today: date) -> list[SharedAction]:
    lately = Q(status=Action.Status.OPEN) | Q(status=Action.Status.DONE, done_on__gte=today - BACK)
    rows = Action.objects.filter(lately, account_id=link.account_id, joint=True)
    ordered = rows.order_by("-status", F("due_on").asc(nulls_last=True), "pk")
    return [_action(link, row, today) for row in read("action", ordered)]


def _action(link: ShareLink, row: Row, today: date) -> SharedAction:
    theirs = link.may_tick and row.fields["side"] == Action.Side.CUSTOMER
    fresh = row.fields["status"] == Action.Status.OPEN or row.fields["done_on"] == today
    return SharedAction(row.pk, ref_of(link, "action", row.pk), row.fields, theirs and fresh)


def _meetings(rows: QuerySet[Any], today: date) -> list[Row]:
    start = day_start(today)
    shown = rows.filter(
        status__in=(Meeting.Status.SCHEDULED, Meeting.Status.HELD),
        contacts__deleted_at__isnull=True,
        contacts__isnull=False,
        at__gte=start - BACK,
        at__lt=start + AHEAD,
    )
    return read("meeting", shown.distinct().order_by("at", "pk"))


def _kpis(link: ShareLink, today: date) -> list[Measured] | None:
    chosen = link.kpis.filter(account_id=link.account_id, agreed_with_customer=True)
    kpis = read("kpi", chosen.order_by("name", "pk"), of="metric_id")
    readings: dict[int, list[tuple[date, Decimal]]] = {}
    observed = Observation.objects.filter(
        account_id=link.account_id, metric__in=[row.of for row in kpis], on__gte=today - READINGS
    )
    for row in read("observation", observed.order_by("on", "pk"), of="metric_id"):
        readings.setdefault(row.of, []).append((row.fields["on"], row.fields["value"]))
    return [Measured(row.fields, readings.get(row.of, [])) for row in kpis] or None
