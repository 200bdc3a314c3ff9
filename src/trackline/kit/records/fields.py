"""Facts of one field of a record type, and its values' way in and out.

A field's kind, choices, limits and label come from its Django model field, so that page, API, command line, import and
documentation agree. Ways in: `parse_json` (API), `parse_text` (forms, files). Ways out: `to_json`, `to_ledger`, `display`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator, validate_email
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.text import capfirst

from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField, PicklistField, TagsField
from trackline.kit.records.models import CustomField

ALIASES: Mapping[str, str] = {"yellow": "amber"}
"""Words accepted on input for a choice that is stored under another word."""

MOST_DIGITS = 40
LONGEST_OBJECT = 100_000
DEEPEST = 20
LARGEST_NESTED = 2**53

_THOUSANDS = re.compile(r"^-?\d{1,3}([ ,'\u00a0\u202f]\d{3})+(\.\d+)?$")
_DECIMAL_COMMA = re.compile(r"^-?\d{1,3}(\.?\d{3})*,(\d{1,2}|\d{4,})$")
"""A comma before other than three digits can only be the decimal one."""
_SCALES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_DAY_FORMATS = ("%d %b %Y", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d")


class BadValue(ValueError):
    """A value that its field does not take; the message says what is expected."""


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
        if value is None or (value == "" and self.kind in ("choice", "picklist", "email", "url", "date", "datetime")):
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
        if abs(value) > 2**31 - 1:
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
        try:
            day = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            day = None
        if day is None:
            raise BadValue("A date like 2027-03-31 is expected.")
        return day

    def _json_datetime(self, value: Any) -> datetime:
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise BadValue("A moment like 2027-03-31T09:30:00Z is expected.")
        try:
            moment = timezone.make_aware(moment, UTC) if timezone.is_naive(moment) else moment.astimezone(UTC)
        except (OverflowError, ValueError):
            raise BadValue("The moment is out of range.") from None
        return moment

    def _json_time(self, value: Any) -> time:
        try:
            moment = parse_time(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise BadValue("A time like 09:30 is expected.")
        return moment

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
        plain = _plain(value, DEEPEST)
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


def _plain(value: Any, depth: int) -> Any:
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
        return {_plain(key, depth): _plain(item, depth - 1) for key, item in value.items()}
    return [_plain(item, depth - 1) for item in value] if isinstance(value, list) else value


def storable(text: str) -> bool:
    """Tell whether both databases can keep a text: no NUL, no lone surrogate."""
    return "\x00" not in text and not re.search("[\ud800-\udfff]", text)


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
            return day
    except ValueError:
        raise BadValue(f"There is no day {text}.") from None
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    raise BadValue(f"{text!r} is not a date. Write it like 2027-03-31 or 31 Mar 2027.")


_KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (MoneyField, "money"),
    (PercentField, "percent"),
    (CurrencyField, "currency"),
    (PicklistField, "picklist"),
    (TagsField, "tags"),
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.BooleanField, "boolean"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
    (models.JSONField, "object"),
    (models.ManyToManyField, "refs"),
    (models.ForeignKey, "ref"),
)


def spec_of(field: models.Field[Any, Any], *, required: bool | None = None, read_only: bool = False) -> FieldSpec:
    """Derive the facts of a model field."""
    kind = next((kind for cls, kind in _KINDS if isinstance(field, cls)), "text")
    choices = tuple((key, str(label)) for key, label in (field.choices or ()))
    if choices and kind in ("text", "integer"):
        kind = "choice"
    needed = not field.blank and not field.null and not field.has_default() and kind != "refs"
    minimum = maximum = None
    for validator in field.validators if kind not in ("ref", "refs") else ():
        if isinstance(validator, MinValueValidator):
            minimum = Decimal(str(validator.limit_value))
        elif isinstance(validator, MaxValueValidator):
            maximum = Decimal(str(validator.limit_value))
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField) and minimum is None:
        minimum = Decimal(0)
    if isinstance(field, models.PositiveSmallIntegerField | models.SmallIntegerField):
        maximum = Decimal(32767) if maximum is None or maximum > 32767 else maximum
    target = ""
    if kind in ("ref", "refs"):
        related = field.remote_field.model  # type: ignore[union-attr]
        target = related if isinstance(related, str) else related._meta.label
    return FieldSpec(
        name=field.name,
        kind=kind,
        label=capfirst(str(field.verbose_name)),
        help=str(field.help_text),
        required=needed if required is None else required,
        read_only=read_only,
        choices=choices,
        picklist=getattr(field, "picklist", ""),
        target=target,
        minimum=minimum,
        maximum=maximum,
        max_length=field.max_length if kind not in ("refs", "ref", "object", "tags") else None,
        decimals=getattr(field, "decimal_places", None),
        digits=getattr(field, "max_digits", None),
        nullable=field.null,
        blank=field.blank,
        default=field.default if field.has_default() and not callable(field.default) else None,
    )


def spec_of_custom(row: CustomField) -> FieldSpec:
    """Derive the facts of a field that an administrator defined."""
    return FieldSpec(
        name=row.key,
        kind=row.kind,
        label=row.label,
        help=row.help,
        choices=tuple((str(item), str(item)) for item in row.choices),
        max_length=10_000 if row.kind in ("text", "longtext", "url") else None,
        decimals=6 if row.kind == "decimal" else None,
        digits=20 if row.kind == "decimal" else None,
        custom=True,
    )
