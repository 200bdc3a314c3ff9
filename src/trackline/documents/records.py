"""Record types of the documents."""

from __future__ import annotations

from trackline.documents.models import PlanSection, ShareLink
from trackline.documents.sharing import services as sharing
from trackline.kit.records.types import RecordType, caller, register

register(
    RecordType(
        name="plan_section",
        model=PlanSection,
        section="documents",
        title="section",
        fields=("account", "section", "text", "owner"),
        search=("text",),
        order="section",
        columns=("section", "owner", "text"),
        quick=("section", "text", "owner"),
        icon="file-text",
        about="What people write into the sections of an account's plan.",
        defaults={"owner": caller},
    ),
)

register(
    RecordType(
        name="share_link",
        model=ShareLink,
        section="documents",
        label="Shared page",
        resource="share-links",
        fields=(
            "account", "title", "greeting", "goals", "kpis", "show_value", "show_actions", "show_meetings", "may_tick",
            "may_comment", "expires_on", "revoked",
        ),
        read_only=("views", "last_seen_at"),
        search=("title",),
        order="-created_at",
        columns=("title", "expires_on", "views", "last_seen_at", "revoked"),
        quick=(
            "title", "greeting", "goals", "kpis", "show_value", "show_actions", "show_meetings", "may_tick", "may_comment",
            "expires_on",
        ),
        icon="share-2",
        about="Pages for the customer: what they show, until when, and who opened them.",
        defaults={"expires_on": sharing.in_some_time},
        prepare=sharing.prepare_share_link,
        after=sharing.after_share_link,
        extra=sharing.add_facts,
        extra_schema=sharing.FACTS_SCHEMA,
    ),
)  # fmt: skip
