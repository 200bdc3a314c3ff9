"""Record types and section of T: Track the Situation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.completeness import Check, Section, register_section
from trackline.kit.policy import ADMIN
from trackline.kit.records.keys import key_from
from trackline.kit.records.types import RecordType, caller, now, register, today
from trackline.track import queries, services
from trackline.track.models import (
    HealthSnapshot,
    Interaction,
    Issue,
    JourneyDimension,
    JourneyScore,
    Note,
    Response,
    Risk,
    SurveyCase,
    Wave,
)
from trackline.track.rules import completeness
from trackline.track.surveys import answers, waves


def _checks(facts: Mapping[str, Any]) -> list[Check]:
    return [Check(*row) for row in completeness.checks({"snapshot_max_age": 30, "journey_max_age": 90} | dict(facts))]


register_section(
    Section("track", "T", "Track the Situation", "Where does this account stand?", queries.completeness_facts, _checks)
)

register(
    RecordType(
        name="health_snapshot",
        model=HealthSnapshot,
        section="track",
        title="on",
        fields=("account", "on", "delivery", "relationship", "note", "override_reason", "author"),
        search=("note",),
        order="-on",
        columns=("on", "delivery", "relationship", "note", "author"),
        quick=("delivery", "relationship", "note", "on"),
        icon="heart-pulse",
        about="Your own view of delivery and relationship, dated.",
        defaults={"on": today, "author": caller},
        prepare=services.prepare_snapshot,
    ),
    RecordType(
        name="journey_dimension",
        model=JourneyDimension,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=("key", "name", "description", "set_key", "position", "active"),
        search=("name", "key"),
        order="position",
        columns=("name", "key", "set_key", "active"),
        icon="route",
        about="Axes of the customer journey.",
        write_permission=ADMIN,
        intake=key_from(JourneyDimension, "name", otherwise="dimension"),
        completed=("key",),
        lookup="key",
    ),
    RecordType(
        name="journey_score",
        model=JourneyScore,
        section="track",
        title="score",
        fields=("account", "dimension", "score", "on", "comment"),
        search=("comment",),
        order="-on",
        columns=("on", "dimension", "score", "comment"),
        icon="milestone",
        about="How far the account has come on each dimension, 1 to 5.",
        defaults={"on": today},
        intake=services.complete_journey_score,
        prepare=services.prepare_journey_score,
    ),
    RecordType(
        name="issue",
        model=Issue,
        section="track",
        fields=(
            "account", "title", "body", "category", "severity", "status", "assignee", "contact", "opened_on", "due_on",
            "resolution", "tags",
        ),
        read_only=("resolved_at",),
        required=("assignee",),
        search=("title", "body"),
        order="due_on",
        columns=("title", "severity", "status", "assignee", "due_on"),
        quick=("title", "severity", "assignee", "due_on", "body"),
        icon="circle-alert",
        about="Problems somebody has been asked to solve.",
        prepare=services.prepare_issue,
    ),
    RecordType(
        name="note",
        model=Note,
        section="track",
        fields=("account", "title", "body", "category", "contact", "on", "tags", "pinned", "author"),
        search=("title", "body"),
        order="-on",
        columns=("on", "title", "category", "author", "pinned"),
        quick=("title", "body", "category", "contact", "on"),
        icon="notebook-pen",
        about="What is worth knowing next year too.",
        defaults={"on": today, "author": caller},
    ),
    RecordType(
        name="risk",
        model=Risk,
        section="track",
        fields=(
            "account", "title", "description", "category", "likelihood", "impact", "money_impact", "mitigation",
            "contingency_trigger", "residual_likelihood", "residual_impact", "owner", "status", "reviewed_on", "due_on",
            "issue",
        ),
        search=("title", "description", "mitigation"),
        order="-impact,-likelihood",
        columns=("title", "likelihood", "impact", "status", "owner", "mitigation"),
        quick=("title", "likelihood", "impact", "category", "mitigation", "owner"),
        icon="triangle-alert",
        about="What could go wrong, how likely, how bad, and what is done about it.",
        defaults={"owner": caller},
    ),
    RecordType(
        name="interaction",
        model=Interaction,
        section="track",
        title="summary",
        fields=(
            "account", "on", "kind", "channel", "two_way", "summary", "sentiment", "our_agenda_items",
            "client_agenda_items", "contacts", "users", "author",
        ),
        search=("summary",),
        order="-on",
        columns=("on", "kind", "summary", "contacts", "two_way"),
        quick=("kind", "on", "contacts", "summary", "two_way"),
        icon="message-circle",
        about="Calls, meetings and mails that happened. Two-way ones count as touch.",
        defaults={"on": today, "author": caller},
        prepare=services.prepare_interaction,
        after=services.after_interaction,
    ),
    RecordType(
        name="wave",
        model=Wave,
        section="track",
        fields=(
            "account", "title", "survey", "about", "contacts", "anonymous", "status", "sent_on", "closes_on", "reminded_on",
            "asked", "owner",
        ),
        read_only=("survey_version",),
        order="-sent_on",
        columns=("title", "survey", "status", "sent_on", "closes_on", "owner"),
        quick=("title", "survey", "contacts", "anonymous", "closes_on"),
        icon="send",
        about="A survey sent to people of an account, who answer by a personal link without signing in.",
        defaults={"owner": caller},
        prepare=waves.prepare_wave,
        after=waves.after_wave,
    ),
    RecordType(
        name="response",
        model=Response,
        section="track",
        title="on",
        account="wave__account",
        parent="wave",
        fixed=("wave",),
        fields=(
            "wave", "contact", "audience", "on", "channel", "recommend", "reason", "expectations", "quality", "communication",
            "ease", "ease_reason", "strategy", "innovation", "wishes", "tags",
        ),
        search=("reason", "ease_reason", "wishes"),
        order="-on",
        columns=("on", "wave", "contact", "audience", "recommend", "reason", "ease", "tags"),
        quick=("wave", "contact", "recommend", "reason", "quality", "ease"),
        icon="message-square-quote",
        about="What one person answered in a wave.",
        defaults={"on": today},
        prepare=answers.prepare_response,
        after=answers.after_response,
    ),
    RecordType(
        name="survey_case",
        model=SurveyCase,
        section="track",
        fields=(
            "account", "title", "response", "contact", "answered_at", "owner", "status", "root_cause", "corrective",
            "preventive", "outcome",
        ),
        read_only=("due_at", "contacted_at", "planned_at", "verified_at"),
        search=("title", "root_cause", "outcome"),
        order="due_at",
        columns=("title", "status", "due_at", "owner", "contact", "answered_at"),
        quick=("title", "contact", "owner", "answered_at"),
        icon="message-circle-warning",
        about="A low answer, followed up with clocks until the customer confirms that it is mended.",
        defaults={"owner": caller, "answered_at": now},
        prepare=answers.prepare_case,
    ),
)  # fmt: skip
