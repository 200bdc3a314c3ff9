"""Text to date. `03/04/2024` is two dates at once and says so; only its column can decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cache
from pathlib import Path

from trackline.connectors.values.data import read_data
from trackline.connectors.values.words import fold


class Order(StrEnum):
    """The order of day and month in a column of numeric dates."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read, with its time of day if one was given (`at`, with an offset where the text states it).

    `order` is the order its form proves, `other` the date it would be with the day first, where both are possible.
    """

    on: date
    at: datetime | None = None
    order: Order | None = None
    other: date | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether the two orders give different dates."""
        return self.other is not None

    def read(self, order: Order) -> date:
        """The date under an order; `on` is the reading with the month first where both are possible."""
        if self.other is not None and order is Order.DAY_FIRST:
            return self.other
        return self.on

    def read_at(self, order: Order) -> datetime:
        """The instant in UTC; midnight where no time was given, UTC where no offset was."""
        on = self.read(order)
        moment = datetime.combine(on, self.at.timetz() if self.at else time())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class NotADate(ValueError):
    """The text is no date; the message says what is wrong with it."""


_TIME = (
    r"(?:[T\s,]+(?:(?:at|um|à)\s+)?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?:uhr)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_ISO = re.compile(rf"^(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}$", re.I)
_COMPACT = re.compile(
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})Z?)?$"
)
_NUMERIC = re.compile(
    rf"^(?P<a>\d{{1,2}})(?P<s>[-/. ])\s?(?P<b>\d{{1,2}})(?P=s)\s?(?P<y>\d{{4}}|\d{{2}}){_TIME}$", re.I
)
_NAMED_DMY = re.compile(
    rf"^(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s\-/,]*(?:de\s+)?(?P<name>[^\W\d_]{{3,}})\.?[\s\-/,]*(?:de\s+)?'?(?P<y>\d{{4}}|\d{{2}}){_TIME}$",
    re.I,
)
_NAMED_MDY = re.compile(
    rf"^(?P<name>[^\W\d_]{{3,}})\.?[\s\-/]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/,]+'?(?P<y>\d{{4}}|\d{{2}}){_TIME}$",
    re.I,
)
_NAMED_YMD = re.compile(rf"^(?P<y>\d{{4}})[\s\-/]+(?P<name>[^\W\d_]{{3,}})\.?[\s\-/]+(?P<d>\d{{1,2}}){_TIME}$", re.I)
_WEEKDAY = re.compile(r"^[^\W\d_]{2,10}\.?,\s+(?=\d|[^\W\d_]{3,}\.?\s+\d)")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
#: Day 0 of Excel's calendar, whose 29 February 1900 never was; right for every day after it.
_EXCEL_START = date(1899, 12, 30)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_EXCEL_RANGE = (20_000, 80_000)
_MAX_TEXT = 60


@cache
def _months() -> dict[str, int]:
    data = read_data(Path(__file__).parent / "months.yaml")
    return {str(name): int(month) for month, names in data.items() for name in names}


def parse_date(text: str) -> Moment:
    """Read one date, with a time if there is one. Raises `NotADate`."""
    text = text.strip()
    if len(text) > _MAX_TEXT:
        raise NotADate("This is no date.")
    found = _ISO.match(text) or _COMPACT.match(text)
    if found:
        return _exact(found, int(found["m"]))
    found = _NUMERIC.match(text)
    if found:
        return _numeric(found)
    plain = _WEEKDAY.sub("", text)
    for pattern in (_NAMED_DMY, _NAMED_MDY, _NAMED_YMD):
        found = pattern.match(plain)
        month = _months().get(fold(found["name"])) if found else None
        if found and month:
            return _exact(found, month)
    if plain != text:
        return parse_date(plain)
    raise NotADate("This is no date.")


def parse_epoch(text: str) -> Moment:
    """Read seconds or milliseconds since 1970, as programming interfaces give them. Raises `NotADate`."""
    if not _EPOCH.match(text):
        raise NotADate("This is no date.")
    seconds = int(text[:10])
    at = datetime.fromtimestamp(seconds, tz=UTC)
    return Moment(at.date(), at)


def parse_excel(serial: float) -> Moment:
    """Read a day number of a spreadsheet. Raises `NotADate` for numbers that are hardly dates (before 1954)."""
    if not _EXCEL_RANGE[0] <= serial <= _EXCEL_RANGE[1]:
        raise NotADate("This number is no date.")
    whole = int(serial)
    on = _EXCEL_START + timedelta(days=whole)
    seconds = round((serial - whole) * 86_400)
    return Moment(on, datetime.combine(on, time()) + timedelta(seconds=seconds) if seconds else None)


def is_serial(text: str) -> bool:
    """Whether a text is a day number of a spreadsheet that forgot to write it as a date (`46388`)."""
    try:
        parse_excel(float(text) if _SERIAL.match(text) else 0)
    except NotADate:
        return False
    return True


def _exact(found: re.Match[str], month: int) -> Moment:
    on = _date(_year(found["y"]), month, int(found["d"]))
    return Moment(on, _time(found, on))


def _numeric(found: re.Match[str]) -> Moment:
    first, second, year = int(found["a"]), int(found["b"]), _year(found["y"])
    if first > 12 or second > 12:
        if first > 12 and second > 12:
            raise NotADate(f"There is no month {min(first, second)}.")
        order = Order.DAY_FIRST if first > 12 else Order.MONTH_FIRST
        on = _date(year, second, first) if order is Order.DAY_FIRST else _date(year, first, second)
        return Moment(on, _time(found, on), order)
    if found["s"] == ".":
        # With points the day comes first wherever points are written.
        on = _date(year, second, first)
        return Moment(on, _time(found, on))
    month_first = _date(year, first, second)
    if first == second:
        return Moment(month_first, _time(found, month_first))
    return Moment(month_first, _time(found, month_first), None, _date(year, second, first))


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 70 else 1900)
    return year


def _date(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise NotADate(f"There is no month {month}.")
    try:
        found = date(year, month, day)
    except ValueError:
        if year < 1 or not 1 <= day <= 31:
            raise NotADate(f"There is no day {day}.") from None
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        raise NotADate(f"{date(year, month, 1):%B} {year} has {last} days.") from None
    if not 1900 <= year <= 2200:
        raise NotADate(f"The year {year} is out of range.")
    return found


def _time(found: re.Match[str], on: date) -> datetime | None:
    parts = found.groupdict()
    if not parts.get("hour"):
        return None
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts.get("second") or 0)
    half = (parts.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise NotADate(f"There is no hour {hour}.")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour == 24 and minute == second == 0:
        hour = 0
    try:
        fraction = int((parts.get("fraction") or "0")[:6].ljust(6, "0"))
        moment = datetime.combine(on, time(hour, minute, min(second, 59), fraction))
    except ValueError:
        raise NotADate("There is no such time of day.") from None
    zone = parts.get("zone")
    return moment.replace(tzinfo=_zone(zone)) if zone else moment


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
    if offset >= timedelta(hours=24):
        raise NotADate("There is no such time zone.")
    return timezone(-offset if text[0] == "-" else offset)
