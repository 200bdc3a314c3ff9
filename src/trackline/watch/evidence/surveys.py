"""What signals see in survey cases: low answers that are not mended, steps that are late; one query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.rulebook.sources import origin
from trackline.track.models import SurveyCase
from trackline.track.rules import survey_loop
from trackline.track.surveys.answers import steps_of
from trackline.track.surveys.limits import limits
from trackline.watch.evidence.sight import Sight, Sights, Watched

LOW, LATE, STUCK = "watch.signal.low_answer", "watch.signal.case_late", "watch.signal.case_stuck"
RULES = (LOW, LATE, STUCK)
LOOK_BACK = timedelta(days=365)
HOUR = 3600


def sights(watched: Watched) -> Sights:
    """Yield what signals see in the cases of accounts. Source: SIG-40, SUR-13."""
    if not watched.among(*RULES):
        return
    until = watched.until
    rows = SurveyCase.objects.filter(
        deleted_at=None, account__in=watched.ids, answered_at__range=(until - LOOK_BACK, until)
    )
    # Of a day that is over, what was mended since was still open then.
    still = Q(verified_at__gt=until) | ~Q(status__in=survey_loop.CLOSED)
    cases: dict[int, list[SurveyCase]] = {}
    for case in rows.filter(still).select_related("owner").order_by("account", "-answered_at", "-pk"):
        cases.setdefault(case.account_id, []).append(case)
    for account, listed in cases.items():
        yield from _low(account, listed, watched)
        yield from _late(account, listed, watched, until)


def _day(case: SurveyCase, watched: Watched) -> dict[str, object]:
    on = timezone.localtime(case.answered_at).date()
    return origin("survey_case", case.pk, case.title, on, watched.today)


def _low(account: int, listed: list[SurveyCase], watched: Watched) -> Sights:
    days = [(watched.today - timezone.localtime(case.answered_at).date()).days for case in listed]
    more = f" and {len(listed) - 1} more" if len(listed) > 1 else ""
    yield (
        LOW,
        Sight(
            account, {"days_ago": days}, f"{listed[0].title}{more}", occurrence=f"survey_case:{listed[0].pk}",
            others=[f"survey_case:{case.pk}" for case in listed[1:]],
            sources=[_day(case, watched) for case in listed[:5]],
        ),
    )  # fmt: skip


def _late(account: int, listed: Iterable[SurveyCase], watched: Watched, until: datetime) -> Sights:
    figures = limits()
    for case in listed:
        step = next((one for one in steps_of(case, figures, until) if one.done is None or one.done > until), None)
        if step is None:
            continue
        hours = max(Decimal((until - step.due).total_seconds()) / HOUR, Decimal(0)).quantize(Decimal("0.1"))
        manager = case.owner.manager_id if case.owner else None
        for rule, person in ((LATE, case.owner_id), (STUCK, manager)):
            yield (
                rule,
                Sight(
                    account, {"hours": hours}, f"{step.says.lower()} is late: {case.title}",
                    subject=f"survey_case:{case.pk}", occurrence=f"survey_case:{case.pk}:{step.key}",
                    sources=[_day(case, watched)], owner_id=person,
                ),
            )  # fmt: skip
