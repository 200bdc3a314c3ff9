"""Filters of lists: `tier=1,2`, `arr__gte=1000000`, `owner=null`, `custom.region=EMEA`, `kpis=12`."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import ExternalId
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.values import BadValue, storable

COMPARISONS = ("gte", "gt", "lte", "lt")
STAMPS = ("created_at", "updated_at")
TEXTS = ("text", "longtext", "picklist", "email", "url", "currency")


def condition(ctx: Context, rtype: RecordType, name: str, value: str) -> Q:
    """Return the condition of one filter, or raise `BadRequest` naming what is wrong."""
    if not storable(name) or not storable(value):
        raise _bad(name, "text must not hold NUL or broken characters")
    if name == "id":
        return Q(pk__in=[int(part) for part in value.split(",") if part.isdecimal() and len(part) < 19])
    if name.startswith("external_ids."):
        rows = ExternalId.objects.filter(record_type=rtype.name, system=name[13:], value__in=value.split(","))
        return Q(pk__in=rows.values("record_id"))
    if name.startswith("custom."):
        return _custom(rtype, name, value)
    base, _, operator = name.partition("__")
    base = rtype.aliases.get(base, base)
    if base in STAMPS:
        return _stamp(name, base, operator, value)
    spec = rtype.specs.get(base)
    if spec is None or operator not in ("", "not", "contains", *COMPARISONS):
        raise _unknown(rtype, name, base)
    if operator == "not":
        return ~condition(ctx, rtype, base, value)
    if operator == "contains":
        return _contains(spec, name, value)
    if operator:
        return _compared(spec, name, operator, value)
    return _equal(ctx, rtype, spec, name, value)


def _unknown(rtype: RecordType, name: str, base: str) -> BadRequest:
    close = get_close_matches(base, [*rtype.specs, *STAMPS, "q", "order", "limit", "cursor"], 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return _bad(name, f"there is no such filter.{hint}")


def _compared(spec: FieldSpec, name: str, operator: str, value: str) -> Q:
    if not (spec.numeric or spec.kind in ("date", "datetime")):
        raise _bad(name, "only numbers and dates can be compared")
    return Q(**{f"{spec.name}__{operator}": _value(spec, name, value)})


def _equal(ctx: Context, rtype: RecordType, spec: FieldSpec, name: str, value: str) -> Q:
    if value in ("null", ""):
        return _absent(spec, f"{spec.name}_id" if spec.kind == "ref" else spec.name)
    if spec.kind in ("ref", "refs"):
        return _reference(ctx, rtype, spec, name, value)
    if spec.kind == "tags":
        return Q(**{f"{spec.name}__icontains": f'"{value}"'})
    if spec.kind in TEXTS:
        whole = Q(**{f"{spec.name}__iexact": value})
        return whole | Q(**{f"{spec.name}__in": value.split(",")}) if "," in value else whole
    values = [_value(spec, name, part) for part in value.split(",")]
    return Q(**{f"{spec.name}__in": values} if len(values) > 1 else {spec.name: values[0]})


def _value(spec: FieldSpec, name: str, text: str) -> Any:
    try:
        if spec.kind == "boolean" and text.casefold() not in ("true", "false", "1", "0", "yes", "no"):
            raise BadValue("true or false is expected.")
        found = spec.parse_text(text)
        if found in (None, ""):
            raise BadValue("A value is expected.")
        return found
    except BadValue as error:
        # An address names the words of the API, not those people read.
        words = f"One of {', '.join(str(key) for key, _ in spec.choices)} is expected." if spec.choices else str(error)
        raise _bad(name, words) from None


def _absent(spec: FieldSpec, column: str) -> Q:
    if spec.kind == "refs":
        return Q(**{f"{spec.name}__isnull": True})
    if spec.kind == "tags":
        return Q(**{column: []})
    if spec.nullable:
        return Q(**{f"{column}__isnull": True})
    # A field that is never empty has no empty rows; only texts are empty without being null.
    return Q(**{column: ""}) if spec.kind in TEXTS or (spec.kind == "choice" and spec.takes_null) else Q(pk__in=[])


def _reference(ctx: Context, rtype: RecordType, spec: FieldSpec, name: str, value: str) -> Q:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    ids = [int(part) for part in parts if part.isdecimal() and len(part) < 19]
    words = [part for part in parts if not part.isdecimal()]
    target = registry.get(spec.target)
    if "me" in words and target.name == "user" and ctx.actor.user_id:
        words.remove("me")
        ids.append(ctx.actor.user_id)
    if words and target.lookup:
        named = target.model.objects.filter(**{f"{target.lookup}__in": words}, deleted_at__isnull=True)
        ids += list(named.values_list("pk", flat=True))
    elif words:
        raise _bad(name, "an id is expected")
    if spec.many:
        field: Any = rtype.model._meta.get_field(spec.name)
        source, reverse = field.m2m_field_name(), field.m2m_reverse_field_name()
        through = field.remote_field.through.objects.filter(**{f"{reverse}_id__in": ids})
        return Q(pk__in=through.values(f"{source}_id"))
    found = Q(**{f"{spec.name}_id__in": ids})
    # An account out of scope is not there, whoever asks for its children.
    if target.is_account:
        return found & ctx.actor.account_q(f"{spec.name}_id")
    return (
        found & Q(**{f"{spec.name}__in": target.model.objects.filter(target.scope(ctx.actor))})
        if (name in rtype.loose and ctx.actor.visible is not None)
        else found
    )


def _contains(spec: FieldSpec, name: str, value: str) -> Q:
    if spec.kind not in ("text", "longtext", "picklist", "email", "url"):
        raise _bad(name, "only text can be searched")
    return Q(**{f"{spec.name}__icontains": value})


def _custom(rtype: RecordType, name: str, value: str) -> Q:
    key, _, operator = name[7:].partition("__")
    spec = custom_specs(rtype.name).get(key)
    if spec is None:
        raise _bad(name, "there is no such custom field")
    if value in ("null", ""):
        return ~Q(custom__has_key=key)
    if operator and operator not in (*COMPARISONS, "contains"):
        raise _bad(name, "there is no such filter")
    if operator == "contains":
        return Q(**{f"custom__{key}__icontains": value})
    parsed = _value(spec, name, value)
    if spec.numeric:
        parsed = int(parsed) if parsed == int(parsed) else float(parsed)
    elif spec.kind == "date":
        parsed = parsed.isoformat()
    return Q(**{f"custom__{key}__{operator}" if operator else f"custom__{key}": parsed})


def _stamp(name: str, base: str, operator: str, value: str) -> Q:
    if operator not in COMPARISONS and (operator or "T" not in value):
        raise _bad(name, "compare with __gte, __gt, __lte or __lt; alone it takes a moment")
    try:
        moment = parse_datetime(value)
        if moment is None and (day := parse_date(value)):
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None:
        raise _bad(name, "a date or moment is expected")
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise _bad(name, "the moment is out of range") from None
    return Q(**{f"{base}__{operator}" if operator else base: moment})


def _bad(name: str, message: str) -> BadRequest:
    return BadRequest(f"{name[:80]}: {message}", [{"loc": ["query", name[:80]], "msg": message}])
