"""Sponsor pairings of an account: how well they match, and whether the sponsor's duties are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kickoff.models import Meeting, Sponsorship
from trackline.kickoff.rules.sponsor import match
from trackline.track.models import Interaction
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
QUARTER_DAYS = 92
"""An executive meeting at least so often, and no longer without contact. Source: SPON-04, SPON-13."""


@dataclass(frozen=True)
class Duty:
    """A duty of a sponsor, whether records show it kept (None: records do not hold it), and what they show."""

    says: str
    kept: bool | None
    finds: str


@dataclass(frozen=True)
class Pairing:
    """A pairing with its match and its duties."""

    record: Sponsorship
    match: Explained
    duties: Sequence[Duty]
    active: bool

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"sponsorship/{self.record.pk}"


def pairings(head: Head) -> Sequence[Pairing]:
    """Return the pairings of the accounts that a page shows, the active ones first, in a fixed number of queries.

    Source: SPON-02, SPON-04.
    """
    listed = Sponsorship.objects.filter(ALIVE, account__in=head.ids)
    rows = list(listed.select_related("sponsor", "contact", "account"))
    if not rows:
        return []
    met = _last_met(head, {row.sponsor_id for row in rows})
    touched = _last_touch(head, {row.contact_id for row in rows})
    overrides = Overrides.load(head.today)
    found = []
    for row in rows:
        given = {"authority_gap": row.authority_gap, "domain": row.domain_fit, "culture": row.culture_fit,
                 "hours_month": row.hours_month}  # fmt: skip
        figures = overrides.in_force(match, head.today, tier=row.account.tier, account_id=row.account_id)
        score = match.explain(read_inputs(match.inputs, given), figures, head.today)
        active = row.active_from is not None and row.active_from <= head.today
        active = active and (row.active_to is None or row.active_to >= head.today)
        duties = _duties(row, met.get((row.account_id, row.sponsor_id)), touched.get(row.contact_id), head.today)
        found.append(Pairing(row, score, duties, active))
    return sorted(found, key=lambda one: (not one.active, str(one.record)))


def _duties(row: Sponsorship, met: date | None, touched: date | None, today: date) -> list[Duty]:
    since = today - timedelta(days=QUARTER_DAYS)
    last = max((day for day in (met, touched) if day), default=None)
    return [
        Duty(
            "Signs the charter: resources and exceptions, escalations within 72 hours, mentoring, success in public",
            row.charter_signed_on is not None,
            f"signed {row.charter_signed_on:%-d %b %Y}" if row.charter_signed_on else "not signed",
        ),
        Duty(
            "Meets the customer's executives at least once a quarter",
            met is not None and met >= since,
            f"last on {met:%-d %b %Y}" if met else "no meeting held yet",
        ),
        Duty(
            "Stays in touch: no more than 92 days without contact",
            last is not None and last >= since,
            f"last on {last:%-d %b %Y}" if last else "no contact on record",
        ),
        Duty(
            "Keeps the hours confirmed",
            None,
            f"{row.hours_month:g} a month confirmed; hours spent are not on record"
            if row.hours_month is not None
            else "no hours confirmed",
        ),
    ]


def _last_met(head: Head, users: set[int]) -> dict[tuple[int, int], date]:
    """The last meeting held with an account's people at which each sponsor was marked present, by account and sponsor."""
    held = Meeting.objects.filter(ALIVE, account__in=head.ids, status="held", contacts__isnull=False)
    rows = held.filter(present__in=users).values_list("account", "present").annotate(last=Max("at"))
    return {(account, user): timezone.localtime(last).date() for account, user, last in rows.order_by()}


def _last_touch(head: Head, contacts: set[int]) -> dict[int, date]:
    rows = Interaction.objects.filter(ALIVE, account__in=head.ids, contacts__in=contacts).values_list("contacts")
    found: Any = rows.annotate(last=Max("on")).order_by()
    return dict(found)
