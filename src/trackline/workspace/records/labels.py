"""Names of records that others point to, fetched in one query per type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import WithinScope
from trackline.kit.records.types import RecordType, registry
from trackline.kit.statements import NUMBER, NUMBERS, Statement
from trackline.workspace.records import addresses

LONGEST = 90


@dataclass(frozen=True)
class Label:
    """How a record is called and where it is found; `deleted` when it is gone but still pointed to."""

    text: str
    url: str
    panel: str
    deleted: bool = False


Labels = Mapping[tuple[str, int], Label]


def labels(ctx: Context, wanted: Mapping[str, Iterable[Any]]) -> dict[tuple[str, int], Label]:
    """Return the labels of records by (type name, id). What the actor may not see is absent."""
    found: dict[tuple[str, int], Label] = {}
    for name, raw in wanted.items():
        ids = {int(pk) for pk in raw if pk not in (None, "")}
        if ids:
            found |= {(name, pk): label for pk, label in _of_type(ctx, registry.get(name), ids)}
    return found


def title(rtype: RecordType, item: Mapping[str, Any], known: Labels) -> str:
    """Return the name of a record from its JSON row and the labels of what it points to."""

    def ref(name: str) -> str:
        value = item.get(name)
        label = known.get((rtype.specs[name].target, int(value))) if value else None
        return label.text if label else ""

    return _compose(rtype, item.get, ref)


def in_sentence(rtype: RecordType, *, plural: bool = False) -> str:
    """The type's name inside a sentence: "goal", "KPIs"."""
    words = rtype.labels if plural else rtype.label
    return words if words[:2].isupper() else words[0].lower() + words[1:]


def with_article(rtype: RecordType) -> str:
    """The type's name with its article: "a goal", "an issue"."""
    word = in_sentence(rtype)
    an = word[0] in "aeio" or word.startswith("un")
    return f"{'an' if an else 'a'} {word}"


def _of_type(ctx: Context, rtype: RecordType, ids: set[int]) -> Iterable[tuple[int, Label]]:
    columns = _columns(rtype)
    for pk, deleted_at, *values in _named(rtype.name).rows(ctx.actor, list(ids)):
        of = dict(zip(columns, values, strict=False))
        text = _compose(rtype, of.get, lambda name, of=of: str(of.get(name) or ""))  # type: ignore[misc]
        address = addresses.page(rtype, values[-1] if rtype.is_account else pk)
        yield pk, Label(text, address, addresses.panel(rtype, pk), deleted_at is not None)


def _columns(rtype: RecordType) -> list[str]:
    return list(dict.fromkeys([rtype.title, *_dates(rtype), *(name for name in _refs(rtype)[:1])]))


@cache
def _named(name: str) -> WithinScope:
    rtype = registry.get(name)
    joined = [_joined(rtype, column) for column in _columns(rtype)]
    more = [rtype.lookup] if rtype.is_account else []
    return WithinScope(
        [rtype],
        lambda actor: Statement(
            lambda user, ids: (
                rtype.model.objects.filter(rtype.scope(actor(user)), pk__in=ids)
                .order_by()
                .values_list("pk", "deleted_at", *joined, *more)
            ),
            NUMBER,
            NUMBERS,
        ),
    )


def _compose(rtype: RecordType, value_of: Callable[[str], Any], ref: Callable[[str], str]) -> str:
    """Name a record by its title; where that is a date, a number or a reference, by what it is about."""
    spec, value = rtype.specs[rtype.title], value_of(rtype.title)
    if spec.kind in ("text", "longtext"):
        text = " ".join(str(value or "").split())
        if text:
            return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
        return _dated(rtype, value_of)
    about = next((text for name in _refs(rtype) if (text := ref(name))), "")
    if isinstance(value, date):
        of_another = about and rtype.parent != rtype.account and _refs(rtype) == [rtype.parent]
        return f"{about}, {formats.day(value)}" if of_another else _dated(rtype, value_of)
    if spec.kind == "choice" and value not in (None, ""):
        words = str(dict(spec.choices).get(value, value))
        return f"{about}: {words}" if about and _refs(rtype) == [rtype.account] else words
    if isinstance(value, Decimal | int):
        number = formats.number(value)
        return f"{about}: {number}" if about else number
    return about or str(value or "") or rtype.label


def _dated(rtype: RecordType, value_of: Callable[[str], Any]) -> str:
    day = next((found for name in _dates(rtype) if (found := value_of(name))), None)
    return f"{rtype.label} {formats.day(day)}" if day else rtype.label


def _dates(rtype: RecordType) -> list[str]:
    return [name for name in (rtype.title, *rtype.columns) if rtype.specs[name].kind in ("date", "datetime")][:1]


def _refs(rtype: RecordType) -> list[str]:
    return [name for name in (rtype.title, *rtype.columns) if rtype.specs[name].kind == "ref"][:1]


def _joined(rtype: RecordType, name: str) -> str:
    spec = rtype.specs[name]
    return f"{name}__{registry.get(spec.target).title}" if spec.kind == "ref" else name
