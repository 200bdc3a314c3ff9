"""The brief of a tier decision: the trend, why, what it returns, what it takes, what the customer is told. Source: PF-23."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.settings import setting
from trackline.book.models import TierDecision
from trackline.book.queries.arr import arr_on
from trackline.book.tiers.deciding import OPEN, SIGNERS
from trackline.book.tiers.evidence import evidence_of
from trackline.core.periods import quarter_of
from trackline.documents.briefs.words import label
from trackline.documents.decks.slides import Block, Cell, Chart, Column, Figure, Series, Slide, Table, Text
from trackline.documents.decks.words import day
from trackline.documents.gathering import Facts
from trackline.kit import formats
from trackline.kit.policy import Context

QUARTERS = 8
"""So many ends of quarters the trend of ARR shows, and today."""
NOBODY = "nobody named"


def tier_facts(ctx: Context, account: Account, on: date | None) -> dict[str, Any]:
    """Return what the brief tells beside the facts of the account: its open decision, else the newest, with its evidence.

    Without a decision the account is tested as of today. The trend is in the book's currency.
    """
    people = [*SIGNERS, "monitor_owner"]
    rows = TierDecision.objects.alive().filter(account=account).select_related(*people).order_by("-pk")
    decision = rows.filter(status__in=OPEN).first() or rows.first()
    kept: Mapping[str, Any] = decision.evidence if decision and decision.evidence else {}
    if not kept:
        answers = decision.answers if decision else {}
        kept = evidence_of(ctx, account, to_tier=decision.to_tier if decision else None, answers=answers).to_json()
    return {
        "decision": None if decision is None else _decision(decision),
        "evidence": kept,
        "trend": _trend(ctx, account, on or ctx.today),
    }


def tier_slides(facts: Facts) -> list[Slide]:
    """Draw the brief on a page, with the tests on a second one."""
    decision, evidence, account = facts["decision"], facts["evidence"], facts["account"]
    if decision is None:
        title, said = f"Tier of {account['name']}", "No decision has been drafted; the tests are those of today."
    else:
        title = f"{account['name']}: {decision['title'].lower()}"
        said = f"{label(decision['status'])}. Triggered by: {label(decision['trigger']).lower()}."
    watch, budget = evidence["watch"], evidence["budget"]
    figures = [
        Figure("Tier", _tier(decision["from_tier"] if decision else account["tier"]), f"to {_tier(decision['to_tier'])}" if decision else ""),
        Figure("To the nearest cut", formats.number(watch["value"], 1), f"points, tier {watch.get('nearest')}" if watch["value"] is not None else "not scored"),
        Figure("Mean of three quarters", formats.number(watch.get("mean"), 1)),
        Figure("Hours a year", f"{formats.number(budget['before']['hours'], 0)} → {formats.number(budget['after']['hours'], 0)}"),
        Figure("Operating money", formats.money(budget["after"]["opex"], evidence["currency"]), f"now {formats.money(budget['before']['opex'], evidence['currency'])}"),
    ]  # fmt: skip
    left: list[Block] = []
    known = [value for _, value in facts["trend"]["values"] if value is not None]
    if known:
        names = [name for name, _ in facts["trend"]["values"]]
        values = [None if value is None else Decimal(str(value)) / 1000 for _, value in facts["trend"]["values"]]
        left.append(
            Chart("column", names, [Series("ARR", values)], f"ARR, thousand {facts['trend']['currency']}", "#,##0")
        )
    texts: list[Block] = []
    for name, heading in (
        ("rationale", "Why"), ("roi", "Projected return"), ("resources", "People and money"),
        ("customer_message", "What the customer is told"), ("sunset_plan", "Plan of the exit"), ("waiver", "In spite of the tests"),
    ):  # fmt: skip
        if decision and decision[name]:
            texts.append(Text([decision[name]], heading, bullets=False))
    if not texts:
        texts.append(Text(["Nobody has written the brief yet."], "Why", bullets=False))
    first = Slide(
        title, said, figures=figures, left=left or texts, right=texts if left else [], share=0.42, key="tier",
        notes=["Evidence as it was kept with the brief, or of today where none is kept."],
    )  # fmt: skip
    return [first, _tests(facts, decision)] if decision else [first]


def _tests(facts: Facts, decision: Mapping[str, Any]) -> Slide:
    """The test of the move, condition by condition, and who signs."""
    evidence = facts["evidence"]
    name = decision["kind"] if decision["kind"] in evidence["tests"] else "upgrade"
    test = evidence["tests"][name]
    rows = [
        [
            Cell(one["label"], strong=True),
            Cell("met" if one["met"] else "not met" if one["known"] else "not known", "green" if one["met"] else ""),
            Cell(one["told"]),
        ]
        for one in test["conditions"]
    ]
    signed = [
        [Cell(one["role"]), Cell(one["name"] or NOBODY), Cell(day(one["on"]) if one["on"] else "has not signed")]
        for one in decision["signers"]
    ]
    fresh = evidence["freshness"]
    stale = ", ".join(fresh["stale"])
    lines = [
        f"Figures are {'too old or missing: ' + stale if stale else 'fresh enough to decide'} (at most {fresh['limit']} days).",
        f"Takes effect {day(decision['effective_on'])}; watched for 90 days by {decision['monitor_owner'] or NOBODY}.",
    ]
    proposes = "proposes" if test["proposes"] else "does not propose"
    return Slide(
        f"The {name} test {proposes} it",
        f"{test['value']} of {len(test['conditions'])} conditions are met.",
        left=[Table([Column("Condition"), Column(""), Column("What is known")], rows)],
        right=[Table([Column("Signs as"), Column("Who"), Column("When")], signed, "Signatures"), Text(lines)],
        share=0.58,
        key="tests",
    )


def _decision(decision: TierDecision) -> dict[str, Any]:
    def word(name: str) -> dict[str, str]:
        return {"value": getattr(decision, name), "label": str(getattr(decision, f"get_{name}_display")())}

    return {
        "id": str(decision.pk),
        "title": str(decision),
        "kind": decision.kind,
        "from_tier": decision.from_tier,
        "to_tier": decision.to_tier,
        "status": word("status"),
        "trigger": word("trigger"),
        "effective_on": decision.effective_on,
        "monitor_owner": decision.monitor_owner.name if decision.monitor_owner else None,
        "signers": [
            {
                "role": words[0].upper() + words[1:],
                "name": person.name if (person := getattr(decision, name)) else None,
                "on": getattr(decision, f"{name}_on"),
            }
            for name, words in SIGNERS.items()
        ],
        **{
            name: getattr(decision, name).strip()
            for name in ("rationale", "roi", "resources", "customer_message", "sunset_plan", "waiver")
        },
    }


def _trend(ctx: Context, account: Account, on: date) -> dict[str, Any]:
    first = int(setting("book.fiscal_year_start_month"))
    days = [on]
    quarter = quarter_of(on, first)
    for _ in range(QUARTERS):
        quarter = quarter_of(quarter.start - timedelta(days=1), first)
        days.insert(0, quarter.end)
    rates = rates_in_force(on)
    found = next(iter(arr_on(ctx, days, rates, [account.pk])), None)
    values = found.values if found else [None] * len(days)
    names = [*(quarter_of(day, first).key for day in days[:-1]), "now"]
    return {"currency": rates.book, "values": list(zip(names, values, strict=True))}


def _tier(number: int | None) -> str:
    return f"T{number}" if number else "none"
