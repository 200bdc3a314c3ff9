"""Types of a rule's inputs and parameters: strict, with the range that the name says, as JSON Schema too.

Numbers become exact decimals whatever form they come in (integers, floats, decimals; never text or booleans).
`X | None` takes null for *not known*; without a default the input must be named all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from trackline.core.decimals import CONTEXT

LARGEST = 10**18
"""Beyond the largest amount that a record can hold (18 digits); keeps every result within what JSON readers take."""


_FINEST_EXPONENT = -30
"""Finer decimals than these are cut: quotients of what is left stay within range."""


def _fine(value: Decimal) -> Decimal:
    return value.quantize(Decimal((0, (1,), _FINEST_EXPONENT)), context=CONTEXT)


def refused(message: str) -> PydanticCustomError:
    """Return the error of one value; `{` and `}` in the message are safe."""
    return PydanticCustomError("refused", "{words}", {"words": message})


@dataclass(frozen=True)
class Numeric:
    """A number from `ge` to `le`, above `gt`; `whole` takes integers only (3.0 is one)."""

    ge: int = -LARGEST
    le: int = LARGEST
    whole: bool = False
    gt: int | None = None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        out: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if self.gt is not None:
            out["exclusiveMinimum"] = self.gt
        elif self.ge != -LARGEST:
            out["minimum"] = self.ge
        if self.le != LARGEST:
            out["maximum"] = self.le
        return out

    def read(self, value: Any) -> Decimal | int:
        """Return the number; raises with the range in words."""
        kind = type(value)
        if kind is float:
            value = Decimal(repr(value))
        elif kind is not int and kind is not Decimal:
            raise refused(f"{self.words()} is expected.")
        if kind is not int and not value.is_finite():
            raise refused(f"{self.words()} is expected.")
        if not self.ge <= value <= self.le or (self.whole and value != int(value)):
            raise refused(f"{self.words()} is expected.")
        if kind is not int and value.as_tuple().exponent < _FINEST_EXPONENT:
            value = _fine(value)
        if self.gt is not None and value <= self.gt:
            raise refused(f"{self.words()} is expected.")
        return int(value) if self.whole else Decimal(value)

    def words(self) -> str:
        """Return the range in words."""
        noun = "A whole number" if self.whole else "A number"
        if self.gt is not None:
            return f"{noun} above {self.gt}"
        low, high = self.ge != -LARGEST, self.le != LARGEST
        if low and high:
            return f"{noun} from {self.ge} to {self.le}"
        return f"{noun}, {self.ge} or more," if low else f"{noun} up to {self.le}" if high else noun


Number = Annotated[Decimal, Numeric()]
Quantity = Annotated[Decimal, Numeric(ge=0)]
"""A measured amount that cannot be negative."""
Positive = Annotated[Decimal, Numeric(gt=0)]
Money = Annotated[Decimal, Numeric(ge=0)]
"""An amount of money, 0 or more; rounding and currency are the caller's."""
Percent = Annotated[Decimal, Numeric()]
"""Percentage points without bounds: may pass 100 or be negative."""
Share = Annotated[Decimal, Numeric(ge=0, le=100)]
"""Percentage points of a whole, 0–100."""
Count = Annotated[int, Numeric(ge=0, whole=True)]
Whole = Annotated[int, Numeric(whole=True)]
Rating = Annotated[Decimal, Numeric(ge=0, le=10)]
"""0–10, as survey ratings run; the mean of several is one too."""
FivePoint = Annotated[Decimal, Numeric(ge=1, le=5)]
SevenPoint = Annotated[Decimal, Numeric(ge=1, le=7)]
Tier = Annotated[int, Numeric(ge=1, le=3, whole=True)]
"""Tier of an account, 1 to 3."""
NetScore = Annotated[Decimal, Numeric(ge=-100, le=100)]
"""A net promoter score."""


@dataclass(frozen=True)
class Read:
    """A value that a function reads, with its JSON Schema."""

    read: Callable[[Any], Any]
    schema: tuple[tuple[str, Any], ...]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_TEXT = 200


def read_day(value: Any) -> date:
    """Return a day from a date or from YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refused("A date as YYYY-MM-DD is expected.")


def _flag(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise refused("true or false is expected.")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_TEXT:
        raise refused(f"Text of 1 to {_LONGEST_TEXT} characters is expected.")
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise refused("Text without control zeros and broken characters is expected.")
    return value


Day = Annotated[date, Read(read_day, (("type", "string"), ("format", "date")))]
Flag = Annotated[bool, Read(_flag, (("type", "boolean"),))]
Text = Annotated[str, Read(_text, (("type", "string"), ("minLength", 1), ("maxLength", _LONGEST_TEXT)))]
