"""Values as people and programs write them: numbers, days, moments, nested JSON; and what no database can keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time

DEEPEST = 20
LARGEST_NESTED = 2**53
YEARS = range(1000, 9001)
"""Years that are kept: far from the ends of the calendar, so that days can be counted from every date."""

_THOUSANDS = re.compile(r"^-?\d{1,3}([ ,'\u00a0\u202f]\d{3})+(\.\d+)?$")
_DECIMAL_COMMA = re.compile(r"^-?\d{1,3}(\.?\d{3})*,(\d{1,2}|\d{4,})$")
"""A comma before other than three digits can only be the decimal one."""
_SCALES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_DAY_FORMATS = ("%d %b %Y", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d")


class BadValue(ValueError):
    """A value that its field does not take; the message says what is expected."""


def storable(text: str) -> bool:
    """Tell whether both databases can keep a text: no NUL, no lone surrogate."""
    return "\x00" not in text and not re.search("[\ud800-\udfff]", text)


def day_of(value: Any) -> date:
    """Read a day of JSON: `2027-03-31` and nothing else."""
    try:
        day = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise BadValue("A date like 2027-03-31 is expected.")
    return _in_range(day)


def moment_of(value: Any) -> datetime:
    """Read an instant of JSON, without a zone as UTC."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise BadValue("A moment like 2027-03-31T09:30:00Z is expected.")
    _in_range(moment.date())
    return timezone.make_aware(moment, UTC) if timezone.is_naive(moment) else moment.astimezone(UTC)


def time_of(value: Any) -> time:
    """Read a time of day of JSON."""
    try:
        moment = parse_time(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise BadValue("A time like 09:30 is expected.")
    return moment


def parse_number(text: str) -> Decimal:
    """Read a typed number: `1,234.5`, `1 234.5`, `2,5`, `420k`, `2.84m`, `78 %`."""
    plain = re.sub(r"[\s\u00a0\u202f]*%$", "", text.strip()).replace("\u2212", "-")
    scale = 1
    for suffix, factor in sorted(_SCALES.items(), key=lambda item: -len(item[0])):
        if plain.casefold().endswith(suffix):
            plain, scale = plain[: -len(suffix)].strip(), factor
            break
    if _DECIMAL_COMMA.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _THOUSANDS.match(plain):
        plain = re.sub(r"[ ,'\u00a0\u202f]", "", plain)
    try:
        value = Decimal(plain) * scale
    except ArithmeticError:
        raise BadValue(f"{text!r} is not a number.") from None
    if not value.is_finite():
        raise BadValue("A finite number is expected.")
    return value


def parse_day(text: str) -> date:
    """Read a typed day: `2027-03-31`, `31 Mar 2027`, `31.03.2027`."""
    try:
        if day := parse_date(text):
            return _in_range(day)
    except BadValue:
        raise
    except ValueError:
        raise BadValue(f"There is no day {text}.") from None
    for form in _DAY_FORMATS:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
        return _in_range(day)
    raise BadValue(f"{text!r} is not a date. Write it like 2027-03-31 or 31 Mar 2027.")


def _in_range(day: date) -> date:
    if day.year not in YEARS:
        raise BadValue(f"A year from {YEARS[0]} to {YEARS[-1]} is expected.")
    return day


def nested(value: Any, depth: int = DEEPEST) -> Any:
    """Return nested JSON as both databases can keep it and every reader can read it back."""
    if isinstance(value, str):
        if not storable(value):
            raise BadValue("Text must not hold NUL or broken characters.")
        return value
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        if not -LARGEST_NESTED < value < LARGEST_NESTED:
            raise BadValue("The number is too large.")
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, Mapping | list) and depth == 0:
        raise BadValue(f"At most {DEEPEST} levels are kept.")
    if isinstance(value, Mapping):
        return {nested(key, depth): nested(item, depth - 1) for key, item in value.items()}
    return [nested(item, depth - 1) for item in value] if isinstance(value, list) else value
