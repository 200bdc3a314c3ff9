"""A scoring model against the past: the book scored as of a day, and what became of the accounts since.

Only what records of later days tell is an outcome. An account of which they tell nothing is left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import RenewalCycle
from trackline.book.models import ScoringModel
from trackline.book.queries.deals import CLOSED
from trackline.book.queries.margins import margins_on
from trackline.book.rules.backtest import backtest as rule
from trackline.book.scoring.past import Span, span
from trackline.book.scoring.run import Place, Run, givens, scored
from trackline.book.versions import model_in_force
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context, system_context
from trackline.kit.problems import BadRequest

YEAR = timedelta(days=365)
Values = Mapping[int, Decimal]


@dataclass(frozen=True)
class Outcome:
    """One thing that became of the accounts: what it is measured by, its value by account, how the scores compare."""

    key: str
    label: str
    unit: str
    measured: str
    values: Values
    result: Explained

    @property
    def verdict(self) -> str:
        """`foretold`, `not_foretold` or `insufficient`."""
        found: str = self.result.details["verdict"]
        return found


@dataclass(frozen=True)
class Backtest:
    """The book of a day scored by a model, and each outcome up to a later day. `accounts` are those that were scored."""

    run: Run
    until: date
    accounts: Mapping[int, Account]
    outcomes: Sequence[Outcome]
    currency: str

    @property
    def on(self) -> date:
        """The day looked back to."""
        return self.run.on

    @property
    def places(self) -> Mapping[int, Place]:
        """Where each account stood, by account."""
        return {place.account: place for place in self.run.places}

    def with_verdict(self, verdict: str) -> list[Outcome]:
        """Return the outcomes of a verdict."""
        return [one for one in self.outcomes if one.verdict == verdict]


def backtest(
    ctx: Context, on: date | None = None, until: date | None = None, model: ScoringModel | None = None
) -> Backtest:
    """Score the accounts that were customers on a day (a year ago) by a model (the one in force today), on figures of that
    day, and compare with what became of them until a later day (a year after, today at most). Nothing is stored; the number
    of queries is fixed. Raises `BadRequest` for days out of order.

    Source: PF-09.
    """
    on = on or ctx.today - YEAR
    until = until or min(on + YEAR, ctx.today)
    if until > ctx.today:
        raise BadRequest(
            "until: today or an earlier day is expected.", [{"loc": ["query", "until"], "msg": "after today"}]
        )
    if until <= on:
        raise BadRequest(
            "until: a day after `as_of` is expected.", [{"loc": ["query", "until"], "msg": "not after as_of"}]
        )
    everybody, rates = system_context(ctx.now), rates_in_force(until)
    past = span(everybody, on, until, rates)
    overrides = Overrides.load(ctx.today)
    facts = givens(everybody, on, [model or model_in_force(ctx.today)], past.over)[0]
    run = scored(facts, overrides)
    scores = {place.account: place.score for place in run.places}
    in_force = overrides.in_force(rule, ctx.today)
    names = {pk: account.key for pk, account in past.over.scored.items()}
    outcomes = []
    for key, (label, unit, measured, read) in OUTCOMES.items():
        values = read(past, until)
        rows = [{"key": names[pk], "score": score, "outcome": values.get(pk)} for pk, score in scores.items()]
        result: Explained = rule.explain(read_inputs(rule.inputs, {"accounts": rows}), in_force, until)
        outcomes.append(Outcome(key, label, unit, measured, values, result))
    return Backtest(run, until, past.over.scored, outcomes, rates.book)


# -- what became of them -----------------------------------------------------------------------------------------------


def _sums(past: Span) -> dict[int, tuple[Decimal, Decimal | None]]:
    """ARR on both days by account scored, with that of accounts that count for it, of those with some on the first day."""
    found: dict[int, tuple[Decimal, Decimal | None]] = {}
    for pk, (before, after) in past.arr.items():
        home = past.over.home.get(pk)
        if home is None or before is None:
            continue
        if pk in past.left:
            after = ZERO
        was, now = found.get(home, (ZERO, ZERO))
        found[home] = (was + before, None if now is None or after is None else now + after)
    return {pk: pair for pk, pair in found.items() if pair[0] > 0}


def _retained(past: Span, _until: date) -> Values:
    found = {pk: HUNDRED if after > 0 else ZERO for pk, (_, after) in _sums(past).items() if after is not None}
    return {pk: ZERO for pk in past.left if pk in past.over.scored} | found


def _net(past: Span, _until: date) -> Values:
    return {pk: after * HUNDRED / before for pk, (before, after) in _sums(past).items() if after is not None}


def _renewed(past: Span, until: date) -> Values:
    """Share of the renewals decided in the span that were signed; of accounts without any, of renewal routes."""
    on, home = past.over.on, past.over.home
    found: dict[int, list[bool]] = {}
    rows = RenewalCycle.objects.filter(deleted_at__isnull=True, state__in=("signed", "lapsed", "churned"))
    for pk, state, due, signed in rows.values_list("account_id", "state", "renewal_date", "signed_on"):
        day = signed or due if state == "signed" else due
        if on < day <= until and pk in home:
            found.setdefault(home[pk], []).append(state == "signed")
    routes: dict[int, list[bool]] = {}
    for deal in past.deals:
        decided = deal.kind == "renewal" and deal.state in CLOSED and _within(deal.closes_on, on, until)
        if decided and deal.account in home:
            routes.setdefault(home[deal.account], []).append(deal.state == "won")
    return {pk: Decimal(sum(each)) * HUNDRED / len(each) for pk, each in (routes | found).items()}


def _expanded(past: Span, until: date) -> Values:
    before = {pk: was for pk, (was, _) in _sums(past).items()}
    won = _won_by(past, until, ("upsell", "cross_sell", "new_unit", "partnership"))
    return {pk: amount * HUNDRED / before[pk] for pk, amount in won.items() if pk in before}


def _won(past: Span, until: date) -> Values:
    return _won_by(past, until)


def _won_by(past: Span, until: date, kinds: Sequence[str] = ()) -> dict[int, Decimal]:
    """What routes won in the span brought in. Nothing is a figure as soon as any account won anything; an account of which a
    route was won without a value is not known."""
    sums: dict[int, Decimal] = dict.fromkeys(past.over.scored, ZERO)
    unknown: set[int] = set()
    some = False
    for deal in past.deals:
        home = past.over.home.get(deal.account)
        if home is None or deal.state != "won" or not _within(deal.closes_on, past.over.on, until):
            continue
        if kinds and deal.kind not in kinds:
            continue
        some = True
        if deal.value is None:
            unknown.add(home)
        else:
            sums[home] += deal.value
    return {pk: amount for pk, amount in sums.items() if some and pk not in unknown}


def _margin(past: Span, until: date) -> Values:
    ids = list(past.over.scored)
    before, after = margins_on(ids, past.over.on), margins_on(ids, until)
    return {pk: after[pk] - was for pk, was in before.items() if pk in after}


def _within(day: date | None, start: date, end: date) -> bool:
    return day is not None and start < day <= end


OUTCOMES: Mapping[str, tuple[str, str, str, Callable[[Span, date], Values]]] = {
    "retained": ("Stayed", "percent", "brings in something on the last day", _retained),
    "renewed": ("Renewed", "percent", "renewals decided since that were signed", _renewed),
    "nrr": ("Net retention", "percent", "ARR on the last day by ARR on the first", _net),
    "expanded": ("Expansion", "percent", "routes won since that are no renewals, by ARR on the first day", _expanded),
    "won": ("Won value", "currency", "all routes won since", _won),
    "margin": ("Change of margin", "points", "gross margin on the last day less that on the first", _margin),
}
"""What may have become of an account: words, unit, what it is measured by, and who reads it."""
