"""What all values of a column prove together: order of dates, decimal mark, share or percentage, kind of data.

A scan looks at every row of the file, but at each distinct value of a chunk only once, and gives up on a reading as
soon as one value contradicts it. So it costs little more than reading the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from trackline.connectors.readers.tables import Cell
from trackline.connectors.values.addresses import parse_email
from trackline.connectors.values.dates import NotADate, Order, is_serial, parse_date
from trackline.connectors.values.numbers import Mark, NotANumber, parse_number
from trackline.connectors.values.words import fold, is_empty, is_empty_typed

_SAMPLES = 3
_SAMPLE_LENGTH = 60
#: Distinct values are collected up to this many: enough to list the stages of a pipeline, not the notes of a CRM.
_DISTINCT = 60
_YES_NO = frozenset({"true", "false", "yes", "no", "ja", "nein", "oui", "non", "si", "wahr", "falsch", "vrai", "faux"})
_LONG_TEXT = 200


@dataclass(slots=True)
class ColumnScan:
    """Evidence gathered from one column. Counts are of distinct values per chunk, except `filled`."""

    dates: bool = False
    numbers: bool = False
    emails: bool = False
    #: Whether the kind of data is to be found out, for a column that becomes a custom field.
    kind_wanted: bool = False
    distinct_wanted: bool = False

    filled: int = 0
    samples: list[str] = field(default_factory=list)
    day_first: str = ""
    month_first: str = ""
    either_order: str = ""
    point: str = ""
    comma: str = ""
    either_mark: str = ""
    currencies: Counter[str] = field(default_factory=Counter)
    #: For percentages: largest value, and whether any lies strictly between 0 and 1.
    largest: Decimal | None = None
    has_fraction_of_one: bool = False
    distinct: Counter[str] = field(default_factory=Counter)
    too_many_distinct: bool = False
    #: Distinct values that could not be read as the date or number that was looked for, and those that could.
    unreadable: int = 0
    readable: int = 0
    #: Numbers where dates were looked for that a spreadsheet would show as days, and the first of them.
    serials: int = 0
    serial: str = ""
    kinds: set[str] = field(default_factory=lambda: {"integer", "decimal", "date", "boolean"})
    longest: int = 0

    def add(self, values: Sequence[Cell]) -> None:
        """Take in the values of one chunk."""
        if len(self.samples) == _SAMPLES and not self._curious:
            self.filled += len(values) - values.count("")
            return
        counted = Counter(value for value in values if value != "")
        for value, times in counted.items():
            if isinstance(value, str):
                if is_empty(value):
                    continue
                self.filled += times
                self._add_text(value.strip(), times)
            else:
                self.filled += times
                self._add_typed(value, times)

    @property
    def _curious(self) -> bool:
        """Whether the values still have something to tell beyond their number."""
        return self.dates or self.numbers or self.emails or self.distinct_wanted or self.kind_wanted

    def _add_text(self, text: str, times: int) -> None:
        if len(self.samples) < _SAMPLES and text[:_SAMPLE_LENGTH] not in self.samples:
            self.samples.append(text[:_SAMPLE_LENGTH])
        if self.distinct_wanted:
            self._count(text, times)
        if self.kind_wanted:
            self.longest = max(self.longest, len(text))
            if self.kinds:
                self._narrow(text)
        if self.dates and not is_empty_typed(text):
            self._date(text)
        if self.numbers and not is_empty_typed(text):
            self._number(text)
        if self.emails and not self.readable and not is_empty_typed(text):
            self._email(text)

    def _add_typed(self, value: Cell, times: int) -> None:
        text = show(value)
        if len(self.samples) < _SAMPLES and text not in self.samples:
            self.samples.append(text)
        if self.distinct_wanted:
            self._count(text, times)
        if self.kind_wanted and self.kinds:
            self.kinds &= _kinds_of(value)
        if self.numbers and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            self._magnitude(Decimal(str(value)))

    def _count(self, text: str, times: int) -> None:
        if text in self.distinct or len(self.distinct) < _DISTINCT:
            self.distinct[text] += times
        else:
            self.too_many_distinct = True

    def _date(self, text: str) -> None:
        try:
            moment = parse_date(text)
        except NotADate:
            if is_serial(text):
                self.serials += 1
                self.serial = self.serial or text
            else:
                self.unreadable += 1
            return
        self.readable += 1
        if moment.order is Order.DAY_FIRST:
            self.day_first = self.day_first or text
        elif moment.order is Order.MONTH_FIRST:
            self.month_first = self.month_first or text
        elif moment.ambiguous:
            self.either_order = self.either_order or text

    def _number(self, text: str) -> None:
        try:
            number = parse_number(text)
        except NotANumber:
            self.unreadable += 1
            return
        self.readable += 1
        if number.mark is Mark.POINT:
            self.point = self.point or text
        elif number.mark is Mark.COMMA:
            self.comma = self.comma or text
        elif number.ambiguous:
            self.either_mark = self.either_mark or text
        if number.currency:
            self.currencies[number.currency] += 1
        if not number.percent:
            self._magnitude(number.value)

    def _email(self, text: str) -> None:
        try:
            parse_email(text)
        except ValueError:
            self.unreadable += 1
        else:
            self.readable += 1

    def _magnitude(self, value: Decimal) -> None:
        if self.largest is None or value > self.largest:
            self.largest = value
        if 0 < value < 1:
            self.has_fraction_of_one = True

    def _narrow(self, text: str) -> None:
        """Strike the kinds that this value is not."""
        if "boolean" in self.kinds and fold(text) not in _YES_NO:
            self.kinds.discard("boolean")
        if is_empty_typed(text):
            return
        if "date" in self.kinds and not _is_date(text, self):
            self.kinds.discard("date")
        if self.kinds & {"integer", "decimal"}:
            self._narrow_number(text)

    def _narrow_number(self, text: str) -> None:
        digits = text.lstrip("+-")
        # A leading zero or a plus makes it a code or a telephone number; so does more than a counter holds.
        if text.startswith("+") or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()) or len(digits) > 15:
            self.kinds -= {"integer", "decimal"}
            return
        try:
            number = parse_number(text)
        except NotANumber:
            self.kinds -= {"integer", "decimal"}
            return
        if number.percent or number.currency:
            self.kinds.discard("integer")
        if number.ambiguous:
            self.either_mark = self.either_mark or text
        elif number.mark is Mark.POINT:
            self.point = self.point or text
        elif number.mark is Mark.COMMA:
            self.comma = self.comma or text
        if number.value != number.value.to_integral_value():
            self.kinds.discard("integer")

    def kind(self, order: Order | None = None, mark: Mark | None = None) -> str:
        """The kind of data all values share: `boolean`, `date`, `integer`, `decimal`, `longtext` or `text`.

        Dates and numbers with two readings count as text, unless `order` or `mark` says how to read them.
        """
        if self.filled:
            if "boolean" in self.kinds:
                return "boolean"
            if "date" in self.kinds and (order or not self.order_unknown):
                return "date"
            for kind in ("integer", "decimal"):
                if kind in self.kinds and (mark or not self.mark_unknown):
                    return kind
        return "longtext" if self.longest > _LONG_TEXT else "text"

    @property
    def order_unknown(self) -> bool:
        """Whether some date has two readings and none in the column decides, or they contradict each other."""
        return bool(self.either_order) and bool(self.day_first) == bool(self.month_first)

    @property
    def mark_unknown(self) -> bool:
        """Whether some number has two readings and none in the column decides, or they contradict each other."""
        return bool(self.either_mark) and bool(self.point) == bool(self.comma)

    def order(self) -> Order | None:
        """The order of day and month that the column proves."""
        if bool(self.day_first) == bool(self.month_first):
            return None
        return Order.DAY_FIRST if self.day_first else Order.MONTH_FIRST

    def mark(self) -> Mark | None:
        """The decimal mark that the column proves."""
        if bool(self.point) == bool(self.comma):
            return None
        return Mark.POINT if self.point else Mark.COMMA

    @property
    def holds_serials(self) -> bool:
        """Whether all that is no date as people write them is the day number of a spreadsheet."""
        return self.serials > 0 and not self.unreadable

    def is_share_of_one(self) -> bool:
        """Whether percentages were written as parts of one: none above 1, and some strictly between."""
        return self.has_fraction_of_one and self.largest is not None and self.largest <= 1


def _is_date(text: str, scan: ColumnScan) -> bool:
    # Eight digits may be a date, but as a column of its own they are more often a number or a code.
    if text.isdigit():
        return False
    try:
        moment = parse_date(text)
    except NotADate:
        return False
    if moment.order is Order.DAY_FIRST:
        scan.day_first = scan.day_first or text
    elif moment.order is Order.MONTH_FIRST:
        scan.month_first = scan.month_first or text
    elif moment.ambiguous:
        scan.either_order = scan.either_order or text
    return True


def _kinds_of(value: Cell) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, date):
        return {"date"}
    if isinstance(value, int):
        return {"integer", "decimal"}
    if isinstance(value, float | Decimal):
        return {"decimal"} if value != int(value) else {"integer", "decimal"}
    return set()


def show(value: Cell) -> str:
    """A typed cell as text: ISO dates, plain numbers, `true` and `false`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value)
    return str(value)
