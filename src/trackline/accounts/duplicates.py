"""Accounts and contacts that may stand in the book twice, as far as somebody sees them; and what is told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from trackline.accounts.names import legal_forms
from trackline.accounts.rules.duplicates import Entry, Pair, bare_name, bare_phone, duplicates
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records.merging import Merged
from trackline.kit.records.models import Apart
from trackline.kit.records.queries import get, scoped, stored_json
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType, registry

KINDS = ("account", "contact")
NUMBERS = ("tax_id", "vat_id", "duns")
"""Custom fields of accounts that hold a number an authority gave: each belongs to one company alone."""


@dataclass(frozen=True)
class Found:
    """Two records that may be one: the pair, and the name, account, account key and owner of each."""

    pair: Pair
    one: dict[str, Any]
    other: dict[str, Any]


def kind_of(word: str) -> RecordType:
    """Return the type of records that are looked through. Raises `Invalid` for any but accounts and contacts."""
    rtype = registry.find(word)
    if rtype is None or rtype.name not in KINDS:
        raise Invalid.fields({"type": f"One of {', '.join(KINDS)} is expected."})
    return rtype


def find_duplicates(ctx: Context, rtype: RecordType, accounts: QuerySet[Any] | None = None) -> list[Found]:
    """Return the pairs that may be one, the likeliest first, of all that the actor sees or only within some accounts, given as
    a query of their ids; two queries. Source: DQ-03."""
    columns = (
        ("pk", "name", "domain", "custom", "key") if rtype.is_account else ("pk", "name", "email", "phone", "title")
    )
    more = ("owner__name",) if rtype.is_account else ("account_id", "account__name", "account__key", "owner__name")
    known = scoped(ctx, rtype)
    if accounts is not None:
        known = known.filter(**{f"{rtype.account_pk_path}__in": accounts})
    rows = {row["pk"]: row for row in known.order_by("pk").values(*columns, *more)}
    apart = set(Apart.objects.filter(record_type=rtype.name).values_list("one_id", "other_id"))
    entry = _account if rtype.is_account else _contact
    pairs = duplicates(rtype.name, (entry(row) for row in rows.values()), apart)
    return [Found(pair, rows[pair.one], rows[pair.other]) for pair in pairs]


def told_apart(ctx: Context, rtype: RecordType) -> list[Apart]:
    """Return the pairs of living records that somebody told apart and the actor sees, the newest first."""
    known = set(scoped(ctx, rtype).values_list("pk", flat=True))
    rows = Apart.objects.filter(record_type=rtype.name).select_related("by").order_by("-at", "-id")
    return [row for row in rows if {row.one_id, row.other_id} <= known]


def tell_apart(ctx: Context, rtype: RecordType, one: Any, other: Any, *, apart: bool = True) -> None:
    """Remember that two records are not the same, or forget it. Raises `NotFound` where either is out of scope."""
    ctx.require(rtype.write_permission)
    pks = sorted({get(ctx, rtype, one).pk, get(ctx, rtype, other).pk})
    if len(pks) != 2:
        raise Invalid.fields({"other": "Two different records are needed."})
    pair = {"record_type": rtype.name, "one_id": pks[0], "other_id": pks[1]}
    if apart:
        Apart.objects.get_or_create(**pair, defaults={"at": ctx.now, "by_id": ctx.actor.user_id})
    else:
        Apart.objects.filter(**pair).delete()


def found_json(rtype: RecordType, found: Found) -> dict[str, Any]:
    """Return a pair as API and command line tell it."""
    return {
        "type": rtype.name,
        "one": {"id": str(found.pair.one), "name": found.one["name"]},
        "other": {"id": str(found.pair.other), "name": found.other["name"]},
        "account": None
        if rtype.is_account
        else {"id": str(found.one["account_id"]), "name": found.one["account__name"]},
        "score": found.pair.score,
        "sure": found.pair.sure,
        "signals": [{"key": one.key, "words": one.words, "points": one.points} for one in found.pair.signals],
    }


def merged_json(ctx: Context, rtype: RecordType, done: Merged) -> dict[str, Any]:
    """Return what a merge did as API and command line tell it."""
    return {
        "survivor": stored_json(ctx, rtype, done.survivor.pk),
        "batch": str(done.batch),
        "moved": dict(sorted(done.moved.items())),
        "left_out": done.left_out,
    }


def _account(row: dict[str, Any]) -> Entry:
    numbers = {
        name: normalise(str(row["custom"][name])).replace(" ", "") for name in NUMBERS if row["custom"].get(name)
    }
    domain = row["domain"].casefold().removeprefix("www.")
    return Entry(row["pk"], bare_name(normalise(row["name"]), legal_forms()), domain=domain, ids=numbers)


def _contact(row: dict[str, Any]) -> Entry:
    return Entry(
        row["pk"],
        bare_name(normalise(row["name"]), ()),
        email=row["email"].casefold(),
        phone=bare_phone(row["phone"]),
        title=normalise(row["title"]),
        within=row["account_id"],
    )
