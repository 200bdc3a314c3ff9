"""What every book has from the start: roles, metrics and the words of its lists."""

from __future__ import annotations

from typing import Any

from trackline.accounts.models import Metric, Role
from trackline.kit.models import PicklistValue
from trackline.kit.policy import ADMIN, READ, WRITE
from trackline.kit.records.seeds import make_missing, rows_of

ROLES = (
    ("manager", "Manager", [READ, WRITE]),
    ("facilitator", "1:1 facilitator", [READ]),
    ("admin", "Administrator", [READ, WRITE, ADMIN]),
)

PICKLISTS = {
    "industry": (
        "Automotive", "Banking", "Chemicals", "Construction", "Consumer goods", "Energy", "Food and beverage",
        "Health care", "Insurance", "Logistics", "Machinery", "Pharmaceuticals", "Public sector", "Retail", "Software",
        "Telecommunications", "Textiles", "Utilities",
    ),
    "business_model": (
        "subscription", "licence", "transactional", "services", "marketplace", "hybrid", "public", "other",
    ),
    "region": ("EMEA", "Americas", "APAC"),
    "close_reason": (
        "no_need", "no_budget", "timing", "competitor", "product_gap", "relationship", "price", "other",
    ),
    "job_role": (
        "Account manager", "Account director", "Customer success manager", "Executive sponsor", "Programme coordinator",
        "Workstream lead", "Finance controller", "Legal", "Product owner", "Delivery lead", "Analyst",
    ),
    "issue_category": ("Delivery", "Product", "Commercial", "Relationship", "Legal", "Support"),
    "note_category": ("Strategy", "Organisation", "Market", "Competition", "Personal"),
    "risk_category": ("Commercial", "Delivery", "Relationship", "Competition", "Legal", "Financial", "Technical"),
}  # fmt: skip


def ensure(**_signal: Any) -> None:
    """Create default roles, metrics and picklist words that are missing; runs after each migrate and changes nothing else."""
    for code, name, permissions in ROLES:
        Role.objects.get_or_create(code=code, defaults={"name": name, "permissions": permissions, "is_default": True})
    known = set(PicklistValue.objects.values_list("picklist", flat=True).distinct())
    PicklistValue.objects.bulk_create(
        PicklistValue(picklist=key, value=value, position=position)
        for key, values in PICKLISTS.items()
        if key not in known
        for position, value in enumerate(values)
    )
    make_missing(Metric, rows_of("trackline.accounts.rules", "metrics.yaml"))
