"""The forecast as its page shows it: totals by period against their targets, and the routes behind any of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from trackline.align.models import Route
from trackline.align.rules.hygiene import ITEMS
from trackline.book.queries.deals import Deal
from trackline.book.queries.forecast import Counted, chance, commit_list, counted, told
from trackline.book.queries.hygiene import Hygiene, hygiene_of
from trackline.book.queries.narrowing import FILTERS
from trackline.core.periods import month_of
from trackline.kit.policy import Context
from trackline.workspace.queries.account.cards.pipeline import Fan

PATH = "/book/forecast"
PAGE_SIZE = 50
UNDATED = "none"
COMMIT = "commit"
SHORT = {
    "next_step": "no next step",
    "close_date": "close date past or missing",
    "ageing": "standing still",
    "probability": "probability without a reason",
    "slipping": "put off twice",
}
"""What a route misses, in words of a table."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for: filters of accounts, the day, quarters or months, and which routes are listed."""

    filters: Mapping[str, str] = field(default_factory=dict)
    on: date | None = None
    by: str = "quarter"
    period: str = ""
    show: str = ""
    page: int = 1
    wrong: str = ""

    @classmethod
    def of(cls, query: QueryDict, today: date) -> Asked:
        """Read a query string; what means nothing is left out, a day that is none is told."""

        def text(name: str) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:120]

        on, wrong = None, ""
        try:
            on = date.fromisoformat(text("as_of")) if text("as_of") else None
        except ValueError:
            wrong = "A day as YYYY-MM-DD is expected. The forecast of today is shown."
        if on is not None and on > today:
            on, wrong = None, "The day lies ahead. The forecast of today is shown."
        page = text("page")
        return cls(
            {name: text(name) for name in FILTERS if text(name)},
            None if on == today else on,
            "month" if text("by") == "month" else "quarter",
            text("period"),
            text("show") if text("show") in (COMMIT, *ITEMS) else "",
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
            wrong,
        )

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs = {
            **self.filters,
            "as_of": self.on.isoformat() if self.on else "",
            "by": self.by if self.by != "quarter" else "",
            "period": self.period,
            "show": self.show,
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    def but(self, **changes: Any) -> str:
        """Return the address of the same with some things changed, from its first page."""
        return replace(self, page=1, **changes).url


@dataclass(frozen=True)
class Period:
    """A quarter or month of the forecast; `fan` is None where nothing is open in it."""

    facts: Mapping[str, Any]
    key: str
    label: str
    url: str
    current: bool
    past: bool
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A route of the list, with what its hygiene misses."""

    deal: Deal
    title: str
    account: Mapping[str, Any]
    chance: Decimal
    weighted: Decimal
    misses: Sequence[str]


@dataclass(frozen=True)
class Forecasting:
    """All that the page shows. `hygiene` is judged of today alone."""

    asked: Asked
    whole: Mapping[str, Any]
    periods: Sequence[Period]
    fan: Fan | None
    now: Mapping[str, Any] | None
    lines: Sequence[Line]
    found: int
    listed: Decimal
    hygiene: Hygiene | None
    tests: Sequence[tuple[str, str, int, str]]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    targeted: bool

    @property
    def first(self) -> int:
        """The number of the first route shown."""
        return (self.asked.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last route shown."""
        return self.first + len(self.lines) - 1


def forecasting(ctx: Context, asked: Asked, *, every: bool = False) -> Forecasting:
    """Return the page of the forecast, the same figures that `portfolio forecast` tells; `every` lists all routes."""
    given = counted(ctx, asked.on or ctx.today, asked.filters)
    whole = told(given)
    hygiene = None if asked.on else hygiene_of(ctx, given.narrowed.ids)
    committed = {int(part.key) for part in commit_list(given).parts}
    chosen = sorted(_listed(given, asked, committed, hygiene), key=lambda deal: (-_weighted(deal), deal.pk))
    page = chosen if every else chosen[(asked.page - 1) * PAGE_SIZE : asked.page * PAGE_SIZE]
    rows = whole[f"by_{asked.by}"]
    return Forecasting(
        asked,
        whole,
        [_period(row, asked, given.on) for row in rows],
        _fan(whole),
        next((row for row in whole["by_quarter"] if row["quarter"] == whole["quarter"]), None),
        _lines(page, given, hygiene),
        len(chosen),
        sum((_weighted(deal) for deal in chosen), Decimal(0)),
        hygiene,
        _tests(asked, whole, hygiene),
        given.narrowed.choices,
        bool(given.targets.values),
    )


def files(found: Forecasting) -> Iterator[list[Any]]:
    """Yield the heading and one line a route, for a file."""
    currency = found.whole["currency"]
    yield [
        "As of", "Key", "Account", "Route", "State", "Stage", "Expected close", "Quarter", f"Value {currency}", "Probability %",
        f"Weighted {currency}", "To be fixed",
    ]  # fmt: skip
    for line in found.lines:
        deal = line.deal
        period = next((row["quarter"] for row in found.whole["by_quarter"] if _within(deal, row)), "")
        yield [
            found.whole["as_of"], line.account["key"], line.account["name"], line.title, deal.state, deal.stage,
            deal.closes_on, period, deal.value, line.chance, line.weighted, "; ".join(line.misses),
        ]  # fmt: skip


def _within(deal: Deal, row: Mapping[str, Any]) -> bool:
    return bool(deal.closes_on and row["start"] and row["start"] <= deal.closes_on <= row["end"])


def _listed(given: Counted, asked: Asked, committed: set[int], hygiene: Hygiene | None) -> Iterator[Deal]:
    for deal in given.rows:
        if asked.period and asked.period not in _keys(given, deal):
            continue
        if asked.show == COMMIT and deal.pk not in committed:
            continue
        if asked.show in ITEMS and (hygiene is None or asked.show not in hygiene.missed.get(deal.pk, ())):
            continue
        yield deal


def _keys(given: Counted, deal: Deal) -> tuple[str, ...]:
    """The periods a route belongs to."""
    if deal.closes_on is None:
        return (UNDATED,)
    return given.quarter_of(deal.closes_on).key, month_of(deal.closes_on).key


def _weighted(deal: Deal) -> Decimal:
    return (deal.value or Decimal(0)) * chance(deal) / 100


def _lines(page: Sequence[Deal], given: Counted, hygiene: Hygiene | None) -> list[Line]:
    titles = dict(Route.objects.filter(pk__in=[deal.pk for deal in page]).values_list("pk", "title"))
    return [
        Line(
            deal,
            titles[deal.pk],
            given.narrowed.accounts[deal.account],
            chance(deal),
            _weighted(deal),
            [SHORT[item] for item in (hygiene.missed.get(deal.pk, ()) if hygiene else ())],
        )
        for deal in page
    ]


def _period(row: Mapping[str, Any], asked: Asked, on: date) -> Period:
    key = row[asked.by] or UNDATED
    label = "No date" if key == UNDATED else key
    if asked.by == "month" and row["start"]:
        label = f"{row['start']:%b} {row['start'].year}"
    return Period(
        row,
        key,
        label,
        asked.but(period="" if asked.period == key else key),
        bool(row["start"] and row["start"] <= on <= row["end"]),
        bool(row["end"] and row["end"] < on),
        asked.period == key,
    )


def _fan(whole: Mapping[str, Any]) -> Fan | None:
    if not whole["count"]:
        return None
    return Fan(whole["quantiles"], whole["mean"], None, whole["gross"], whole["currency"])


def _tests(asked: Asked, whole: Mapping[str, Any], hygiene: Hygiene | None) -> list[tuple[str, str, int, str]]:
    """What narrows the list of routes: key, words, how many there are, address."""
    found = [
        ("", "All open", whole["count"], asked.but(show="")),
        (COMMIT, f"Committed for {whole['quarter']}", whole["commit_count"], asked.but(show=COMMIT)),
    ]
    if hygiene is not None:
        found += [
            (item, SHORT[item].capitalize(), hygiene.count(item), asked.but(show=item))
            for item in ITEMS if hygiene.count(item)
        ]  # fmt: skip
    return found
