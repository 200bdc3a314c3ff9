"""The evidence for or against a move of an account between tiers: tests, watch, freshness, budget and service, each explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.queries.expected import expected_revenue
from trackline.book.rules.budget import BudgetParameters, budget
from trackline.book.rules.freshness import freshness
from trackline.book.rules.moves import downgrade, leave, upgrade
from trackline.book.rules.watch import watch
from trackline.book.tiers.ages import ages_of
from trackline.book.tiers.dependence import hanging_on
from trackline.book.tiers.dropping import Drop, drops_of
from trackline.book.tiers.facts import Facts, capacity_of, facts_of
from trackline.book.tiers.funding import Funding, Pricing
from trackline.book.tiers.scores import Scored, Scores, scores_of
from trackline.core.decimals import plain
from trackline.core.playbook import Explained, Rule
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context

TESTS: Mapping[str, Rule] = {"upgrade": upgrade, "downgrade": downgrade, "exit": leave}
ANSWERS: Mapping[str, tuple[str, str]] = {
    "multi_year_contract": ("upgrade", "A signed multi-year contract locks comparable growth in"),
    "joint_innovations": ("upgrade", "Co-developed IP, pilots and published cases"),
    "untapped_pct": ("upgrade", "Untapped share of addressable spend, %"),
    "capacity_ok": ("upgrade", "The tier can be served without cutting another account"),
    "margin_gap_bps": ("downgrade", "Basis points of margin below the median of tier 1"),
    "sponsor_lost": ("downgrade", "The key sponsor is lost"),
    "months_since_initiative": ("downgrade", "Months since the last new initiative"),
    "cost_over_envelope_pct": ("downgrade", "Cost to serve over its envelope, %"),
    "offsetting_roi": ("downgrade", "The extra cost pays for itself"),
    "red_quarters": ("exit", "Quarters in a row with red health"),
    "material_breach": ("exit", "Material breach of contract, compliance or ESG"),
    "insolvency_high_raters": ("exit", "Independent raters who see a high risk of insolvency"),
    "better_return": ("exit", "The means demonstrably earn more elsewhere"),
}
"""What people may answer where no record tells, or in its place: the test it belongs to, and the question."""


@dataclass(frozen=True)
class Condition:
    """A condition of a test: met or not, in words what was looked at, and whether a person answered it."""

    key: str
    label: str
    met: bool
    known: bool
    told: str
    value: Any
    limit: Any
    answered: bool


@dataclass(frozen=True)
class Test:
    """One of the three tests on an account, and what it comes to."""

    name: str
    result: Explained
    conditions: Sequence[Condition]
    proposes: bool


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against a move, as of a day. `funding_now` is the budget of the tier in force with the people
    who serve the account today, `funding_then` that of the other tier with the people whom it grants; `hangs_on` names the
    figures without any one of which the score would give another tier."""

    on: date
    scores: Scores
    own: Scored
    facts: Facts
    watch: Explained
    tests: Mapping[str, Test]
    freshness: Explained
    funding_now: Funding
    funding_then: Funding
    drop: Drop
    currency: str
    hangs_on: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what a decision keeps of it."""
        return {
            "as_of": self.on.isoformat(),
            "run_on": self.scores.run.on.isoformat() if self.scores.run else None,
            "currency": self.currency,
            "hangs_on": list(self.hangs_on),
            "watch": {"value": plain(self.watch.value), **plain(self.watch.details)},
            "tests": {
                name: {
                    "value": test.result.value,
                    "proposes": test.proposes,
                    "version": test.result.version,
                    "conditions": [
                        {
                            "key": one.key, "label": one.label, "met": one.met, "known": one.known, "told": one.told,
                            "value": plain(one.value), "limit": plain(one.limit), "answered": one.answered,
                        }
                        for one in test.conditions
                    ],
                }
                for name, test in self.tests.items()
            },
            "freshness": {
                **plain(self.freshness.details),
                "days": {part.key: part.input for part in self.freshness.parts},
            },
            "revenue_drop": self.drop.to_json(self.currency),
            "budget": {"before": self.funding_now.to_json(), "after": self.funding_then.to_json()},
        }  # fmt: skip


def evidence_of(
    ctx: Context,
    account: Account,
    *,
    to_tier: int | None = None,
    answers: Mapping[str, Any] | None = None,
    rates: Rates | None = None,
) -> Evidence:
    """Test a move of an account to a tier (None: out of the program) as of today. The number of queries is fixed."""
    today, given = ctx.today, dict(answers or {})
    rates = rates or rates_in_force(today)
    overrides = Overrides.load(today)
    scores = scores_of([account.pk], today)
    facts = facts_of(ctx, account, today, rates)

    def in_force(rule: Rule) -> Any:
        return overrides.in_force(rule, today, tier=account.tier, account_id=account.pk)

    fte = in_force(budget).parameters
    assert isinstance(fte, BudgetParameters)
    higher = (
        to_tier if to_tier and (account.tier is None or to_tier < account.tier) else max(1, (account.tier or 4) - 1)
    )
    able, words = capacity_of(fte.fte, account.pk, higher)
    facts.put("capacity_ok", able, words)
    own = scores.get(account.pk)
    watched = _run(
        watch,
        in_force(watch),
        {
            "score": own.score,
            "cuts": list(scores.cuts) or None,
            "tier": account.tier,
            "quarter_scores": list(own.quarters),
        },
        today,
    )
    worth = rates.convert(account.arr, account.currency)
    revenue = expected_revenue(ctx, {account.pk: worth}, today, rates)[account.pk].funds
    pricing = Pricing.load(overrides, today)
    return Evidence(
        today,
        scores,
        own,
        facts,
        watched,
        {
            name: _test(name, rule, in_force(rule), account, scores, facts, given, higher, today)
            for name, rule in TESTS.items()
        },
        _run(freshness, in_force(freshness), ages_of(account.pk, today), today),
        pricing.funding(account.pk, account.tier, revenue, account.serving_fte),
        pricing.funding(account.pk, to_tier, revenue, None, granted=True),
        drops_of(ctx, {account.pk: account.tier}, today, rates, overrides)[account.pk],
        rates.book,
        hanging_on(scores.run, [account.pk]).get(account.pk, ()),
    )


def _test(
    name: str, rule: Rule, in_force: Any, account: Account, scores: Scores, facts: Facts, answers: Mapping[str, Any],
    higher: int, today: date,
) -> Test:  # fmt: skip
    own = scores.get(account.pk)
    cuts = list(scores.cuts) or [None, None, None]
    shared: dict[str, Any] = {
        "score_cycles": list(own.cycles),
        "quarter_scores": list(own.quarters)[-3:],
        "score": own.score,
        "t3_cut": cuts[2],
        "cut": cuts[higher - 1] if name == "upgrade" else cuts[(account.tier or 3) - 1],
    }
    names = set(rule.inputs.model_fields)
    answered = {key: value for key, value in answers.items() if key in names and value is not None}
    values = {key: value for key, value in facts.values.items() if key in names}
    given = {key: value for key, value in shared.items() if key in names} | values | answered
    result = _run(rule, in_force, given, today)
    proposes = bool(result.details.get("eligible" if name == "upgrade" else "propose"))
    told = {part.key: part.label for part in result.parts}
    conditions = [
        _condition(one, told[one["key"]], facts, answered, own.score, given) for one in result.details["conditions"]
    ]
    return Test(name, result, conditions, proposes)


OF: Mapping[str, tuple[str, ...]] = {
    "U1": ("score_cycles",), "U2": ("cagr_24m_pct", "multi_year_contract"), "U3": ("joint_innovations",),
    "U4": ("c_level_active",), "U5": ("untapped_pct",), "U6": ("capacity_ok",),
    "D1": ("score_cycles",), "D2": ("nrr_pct", "margin_gap_bps"), "D3": ("steering_missed", "sponsor_lost"),
    "D4": ("months_since_initiative",), "D5": ("cost_over_envelope_pct", "offsetting_roi"),
    "X1": ("score",), "X2": ("red_quarters", "recovery_plan"), "X3": ("material_breach",),
    "X4": ("insolvency_high_raters",), "X5": ("better_return",),
}  # fmt: skip
"""The inputs that each condition looks at."""


def _condition(
    one: Mapping[str, Any], label: str, facts: Facts, answered: Mapping[str, Any], score: Decimal | None,
    given: Mapping[str, Any],
) -> Condition:  # fmt: skip
    names = OF[one["key"]]
    words = []
    for name in names:
        if name in answered:
            words.append(
                f"{ANSWERS[name][1]}: {_said(answered[name])}, as answered" if name in ANSWERS else "as answered"
            )
        elif name in facts.told:
            words.append(facts.told[name])
        elif name == "score_cycles":
            cycles = [value for value in given[name] if value is not None]
            words.append(
                f"{' and '.join(f'{value:.1f}' for value in cycles)} in the last formal cycles"
                if cycles
                else "No run of a formal cycle is kept"
            )
        elif name == "score":
            words.append("Not scored" if score is None else f"Scores {score:.1f}")
    if not words:
        words.append("No record tells")
    known = any(given.get(name) not in (None, []) and given.get(name) != [None, None] for name in names)
    return Condition(
        one["key"], label, one["met"], known, ". ".join(words), one["value"], one["limit"],
        any(name in answered for name in names),
    )  # fmt: skip


def _said(value: Any) -> str:
    return "yes" if value is True else "no" if value is False else str(value)


def _run(rule: Rule, in_force: Any, given: Mapping[str, Any], today: date) -> Explained:
    result: Explained = rule.explain(read_inputs(rule.inputs, dict(given)), in_force, today)
    return result
