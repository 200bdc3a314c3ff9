"""Record types of the documents."""

from __future__ import annotations

from trackline.documents.models import PlanSection
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
