"""What nobody put a date on: alerts, renewals in the window, goals without check-in, contacts gone silent, old health views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models import Sum as SumOf
from django.utils import timezone

from trackline.accounts.models import Contact
from trackline.accounts.rates import Rates, Sum
from trackline.accounts.settings import settings_in_force
from trackline.accounts.tending import past_touch
from trackline.align.models import OPEN_CYCLES, RenewalCycle, Route
from trackline.align.rules.gate import OPEN as OPEN_ROUTES
from trackline.book.queries.scorecards import Clock, clocks
from trackline.choose.models import Play
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.documents.models import AccountPlan
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.reveal.queries import check_in_overdue, with_rhythm
from trackline.reveal.rules.progress import CLOSED
from trackline.workspace.queries import acts
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.alerts.rows import Urgent, urgent
from trackline.workspace.queries.next_action import RENEWAL_WINDOW_DAYS
from trackline.workspace.queries.today.scope import Scope

ALIVE = Q(deleted_at__isnull=True)
SHOWN = 8
SHOWN_RENEWALS = 15
SHOWN_ALERTS = 5


def alerts(ctx: Context, scope: Scope) -> Urgent:
    """Return the open alerts that somebody owns, backs up late or is asked to decide; the gravest first, in two queries."""
    backs = Q(backup__in=scope.people, state="open", ack_due_at__lt=ctx.now)
    asked = Q(escalated_to__in=scope.people, state="escalated")
    mine = scope.things("owner", "account") | backs | asked
    return urgent(ctx, scoped(ctx, registry.get("alert")).filter(mine), SHOWN_ALERTS)


def breaches(ctx: Context, scope: Scope) -> Sequence[Clock]:
    """Return breaches of scorecards that wait for an answer of somebody, or were passed on to them; the most pressing first, in
    one query. Source: SC-08.
    """
    asked = Q(escalated_to__in=scope.people)
    mine = scope.things("owner", "line__scorecard__account") | asked
    return clocks(ctx, among=Q(state="open") & mine)


@dataclass(frozen=True)
class Renewal:
    """An account that renews soon, with what prepares it."""

    account: Any
    days: int
    exists: Sequence[str]
    do: Act

    @property
    def prepared(self) -> bool:
        """Whether anything prepares it."""
        return bool(self.exists)


@dataclass(frozen=True)
class Renewals:
    """Renewals in the window by date, with their number and money."""

    rows: Sequence[Renewal]
    count: int
    money: Sum


def renewals(scope: Scope, rates: Rates) -> Renewals:
    """Return what renews within the window or should have by now, in one query."""
    pk = OuterRef("pk")
    cycles = RenewalCycle.objects.filter(ALIVE, account=pk, state__in=OPEN_CYCLES)
    routes = Route.objects.filter(ALIVE, account=pk, type="renewal", state__in=OPEN_ROUTES)
    plays = Play.objects.filter(ALIVE, account=pk, anchor_on=OuterRef("renewal_date"), status__in=OPEN_PLAYS)
    soon = scope.accounts.filter(renewal_date__lte=scope.today + timedelta(days=RENEWAL_WINDOW_DAYS))
    rows = soon.exclude(status="prospect").annotate(
        cycle=Subquery(cycles.order_by("renewal_date").values("state")[:1]),
        route=Subquery(routes.order_by("pk").values("state")[:1]),
        play=Subquery(plays.order_by("pk").values("pk")[:1]),
    )
    found = list(rows.order_by("renewal_date", "name"))
    states, stages = dict(RenewalCycle.State.choices), dict(Route._meta.get_field("state").choices or ())
    made = []
    for account in found[:SHOWN_RENEWALS]:
        exists = []
        if account.cycle:
            exists.append(f"cycle: {str(states[account.cycle]).lower()}")
        if account.route:
            exists.append(f"route: {str(stages[account.route]).lower()}")
        if account.play:
            exists.append("play")
        do = acts.create(
            "renewal_cycle",
            "Start the renewal",
            account=account.pk,
            renewal_date=account.renewal_date,
            arr_up=account.arr,
        )
        made.append(Renewal(account, (account.renewal_date - scope.today).days, exists, do))
    return Renewals(made, len(found), rates.total((one.arr, one.currency) for one in found))


@dataclass(frozen=True)
class Silent:
    """A contact past its limit of days without a two-way touch."""

    contact: Any
    days: int
    limit: int


@dataclass(frozen=True)
class SilentList:
    """Contacts gone silent, the most influential first, how many have no two-way touch on record at all, and `of` how many."""

    rows: Sequence[Silent]
    count: int
    untouched: int
    of: int


def silent_contacts(scope: Scope) -> SilentList:
    """Return contacts whose last two-way touch is older than the limit of the rule, in four queries. Source: STK-11."""
    people = Contact.objects.filter(ALIVE, scope.of_accounts(), status="active")
    today = scope.today
    silent = past_touch(people, today)
    found = people.filter(silent.late).annotate(limit=silent.limit).select_related("account")
    rows = found.order_by("-influence", "last_touch_on", "pk")[:SHOWN]
    of = people.aggregate(
        silent=Count("pk", filter=silent.late),
        untouched=Count("pk", filter=Q(last_touch_on__isnull=True)),
        of=Count("pk"),
    )
    listed = [Silent(one, (today - one.last_touch_on).days, one.limit) for one in rows]
    return SilentList(listed, of["silent"], of["untouched"], of["of"])


@dataclass(frozen=True)
class Overdue:
    """An active goal without a check-in for longer than its rhythm (REV-07)."""

    goal: Any
    last: date | None
    days: int


@dataclass(frozen=True)
class OverdueList:
    """Goals that wait for a check-in, the longest first; `of` are all active ones, counted where none waits."""

    rows: Sequence[Overdue]
    count: int
    of: int


def overdue_check_ins(scope: Scope) -> OverdueList:
    """Return the active goals whose check-in is overdue, in at most three queries. Source: REV-07."""
    goals = Goal.objects.filter(ALIVE, account__deleted_at__isnull=True).exclude(status__in=CLOSED)
    goals = goals.filter(scope.things("owner", "account")).select_related("account", "owner")
    late = with_rhythm(goals).filter(check_in_overdue(scope.today))
    rows = sorted(late, key=lambda goal: (goal.last or goal.start_on or timezone.localdate(goal.created_at), goal.pk))
    listed = [
        Overdue(
            goal, goal.last, (scope.today - (goal.last or goal.start_on or timezone.localdate(goal.created_at))).days
        )
        for goal in rows[:SHOWN]
    ]
    return OverdueList(listed, len(rows), len(rows) or goals.count())


@dataclass(frozen=True)
class Stale:
    """An account whose newest health view is older than it may be, or that has none."""

    account: Any
    last: date | None


@dataclass(frozen=True)
class StaleList:
    """Accounts that wait for a new health view."""

    rows: Sequence[Stale]
    count: int
    max_age: int


def stale_views(scope: Scope) -> StaleList:
    """Return accounts without a health view in the last `snapshot.max_age_days`, those without any first, the largest of
    them before others, in two queries. Source: TRK-12.
    """
    age = int(settings_in_force()["snapshot.max_age_days"])
    newest = Max("health_snapshots__on", filter=Q(health_snapshots__deleted_at__isnull=True))
    accounts = scope.accounts.filter(status__in=("active", "at_risk", "onboarding")).annotate(last=newest)
    old = accounts.filter(Q(last__isnull=True) | Q(last__lt=scope.today - timedelta(days=age)))
    rows = list(old.order_by(F("last").asc(nulls_first=True), F("arr").desc(nulls_last=True), "name"))
    return StaleList([Stale(one, one.last) for one in rows[:SHOWN]], len(rows), age)


@dataclass(frozen=True)
class StaleText:
    """A text of a plan in use that nobody touched for longer than it may be."""

    section: Any
    days: int


@dataclass(frozen=True)
class StaleTexts:
    """Texts of plans that wait to be looked at, the oldest first, and the age from which they do."""

    rows: Sequence[StaleText]
    count: int
    max_age: int


def stale_texts(ctx: Context, scope: Scope) -> StaleTexts:
    """Return texts of plans in use that are stale, in two queries.

    Whoever writes a section is reminded first, and later the account's owner, who is the first to be where a section has no
    owner. Source: PLAN-08.
    """
    held = settings_in_force()
    first, later = (ctx.now - timedelta(days=int(held[f"plan.{name}"])) for name in ("stale_days", "stale_owner_days"))
    plans = AccountPlan.objects.filter(ALIVE, account=OuterRef("account")).exclude(state=AccountPlan.State.ARCHIVED)
    mine = Q(updated_at__lt=first, owner__in=scope.people)
    own = scope.of_accounts() & (Q(updated_at__lt=later) | Q(updated_at__lt=first, owner__isnull=True))
    every = scope.of_accounts() & Q(updated_at__lt=first)
    texts = scoped(ctx, registry.get("plan_section")).filter(Exists(plans), account__deleted_at__isnull=True)
    found = texts.exclude(text="").filter(mine | (every if scope.team else own))
    rows = found.select_related("account", "owner").order_by("updated_at", "pk")[:SHOWN]
    listed = [StaleText(one, (ctx.now - one.updated_at).days) for one in rows]
    return StaleTexts(listed, found.count(), int(held["plan.stale_days"]))


@dataclass(frozen=True)
class Portfolio:
    """How many accounts there are, their money, and how many have a renewal date."""

    count: int
    money: Sum
    dated: int


def portfolio(scope: Scope, rates: Rates) -> Portfolio:
    """Return number and ARR of the accounts in scope, in one query: one row a currency."""
    rows = scope.accounts.order_by().values("currency")
    listed = list(rows.annotate(count=Count("pk"), arr=SumOf("arr"), dated=Count("renewal_date")))
    return Portfolio(
        sum(row["count"] for row in listed),
        rates.total((row["arr"], row["currency"]) for row in listed),
        sum(row["dated"] for row in listed),
    )
