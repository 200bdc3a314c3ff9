"""Reads of the T section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q

from trackline.accounts.models import Account, Contact, Kpi
from trackline.accounts.settings import settings_in_force
from trackline.kit.statements import NUMBERS, Statement
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
    for pk, *values in _profiles.rows(ids):
        facts[pk]["profile"] = dict(zip(PROFILE, values, strict=True))
    for pk, count in _contacts.rows(ids):
        facts[pk]["contacts"] = count
    for pk, count in _kpis_ready.rows(ids):
        facts[pk]["kpis_ready"] = count
    for newest_of, name in ((_newest_snapshots, "snapshot_age"), (_newest_scores, "journey_age")):
        for pk, newest in newest_of.rows(ids):
            facts[pk][name] = (today - newest).days
    for log in _logs:
        for pk, count in log.rows(ids):
            facts[pk]["log_entries"] += count
    return facts


def _counts(model: Any, *conditions: Q) -> Statement:
    return Statement(
        lambda ids: (
            model.objects.filter(ALIVE, *conditions, account__in=ids)
            .order_by()
            .values_list("account")
            .annotate(count=Count("pk"))
        ),
        NUMBERS,
    )


def _newest(model: Any) -> Statement:
    return Statement(
        lambda ids: (
            model.objects.filter(ALIVE, account__in=ids).order_by().values_list("account").annotate(newest=Max("on"))
        ),
        NUMBERS,
    )


# Compiled once: these run with every write on an account.
_profiles = Statement(lambda ids: Account.objects.filter(pk__in=ids).values_list("pk", *PROFILE), NUMBERS)
_contacts = _counts(Contact)
_kpis_ready = _counts(Kpi, Q(baseline__isnull=False, target__isnull=False), ~Q(baseline=F("target")))
_newest_snapshots, _newest_scores = _newest(HealthSnapshot), _newest(JourneyScore)
_logs = [_counts(model) for model in (Issue, Note, Risk)]
