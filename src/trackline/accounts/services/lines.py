"""Hooks of relationship lines."""

from __future__ import annotations

from typing import Any

from trackline.accounts.models import RelationshipLine
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

Kind = RelationshipLine.Kind
CONTRARY = {Kind.SUPPORTS: Kind.BLOCKS, Kind.BLOCKS: Kind.SUPPORTS}


def complete_line(ctx: Context, data: dict[str, Any]) -> None:
    """Take the account from the contact where none is named."""
    if data.get("account") not in (None, "") or data.get("contact") in (None, ""):
        return
    named = data["contact"]
    try:
        account = get(ctx, registry.get("contact"), named).account_id
    except NotFound:
        raise Invalid.fields({"contact": f"There is no contact {str(named)[:80]}."}) from None
    data["account"] = account if isinstance(named, int) else str(account)


def prepare_line(_ctx: Context, line: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Refuse a line to oneself, one drawn already, and one that says the contrary of another."""
    if line.contact_id == line.toward_id:
        raise Invalid.fields({"toward": "Somebody else is expected: a line leads from one contact to another."})
    others = RelationshipLine.objects.filter(
        contact=line.contact_id, toward=line.toward_id, kind__in=(line.kind, CONTRARY.get(line.kind, line.kind)),
        deleted_at__isnull=True,
    ).exclude(pk=line.pk)  # fmt: skip
    there = others.select_related("contact", "toward").first()
    if there is not None:
        hint = "." if there.kind == line.kind else "; change that line instead."
        raise Invalid.fields({"toward": f"{there.contact} already {there.kind} {there.toward}{hint}"})
