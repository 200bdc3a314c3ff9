"""Record types of the documents."""

from __future__ import annotations

from trackline.documents.models import (
    AccountPlan,
    PlanSection,
    PlanSignOff,
    PlanSuggestion,
    PlanVersion,
    ReviewFreeze,
    ShareLink,
)
from trackline.documents.plans import owning, reading
from trackline.documents.plans import services as plans
from trackline.documents.reviews import freezing
from trackline.documents.sharing import services as sharing
from trackline.kit.records.types import RecordType, caller, register

register(
    RecordType(
        name="share_link",
        model=ShareLink,
        section="documents",
        label="Shared page",
        resource="share-links",
        fields=(
            "account", "title", "greeting", "goals", "kpis", "show_value", "show_actions", "show_meetings", "show_plan",
            "signatory", "may_tick", "may_comment", "expires_on", "revoked",
        ),
        read_only=("views", "last_seen_at"),
        search=("title",),
        order="-created_at",
        columns=("title", "expires_on", "views", "last_seen_at", "revoked"),
        quick=(
            "title", "greeting", "goals", "kpis", "show_value", "show_actions", "show_meetings", "show_plan", "signatory",
            "may_tick", "may_comment", "expires_on",
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

register(
    RecordType(
        name="account_plan",
        model=AccountPlan,
        section="documents",
        gives_way=({"state": "archived"},),
        fields=("account", "title", "state", "confidentiality", "template", "owner", "members", "effective_on"),
        read_only=("state_on",),
        order="-state_on",
        columns=("title", "state", "state_on", "owner", "confidentiality"),
        quick=("title", "confidentiality", "owner", "members"),
        icon="file-text",
        about="Plans of accounts: their state, who signs them, who may read them.",
        defaults={"title": plans.title_of, "owner": caller},
        prepare=plans.prepare_plan,
        after=plans.after_plan,
        seen=reading.seen_plans,
    ),
    RecordType(
        name="plan_version",
        model=PlanVersion,
        section="documents",
        account="plan__account",
        parent="plan",
        fixed=("plan", "note"),
        fields=("plan", "note", "shared_on"),
        read_only=("title", "number", "as_of", "template"),
        archived=("frozen",),
        search=("title", "note"),
        order="-created_at",
        columns=("title", "note", "shared_on"),
        icon="history",
        about="Plans as they stood when they were kept, with what changed and why.",
        prepare=plans.prepare_version,
        allow_delete=plans.allow_version_delete,
        seen=reading.seen_versions,
    ),
    RecordType(
        name="plan_sign_off",
        model=PlanSignOff,
        section="documents",
        account="plan_version__plan__account",
        parent="plan_version",
        fixed=("plan_version", "side", "contact", "decision", "note"),
        fields=("plan_version", "side", "contact", "decision", "note", "evidence_url", "withdrawal"),
        read_only=("title", "signer", "signed_at", "on_page", "role", "consent", "share_link", "withdrawn_at"),
        search=("title", "note"),
        order="-signed_at",
        columns=("title", "side", "decision", "signed_at", "note"),
        quick=("plan_version", "side", "contact", "decision", "note", "evidence_url"),
        icon="circle-check",
        about="Who said yes or no to a version of a plan, for us and for the customer.",
        prepare=plans.prepare_sign_off,
        allow_delete=plans.allow_sign_off_delete,
        seen=reading.seen_sign_offs,
    ),
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
        prepare=plans.prepare_section,
        allow_delete=plans.allow_section_delete,
        seen=reading.seen_sections,
    ),
)

register(
    RecordType(
        name="plan_suggestion",
        model=PlanSuggestion,
        section="documents",
        account="plan_section__account",
        parent="plan_section",
        fixed=("plan_section",),
        fields=("plan_section", "text", "why", "state", "answer"),
        read_only=("title", "settled_on"),
        search=("text", "why"),
        order="-created_at",
        columns=("title", "state", "text", "why"),
        quick=("plan_section", "text", "why"),
        icon="message-square",
        about="Wordings that others suggest for texts of a plan; their owners take them over or decline.",
        prepare=owning.prepare_suggestion,
        after=owning.after_suggestion,
        seen=reading.seen_suggestions,
    )
)

register(
    RecordType(
        name="review_freeze",
        model=ReviewFreeze,
        section="documents",
        account="meeting__account",
        parent="meeting",
        fixed=("meeting", "as_of"),
        fields=("meeting", "as_of", "note"),
        read_only=("title", "number"),
        archived=("frozen",),
        search=("title", "note"),
        order="-number",
        columns=("title", "as_of", "note"),
        icon="snowflake",
        about="Figures of reviews as they were frozen for their decks, and why they were frozen again.",
        prepare=freezing.prepare_freeze,
        allow_delete=freezing.allow_freeze_delete,
    )
)
