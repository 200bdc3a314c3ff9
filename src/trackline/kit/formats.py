"""How values read on screen: money, numbers, percentages, days, deltas, initials. Pure; English (United Kingdom).

Signs are true minus signs, units stand behind a no-break space, and what is missing reads "not set", never 0 or a dash.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel.numbers import get_currency_precision, get_currency_symbol

LOCALE = "en_GB"
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MISSING = "not set"
UNIT_WORDS: Mapping[str, str] = {"hours": "h", "days": "d", "bps": "bp"}
WEEKDAY_WITHIN_DAYS = 14
FLAT = "flat"


def decimal(value: Any) -> Decimal | None:
    """The value as a decimal, or None where it is missing or no number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def number(value: Any, decimals: int | None = None) -> str:
    """`1234.5` as "1,234.5"; with `decimals`, exactly that many, else up to three as they are."""
    amount = decimal(value)
    if amount is None:
        return MISSING
    # Python's own grouping is that of the locale, and a table of numbers is drawn in a tenth of the time.
    if decimals is None:
        return _signed(amount, f"{abs(amount):,.3f}".rstrip("0").rstrip("."))
    amount = amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return _signed(amount, f"{abs(amount):,.{decimals}f}")


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 goal`, `3 goals`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(value: Any, decimals: int | None = None) -> str:
    """Percentage points: `78` as "78 %"; whole numbers without decimals, others with one, unless `decimals` says."""
    amount = decimal(value)
    if amount is None:
        return MISSING
    if decimals is None:
        decimals = 0 if amount == amount.to_integral_value() else 1
    return f"{number(amount, decimals)}{NBSP}%"


def money(value: Any, currency: str = "EUR") -> str:
    """For reading: €420, €1.2k, €420k, €2.84m, €1.20bn."""
    amount = decimal(value)
    if amount is None:
        return MISSING
    size = abs(amount)
    for limit, scale, unit, decimals in (
        (Decimal("999500"), Decimal("1e3"), "k", 0),
        (Decimal("999995000"), Decimal("1e6"), "m", 2),
        (None, Decimal("1e9"), "bn", 2),
    ):
        if size < 1000:
            return _with_currency(amount, number(size, 0), currency)
        if limit is None or size < limit:
            if unit == "k" and size < 9950 and size % 1000:
                decimals = 1
            return _with_currency(amount, number(size / scale, decimals) + unit, currency)
    raise AssertionError("the last scale has no limit")


def money_full(value: Any, currency: str = "EUR") -> str:
    """For tables to export, forms and tooltips: €2,840,000, with decimals only where there are some."""
    amount = decimal(value)
    if amount is None:
        return MISSING
    decimals = 0 if amount == amount.to_integral_value() else get_currency_precision(currency or "EUR")
    return _with_currency(amount, number(abs(amount), decimals), currency)


def measure(value: Any, unit: str, currency: str = "") -> str:
    """A number with its unit: `3.1 %`, `25 h`, `€420k`, `9`; "no reading" for none."""
    amount = decimal(value)
    if amount is None:
        return "no reading"
    if unit == "currency":
        return money(amount, currency)
    text = number(amount, _measured_decimals(amount))
    if unit == "percent":
        return f"{text}{NBSP}%"
    return f"{text}{NBSP}{UNIT_WORDS[unit]}" if unit in UNIT_WORDS else text


def day(value: date | datetime | None, today: date | None = None) -> str:
    """`31 Mar 2027`; within two weeks of `today` with its weekday instead of the year: `Fri 27 Nov`."""
    if value is None or value == "":
        return MISSING
    when = value.date() if isinstance(value, datetime) else value
    if today is not None and abs((when - today).days) <= WEEKDAY_WITHIN_DAYS:
        return f"{when:%a} {when.day} {when:%b}".replace(" ", NBSP)
    return f"{when.day} {when:%b} {when.year}".replace(" ", NBSP)


def since(value: date | datetime | None, today: date) -> str:
    """Distance in days as read in a sentence: today, yesterday, tomorrow, 3 d ago, in 128 d."""
    if value is None or value == "":
        return MISSING
    when = value.date() if isinstance(value, datetime) else value
    days = (when - today).days
    if days in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[days + 1]
    return f"in{NBSP}{days}{NBSP}d" if days > 0 else f"{-days}{NBSP}d{NBSP}ago"


def due(value: date | None, today: date) -> str:
    """A due date as a state: `3 d late`, `today`, `Fri 27 Nov`, `31 Mar 2027`."""
    if value is None or value == "":
        return "no date"
    days = (today - value).days
    if days > 0:
        return f"{days}{NBSP}d{NBSP}late"
    return "today" if days == 0 else day(value, today)


def delta(value: Any, unit: str = "", decimals: int | None = None) -> str:
    """A change: ↑8.1 %, ↓22.5, or "flat" where nothing of it shows at the decimals it is read with."""
    amount = decimal(value)
    if amount is None:
        return "no comparison"
    text = number(abs(amount), decimals)
    if not text.strip("0."):
        return FLAT
    return f"{'↑' if amount > 0 else '↓'}{text}{NBSP + unit if unit else ''}"


def initials(name: str) -> str:
    """Up to two letters for an avatar: Katrin Vogel → KV, 小林 健 → 小, Ng → N."""
    words = [word for word in (name or "").replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    if "CJK" in unicodedata.name(words[0][0], "") or "HANGUL" in unicodedata.name(words[0][0], ""):
        return words[0][0]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def _measured_decimals(value: Decimal) -> int:
    """Up to two decimals, fewer for large numbers: what one reads, not what one stores."""
    if value == value.to_integral_value() or abs(value) >= 1000:
        return 0
    return 1 if abs(value) >= 10 or round(value, 1) == value else 2


def _signed(amount: Decimal, text: str) -> str:
    return f"{MINUS}{text}" if amount < 0 else text


def _with_currency(amount: Decimal, text: str, currency: str) -> str:
    symbol = _symbol(currency or "EUR")
    gap = NBSP if symbol[-1].isalpha() else ""
    return _signed(amount, f"{symbol}{gap}{text}")


@lru_cache(maxsize=256)
def _symbol(currency: str) -> str:
    return get_currency_symbol(currency, locale=LOCALE)
