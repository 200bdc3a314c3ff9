"""What stands in the way and in which rhythm it is run: risks, issues, meetings, decisions, actions, sponsors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.documents.gathering.scope import Scope, named, word
from trackline.kickoff.models import Action, Cadence, Decision, Meeting, Sponsorship
from trackline.kit.days import day_start
from trackline.track.models import Issue, Risk
from trackline.track.rules.standing import risk_band

MEETINGS_DAYS = 365


def risks(scope: Scope) -> list[dict[str, Any]]:
    """Return open risks, the largest likelihood × impact first."""
    rows = scope.among(Risk, status__in=("open", "mitigating")).select_related("owner")
    made = [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "category": one.category or None,
            "likelihood": one.likelihood, "impact": one.impact, "score": one.likelihood * one.impact,
            "band": risk_band(one.likelihood, one.impact), "money": one.money_impact,
            "currency": scope.account.currency or scope.rates.book, "mitigation": one.mitigation or None,
            "trigger": one.contingency_trigger or None, "owner": named(one.owner), "due_on": one.due_on,
            "reviewed_on": one.reviewed_on, "status": word(one, "status"),
        }
        for one in rows.order_by("title", "pk")
    ]  # fmt: skip
    return sorted(made, key=lambda one: -one["score"])


def issues(scope: Scope) -> list[dict[str, Any]]:
    """Return issues that are not solved, the gravest first, then those solved within the quarter."""
    order = ("critical", "high", "medium", "low")
    solved = Q(status__in=("resolved", "closed"), resolved_at__gte=day_start(scope.recent))
    rows = scope.among(Issue, Q(status__in=("open", "in_progress")) | solved).select_related("assignee")
    made = [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "severity": word(one, "severity"),
            "status": word(one, "status"), "open": one.status in ("open", "in_progress"), "assignee": named(one.assignee),
            "opened_on": one.opened_on, "due_on": one.due_on, "resolution": one.resolution or None,
        }
        for one in rows.order_by("opened_on", "pk")
    ]  # fmt: skip
    return sorted(made, key=lambda one: (not one["open"], order.index(one["severity"]["value"])))


def cadences(scope: Scope) -> list[dict[str, Any]]:
    """Return the rhythms that are kept, with who takes part."""
    rows = scope.among(Cadence, active=True).select_related("chair")
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "name": one.name, "type": word(one, "type"),
            "frequency": word(one, "frequency"), "minutes": one.duration_min, "chair": named(one.chair),
            "purpose": one.purpose or None, "ours": [each.name for each in one.participants.all()],
            "theirs": [each.name for each in one.client_participants.all() if each.deleted_at is None],
        }
        for one in rows.prefetch_related("participants", "client_participants").order_by("name", "pk")
    ]  # fmt: skip


def meetings(scope: Scope) -> list[dict[str, Any]]:
    """Return meetings of the last year and all that are set, in order of time. `ahead` is seen from the day."""
    since = day_start(scope.on - timedelta(days=MEETINGS_DAYS))
    rows = scope.among(Meeting, at__gte=since).select_related("cadence").prefetch_related("attendees", "contacts")
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": str(one), "at": one.at,
            "on": timezone.localtime(one.at).date(), "ahead": timezone.localtime(one.at).date() > scope.on,
            "status": word(one, "status"), "review": word(one, "review"), "cadence": named(one.cadence),
            "ours": [each.name for each in one.attendees.all()],
            "theirs": [each.name for each in one.contacts.all() if each.deleted_at is None],
        }
        for one in rows.order_by("at", "pk")
    ]  # fmt: skip


def decisions(scope: Scope) -> list[dict[str, Any]]:
    """Return decisions still sought, then those taken within a year, the newest first."""
    since = scope.on - timedelta(days=MEETINGS_DAYS)
    rows = scope.among(Decision, Q(status__in=("open", "deferred")) | Q(decided_on__range=(since, scope.on)))
    made = [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "status": word(one, "status"),
            "sought": one.status in ("open", "deferred"), "recommended": one.recommended or None,
            "outcome": one.outcome or None, "owner": named(one.owner), "due_on": one.due_on, "decided_on": one.decided_on,
            "success_metric": one.success_metric or None, "meeting": str(one.meeting_id) if one.meeting_id else None,
        }
        for one in rows.select_related("owner").order_by("-decided_on", "due_on", "pk")
    ]  # fmt: skip
    return sorted(made, key=lambda one: not one["sought"])


def actions(scope: Scope) -> list[dict[str, Any]]:
    """Return open actions by their day, then those done within a year, with the meeting each was promised in."""
    since = scope.on - timedelta(days=MEETINGS_DAYS)
    rows = scope.among(Action, Q(status="open") | Q(status="done", done_on__range=(since, scope.on)))
    made = [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "side": word(one, "side"),
            "open": one.status == "open", "status": word(one, "status"), "owner": named(one.owner),
            "client_owner": named(one.client_owner), "due_on": one.due_on, "done_on": one.done_on,
            "late": one.status == "open" and one.due_on is not None and one.due_on < scope.on,
            "success_metric": one.success_metric or None, "meeting": str(one.meeting_id) if one.meeting_id else None,
            "joint": one.joint,
        }
        for one in rows.select_related("owner", "client_owner").order_by("due_on", "pk")
    ]  # fmt: skip
    return sorted(made, key=lambda one: not one["open"])


def sponsors(scope: Scope) -> list[dict[str, Any]]:
    """Return pairings of executives that hold on the day."""
    rows = scope.among(Sponsorship).exclude(active_to__lt=scope.on).select_related("sponsor", "contact")
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "sponsor": one.sponsor.name,
            "contact": one.contact.name, "purpose": one.purpose, "hours_month": one.hours_month,
            "charter_signed_on": one.charter_signed_on, "active_from": one.active_from, "active_to": one.active_to,
        }
        for one in rows.order_by("pk")
    ]  # fmt: skip
