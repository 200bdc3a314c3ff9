"""Signs that accounts want more of us, out of use, log, surveys and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from trackline.align.contracts import Use, uses_of
from trackline.align.models import Contract
from trackline.align.rules.growth_signals import SIGNALS, limits
from trackline.align.rules.live_inputs import wiring
from trackline.reveal.models import ValueOutcome
from trackline.track.models import Note, Response

ALIVE = Q(deleted_at__isnull=True)


def signals_of(
    accounts: QuerySet[Any], on: date, used: Mapping[int, Sequence[Use]] | None = None
) -> Mapping[int, tuple[str, ...]]:
    """Return the signals of each account that has any, in the order of `SIGNALS`; seven queries.

    Where the use of their running contracts was `used` elsewhere on the page, it is not read again: four queries less.

    Answers without a name are left out: they are shown of many together only. Source: EXP-02, EXP-03.
    """
    figures = limits()
    since = on - timedelta(days=figures.days)
    found: dict[int, set[str]] = {}

    def note(account: int, signal: str) -> None:
        found.setdefault(account, set()).add(signal)

    if used is None:
        running = Contract.objects.filter(ALIVE, Q(end_on__isnull=True) | Q(end_on__gte=on), account__in=accounts)
        used = uses_of(running.order_by("pk").values_list("pk", flat=True), on)
    for use in (one for uses in used.values() for one in uses):
        if use.near_limit:
            note(use.item.contract.account_id, "capacity")
    notes = Note.objects.filter(ALIVE, account__in=accounts, on__range=(since, on)).exclude(tags=[])
    for account, tags in notes.values_list("account", "tags"):
        if figures.team_tags.intersection(tags):
            note(account, "new_team")
        if figures.sponsor_tags.intersection(tags):
            note(account, "sponsor")
    praise = Response.objects.filter(
        ALIVE, wave__account__in=accounts, wave__deleted_at__isnull=True, contact__isnull=False, on__range=(since, on),
        recommend__gte=figures.praise_from,
    )  # fmt: skip
    for account in praise.exclude(reason="").values_list("wave__account", flat=True):
        note(account, "praise")
    proven = (on - timedelta(days=wiring().roi_days), on)
    value = ValueOutcome.objects.filter(ALIVE, account__in=accounts, verified_on__range=proven, money__gt=0)
    for account in value.values_list("account", flat=True):
        note(account, "roi")
    return {account: tuple(name for name in SIGNALS if name in mine) for account, mine in found.items()}
