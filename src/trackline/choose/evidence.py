"""Facts that computed checks of steps look at: rows by kind and account, one query a kind. Rooms above add their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from trackline.accounts.models import Account, Contact, Kpi, Observation
from trackline.align.models import RenewalCycle, Route
from trackline.reveal.models import CustomerPriority, Goal, ValueOutcome
from trackline.track.models import Interaction, Issue

ALIVE = Q(deleted_at__isnull=True)
READINGS_DAYS = 400
"""Readings are looked for no further back."""
RENEWED_DAYS = 120
"""A renewal counts as the one at hand until so many days after its date."""

Rows = Iterable[tuple[int, dict[str, Any]]]
Collector = Callable[[Sequence[int], date, date], Rows]
"""Takes accounts, the earliest start of a play, and today; yields account and row."""


def facts(ids: Sequence[int], kinds: Iterable[str], since: date, today: date) -> dict[int, dict[str, list[Any]]]:
    """Return the rows of some kinds by account, in one or two queries a kind."""
    found: dict[int, dict[str, list[Any]]] = {pk: defaultdict(list) for pk in ids}
    for kind in sorted(kinds):
        for account, row in COLLECTORS[kind](ids, since, today):
            found[account][kind].append(row)
    return found


def _contacts(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Contact.objects.filter(ALIVE, account__in=ids, status="active").order_by("-influence", "name", "pk")
    for one in rows.only(
        "account",
        "name",
        "seniority",
        "buying_role",
        "is_exec_sponsor",
        "sentiment",
        "influence",
        "owner",
        "created_at",
    ):
        yield one.account_id, {
            "id": one.pk, "label": one.name, "level": one.seniority, "role": one.buying_role,
            "sponsor": one.is_exec_sponsor, "sentiment": one.sentiment, "influence": one.influence,
            "owned": one.owner_id is not None, "since": timezone.localtime(one.created_at).date(),
        }  # fmt: skip


def _account(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Account.objects.filter(pk__in=ids).values_list("pk", "exec_sponsor__name", "customer_sponsor__name")
    for pk, ours, theirs in rows:
        for name in filter(None, (ours, theirs)):
            yield pk, {"kind": "sponsor", "label": name}


def _health(ids: Sequence[int], _since: date, _today: date) -> Rows:
    for pk, health in Account.objects.filter(pk__in=ids).values_list("pk", "health"):
        if health and health.get("band"):
            yield pk, {"band": health["band"], "label": health["band"]}


def _touches(ids: Sequence[int], since: date, today: date) -> Rows:
    rows = Interaction.objects.filter(ALIVE, account__in=ids, two_way=True, on__gte=since, on__lte=today)
    for one in rows.prefetch_related("contacts").order_by("-on", "-pk"):
        people = [contact.pk for contact in one.contacts.all()]
        yield one.account_id, {"on": one.on, "kind": one.kind, "people": people, "label": str(one)}


def _outcomes(ids: Sequence[int], _since: date, today: date) -> Rows:
    rows = ValueOutcome.objects.filter(ALIVE, account__in=ids, verified_on__lte=today, verified_by__isnull=False)
    for account, title, on in rows.order_by("-verified_on", "pk").values_list("account", "title", "verified_on"):
        yield account, {"label": title, "on": on}


def _goals(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Goal.objects.filter(ALIVE, account__in=ids, due_on__isnull=False).exclude(status__in=("missed", "cancelled"))
    for account, title, made in rows.order_by("due_on", "pk").values_list("account", "title", "created_at"):
        yield account, {"label": title, "since": timezone.localtime(made).date()}


def _kpis(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Kpi.objects.filter(ALIVE, account__in=ids, baseline__isnull=False, target__isnull=False)
    for account, name in rows.order_by("name", "pk").values_list("account", "name"):
        yield account, {"label": name}


def _priorities(ids: Sequence[int], _since: date, today: date) -> Rows:
    rows = CustomerPriority.objects.filter(ALIVE, account__in=ids, on__gte=today - timedelta(days=365))
    for account, title in rows.order_by("rank", "pk").values_list("account", "title"):
        yield account, {"label": title}


def _readings(ids: Sequence[int], _since: date, today: date) -> Rows:
    """The newest reading of each metric."""
    first = today - timedelta(days=READINGS_DAYS)
    rows = Observation.objects.filter(ALIVE, account__in=ids, on__range=(first, today)).order_by()
    for account, metric, on in rows.values_list("account", "metric__key").annotate(newest=Max("on")):
        yield account, {"metric": metric, "on": on, "label": str(on)}


def _routes(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Route.objects.filter(ALIVE, account__in=ids).exclude(state__in=("lost", "parked"))
    for account, title, kind, state, closed in rows.order_by("title", "pk").values_list(
        "account", "title", "type", "state", "closed_on"
    ):
        yield account, {"label": title, "type": kind, "state": state, "closed": closed}


def _renewals(ids: Sequence[int], _since: date, today: date) -> Rows:
    """The renewal at hand: the next one that is not long over."""
    rows = RenewalCycle.objects.filter(ALIVE, account__in=ids, renewal_date__gte=today - timedelta(days=RENEWED_DAYS))
    seen: set[int] = set()
    for account, on, state in rows.order_by("renewal_date", "pk").values_list("account", "renewal_date", "state"):
        if account not in seen:
            seen.add(account)
            yield account, {"label": f"{on}, {state}", "state": state}


def _issues(ids: Sequence[int], _since: date, _today: date) -> Rows:
    severe = Issue.objects.filter(
        ALIVE, account__in=ids, severity__in=("high", "critical"), status__in=("open", "in_progress")
    )
    rows = severe.filter(Q(assignee__isnull=True) | Q(due_on__isnull=True))
    for account, title in rows.order_by("title", "pk").values_list("account", "title"):
        yield account, {"label": title}


COLLECTORS: dict[str, Collector] = {
    "account": _account, "contacts": _contacts, "goals": _goals, "health": _health, "issues": _issues, "kpis": _kpis,
    "outcomes": _outcomes, "priorities": _priorities, "readings": _readings, "renewals": _renewals, "routes": _routes,
    "touches": _touches,
}  # fmt: skip


def register(kind: str, collector: Collector) -> None:
    """Have a room above yield the rows of a kind, such as meetings."""
    COLLECTORS[kind] = collector
