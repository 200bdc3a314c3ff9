"""Reads of the T section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q

from trackline.accounts.models import Account, Contact, Kpi
from trackline.accounts.settings import settings_in_force
from trackline.track.models import HealthSnapshot, Issue, JourneyScore, Note, Risk
from trackline.track.rules.completeness import PROFILE

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's T checks by account, in eight queries."""
    limits = settings_in_force()
    facts: dict[int, dict[str, Any]] = {
        pk: {
            "profile": {},
            "snapshot_max_age": limits["snapshot.max_age_days"],
            "journey_max_age": limits["journey.max_age_days"],
            "log_entries": 0,
        }
        for pk in ids
    }
    for row in Account.objects.filter(pk__in=ids).values("pk", *PROFILE):
        facts[row.pop("pk")]["profile"] = row
    for pk, count in _counts(Contact.objects.filter(ALIVE, account__in=ids)):
        facts[pk]["contacts"] = count
    ready = Kpi.objects.filter(ALIVE, account__in=ids, baseline__isnull=False, target__isnull=False)
    for pk, count in _counts(ready.exclude(baseline=F("target"))):
        facts[pk]["kpis_ready"] = count
    for model, name in ((HealthSnapshot, "snapshot_age"), (JourneyScore, "journey_age")):
        rows: Any = model.objects.filter(ALIVE, account__in=ids).values_list("account").annotate(newest=Max("on"))
        for pk, newest in rows:
            facts[pk][name] = (today - newest).days
    for log in (Issue, Note, Risk):
        for pk, count in _counts(log.objects.filter(ALIVE, account__in=ids)):
            facts[pk]["log_entries"] += count
    return facts


def _counts(query: Any) -> Any:
    return query.order_by().values_list("account").annotate(count=Count("pk"))
