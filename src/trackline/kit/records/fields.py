"""Facts of one field of a record type, and its values' way in and out.

Page, API, command line, import and documentation agree because all read these facts; `derive.py` takes them from the
model. Ways in: `parse_json` (API), `parse_text` (forms, files). Ways out: `to_json`, `to_ledger`, `display`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from trackline.kit.records.values import (
    BadValue,
    day_of,
    moment_of,
    nested,
    parse_day,
    parse_number,
    storable,
    time_of,
)

ALIASES: Mapping[str, str] = {"yellow": "amber"}
"""Words accepted on input for a choice that is stored under another word."""

MOST_DIGITS = 40
LONGEST_OBJECT = 100_000
LARGEST_WHOLE = 2**31 - 1


@dataclass(frozen=True)
class FieldSpec:
    """One field as the outside sees it.

    `target` names the record type that a `ref` or `refs` field points to; with `by_key` its key is taken beside its id.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    read_only: bool = False
    choices: tuple[tuple[Any, str], ...] = ()
    picklist: str = ""
    target: str = ""
    by_key: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int | None = None
    decimals: int | None = None
    digits: int | None = None
    nullable: bool = True
    blank: bool = True
    default: Any = None
    custom: bool = False

    @property
    def many(self) -> bool:
        """True for a list of links."""
        return self.kind == "refs"

    @property
    def numeric(self) -> bool:
        """True where values are numbers."""
        return self.kind in ("integer", "decimal", "money", "percent")

    @property
    def takes_null(self) -> bool:
        """True where no value is a value; a new record takes its default instead where it has none."""
        if self.required:
            return False
        if self.kind in ("choice", "picklist"):
            return self.nullable or self.blank
        return self.nullable or self.kind in ("text", "longtext", "email", "url", "currency", "refs", "tags", "object")

    @property
    def empty(self) -> Any:
        """What stands for no value."""
        if self.kind in ("refs", "tags"):
            return []
        if self.kind == "object":
            return {}
        return None if self.nullable else ""

    # -- ways in -------------------------------------------------------------------------------------------------

    def parse_json(self, value: Any) -> Any:
        """Turn a JSON value into the stored one, or raise `BadValue`."""
        if value is None or (value == "" and self.kind in ("choice", "picklist", "email", "url")):
            if not self.takes_null:
                raise BadValue("Needed, but empty." if self.required else "A value is expected, not null.")
            return self.empty
        return getattr(self, f"_json_{self.kind}")(value)

    def parse_text(self, text: str | Sequence[str]) -> Any:
        """Turn what a person typed into the stored value, or raise `BadValue`."""
        if self.kind == "refs":
            items = [text] if isinstance(text, str) else list(text)
            return self._json_refs([part.strip() for item in items for part in str(item).split(",") if part.strip()])
        if self.kind == "tags":
            items = text.split(",") if isinstance(text, str) else list(text)
            return self._json_tags([item.strip() for item in items if item.strip()])
        plain = (text if isinstance(text, str) else (text[-1] if text else "")).strip()
        if plain == "":
            if self.kind == "boolean":
                return False
            return self.parse_json(None)
        if self.kind == "boolean":
            return plain.casefold() in ("1", "true", "on", "yes", "y", "ja", "oui")
        if self.numeric:
            return self._number(parse_number(plain))
        if self.kind == "choice":
            return self._choice_from_text(plain)
        if self.kind == "date":
            return parse_day(plain)
        if self.kind == "object":
            raise BadValue("Can be changed over the API only.")
        return self.parse_json(plain)

    def _json_text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise BadValue("Text is expected.")
        text: str = value.strip() if self.kind != "longtext" else value
        if not storable(text):
            raise BadValue("Text must not hold NUL or broken characters.")
        if self.required and not text.strip():
            raise BadValue("Needed, but empty.")
        if self.max_length and len(text) > self.max_length:
            raise BadValue(f"At most {self.max_length} characters; this has {len(text)}.")
        return text

    _json_longtext = _json_text
    _json_picklist = _json_text

    def _json_email(self, value: Any) -> str:
        text = self._json_text(value)
        try:
            validate_email(text)
        except ValidationError:
            raise BadValue(f"{text!r} is not an e-mail address.") from None
        return text

    def _json_url(self, value: Any) -> str:
        text = self._json_text(value)
        try:
            URLValidator(schemes=["http", "https"])(text)
        except ValidationError:
            raise BadValue("A web address that begins with https:// is expected.") from None
        return text

    def _json_currency(self, value: Any) -> str:
        text = self._json_text(value).upper()
        if text and not re.fullmatch(r"[A-Z]{3}", text):
            raise BadValue("A currency code of three letters is expected, for example EUR.")
        return text

    def _json_integer(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise BadValue("A whole number is expected.")
        return int(self._number(Decimal(str(value))))

    def _json_decimal(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise BadValue("A number is expected.")
        return Decimal(self._number(Decimal(str(value))))

    _json_money = _json_decimal
    _json_percent = _json_decimal

    def _number(self, value: Decimal) -> Any:
        if not value.is_finite():
            raise BadValue("A finite number is expected.")
        if value.adjusted() > MOST_DIGITS:
            # Before any arithmetic: 1e999999999 is short to write and would take all memory to count out.
            raise BadValue("The number is too large.")
        if self.minimum is not None and value < self.minimum:
            raise BadValue(f"At least {self.minimum} is expected.")
        if self.maximum is not None and value > self.maximum:
            raise BadValue(f"At most {self.maximum} is expected.")
        return self._whole(value) if self.kind == "integer" else self._rounded(value)

    def _whole(self, value: Decimal) -> int:
        if value != int(value):
            raise BadValue("A whole number is expected.")
        if abs(value) > LARGEST_WHOLE:
            raise BadValue("The number is too large.")
        return int(value)

    def _rounded(self, value: Decimal) -> Decimal:
        largest = None if self.digits is None else Decimal(10) ** (self.digits - (self.decimals or 0))
        if largest is not None and abs(value) >= largest:
            raise BadValue("The number is too large.")
        if self.decimals is None:
            return value
        rounded = round(value, self.decimals)
        if rounded != value and self.kind == "money":
            raise BadValue(f"At most {self.decimals} decimals are kept.")
        if largest is not None and abs(rounded) >= largest:
            raise BadValue("The number is too large.")
        return rounded

    def _json_boolean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadValue("true or false is expected.")
        return value

    def _json_date(self, value: Any) -> date:
        return day_of(value)

    def _json_datetime(self, value: Any) -> datetime:
        return moment_of(value)

    def _json_time(self, value: Any) -> time:
        return time_of(value)

    def _json_choice(self, value: Any) -> Any:
        value = ALIASES.get(value, value) if isinstance(value, str) else value
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in dict(self.choices):
            raise BadValue(f"One of {', '.join(str(key) for key, _ in self.choices)} is expected.")
        return value

    def _choice_from_text(self, text: str) -> Any:
        wanted = ALIASES.get(text.casefold(), text.casefold())
        for key, label in self.choices:
            if wanted in (str(key).casefold(), str(label).casefold()):
                return key
        raise BadValue(f"One of {', '.join(str(label) for _, label in self.choices)} is expected.")

    def _json_ref(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            raise BadValue("An id is expected.")
        text = str(value).strip()
        if re.fullmatch(r"\d{1,18}", text):
            return int(text)
        if self.by_key and len(text) <= 200 and storable(text):
            return text
        raise BadValue(f"There is no {self.target.replace('_', ' ')} {text[:80]!r}.")

    def _json_refs(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise BadValue("A list of ids is expected.")
        return list(dict.fromkeys(self._json_ref(item) for item in value))

    def _json_tags(self, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadValue("A list of words is expected.")
        if len(value) > 50 or any(len(item) > 80 or not storable(item) for item in value):
            raise BadValue("At most 50 words of at most 80 characters are kept.")
        return list(dict.fromkeys(item.strip() for item in value if item.strip()))

    def _json_object(self, value: Any) -> Any:
        if not isinstance(value, dict | list):
            raise BadValue("An object is expected.")
        plain = nested(value)
        if len(json.dumps(plain)) > LONGEST_OBJECT:
            raise BadValue(f"At most {LONGEST_OBJECT} characters are kept.")
        return plain

    # -- ways out ------------------------------------------------------------------------------------------------

    def to_json(self, value: Any) -> Any:
        """Turn a stored value into a JSON-ready one; empty words of a list become null."""
        if self.kind == "ref":
            return None if value is None else str(value)
        if self.kind == "refs":
            return [str(item) for item in value]
        if value == "" and self.kind in ("choice", "picklist", "email", "url", "currency"):
            return None
        return value

    def to_ledger(self, value: Any) -> Any:
        """Turn a stored value into the exact form that the ledger keeps."""
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        return value

    def from_ledger(self, value: Any) -> Any:
        """Turn a ledger value back into the stored one."""
        if value is None or value == "":
            return value
        if self.kind in ("decimal", "money", "percent"):
            return Decimal(value)
        if self.kind == "date":
            return date.fromisoformat(value)
        if self.kind == "datetime":
            return datetime.fromisoformat(value)
        if self.kind == "time":
            return time.fromisoformat(value)
        return value

    def display(self, value: Any) -> str:
        """Turn a stored value into words, without units; links are shown by their pages."""
        if value is None or value == "" or value == []:
            return ""
        if self.kind == "choice":
            return str(dict(self.choices).get(value, value))
        if self.kind == "boolean":
            return "yes" if value else "no"
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if self.kind == "tags":
            return ", ".join(value)
        return str(value)
