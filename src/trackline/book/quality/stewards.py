"""Who answers for the data of which domain, and what has been too low there for too long. Source: DQ-01, DQ-06."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Q

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.models import DataSteward
from trackline.book.quality.keeping import kept_of, nights_below
from trackline.book.rules.quality import DIMENSIONS, QualityParameters, quality
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid


def prepare_steward(ctx: Context, one: Any, changed: set[str], _links: dict[str, list[int]]) -> None:
    """Keep one steward a domain."""
    if "domain" not in changed:
        return
    others = DataSteward.objects.filter(Q(deleted_at__isnull=True), domain=one.domain).exclude(pk=one.pk)
    if held := others.select_related("person").first():
        raise Invalid.fields({"domain": f"{held.person} answers for it already. Change that entry."})


def stewards() -> dict[str, DataSteward]:
    """Return who answers for each domain; one query."""
    rows = DataSteward.objects.filter(deleted_at__isnull=True).select_related("person")
    return {one.domain: one for one in rows}


@dataclass(frozen=True)
class Alarm:
    """A dimension of a domain that has been too low for so many nights, with the share that passed at last, %."""

    domain: str
    label: str
    dimension: str
    share: Decimal
    days: int


def alarms(people: Iterable[int], today: date) -> list[Alarm]:
    """Return what has been too low for too long in the domains that people answer for, as the last night found it; one query
    where they answer for none, three where they do. Source: DQ-06."""
    mine = DataSteward.objects.filter(deleted_at__isnull=True, person__in=list(people)).order_by("domain")
    domains = list(mine.values_list("domain", flat=True))
    if not domains:
        return []
    p = cast(QualityParameters, Overrides.load(today).in_force(quality, today).parameters)
    kept, labels, found = kept_of(today), dict(DataSteward.Domain.choices), []
    for domain in domains:
        for key, words in DIMENSIONS.items():
            night = kept.last_night(domain, key)
            days = nights_below(kept, domain, key, p.min_pct, night.on) if night else 0
            if night and days >= p.days:
                found.append(Alarm(domain, str(labels[domain]), words, night.share, days))
    return found
