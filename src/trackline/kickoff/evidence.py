"""What meetings, actions and cadences tell the computed checks of steps; see `choose/evidence.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from trackline.choose.evidence import Rows, register
from trackline.kickoff.models import Action, Cadence, Meeting

ALIVE = Q(deleted_at__isnull=True)


def _meetings(ids: Sequence[int], since: date, _today: date) -> Rows:
    rows = Meeting.objects.filter(ALIVE, account__in=ids, at__date__gte=since - timedelta(days=1))
    for one in rows.prefetch_related("contacts").order_by("at", "pk"):
        people = list(one.contacts.all())
        yield (
            one.account_id,
            {
                "label": str(one),
                "on": timezone.localtime(one.at).date(),
                "status": one.status,
                "review": bool(one.review),
                "agenda": bool(one.agenda.strip()),
                "pre_read": one.pre_read_sent_at is not None,
                "roles": [person.buying_role for person in people],
                "sponsor": any(person.is_exec_sponsor for person in people),
            },
        )


def _actions(ids: Sequence[int], since: date, _today: date) -> Rows:
    rows = Action.objects.filter(ALIVE, account__in=ids, due_on__isnull=False, created_at__date__gte=since)
    rows = rows.filter(Q(owner__isnull=False) | Q(client_owner__isnull=False)).exclude(status="cancelled")
    for account, title, made in rows.order_by("due_on", "pk").values_list("account", "title", "created_at"):
        yield account, {"label": title, "since": timezone.localtime(made).date()}


def _cadences(ids: Sequence[int], _since: date, _today: date) -> Rows:
    rows = Cadence.objects.filter(ALIVE, account__in=ids, active=True, anchor_on__isnull=False)
    for account, name, kind in rows.order_by("name", "pk").values_list("account", "name", "type"):
        yield account, {"label": name, "type": kind}


def register_all() -> None:
    """Let checks of steps read this room."""
    for kind, collector in (("meetings", _meetings), ("actions", _actions), ("cadences", _cadences)):
        register(kind, collector)
