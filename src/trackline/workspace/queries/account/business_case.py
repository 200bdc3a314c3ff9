"""A business case as its page and panel show it, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.kit import formats
from trackline.kit.records.workbooks import Column, Money, Percent, Sheet
from trackline.reveal.cases import Result
from trackline.reveal.models import BusinessCase

NONE = "none"
WIDTH = 6
"""Columns of the case as a sheet: as many as its widest line."""


@dataclass(frozen=True)
class CasePage:
    """Everything `records/special/business_case.html` shows; amounts are in `currency`."""

    case: BusinessCase
    result: Result
    currency: str

    @property
    def finding(self) -> str:
        """The case in a sentence."""
        if self.result.npv is None:
            return "No cash flows yet: add what it costs and what it brings, year by year."
        worth = formats.money(self.result.npv, self.currency)
        rate = formats.number(self.case.discount_rate_pct)
        back = years(self.result.found.details["payback_years"])
        return f"Worth {worth} today at {rate} % a year; {f'paid back after {back}' if back != NONE else 'never paid back'}."

    @property
    def irr(self) -> str:
        """Internal rate of return; `none` where the net never changes sign or the rate lies out of reach."""
        found = self.result.found.details["irr_pct"]
        return NONE if found is None else formats.percent(found, 1)

    @property
    def payback(self) -> str:
        """Years until it is paid back."""
        return years(self.result.found.details["payback_years"])

    @property
    def discounted_payback(self) -> str:
        """Years until it is paid back at present values."""
        return years(self.result.found.details["discounted_payback_years"])

    @property
    def break_even(self) -> str:
        """Share of the benefits at which the present value is 0."""
        found = self.result.found.details["break_even_pct"]
        return NONE if found is None else formats.percent(found, 1)

    @property
    def cases(self) -> list[tuple[str, Any, str, str, bool]]:
        """Benefits, present value, return and payback of each sensitivity; the last says that it is the base."""
        return [
            (
                formats.percent(row["factor_pct"], 0),
                row["npv"],
                NONE if row["irr_pct"] is None else formats.percent(row["irr_pct"], 1),
                years(row["payback_years"]),
                row["factor_pct"] == 100,
            )
            for row in self.result.found.details["cases"]
        ]


def case_page(case: BusinessCase, result: Result) -> CasePage:
    """Return the page of a case."""
    return CasePage(case, result, case.account.currency)


def years(value: Decimal | None) -> str:
    """Return a time in years as it reads; `none` for never."""
    return NONE if value is None else f"{formats.number(value, 2)}{formats.NBSP}years"


def sheet_of(page: CasePage) -> Sheet:
    """Return the case as a sheet of a workbook."""
    lines = [[*line, *[None] * (WIDTH - len(line))] for line in _lines(page)]
    return Sheet("Business case", [Column(cell or "") for cell in lines[0]], lines[1:], plain=True)


def lines_of(page: CasePage) -> Iterator[list[Any]]:
    """Yield the case as rows of plain values: what was entered, the years, the result, the sensitivities."""
    for line in _lines(page):
        yield [cell.amount if isinstance(cell, Money | Percent) else cell for cell in line]


def _lines(page: CasePage) -> Iterator[list[Any]]:
    def money(value: Any) -> Money | None:
        return None if value is None else Money(value, page.currency)

    def percent(value: Any) -> Percent | None:
        return None if value is None else Percent(value)

    case, result, details = page.case, page.result, page.result.found.details
    yield ["Business case", case.title]
    yield ["Account", case.account.name]
    yield ["Currency", page.currency]
    yield ["Discount rate, % a year", percent(case.discount_rate_pct)]
    yield []
    yield ["Year", "Benefits", "Costs", "Net", "Cumulative", "Present value"]
    for one in result.years:
        yield [one.number, *map(money, (one.benefit, one.cost, one.net, one.total, one.present))]
    yield []
    yield ["Net present value", money(result.npv)]
    yield ["Internal rate of return, %", percent(details["irr_pct"])]
    yield ["Payback, years", details["payback_years"]]
    yield ["Discounted payback, years", details["discounted_payback_years"]]
    yield ["Break-even, % of the benefits", percent(details["break_even_pct"])]
    for note in result.found.notes:
        yield ["Note", note]
    yield []
    yield ["Benefits, %", "Net present value", "Return, %", "Payback, years"]
    for row in details["cases"]:
        yield [percent(row["factor_pct"]), money(row["npv"]), percent(row["irr_pct"]), row["payback_years"]]
    yield []
    yield ["Line", "Present value, 20 % lower", "Present value, 20 % higher"]
    for swing in result.swings:
        yield [swing.title, money(swing.lower), money(swing.higher)]
