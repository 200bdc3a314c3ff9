"""What a business case is worth: its cash flows put to the rule, year by year, and what each line does to the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.reveal.models import BusinessCase, CaseLine
from trackline.reveal.rules.returns import discounted
from trackline.reveal.rules.value import value_case

SWING_PCT = 20
"""By so much each line is moved, down and up, to see what the result rests on. Ours: as far as the cases of VAL-08 go up."""

Links = dict[str, list[int]]


@dataclass(frozen=True)
class Year:
    """Money of one year, what of it is left, the running sum, and the present value."""

    number: int
    benefit: Decimal
    cost: Decimal
    total: Decimal
    present: Decimal

    @property
    def net(self) -> Decimal:
        """Benefits less costs."""
        return self.benefit - self.cost


@dataclass(frozen=True)
class Swing:
    """The net present value with one line 20 % lower and 20 % higher, all else unchanged."""

    title: str
    lower: Decimal
    higher: Decimal

    @property
    def width(self) -> Decimal:
        """How far apart they are."""
        return abs(self.higher - self.lower)


@dataclass(frozen=True)
class Result:
    """A business case with what the rule finds; without cash flows there are no years."""

    found: Explained
    years: Sequence[Year]
    swings: Sequence[Swing]

    @property
    def npv(self) -> Decimal | None:
        """Net present value."""
        return self.found.value if isinstance(self.found.value, Decimal) else None

    def to_json(self) -> dict[str, Any]:
        """Return the result, JSON-ready."""
        names = ("irr_pct", "payback_years", "discounted_payback_years", "break_even_pct", "cases")
        return {
            "npv": self.npv,
            **{name: self.found.details[name] for name in names},
            "years": [
                {
                    "year": one.number,
                    "benefit": one.benefit,
                    "cost": one.cost,
                    "net": one.net,
                    "cumulative": one.total,
                    "present_value": one.present,
                }
                for one in self.years
            ],
            "swings": [
                {"title": one.title, "swing_pct": SWING_PCT, "lower": one.lower, "higher": one.higher}
                for one in self.swings
            ],
            "notes": list(self.found.notes),
            "missing": list(self.found.missing),
            "version": self.found.version,
        }


def prepare_line(_ctx: Context, line: Any, _changed: set[str], _links: Links) -> None:
    """Refuse a line without money (VAL-04)."""
    if line.benefit is None and line.cost is None:
        raise Invalid.fields({"benefit": "Give a benefit or a cost."})


def results_of(cases: Iterable[BusinessCase], on: date) -> Mapping[int, Result]:
    """Return the result of each case under the figures in force; in two queries."""
    listed = list(cases)
    lines: dict[int, list[CaseLine]] = {}
    rows = CaseLine.objects.filter(business_case__in=[case.pk for case in listed], deleted_at__isnull=True)
    for line in rows.order_by("year", "pk"):
        lines.setdefault(line.business_case_id, []).append(line)
    overrides = Overrides.load(on)
    return {case.pk: _result(case, lines.get(case.pk, []), overrides, on) for case in listed}


def _result(case: BusinessCase, lines: Sequence[CaseLine], overrides: Overrides, on: date) -> Result:
    held = overrides.in_force(value_case, on, tier=case.account.tier, account_id=case.account_id)
    raw = [{"year": line.year, "benefit": line.benefit or ZERO, "cost": line.cost or ZERO} for line in lines]
    given = read_inputs(
        value_case.inputs, {"lines": raw or None, "discount_rate_pct": case.discount_rate_pct}
    )  # fmt: skip
    found = value_case.explain(given, held, on)
    rate = Decimal(case.discount_rate_pct)
    swings = list(_swings(lines, rate, found.value)) if isinstance(found.value, Decimal) else []
    return Result(found, _years(lines, rate), sorted(swings, key=lambda one: -one.width))


def _years(lines: Sequence[CaseLine], rate: Decimal) -> list[Year]:
    if not lines:
        return []
    last = max(line.year for line in lines)
    benefits, costs = ([ZERO] * (last + 1) for _ in range(2))
    for line in lines:
        benefits[line.year] += line.benefit or ZERO
        costs[line.year] += line.cost or ZERO
    nets = [benefit - cost for benefit, cost in zip(benefits, costs, strict=True)]
    rows = zip(benefits, costs, accumulate(nets), discounted(nets, rate), strict=True)
    return [Year(number, *row) for number, row in enumerate(rows)]


def _swings(lines: Sequence[CaseLine], rate: Decimal, npv: Decimal) -> Iterator[Swing]:
    """Yield what each line, over all its years, moves: the present value is linear in it."""
    present: dict[str, Decimal] = {}
    for line in lines:
        net = (line.benefit or ZERO) - (line.cost or ZERO)
        worth = discounted([ZERO] * line.year + [net], rate)[-1]
        present[line.title] = present.get(line.title, ZERO) + worth
    for title, worth in present.items():
        moved = worth * SWING_PCT / HUNDRED
        yield Swing(title, npv - moved, npv + moved)
