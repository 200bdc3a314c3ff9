"""Finding records of all types by what was typed. Nothing outside the actor's accounts is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, When

from trackline.accounts.models import Account
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses
from trackline.workspace.records.labels import labels

JUMPED_TO = ("account", "contact", "route", "goal", "play", "project", "meeting", "issue", "kpi", "product")
"""Types that the palette looks through, in its order."""
LISTED = (
    *("account", "contact", "route", "goal", "play", "project", "meeting", "issue", "risk", "note", "interaction"),
    *(
        "wave",
        "survey_case",
        "competitor",
        "pain_point",
        "pilot",
        "kpi",
        "decision",
        "action",
        "cadence",
        "contract",
        "value_outcome",
        "business_case",
        "customer_priority",
        "business_unit",
    ),
    *("objective", "survey_round", "assignment", "product", "metric", "playbook", "user"),
)
"""Types on the page of results, in its order."""
WORDS_AT_MOST = 8
LARGEST_FIRST = (F("arr").desc(nulls_last=True), "name")
FIRST_ORDER: Mapping[str, tuple[Any, ...]] = {"account": LARGEST_FIRST, "contact": ("-influence", "name")}
TOLD_APART: Mapping[str, str] = {"account": "tier", "contact": "title", "user": "title"}
STATUS = ("state", "status")
"""What tells records of one name apart in a list of results: a field of its own, else how they stand."""


@dataclass(frozen=True)
class Hit:
    """A record that was found: its type, name, what tells it apart, where it is."""

    rtype: RecordType
    pk: int
    label: str
    second: str
    account: str
    url: str
    panel: str


@dataclass(frozen=True)
class Found:
    """Hits of one type; `more` tells that there are others, listed at `all_url`."""

    rtype: RecordType
    hits: Sequence[Hit]
    more: bool
    all_url: str


def search(ctx: Context, text: str, names: Iterable[str], limit: int) -> list[Found]:
    """Return up to `limit` records of each named type that hold all words typed; best matches first.

    One query for each type, and one for the names of accounts and records.
    """
    words = normalise(text).split()[:WORDS_AT_MOST]
    if not words:
        return []
    rows = {name: _rows(ctx, registry.get(name), words, limit + 1) for name in names}
    accounts = labels(ctx, {"account": {row["account"] for found in rows.values() for row in found if row["account"]}})
    shown = {
        name: [row["pk"] for row in found[:limit]] for name, found in rows.items() if not _named(registry.get(name))
    }
    named = labels(ctx, shown)
    results = []
    for name, found in rows.items():
        rtype = registry.get(name)
        hits = []
        for row in found[:limit]:
            own = named.get((name, row["pk"]))
            account = accounts.get(("account", row["account"])) if row["account"] and not rtype.is_account else None
            hits.append(_hit(rtype, row, own.text if own else str(row["title"]), account.text if account else ""))
        if hits:
            everything = "/accounts" if rtype.is_account else addresses.listing(rtype)
            results.append(Found(rtype, hits, len(found) > limit, f"{everything}?q={'+'.join(words)}"))
    return results


def accounts_named(ctx: Context, words: Sequence[str], limit: int) -> list[Hit]:
    """Return accounts whose search text holds all words."""
    rtype = registry.get("account")
    return [_hit(rtype, row, str(row["title"]), "") for row in _rows(ctx, rtype, list(words), limit)]


def account_at(ctx: Context, path: str) -> Hit | None:
    """Return the account whose pages an address belongs to, if the actor may see it."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] != "accounts" or "\x00" in path:
        return None
    rtype = registry.get("account")
    row = scoped(ctx, rtype).filter(key=parts[1]).values("pk", "key", "name", "tier").first()
    if row is None:
        return None
    return _hit(rtype, row | {"title": row["name"], "second": row["tier"]}, row["name"], "")


def _rows(ctx: Context, rtype: RecordType, words: list[str], limit: int) -> list[dict[str, Any]]:
    query: QuerySet[Any] = scoped(ctx, rtype)
    for word in words:
        query = query.filter(search_text__contains=word)
    typed = " ".join(words)
    rank = Case(
        When(search_text__startswith=typed, then=0),
        When(search_text__contains=f" {typed}", then=1),
        default=2,
        output_field=IntegerField(),
    )
    columns = {"title": rtype.title, "second": _second(rtype)}
    paths = {"account": rtype.account_pk_path} if rtype.account_pk_path else {}
    if rtype.is_account:
        columns["key"] = "key"
    order = FIRST_ORDER.get(rtype.name, ("-updated_at",))
    found = query.order_by(rank, *order)[:limit]
    wanted = {name: path for name, path in {**columns, **paths}.items() if path}
    rows = found.values_list("pk", *wanted.values())
    blank = dict.fromkeys(("title", "second", "account", "key"))
    return [{**blank, "pk": pk, **dict(zip(wanted, values, strict=True))} for pk, *values in rows]


def _second(rtype: RecordType) -> str:
    return TOLD_APART.get(rtype.name) or next((name for name in STATUS if name in rtype.stored), "")


def _named(rtype: RecordType) -> bool:
    """Whether a type's title is text that names a record by itself."""
    return rtype.specs[rtype.title].kind == "text"


def _hit(rtype: RecordType, row: Mapping[str, Any], label: str, account: str) -> Hit:
    spec = rtype.specs.get(_second(rtype))
    second = spec.display(row["second"]) if spec is not None else ""
    address = addresses.page(rtype, row["key"] if rtype.is_account else row["pk"])
    return Hit(rtype, row["pk"], label or rtype.label, second, account, address, addresses.panel(rtype, row["pk"]))


def my_accounts(ctx: Context, limit: int) -> list[Hit]:
    """Return the largest accounts that the actor owns."""
    rtype = registry.get("account")
    own = scoped(ctx, rtype).filter(owner_id=ctx.actor.user_id).exclude(status=Account.Status.ARCHIVED)
    rows = own.order_by(*LARGEST_FIRST).values("pk", "key", "name", "tier")[:limit]
    return [_hit(rtype, row | {"title": row["name"], "second": row["tier"]}, row["name"], "") for row in rows]
