"""What endpoints of the book share: how their parameters are read and described, and how figures are answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.book.queries.narrowing import FILTERS
from trackline.core.decimals import plain
from trackline.core.playbook.fields import read_day
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import parameter
from trackline.kit.api.requests import query_of
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest

TAG = "Portfolio"
MOST_DAYS = 36500

DAY = {"type": "string", "format": "date"}
NUMBER, COUNT = {"type": "number"}, {"type": "integer"}
KNOWN = {"type": ["number", "null"]}
NOTES = {"type": "array", "items": {"type": "string"}, "description": "What was left out or assumed, in words."}
ROWS = {"type": "array", "items": {"type": "object"}}
NARROWED = [
    parameter(name, {"type": "string"}, f"Only accounts {words}; `none` for those without.")
    for name, words in (
        ("owner", "of this manager, by user name"),
        ("tier", "of this tier"),
        ("region", "of this region"),
        ("industry", "of this industry"),
        ("group", "below this account, by its key, and itself"),
    )
]
AS_OF = parameter("as_of", DAY, "The day the figures are of; today where absent.")


def shape(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


class Query:
    """The parameters of a request, read one by one; what is left over is unknown."""

    def __init__(self, request: HttpRequest, ctx: Context) -> None:
        self._left, self._ctx = query_of(request), ctx

    def day(self, name: str, default: date | None = None) -> date:
        """Read a day."""
        text = self._left.pop(name, None)
        try:
            return default or self._ctx.today if text is None else read_day(text)
        except ValueError:
            raise _unread(name, "a date as YYYY-MM-DD is expected.") from None

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Read one of some words."""
        text = self._left.pop(name, default)
        if text not in choices:
            raise _unread(name, f"one of {', '.join(choices)} is expected.")
        return text

    def text(self, name: str) -> str:
        """Read a word, "" where absent."""
        return self._left.pop(name, "")[:200]

    def whole(self, name: str, least: int = 0, most: int = MOST_DAYS) -> int | None:
        """Read a count, None where absent."""
        text = self._left.pop(name, None)
        if text is not None and not (
            text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most
        ):
            raise _unread(name, f"a whole number from {least} to {most} is expected.")
        return None if text is None else int(text)

    def money(self, name: str) -> Decimal | None:
        """Read an amount, None where absent."""
        text = self._left.pop(name, None)
        try:
            amount = None if text is None else Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount is not None and not (amount.is_finite() and 0 <= amount <= Decimal(10) ** 18):
            raise _unread(name, "an amount of 0 or more is expected.")
        return amount

    def filters(self) -> dict[str, str]:
        """Read what narrows the accounts that count."""
        return {name: text for name in FILTERS if (text := self._left.pop(name, ""))}

    def done(self) -> None:
        """Raise `BadRequest` for a parameter that nothing asked for."""
        for name in self._left:
            raise _unread(name[:80], "there is no such parameter.")


def _unread(name: str, words: str) -> BadRequest:
    return BadRequest(f"{name}: {words}", [{"loc": ["query", name], "msg": words}])


def answered(found: Mapping[str, Any]) -> HttpResponse:
    """Answer figures, each number written plainly."""
    return answer(plain(found))
