"""Read single cells by the plan of their column: one converter per column, with a memory of values already read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from rapidfuzz import process

from trackline.connectors.mapping.plan import ColumnPlan
from trackline.connectors.profiles import OWN, FieldWords, Source
from trackline.connectors.readers import Cell
from trackline.connectors.values.addresses import domain_of, parse_email, parse_url
from trackline.connectors.values.columns import show
from trackline.connectors.values.currencies import parse_currency
from trackline.connectors.values.dates import Moment, NotADate, Order, is_serial, parse_date, parse_epoch, parse_excel
from trackline.connectors.values.numbers import Mark, NotANumber, Number, parse_number
from trackline.connectors.values.words import EMPTY_STARTS, fold, is_empty, is_empty_typed, parse_boolean
from trackline.kit.records.exports import FORMULA
from trackline.kit.records.values import storable

_CENT = Decimal("0.01")
_WIDE = Context(prec=100, rounding=ROUND_HALF_EVEN)
#: The check characters of a long Salesforce id say which letters of each five are capitals; the first is the lowest bit.
_SF_CHECK = {f"{bits:05b}"[::-1]: check for bits, check in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")}
_CAPITALS = {code: "1" if chr(code).isupper() else "0" for code in range(128)}
#: Characters of a long Salesforce id.
LONG_ID = 18
#: As long as `ExternalId.value`.
_ID_LENGTH = 200
_TEXT_KINDS = frozenset({"text", "longtext", "picklist", "external_id", "stage", "pipeline", "ref", "refs"})
#: Kinds of columns whose texts are kept as they are, so that many are read at once.
_WHOLE_KINDS = frozenset({"text", "longtext", "picklist", "external_id", "ref"})
_MEMORY = 20_000
#: So many different values with fewer repeats show that remembering does not pay.
_TRIAL = 500
_UNREAD = object()
#: What stands between several addresses in one cell.
_SEVERAL = re.compile(r"\s*[;,\n|]\s*|\s+(?=\S+@)")


class BadCell(ValueError):
    """A cell that cannot be read; the message is a sentence for the person who brought the file.

    `hint` is what the cell may have meant.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money with the currency written beside it (`$` where the sign belongs to several)."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A cell that is left empty rather than costing its row, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """The record type's own test of a value (length, range).

    `test` returns the stored value or raises `BadCell`; `expected` says what to write instead of something else.
    """

    test: Callable[[Any], Any]
    expected: str = ""
    #: Of texts that need no test but these: so many characters at most, and characters that both databases keep.
    longest: int | None = None


class CellReader:
    """Reads the cells of one column. `read` returns the value, `None` for an empty cell, `Dropped`, or raises `BadCell`."""

    def __init__(self, column: ColumnPlan, facts: FieldWords | None, source: Source, check: Check | None) -> None:
        self.column = column
        self._facts = facts
        self._source = source
        self._check = check.test if check else None
        self._longest = check.longest if check else None
        self._whole = column.kind in _WHOLE_KINDS and not column.replace and source.system != OWN
        self._whole = self._whole and (check is None or check.longest is not None)
        self._expected = check.expected if check else ""
        self._order = Order(column.date_order) if column.date_order else None
        self._mark = Mark(column.decimal) if column.decimal else None
        self._replace = {text.strip(): meant for text, meant in column.replace.items()}
        self._read = self._reader(column.kind)
        self._text_kind = column.kind in _TEXT_KINDS
        self._memory: dict[Cell, Any] = {}
        self._repeats = 0
        # Long texts and ids hardly repeat; remembering them would only fill memory.
        self._remember = column.kind not in ("longtext", "external_id", "email")

    @property
    def points_to(self) -> str:
        """The record type that the column's references mean, or nothing."""
        return self._facts.target if self._facts is not None else ""

    def read(self, cell: Cell) -> Any:
        """Read one cell."""
        if not self._remember or isinstance(cell, bool):
            return self._convert(cell)
        found = self._memory.get(cell, _UNREAD)
        if found is _UNREAD:
            found = self._read_first(cell)
        else:
            self._repeats += 1
        if isinstance(found, BadCell):
            raise found
        return found

    def read_all(self, cells: Sequence[Cell]) -> list[Any]:
        """Read cells of the column together: what `read` returns for each, and the `BadCell` where it would raise one."""
        found = self._read_texts(cells) if self._whole else None
        return [None if cell == "" else self._read_or_bad(cell) for cell in cells] if found is None else found

    def _read_or_bad(self, cell: Cell) -> Any:
        try:
            return self.read(cell)
        except BadCell as bad:
            return bad

    def _read_texts(self, cells: Sequence[Cell]) -> list[str | None] | None:
        """Texts of one line each, tested all at once; nothing where one of them needs a look of its own."""
        if set(map(type, cells)) != {str}:
            return None
        texts = [cell.strip() for cell in cells if isinstance(cell, str)]
        together = "".join(texts)
        longest = max(map(len, texts))
        if "\n" in together or "\r" in together or (self._check is not None and not storable(together)):
            return None
        if self._longest is not None and longest > self._longest:
            return None
        found = [None if not text or (text[0] in EMPTY_STARTS and is_empty(text)) else text for text in texts]
        if self.column.kind == "ref":
            mark, by = self._source.list_separator, self.column.field_target.by
            if by == "domain" or (mark and mark in together):
                return None
            is_id = by == "id"
        else:
            is_id = self.column.kind == "external_id"
        if is_id and longest > _ID_LENGTH:
            return None
        if is_id and self._source.system == "salesforce":
            return [full_salesforce_id(text) if text is not None and len(text) == 15 else text for text in found]
        return found

    def _read_first(self, cell: Cell) -> Any:
        try:
            found = self._convert(cell)
        except BadCell as bad:
            found = bad
        if len(self._memory) < _MEMORY:
            self._memory[cell] = found
        if len(self._memory) == _TRIAL and self._repeats < _TRIAL:
            self._remember = False
            self._memory = {}
        return found

    def _convert(self, cell: Cell) -> Any:
        if isinstance(cell, str):
            cell = cell.strip() if self._source.system != OWN else _unquoted(cell)
            if self._replace:
                cell = self._replace.get(cell, cell)
            if self._says_nothing(cell) or (not self._text_kind and is_empty_typed(cell) and not self._is_choice(cell)):
                return None
        elif self._replace:
            cell = self._replace.get(show(cell), cell)
        value = self._read(cell)
        if self._check is not None and value is not None and not isinstance(value, Dropped):
            if isinstance(value, Amount):
                return Amount(self._check(value.value), value.currency)
            return self._check(value)
        return value

    def _says_nothing(self, text: str) -> bool:
        """In our own exports only an empty cell is empty: `None` may be the name of something."""
        return not text or text.isspace() if self._source.system == OWN else is_empty(text)

    def _is_choice(self, text: str) -> bool:
        return self.column.kind == "choice" and self._facts is not None and fold(text) in self._facts.choices

    def _reader(self, kind: str) -> Callable[[Cell], Any]:
        own: Mapping[str, Callable[[Cell], Any]] = {
            "integer": self._decimal,
            "decimal": self._decimal,
            "money": self._money,
            "percent": self._percent,
            "date": self._date,
            "datetime": self._datetime,
            "boolean": self._boolean,
            "choice": self._choice,
            "email": self._email,
            "url": self._url,
            "domain": self._domain,
            "currency": self._currency,
            "tags": self._tags,
            "longtext": self._longtext,
            "external_id": self._id,
            "stage": self._stage,
            "ref": self._reference,
            "refs": self._references,
            "object": self._object,
        }
        return own.get(kind, self._text)

    # -- text ------------------------------------------------------------------------------------------------------

    def _text(self, cell: Cell) -> str:
        text = show(cell)
        return " ".join(text.split()) if "\n" in text or "\r" in text else text

    def _longtext(self, cell: Cell) -> str:
        return show(cell).replace("\r\n", "\n").replace("\r", "\n")

    def _id(self, cell: Cell) -> str:
        return self._as_id(self._text(cell))

    def _as_id(self, text: str) -> str:
        if len(text) > _ID_LENGTH:
            raise BadCell(f"An id has at most {_ID_LENGTH} characters; this has {len(text)}.")
        return full_salesforce_id(text) if self._source.system == "salesforce" else text

    def _stage(self, cell: Cell) -> str:
        return self._text(cell)

    def _reference(self, cell: Cell) -> str:
        text = self._text(cell)
        by = self.column.field_target.by
        if self._source.list_separator and self._source.list_separator in text:
            # The first of several is the primary one.
            text = text.split(self._source.list_separator)[0].strip()
        if by == "id" and not text.startswith("@"):
            return self._as_id(text)
        if by == "domain":
            return domain_of(text)
        return text

    def _references(self, cell: Cell) -> list[str]:
        return [part for piece in self._text(cell).split(";") if (part := piece.strip())]

    def _tags(self, cell: Cell) -> list[str]:
        text = self._text(cell)
        mark = ";" if ";" in text or self._source.system == OWN else ","
        return list(dict.fromkeys(part for piece in text.split(mark) if (part := piece.strip())))

    def _object(self, cell: Cell) -> Any:
        try:
            return json.loads(self._longtext(cell))
        except ValueError:
            raise BadCell("JSON is expected, as Trackline exports it.") from None

    # -- numbers ---------------------------------------------------------------------------------------------------

    def _number(self, cell: Cell) -> tuple[Decimal, Number | None]:
        if isinstance(cell, bool | date):
            raise BadCell(self._expected or "A number is expected.")
        if not isinstance(cell, str):
            return Decimal(str(cell)), None
        try:
            number = parse_number(cell)
        except NotANumber:
            raise BadCell(self._expected or "A number is expected.") from None
        if number.ambiguous and self._mark is None:
            raise BadCell("Could be a decimal mark or a thousands mark; the column has both kinds.")
        return number.read(self._mark or Mark.POINT), number

    def _decimal(self, cell: Cell) -> Decimal:
        if isinstance(cell, str) and self._facts is not None and self._facts.choices:
            # A scale of numbers that others write in words (`High`).
            step = self._facts.choices.get(fold(cell))
            if step is not None:
                return Decimal(str(step))
        return self._number(cell)[0]

    def _money(self, cell: Cell) -> Amount | Decimal:
        value, number = self._number(cell)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -2:
            value = _WIDE.quantize(value, _CENT)
        return Amount(value, number.currency) if number is not None and number.currency else value

    def _percent(self, cell: Cell) -> Decimal:
        value, number = self._number(cell)
        share = self.column.share and not (number is not None and number.percent)
        return value * 100 if share else value

    # -- dates -----------------------------------------------------------------------------------------------------

    def _moment(self, cell: Cell) -> Moment:
        if isinstance(cell, datetime):
            return Moment(cell.date(), cell)
        if isinstance(cell, date):
            return Moment(cell)
        try:
            if isinstance(cell, str):
                if self._source.epoch_dates and cell.isdigit() and len(cell) in (10, 13):
                    return parse_epoch(cell)
                if self.column.serials and is_serial(cell):
                    return parse_excel(float(cell))
                return parse_date(cell)
            if self._source.epoch_dates and cell > 10**9:
                return parse_epoch(str(cell))
            return parse_excel(float(cell))
        except NotADate as problem:
            raise BadCell(str(problem)) from None

    def _order_of(self, moment: Moment) -> Order:
        if self._order is None and moment.ambiguous:
            raise BadCell("Day and month cannot be told apart; the column has both orders.")
        return self._order or Order.MONTH_FIRST

    def _date(self, cell: Cell) -> date:
        moment = self._moment(cell)
        return moment.read(self._order_of(moment))

    def _datetime(self, cell: Cell) -> datetime:
        moment = self._moment(cell)
        if not isinstance(cell, str) and moment.at is None:
            return datetime.combine(moment.on, time(), tzinfo=UTC)
        return moment.read_at(self._order_of(moment))

    # -- words -----------------------------------------------------------------------------------------------------

    def _boolean(self, cell: Cell) -> bool:
        if isinstance(cell, bool):
            return cell
        try:
            return parse_boolean(show(cell))
        except ValueError:
            raise BadCell("Yes or no is expected.") from None

    def _choice(self, cell: Cell) -> Any:
        text = self._text(cell)
        if text in self.column.words:
            return self.column.words[text]
        facts = self._facts
        if facts is None or not facts.choices:
            return text
        key = facts.choices.get(fold(text))
        if key is None and ";" in text:
            # Of several values of a multi-select field the first that is known is the primary one.
            key = next((found for part in text.split(";") if (found := facts.choices.get(fold(part)))), None)
        if key is not None:
            return key
        if facts.otherwise is not None:
            return facts.otherwise or None
        near = process.extractOne(fold(text), facts.choices.keys(), score_cutoff=75)
        known = ", ".join(str(word) for word in dict.fromkeys(facts.choices.values()))
        raise BadCell(f"One of {known} is expected.", str(facts.choices[near[0]]) if near else "")

    def _email(self, cell: Cell) -> str:
        text = self._text(cell)
        try:
            return parse_email(text)
        except ValueError:
            # Of several addresses the first is the primary one.
            first = _SEVERAL.split(text.strip(), maxsplit=1)[0]
            try:
                return parse_email(first)
            except ValueError:
                raise BadCell("Not an e-mail address.") from None

    def _url(self, cell: Cell) -> str | Dropped:
        try:
            return parse_url(self._text(cell))
        except ValueError:
            return Dropped("Not a web address.")

    def _domain(self, cell: Cell) -> str | Dropped:
        return domain_of(self._text(cell)) or Dropped("Not a web address; the domain stays empty.")

    def _currency(self, cell: Cell) -> str:
        try:
            return parse_currency(self._text(cell))
        except ValueError:
            raise BadCell("A currency code of three letters is expected, for example EUR.") from None


def _unquoted(text: str) -> str:
    """Without the `'` that our exports put before what a spreadsheet would run as a formula."""
    text = text.strip(" ")
    return text[1:] if text[:1] == "'" and FORMULA.match(text[1:]) else text


def is_salesforce_id(text: str) -> bool:
    """Whether a text has the form of a Salesforce record id: 15 or 18 letters and digits, beginning with digits."""
    return len(text) in (15, 18) and text.isascii() and text.isalnum() and text[:1].isdigit()


def full_salesforce_id(text: str) -> str:
    """The 18-character form of a 15-character Salesforce id, so that both forms find the same record."""
    if len(text) != 15 or not text.isalnum() or not text.isascii():
        return text
    capitals = text.translate(_CAPITALS)
    return text + _SF_CHECK[capitals[:5]] + _SF_CHECK[capitals[5:10]] + _SF_CHECK[capitals[10:]]
