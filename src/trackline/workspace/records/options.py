"""Answers of type-aheads: records to link to, words already in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import ListParams, list_page, scoped
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType
from trackline.workspace.records.facts import facts_for, specs_of, value_of
from trackline.workspace.records.labels import title
from trackline.workspace.records.words import is_missing, words

AT_MOST = 20
LOOKED_AT = 400
"""So many records are looked through for tags in use."""

SECOND_LINE: Mapping[str, tuple[str, ...]] = {
    "user": ("title",),
    "account": ("tier", "industry"),
    "contact": ("title",),
    "kpi": ("current",),
    "goal": ("status",),
    "route": ("state", "value"),
    "play": ("status",),
    "meeting": ("at",),
    "project": ("status",),
    "product": ("family",),
    "metric": ("unit",),
    "contract": ("end_on",),
    "decision": ("status",),
    "issue": ("status",),
    "objective": ("period",),
    "assignment": ("learner",),
}
"""What tells records of one name apart."""


@dataclass(frozen=True)
class Options:
    """Up to `AT_MOST` options as `kit/c/options.html` prints them, and whether there are more."""

    options: Sequence[Mapping[str, str]]
    more: bool = False


def records(ctx: Context, rtype: RecordType, query: str, account: int | None = None) -> Options:
    """Find records by what was typed, within an account where one is given; oneself first among people."""
    only = Q()
    if account and rtype.account and not rtype.is_account:
        only = Q(**{rtype.account_pk_path: account})
        if rtype.shared:
            only |= Q(**{f"{rtype.account}__isnull": True})
    if "active" in rtype.specs:
        only &= Q(active=True)
    page = list_page(ctx, rtype, ListParams(q=query, limit=AT_MOST), only)
    items = page.items
    if rtype.name == "user" and not query and ctx.actor.user_id:
        me = list_page(ctx, rtype, ListParams(filters={"id": str(ctx.actor.user_id)}), only).items
        items = [*me, *(item for item in items if item["id"] != str(ctx.actor.user_id))]
    # Out of all accounts, the account tells them apart first of all.
    everywhere = ("account",) if not account and rtype.account == "account" else ()
    second = specs_of(rtype, (*SECOND_LINE.get(rtype.name, ()), *everywhere))
    facts = facts_for(ctx, rtype, items, second)

    def meta(item: Mapping[str, Any]) -> str:
        if rtype.name == "user" and int(item["id"]) == ctx.actor.user_id:
            return "you"
        return " · ".join(words(spec, item, facts) for spec in second if not is_missing(value_of(spec, item)))

    listed = [
        {"value": str(item["id"]), "label": title(rtype, item, facts.known), "meta": meta(item)} for item in items
    ]
    return Options(listed, page.next is not None)


def words_in_use(ctx: Context, rtype: RecordType, name: str, query: str) -> Options:
    """Find tags that records of the type already carry, the commonest first."""
    spec = _tags(rtype, name)
    counts: dict[str, int] = {}
    for tags in (
        scoped(ctx, rtype).exclude(**{spec.name: []}).order_by("-id").values_list(spec.name, flat=True)[:LOOKED_AT]
    ):
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    wanted = normalise(query)
    found = [tag for tag in sorted(counts, key=lambda tag: (-counts[tag], tag)) if wanted in normalise(tag)]
    return Options([{"value": tag, "label": tag, "meta": ""} for tag in found[:AT_MOST]], len(found) > AT_MOST)


def _tags(rtype: RecordType, name: str) -> FieldSpec:
    spec = rtype.specs.get(name)
    if spec is None or spec.kind != "tags":
        raise NotFound("There is no such list of words.")
    return spec
