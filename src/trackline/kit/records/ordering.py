"""The order of lists, and cursors that continue one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import NullIf

from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.links import crossing
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.values import storable

WORDS = ("picklist", "email", "url", "currency", "choice")
"""Kinds whose empty text is shown as null."""
STAMPS = ("id", "created_at", "updated_at")
MOST_KEYS = 4

Keys = list[tuple[str, bool]]


def order_keys(rtype: RecordType, order: str) -> Keys:
    """Read `-arr,name` into `[(field, descending)]`, ending with the id. Raises `BadRequest` for an unknown field."""
    keys: Keys = []
    for part in (order or rtype.order).split(","):
        name = part.strip().lstrip("-+")
        if not name:
            continue
        name = rtype.aliases.get(name, name)
        known = name in STAMPS or (name in rtype.stored and rtype.stored[name].kind not in ("tags", "object"))
        if not known:
            raise BadRequest(f"order: there is no field {name[:80]!r} to order by.", [_error("order")])
        if name not in [key for key, _ in keys]:
            keys.append((name, part.strip().startswith("-")))
    if len(keys) > MOST_KEYS:
        raise BadRequest(f"order: at most {MOST_KEYS} fields are taken.", [_error("order")])
    if "id" not in [key for key, _ in keys]:
        keys.append(("id", keys[-1][1] if keys else False))
    return keys


class Sorting:
    """A list's order as the database takes it: by what is shown, empty values last in both directions.

    A reference is ordered by the title of what it points to; one that leads out of the actor's accounts is empty, as
    it is shown. Words that are stored as an empty text are shown as null, and stand with the empty ones.
    """

    def __init__(self, ctx: Context, rtype: RecordType, keys: Keys) -> None:
        self._rtype, self._keys = rtype, keys
        self._paths: dict[str, str] = {}
        self._made: dict[str, Any] = {}
        self._elsewhere: list[str] = []
        for name, _ in keys:
            path, made = _sorted_by(ctx, rtype, name)
            self._paths[name] = path
            if made is not None:
                self._made[path] = made
            if made is not None or path != column_of(rtype, name):
                self._elsewhere.append(name)

    def put(self, query: QuerySet[Any], behind: Sequence[Any] | None = None) -> QuerySet[Any]:
        """Return the query in this order, with `behind` only what follows a row with these values of the keys."""
        query = query.alias(**self._made) if self._made else query
        if behind is not None:
            query = query.filter(self._after(self._keys, behind))
        return query.order_by(*(self._by(name, descending) for name, descending in self._keys))

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """Return what a row, given by its columns, holds in the keys."""
        found: dict[str, Any] = {}
        if self._elsewhere:
            paths = [self._paths[name] for name in self._elsewhere]
            rows = self._rtype.model._default_manager.filter(pk=row["id"]).annotate(**self._made)
            found = dict(zip(self._elsewhere, rows.values_list(*paths).get(), strict=True))
        return [found[name] if name in found else row[column_of(self._rtype, name)] for name, _ in self._keys]

    def _by(self, name: str, descending: bool) -> Any:
        nulls_last = True if _nullable(self._rtype, name) else None
        expression = F(self._paths[name])
        return expression.desc(nulls_last=nulls_last) if descending else expression.asc(nulls_last=nulls_last)

    def _after(self, keys: Keys, values: Sequence[Any]) -> Q:
        (name, descending), *rest = keys
        column, value = self._paths[name], values[0]
        below = self._after(rest, values[1:]) if rest else None
        if value is None:
            assert below is not None, "the last key is the id"
            return Q(**{f"{column}__isnull": True}) & below
        beyond = Q(**{f"{column}__{'lt' if descending else 'gt'}": value})
        nullable = _nullable(self._rtype, name)
        if nullable:
            beyond |= Q(**{f"{column}__isnull": True})
        if below is None:
            return beyond
        found = beyond | (Q(**{column: value}) & below)
        if nullable:
            return found
        # Says nothing new, but gives the database a range of its index to start at.
        return Q(**{f"{column}__{'lte' if descending else 'gte'}": value}) & found


def _sorted_by(ctx: Context, rtype: RecordType, name: str) -> tuple[str, Any]:
    """Return the path that a field is ordered by, and the expression it stands for where it is no column."""
    spec = rtype.stored.get(name)
    if spec is None:
        return name, None
    if spec.kind == "ref":
        path = f"{name}__{registry.get(spec.target).title}"
        if ctx.actor.visible is None or name not in crossing(rtype):
            return path, None
        target = registry.get(spec.target)
        seen = f"{name}_id" if target.is_account else f"{name}__{target.account_pk_path}"
        return f"{name}_seen", Case(When(ctx.actor.account_q(seen), then=F(path)))
    if _empty_word(spec):
        return f"{name}_word", NullIf(F(name), Value(""))
    return name, None


def _empty_word(spec: FieldSpec) -> bool:
    return spec.kind in WORDS and spec.blank and not spec.nullable


def column_of(rtype: RecordType, name: str) -> str:
    """Return the model's column of a field."""
    spec = rtype.stored.get(name)
    return f"{name}_id" if spec is not None and spec.kind == "ref" else name


# -- cursors -------------------------------------------------------------------------------------------------------


def write_cursor(keys: Keys, values: Iterable[Any]) -> str:
    """Return the cursor that continues a list after a row; it carries the order, so that one need not repeat it."""
    order = ",".join(f"-{name}" if descending else name for name, descending in keys)
    return pack([order, *(_plain(value) for value in values)])


def read_cursor(rtype: RecordType, cursor: str, order: str) -> tuple[Keys, list[Any]]:
    """Return keys and values of a cursor. Raises `BadRequest` for one of another list or another order."""
    try:
        own, *raw = unpack(cursor)
        keys = order_keys(rtype, own)
        if order and keys != order_keys(rtype, order):
            raise BadRequest("cursor: it belongs to a list in another order.", [_error("cursor")])
        values = [_value(rtype, name, value) for (name, _), value in zip(keys, raw, strict=True)]
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        raise foreign() from None
    return keys, values


def pack(values: Sequence[Any]) -> str:
    """Return plain values as one opaque word."""
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(cursor: str) -> list[Any]:
    """Return what `pack` made a word of. Raises `BadRequest` for any other word."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise foreign() from None
    if not isinstance(values, list):
        raise foreign()
    return values


def foreign() -> BadRequest:
    """Return the problem of a cursor that is not of this list."""
    return BadRequest("cursor: not a cursor of this list.", [_error("cursor")])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def _value(rtype: RecordType, name: str, value: Any) -> Any:
    if value is None:
        if not _nullable(rtype, name):
            raise ValueError
        return None
    return _READERS.get(_kind(rtype, name), _word)(value)


def _kind(rtype: RecordType, name: str) -> str:
    if name in STAMPS:
        return "integer" if name == "id" else "datetime"
    spec = rtype.stored[name]
    if spec.kind != "ref":
        return spec.kind
    target = registry.get(spec.target)
    return target.stored[target.title].kind


def _word(value: Any) -> Any:
    # A choice may be a number, like a tier.
    if isinstance(value, int):
        return _whole(value)
    if not isinstance(value, str) or not storable(value):
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError
    return value


def _number(value: Any) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,20}(\.\d{1,10})?", value):
        raise ValueError
    return Decimal(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "integer": _whole,
    "decimal": _number,
    "money": _number,
    "percent": _number,
    "boolean": _truth,
    "date": date.fromisoformat,
    "datetime": _moment,
    "time": time.fromisoformat,
}


def _nullable(rtype: RecordType, name: str) -> bool:
    spec = rtype.stored.get(name)
    # A reference that is always there may still lead out of the actor's accounts.
    return spec is not None and (spec.nullable or _empty_word(spec) or name in crossing(rtype))


def _error(name: str) -> dict[str, Any]:
    return {"loc": ["query", name], "msg": "not understood"}
