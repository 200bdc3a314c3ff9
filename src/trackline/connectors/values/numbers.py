"""Text to number. A value whose decimal mark cannot be told (`1,234`) says so; only its column can decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum


class Mark(StrEnum):
    """The decimal mark of a column."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class Number:
    """A number as read. `mark` is the decimal mark its form proves, `None` where it proves nothing.

    `other` is what it would be with the other mark, where both readings are possible; `None` where only one is.
    """

    value: Decimal
    mark: Mark | None = None
    other: Decimal | None = None
    currency: str = ""
    percent: bool = False

    @property
    def ambiguous(self) -> bool:
        """Whether the two decimal marks give different numbers."""
        return self.other is not None

    def read(self, mark: Mark) -> Decimal:
        """The number under a decimal mark; `value` is the reading with a point where both are possible."""
        if self.other is not None and mark is Mark.COMMA:
            return self.other
        return self.value


#: Signs before or after an amount → currency. `$` and `¥` belong to several: the book's own is preferred by the caller.
SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "$": "$",
    "¥": "¥",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "zł": "PLN",
    "kč": "CZK",
}
_CODES = (
    "EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|CAD|AUD|NZD|INR|BRL|MXN|ZAR|SGD|HKD|KRW|TRY|ILS|AED|SAR|"
    "ARS|CLP|COP|THB|MYR|IDR|PHP|VND|TWD|RUB|UAH|EGP|NGN|KES"
)
_CURRENCY = re.compile(
    rf"(?P<code>\b(?:{_CODES})\b)|(?P<prefixed>(?:US|CA|AU|NZ|HK|SG|R|A|C|S)\$)|(?P<sign>[€£$¥₹₩₺₽]|zł|Kč)", re.I
)
_PREFIXED = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "AU$": "AUD",
    "A$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "SG$": "SGD",
    "S$": "SGD",
    "R$": "BRL",
}
_SCALE = re.compile(
    r"(?<=[\d.,\s])\s*(?P<word>k|tsd\.?|thousand|tausend|mille?|m|mm|mn|mln|mio\.?|million(?:en|s)?|millones|"
    r"b|bn|mrd\.?|milliard(?:en|e|s)?|billion(?:s)?)$",
    re.I,
)
_THOUSAND, _MILLION, _BILLION = Decimal(1000), Decimal(1_000_000), Decimal(1_000_000_000)
_PLAIN = re.compile(r"^\d+$")
_SCIENTIFIC = re.compile(r"^(\d+)(?:([.,])(\d+))?e([+-]?\d{1,3})$", re.I)
_BODY = re.compile(r"^[\d.,'’\s\u00a0\u202f\u2009]+$")
_GROUPERS = re.compile(r"(?<=\d)['’\s\u00a0\u202f\u2009](?=\d)")
#: Thousands in groups of three, or the Indian way: three, then twos.
_GROUPS = re.compile(r"^\d{1,3}(?:[.,]\d{3})+$|^\d{1,2}(?:[.,]\d{2})*[.,]\d{3}$")
_MAX_DIGITS = 40


class NotANumber(ValueError):
    """The text is no number."""


def parse_number(text: str) -> Number:
    """Read one number. Raises `NotANumber`.

    Knows `3.5E8`, `1,234.56`, `1.234,56`, `1 234,56`, `1'234.50`, `(1,200)`, `1,200-`, `€1.2m`, `12 %`, `USD 5 Mio`.
    """
    if _PLAIN.match(text) and len(text) <= _MAX_DIGITS:
        return Number(Decimal(text))
    body = text.strip().replace("−", "-").replace("–", "-")
    if not body or len(body) > 2 * _MAX_DIGITS:
        raise NotANumber(text)
    body, currency = _take_currency(body)
    body, percent = _take(body, "%")
    body, negative = _take_sign(body)
    body, factor = _take_scale(body)
    number = _read_body(body.strip(), bool(currency))
    if negative or factor != 1:
        sign = -factor if negative else factor
        number = Number(number.value * sign, number.mark, None if number.other is None else number.other * sign)
    return Number(number.value, number.mark, number.other, currency, percent)


def _take_currency(body: str) -> tuple[str, str]:
    found = _CURRENCY.search(body)
    if not found:
        return body, ""
    rest = f"{body[: found.start()]} {body[found.end() :]}".strip()
    token = found.group(0)
    if found.group("code"):
        return rest, token.upper()
    if found.group("prefixed"):
        return rest, _PREFIXED.get(token.upper(), "$")
    return rest, SIGNS.get(token.lower(), SIGNS.get(token, ""))


def _take(body: str, mark: str) -> tuple[str, bool]:
    if mark not in body:
        return body, False
    return body.replace(mark, "", 1).strip(), True


def _take_sign(body: str) -> tuple[str, bool]:
    """A minus before or behind, or accounting brackets."""
    body = body.strip()
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1].strip(), True
    if body.startswith("-"):
        return body[1:].strip(), True
    if body.endswith("-"):
        return body[:-1].strip(), True
    return body.removeprefix("+").strip(), False


def _take_scale(body: str) -> tuple[str, Decimal]:
    found = _SCALE.search(body)
    if not found:
        return body, Decimal(1)
    word = found.group("word").lower().rstrip(".")
    if word in ("k", "tsd", "thousand", "tausend", "mil", "mille"):
        factor = _THOUSAND
    elif word.startswith(("milliard", "mrd")) or word in ("b", "bn", "billion", "billions"):
        factor = _BILLION
    else:
        factor = _MILLION
    return body[: found.start()], factor


def _read_body(body: str, with_currency: bool) -> Number:
    scientific = _SCIENTIFIC.match(body)
    if scientific:
        return _scientific(scientific)
    if not _BODY.match(body) or not any(character.isdigit() for character in body):
        raise NotANumber(body)
    spaced = bool(_GROUPERS.search(body))
    digits = _GROUPERS.sub("", body)
    if any(character not in "0123456789.," for character in digits) or len(digits) > _MAX_DIGITS:
        raise NotANumber(body)
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return Number(Decimal(digits))
    if points and commas:
        return _both_marks(digits)
    sign = "." if points else ","
    if points + commas > 1:
        return _grouped(digits, sign)
    return _one_mark(digits, sign, spaced, with_currency)


def _scientific(found: re.Match[str]) -> Number:
    whole, mark, fraction, exponent = found.groups()
    try:
        value = Decimal(f"{whole}.{fraction or 0}E{exponent}")
    except InvalidOperation:
        raise NotANumber(found.group(0)) from None
    if abs(int(exponent)) > _MAX_DIGITS:
        raise NotANumber(found.group(0))
    return Number(value, Mark(mark) if mark else None)


def _both_marks(digits: str) -> Number:
    """The mark that comes last parts the decimals; the other groups thousands."""
    mark = Mark.POINT if digits.rfind(".") > digits.rfind(",") else Mark.COMMA
    group = "," if mark is Mark.POINT else "."
    whole, _, fraction = digits.rpartition(mark.value)
    if mark.value in whole or not _GROUPS.match(whole) or group in fraction:
        raise NotANumber(digits)
    return Number(Decimal(f"{whole.replace(group, '')}.{fraction or 0}"), mark)


def _grouped(digits: str, sign: str) -> Number:
    """The same mark twice: it groups, so the other one is the decimal mark."""
    if not _GROUPS.match(digits):
        raise NotANumber(digits)
    return Number(Decimal(digits.replace(sign, "")), Mark.COMMA if sign == "." else Mark.POINT)


def _one_mark(digits: str, sign: str, spaced: bool, with_currency: bool) -> Number:
    """One mark: decimal, unless exactly three digits follow and one to three stand before it."""
    whole, _, fraction = digits.partition(sign)
    as_decimal = Decimal(f"{whole or 0}.{fraction or 0}")
    groups = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") and not spaced
    if not groups:
        return Number(as_decimal, Mark(sign))
    as_group = Decimal(whole + fraction)
    other_mark = Mark.COMMA if sign == "." else Mark.POINT
    if with_currency:
        # Nobody writes an amount of money with three decimals beside its currency.
        return Number(as_group, other_mark)
    if sign == ".":
        return Number(as_decimal, None, as_group)
    return Number(as_group, None, as_decimal)
