"""Record types and section of K: Kickoff the Plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from trackline.accounts.access import belongs
from trackline.accounts.completeness import Check, Section, register_section
from trackline.accounts.settings import setting
from trackline.kickoff import queries, services
from trackline.kickoff.models import (
    Action,
    Agenda,
    Cadence,
    Decision,
    ExecutionMetric,
    ExecutionReading,
    Meeting,
    Sponsorship,
)
from trackline.kickoff.rules import completeness
from trackline.kit.policy import ADMIN
from trackline.kit.records.keys import key_from
from trackline.kit.records.own import Own
from trackline.kit.records.types import RecordType, caller, now, register, today


def _checks(facts: Mapping[str, Any]) -> list[Check]:
    return [Check(*row) for row in completeness.checks(facts)]


register_section(
    Section("kickoff", "K", "Kickoff the Plan", "In which rhythm do we run it?", queries.completeness_facts, _checks)
)

belongs(lambda user: Q(cadences__participants=user, cadences__deleted_at__isnull=True))

register(
    RecordType(
        name="agenda",
        model=Agenda,
        section="book",
        account="",
        parent="",
        fixed=(),
        fields=("key", "title", "type", "duration_min", "text", "source", "active"),
        search=("title", "text"),
        order="title",
        columns=("title", "type", "duration_min", "active"),
        quick=("title", "type", "duration_min", "text"),
        icon="list-ordered",
        about="What meetings start from: blocks with their minutes.",
        write_permission=ADMIN,
        intake=key_from(Agenda, "title", otherwise="agenda"),
        completed=("key",),
        prepare=services.prepare_agenda,
        lookup="key",
    ),
    RecordType(
        name="cadence",
        model=Cadence,
        section="kickoff",
        title="name",
        fields=(
            "account", "name", "type", "frequency", "anchor_on", "at_time", "time_zone", "duration_min", "chair",
            "participants", "client_participants", "purpose", "active",
        ),
        search=("name", "purpose"),
        order="name",
        columns=("name", "type", "frequency", "participants", "chair", "active"),
        quick=("name", "type", "frequency", "anchor_on", "at_time", "participants", "client_participants"),
        icon="repeat",
        about="Rhythms of meetings with those who take part.",
        defaults={"anchor_on": today, "chair": caller},
        prepare=services.prepare_cadence,
    ),
    RecordType(
        name="meeting",
        model=Meeting,
        section="kickoff",
        fields=(
            "account", "cadence", "title", "at", "duration_min", "review", "status", "attendees", "contacts", "confirmed",
            "confirmed_contacts", "present", "present_contacts", "agenda", "prepared", "notes",
            "pre_read_sent_at", "summary_sent_at", "recording_url", "effectiveness",
        ),
        read_only=("held_at",),
        search=("title", "notes"),
        order="-at",
        columns=("at", "title", "status", "review", "attendees", "contacts"),
        quick=("title", "at", "cadence", "attendees", "contacts", "agenda"),
        icon="calendar",
        about="Dated sittings, with preparation and notes.",
        defaults={"at": now},
        intake=services.complete_meeting,
        completed=("account",),
        prepare=services.prepare_meeting,
    ),
    RecordType(
        name="decision",
        model=Decision,
        section="kickoff",
        fields=(
            "account", "meeting", "title", "recommended", "outcome", "owner", "status", "due_on", "decided_on",
            "success_metric",
        ),
        search=("title", "outcome"),
        order="-created_at",
        columns=("title", "status", "owner", "due_on", "meeting"),
        quick=("title", "status", "owner", "due_on", "meeting"),
        icon="gavel",
        about="What was decided, or has to be.",
        defaults={"owner": caller},
        prepare=services.prepare_decision,
    ),
    RecordType(
        name="action",
        model=Action,
        section="kickoff",
        fields=(
            "account", "meeting", "decision", "title", "side", "owner", "client_owner", "due_on", "status",
            "success_metric", "origin", "joint",
        ),
        read_only=("done_on",),
        search=("title",),
        order="due_on",
        columns=("title", "side", "owner", "due_on", "status", "joint"),
        quick=("title", "owner", "due_on", "side", "client_owner", "meeting", "joint"),
        icon="list-todo",
        about="Who does what by when.",
        own=Own("owner", ("status",), lambda: bool(setting("perm.own_progress"))),
        defaults={"owner": caller},
        prepare=services.prepare_action,
    ),
    RecordType(
        name="sponsorship",
        model=Sponsorship,
        section="kickoff",
        title="purpose",
        fields=(
            "account", "sponsor", "contact", "purpose", "authority_gap", "domain_fit", "culture_fit", "hours_month",
            "charter_signed_on", "active_from", "active_to",
        ),
        search=("purpose",),
        order="-active_from",
        columns=("sponsor", "contact", "purpose", "hours_month", "charter_signed_on", "active_from"),
        quick=("sponsor", "contact", "purpose", "authority_gap", "domain_fit", "culture_fit", "hours_month"),
        icon="handshake",
        about="Executives of both sides, paired for a purpose.",
        prepare=services.prepare_sponsorship,
    ),
    RecordType(
        name="execution_metric",
        model=ExecutionMetric,
        section="kickoff",
        title="name",
        fields=("account", "name", "formula_key", "unit", "direction", "target", "period"),
        search=("name",),
        order="name",
        columns=("name", "formula_key", "target", "period"),
        icon="timer",
        about="How well the rhythm itself runs.",
    ),
    RecordType(
        name="execution_reading",
        model=ExecutionReading,
        section="kickoff",
        title="period_start",
        account="metric__account",
        parent="metric",
        fixed=("metric",),
        fields=("metric", "period_start", "numerator", "denominator", "value"),
        search=(),
        order="-period_start",
        columns=("metric", "period_start", "value"),
        icon="chart-line",
        about="Values of an execution metric by period.",
    ),
)  # fmt: skip
