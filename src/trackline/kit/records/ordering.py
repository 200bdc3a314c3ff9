"""The order of lists, and cursors that continue one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from trackline.kit.problems import BadRequest
from trackline.kit.records.fields import storable
from trackline.kit.records.types import RecordType

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


def ordering(rtype: RecordType, keys: Iterable[tuple[str, bool]]) -> list[Any]:
    """Return the `order_by` of keys; empty values stand last in both directions."""
    out: list[Any] = []
    for name, descending in keys:
        expression = F(column_of(rtype, name))
        nulls_last = True if _nullable(rtype, name) else None
        out.append(expression.desc(nulls_last=nulls_last) if descending else expression.asc(nulls_last=nulls_last))
    return out


def after(rtype: RecordType, keys: Keys, values: Sequence[Any]) -> Q:
    """Return the condition of the rows that follow a row with these values of the keys."""
    (name, descending), *rest = keys
    column, value = column_of(rtype, name), values[0]
    below = after(rtype, rest, values[1:]) if rest else None
    if value is None:
        assert below is not None, "the last key is the id"
        return Q(**{f"{column}__isnull": True}) & below
    beyond = Q(**{f"{column}__{'lt' if descending else 'gt'}": value})
    nullable = _nullable(rtype, name)
    if nullable:
        beyond |= Q(**{f"{column}__isnull": True})
    if below is None:
        return beyond
    found = beyond | (Q(**{column: value}) & below)
    if nullable:
        return found
    # Says nothing new, but gives the database a range of its index to start at.
    return Q(**{f"{column}__{'lte' if descending else 'gte'}": value}) & found


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
    kind = "integer" if name == "id" else "datetime" if name in STAMPS else rtype.stored[name].kind
    return _READERS.get(kind, _word)(value)


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
    "ref": _whole,
    "decimal": _number,
    "money": _number,
    "percent": _number,
    "boolean": _truth,
    "date": date.fromisoformat,
    "datetime": _moment,
    "time": time.fromisoformat,
}


def _nullable(rtype: RecordType, name: str) -> bool:
    return name in rtype.stored and rtype.stored[name].nullable


def _error(name: str) -> dict[str, Any]:
    return {"loc": ["query", name], "msg": "not understood"}
