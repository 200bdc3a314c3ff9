"""The checklists of an account as they stand: what the records say, and what somebody answered (NEED-08 to NEED-12, CMPT-09)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.core.decimals import plain
from trackline.reveal.models import CustomerPriority
from trackline.track.answering import OF_ACCOUNTS
from trackline.track.competition import position_of, standings
from trackline.track.models import ChecklistAnswer, Competitor, DataSource, PainPoint, PainPointVote, Pilot
from trackline.track.needs import Need, ranked, sources_of
from trackline.track.rules.checklists import Answered, Checklist, Run, checklists, run

ALIVE = Q(deleted_at__isnull=True)
Told = Mapping[str, tuple[str, str]]
"""By item: the answer, and what speaks for it."""
HIGH_INFLUENCE = 4
"""Influence from which somebody's vote endorses a ranking. Source: CNV-11."""


def run_of(account: Account, key: str, on: date) -> Run:
    """Return a checklist of an account with its answers; a fixed number of queries."""
    return runs_of(account, on, (key,))[0]


def runs_of(
    account: Account, on: date, keys: Sequence[str] = OF_ACCOUNTS, needs: Sequence[Need] | None = None
) -> list[Run]:
    """Return checklists of an account (default: all) with their answers; a fixed number of queries.

    `needs` are its open pain points where they are ranked already.
    """
    given: dict[str, list[ChecklistAnswer]] = {}
    rows = ChecklistAnswer.objects.filter(ALIVE, account=account, checklist__in=keys)
    for row in rows.select_related("author"):
        given.setdefault(row.checklist, []).append(row)
    return [_run(account, checklists()[key], given.get(key, ()), on, needs) for key in keys]


def _run(
    account: Account, checklist: Checklist, given: Iterable[ChecklistAnswer], on: date, needs: Sequence[Need] | None
) -> Run:
    told = _AUTO[checklist.key](account, on, needs) if checklist.key in _AUTO else {}
    answers = {item.key: Answered(item, *told[item.key]) for item in checklist.items if item.auto and item.key in told}
    for row in given:
        item = checklist.item(row.item)
        if item is not None and not item.auto:
            answers[row.item] = Answered(item, row.answer, row.evidence or _by(row), row.pk)
    return run(checklist, answers)


def to_json(found: Run) -> dict[str, Any]:
    """Return a checklist in the shape of the API."""
    return {
        "checklist": found.checklist.key,
        "title": found.checklist.title,
        "opens": found.checklist.opens,
        "readiness_pct": plain(found.readiness),
        "passed": found.passed,
        "items": [
            {
                "item": row.item.key, "text": row.item.text, "auto": row.item.auto, "answer": row.answer or None,
                "says": row.says, "id": None if row.record is None else str(row.record),
            }
            for row in found.rows
        ],
    }  # fmt: skip


def _by(row: ChecklistAnswer) -> str:
    return f"{row.author.name}, without evidence" if row.author else "without evidence"


def _all(good: int, of: int, none: str) -> tuple[str, str]:
    """Yes where all are good; no, with how many are, where some are not or there is none."""
    if not of:
        return "no", none
    return ("yes" if good == of else "no"), f"{good} of {of}"


def _needs_advance(account: Account, on: date, needs: Sequence[Need] | None) -> Told:
    if needs is None:
        points = PainPoint.objects.filter(ALIVE, account=account, status="open").select_related("account")
        needs = ranked(list(points), on)
    first = [one.record for one in needs if one.quadrant == "priority"]
    ids = [one.pk for one in first]
    none = "no pain point is a priority yet"
    linked = CustomerPriority.pain_points.through.objects.filter(
        painpoint__in=ids, customerpriority__deleted_at__isnull=True
    )
    tied = linked.values("painpoint").distinct().count()
    costed = sum(one.money_impact is not None and one.figures_from in ("customer", "both") for one in first)
    votes = PainPointVote.objects.filter(ALIVE, pain_point__in=ids, contact__influence__gte=HIGH_INFLUENCE)
    endorsed = votes.filter(contact__deleted_at__isnull=True).values("pain_point").distinct().count()
    run_ = Pilot.objects.filter(ALIVE, account=account, status__in=("passed", "failed")).count()
    return {
        "tied": _all(tied, len(ids), none),
        "impact": _all(costed, len(ids), none),
        "endorsed": _all(endorsed, len(ids), none),
        "pilot": ("yes" if run_ else "no", f"{run_} decided" if run_ else "none is decided"),
    }


def _needs_data(account: Account, on: date, _needs: Sequence[Need] | None) -> Told:
    found = sources_of(account.pk, on)
    if not found:
        return dict.fromkeys(("owned", "consent", "two_sources", "fresh"), ("no", "no source is on the list"))
    first = [told for one, told in found if one.priority]
    asked = [one for one, _ in found if one.family == DataSource.Family.CUSTOMER]
    stakes = [told for one, told in found if one.high_stakes]
    return {
        "owned": _all(sum(not one.details["gap"] for one in first), len(first), "no source is marked as a priority"),
        "consent": _all(sum(one.consent for one in asked), len(asked), "")
        if asked
        else ("na", "nothing is asked of it"),
        "two_sources": _all(sum(not one.details["unverified"] for one in stakes), len(stakes), "")
        if stakes
        else ("na", "no figure has high stakes"),
        "fresh": _all(sum(not told.details["stale"] for _, told in found), len(found), ""),
    }


def _competition_ready(account: Account, on: date, _needs: Sequence[Need] | None) -> Told:
    listed = list(Competitor.objects.filter(ALIVE, account=account, active=True).select_related("account"))
    found, none = standings(listed, on), "no competitor is on the list"
    position = position_of(account.pk)
    confirmed = bool(position and position.confirmed_by_id and position.confirmed_on)
    scored = sum(one.gap.value is not None for one in found)
    return {
        "validated": (
            "yes" if confirmed else "no",
            f"by {position.confirmed_by.name}"
            if confirmed and position and position.confirmed_by
            else "nobody at the customer confirmed it",
        ),
        "weighted": _all(scored, len(found), none) if position else ("no", "what the customer weighs is not told"),
        "stances": _all(sum(bool(one.record.stance) for one in found), len(found), none),
        "owned": _all(sum(one.record.owner_id is not None and not one.stale for one in found), len(found), none),
    }


_AUTO: Mapping[str, Callable[[Account, date, Sequence[Need] | None], Told]] = {
    "needs_advance": _needs_advance,
    "needs_data": _needs_data,
    "competition_ready": _competition_ready,
}
