"""Signals that people tag in notes and issues, and cancelled meetings; four queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from trackline.accounts.models import Account
from trackline.accounts.rulebook.sources import origin
from trackline.kickoff.models import Meeting
from trackline.track.models import CompetitorSighting, Interaction, Issue, Note
from trackline.watch.evidence.people import EXECUTIVE
from trackline.watch.evidence.sight import Sight, Sights, Watched

REVIEW, CANCELS = "watch.signal.review_skipped", "watch.signal.customer_cancels"
OVERDUE, RHYTHM = "watch.signal.review_overdue", "watch.signal.executive_rhythm"
REVIEWS = ("qbr", "ebr")
BY_CUSTOMER = ("cancelled_by_customer", "no_show")
EVALUATION = "watch.signal.competitor_evaluation"
EVALUATED = ("evaluation", "tender", "quote_request")
"""What is seen of competitors when the customer compares. Source: SIG-07."""
LOOK_BACK = timedelta(days=800)
IN_PERSON = ("meeting", "workshop", "site_visit")


def sights(watched: Watched) -> Sights:
    """Yield what signals see in entries and meetings of accounts."""
    yield from _tagged(watched)
    if watched.among(REVIEW, CANCELS):
        yield from _meetings(watched)
    if watched.among(OVERDUE):
        yield from _overdue(watched)
    if watched.among(RHYTHM):
        yield from _executives(watched)


def _tagged(watched: Watched) -> Sights:
    by_tag = {tag: one.rule for one in watched.signals.values() for tag in one.tags}
    if not by_tag:
        return
    since = watched.today - LOOK_BACK
    alive = Q(deleted_at=None, account__in=watched.ids) & ~Q(tags=[])
    notes = Note.objects.filter(alive, on__range=(since, watched.today)).values_list(
        "account_id", "pk", "title", "on", "tags"
    )
    issues = Issue.objects.filter(alive, opened_on__range=(since, watched.today)).values_list(
        "account_id", "pk", "title", "opened_on", "tags"
    )
    found: dict[tuple[str, int], list[tuple[date, dict[str, Any]]]] = {}
    for kind, rows in (("note", notes), ("issue", issues)):
        for account, pk, title, on, tags in rows:
            for rule in {by_tag[tag] for tag in tags if tag in by_tag}:
                entry = (on, origin(kind, pk, title, on, watched.today))
                found.setdefault((rule, account), []).append(entry)
    if EVALUATION in watched.signals:
        seen = CompetitorSighting.objects.filter(
            deleted_at=None, competitor__deleted_at=None, competitor__account__in=watched.ids, kind__in=EVALUATED,
            on__range=(since, watched.today),
        )  # fmt: skip
        for account, pk, summary, on in seen.values_list("competitor__account", "pk", "summary", "on"):
            entry = (on, origin("competitor_sighting", pk, summary, on, watched.today))
            found.setdefault((EVALUATION, account), []).append(entry)
    for (rule, account), entries in sorted(found.items(), key=lambda item: item[0]):
        entries.sort(key=lambda entry: (entry[0], entry[1]["record_id"]), reverse=True)
        newest = entries[0][1]
        yield (
            rule,
            Sight(
                account,
                {"days_ago": [(watched.today - on).days for on, _ in entries]},
                newest["label"],
                occurrence=_name(newest),
                others=[_name(told) for on, told in entries[1:]],
                sources=[told for _, told in entries[:5]],
            ),
        )


def _name(told: Mapping[str, Any]) -> str:
    return f"{told['record_type']}:{told['record_id']}"


def _meetings(watched: Watched) -> Sights:
    """Missed meetings lie in the past; one that the customer cancels ahead counts from the day it was to be held."""
    rows = Meeting.objects.filter(
        deleted_at=None, account__in=watched.ids, at__gte=watched.until - LOOK_BACK,
        status__in=(*BY_CUSTOMER, "held"),
    )  # fmt: skip
    if watched.past:  # when somebody cancelled what lay ahead then is not told
        rows = rows.filter(at__lt=watched.until)
    reviewed: set[int] = set()
    missed: dict[int, list[tuple[date, dict[str, Any]]]] = {}
    for account, pk, title, at, review, status in rows.order_by("-at", "-pk").values_list(
        "account_id", "pk", "title", "at", "review", "status"
    ):
        on = min(timezone.localtime(at).date(), watched.today)
        told = origin("meeting", pk, title or "Meeting", on, watched.today)
        if review in REVIEWS and account not in reviewed:
            reviewed.add(account)
            if status in BY_CUSTOMER:
                ago = {"days_ago": [(watched.today - on).days]}
                yield REVIEW, Sight(account, ago, told["label"], occurrence=f"meeting:{pk}", sources=[told])
        if status in BY_CUSTOMER:
            missed.setdefault(account, []).append((on, told))
    for account, entries in sorted(missed.items()):
        days = [(watched.today - on).days for on, _ in entries]
        last, newest = entries[0]
        says = f"{len(days)} cancelled or missed, the last on {last.day} {last:%b %Y}"
        yield (
            CANCELS,
            Sight(
                account, {"days_ago": days}, says, occurrence=f"meeting:{newest['record_id']}",
                sources=[told for _, told in entries[:5]],
            ),
        )  # fmt: skip


def _overdue(watched: Watched) -> Sights:
    """The last review that was to be held. One that the customer missed is another signal's; one moved has a new day."""
    rows = Meeting.objects.filter(
        deleted_at=None, account__in=watched.ids, review__in=REVIEWS, status__in=("scheduled", "held", "cancelled_by_us"),
        at__lt=watched.until, at__gte=watched.until - LOOK_BACK,
    )  # fmt: skip
    seen: set[int] = set()
    for account, pk, title, at, status in rows.order_by("-at", "-pk").values_list(
        "account_id", "pk", "title", "at", "status"
    ):
        if account in seen:
            continue
        seen.add(account)
        on = timezone.localtime(at).date()
        days = max((watched.today - on).days, 0)
        told = origin("meeting", pk, title or "Review", on, watched.today)
        yield (
            OVERDUE,
            Sight(
                account, {"days": days, "held": status == "held"}, f"{told['label']}, {days} days ago, was not held",
                occurrence=f"meeting:{pk}", sources=[told],
            ),
        )  # fmt: skip


def _executives(watched: Watched) -> Sights:
    """The last time that an executive was met; accounts that never met one are no slipping rhythm."""
    executive = Q(contacts__seniority__in=EXECUTIVE)
    last: dict[int, date] = {}
    held = Meeting.objects.filter(
        executive, deleted_at=None, account__in=watched.ids, status="held", at__lt=watched.until
    )
    for account, at in held.order_by().values_list("account_id").annotate(last=Max("at")):
        last[account] = timezone.localtime(at).date()
    met = Interaction.objects.filter(
        executive, deleted_at=None, account__in=watched.ids, kind__in=IN_PERSON, two_way=True, on__lte=watched.today
    )
    for account, on in met.order_by().values_list("account_id").annotate(last=Max("on")):
        last[account] = max(on, last.get(account, on))
    names = dict(Account.objects.filter(pk__in=list(last)).values_list("pk", "name"))
    for account, on in sorted(last.items()):
        days = max((watched.today - on).days, 0)
        told = [origin("account", account, f"{names[account]}: executive met", on, watched.today)]
        yield RHYTHM, Sight(account, {"days": days}, f"{days} days since an executive was met", sources=told)
