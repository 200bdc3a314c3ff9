"""The brief of a tier decision: what the data show, why, what it returns, costs and means to the customer; two pages.

Source: portfolio:PF-17, portfolio:PF-23.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from trackline.accounts.models import Account
from trackline.book.models import TierDecision
from trackline.book.queries.tiers import evidence_json
from trackline.book.tiers.deciding import BRIEF, CUSTOMER_DAYS, OPEN, SIGNERS, SYSTEMS_DAYS, WATCH_DAYS
from trackline.documents.briefs.words import money, shortened
from trackline.documents.decks.slides import Block, Cell, Chart, Column, Figure, Series, Slide, Table, Text, cells
from trackline.documents.decks.words import day
from trackline.documents.gathering import Facts
from trackline.kit import formats
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

QUARTERS = ("Three quarters ago", "Two quarters ago", "Last quarter", "This quarter")
TENTH = Decimal("0.1")
HEADINGS = {"customer_message": "What the customer is told"}
PROPOSALS = ("exit", "downgrade", "upgrade")
"""Tests in the order of their weight: the first that proposes its move is told, without an open decision."""
WORDS = {"entry": "Entry into the program", "exit": "Exit from the program"}


def tier_facts(ctx: Context, account: Account, _facts: Facts) -> dict[str, Any]:
    """Return the tier decision that is open, else the newest, with its evidence; without one what the tests find today.

    Evidence of a decision that went to its signatures is what its signers saw.
    """
    rows = scoped(ctx, registry.get("tier_decision")).filter(account=account)
    rows = rows.select_related("monitor_owner", *SIGNERS).order_by("-created_at", "-pk")
    decision = rows.filter(status__in=OPEN).first() or rows.first()
    now = evidence_json(ctx, account, decision.to_tier if decision else _below(account))
    evidence = now | (decision.evidence if decision and decision.evidence else {})
    found: dict[str, Any] = msgspec.json.decode(encode({"decision": _told(decision), "evidence": evidence}))
    return found


def _below(account: Account) -> int | None:
    return min(account.tier + 1, max(Account.Tier.values)) if account.tier else None


def _told(decision: TierDecision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "kind": decision.kind,
        "title": str(decision),
        "status": decision.get_status_display(),
        "trigger": decision.get_trigger_display(),
        "from_tier": decision.from_tier,
        "to_tier": decision.to_tier,
        **{name: getattr(decision, name) for name in (*BRIEF, "sunset_plan", "waiver")},
        "watched_by": decision.monitor_owner.name if decision.monitor_owner else None,
        "committee_on": decision.committee_on,
        "effective_on": decision.effective_on,
        "signers": [
            {
                "as": words,
                "name": getattr(decision, name).name if getattr(decision, name) else None,
                "on": getattr(decision, f"{name}_on"),
            }
            for name, words in SIGNERS.items()
        ],
    }


def tier_slides(facts: Facts, few: int) -> list[Slide]:
    """What the tests found, and what follows from the move."""
    told = facts["tier"]
    return [
        _evidence(facts, told["decision"], told["evidence"], few),
        _case(facts, told["decision"], told["evidence"], few),
    ]


def _evidence(facts: Facts, decision: dict[str, Any] | None, found: dict[str, Any], few: int) -> Slide:
    account = facts["account"]
    kind = decision["kind"] if decision else next((one for one in PROPOSALS if found["tests"][one]["proposes"]), None)
    test = found["tests"].get(kind or "downgrade") or found["tests"]["upgrade"]
    rows = [
        cells(shortened(one["label"], few), _met(one), shortened(one["told"] or "No record tells", few))
        for one in test["conditions"]
    ]
    trend = [None if value is None else Decimal(str(value)).quantize(TENTH) for value in found["quarter_scores"]]
    left: list[Block] = (
        [Chart("column", QUARTERS[-len(trend) :], [Series("Score", trend)], "Score by quarter", "0.0")]
        if any(value is not None for value in trend)
        else [Text(["No run of the scoring model is kept."], bullets=False)]
    )
    stale = found["freshness"].get("stale") or []
    if stale:
        left.append(Text([f"Too old to decide on: {', '.join(stale)}."], heading="What is missing"))
    heading = WORDS.get(kind or "", f"Tests of {'an' if kind == 'upgrade' else 'a'} {kind or 'downgrade'}")
    figures = [
        Figure("Score", formats.number(found["score"], 1), "provisional" if found["provisional"] else ""),
        Figure("Tier", _tier(account["tier"]), f"by score {_tier(found['tier_by_score']).lower()}"),
        Figure("ARR", money(facts, account["arr"])),
        Figure(
            "Value verified",
            money(facts, facts["value"]["verified"]),
            f"of {money(facts, facts['value']['committed'])}",
        ),
        Figure("Renews", day(account["renewal_date"])),
    ]
    title = f"{account['name']}: {decision['title'].lower() if decision else 'tier brief'}"
    return Slide(
        title, _finding(decision, kind, test), figures=figures, left=left, share=0.38,
        right=[Table([Column("Condition"), Column("Met"), Column("What was found")], rows, heading)],
        notes=[f"Evidence of {day(found['as_of'])}; scores of the run of {day(found['run_on'])}. Tests: PF-20, PF-21, PF-22."],
        key="evidence",
    )  # fmt: skip


def _finding(decision: dict[str, Any] | None, kind: str | None, test: dict[str, Any]) -> str:
    met = sum(one["met"] for one in test["conditions"])
    said = f"{met} of {len(test['conditions'])} conditions are met; the test {'proposes' if test['proposes'] else 'does not propose'} it."
    if decision is None:
        proposed = (
            f"The tests propose {'an upgrade' if kind == 'upgrade' else 'an exit' if kind == 'exit' else 'a downgrade'}."
            if kind
            else "The tests propose no move."
        )
        return f"No decision is open. {proposed}"
    return f"{decision['status']}, {decision['trigger'].lower()}. {said}"


def _met(condition: dict[str, Any]) -> Cell:
    if not condition["known"]:
        return Cell("Not known", "unknown")
    return Cell("Yes" if condition["met"] else "No", strong=condition["met"])


def _case(facts: Facts, decision: dict[str, Any] | None, found: dict[str, Any], few: int) -> Slide:
    held = decision or {}
    sides = found["budget"]["before"], found["budget"]["after"]
    currency = found["currency"]
    budget = [
        cells("Our people", *(_people(one) for one in sides)),
        cells("Expenses a year", *(formats.money(one["opex"], currency) for one in sides)),
        *([cells("Promised of granted", *(_promised(one, currency) for one in sides))] if any("pays" in one for one in sides) else []),
    ]  # fmt: skip
    to = f"Tier {found['to_tier']}" if found["to_tier"] else "Outside"
    texts = [
        Text(
            [shortened(held.get(name) or "Not written yet.", few)],
            heading=HEADINGS.get(name, words[4].upper() + words[5:]),
            bullets=False,
        )
        for name, words in (BRIEF.items() if decision else ())
    ]
    if not decision:
        texts = [
            Text(["No decision is open. Start one to write why the tier should move, and what follows."], bullets=False)
        ]
    if held.get("sunset_plan"):
        texts.append(Text([shortened(held["sunset_plan"], few)], heading="Plan of the exit", bullets=False))
    if held.get("waiver"):
        texts.append(Text([shortened(held["waiver"], few)], heading="In spite of the tests", bullets=False))
    right: list[Block] = [
        Table(
            [Column("Each year"), Column(_tier(facts["account"]["tier"]), right=True), Column(to, right=True)],
            budget,
            "Budget by tier",
        )
    ]
    if decision:
        rows = [
            cells(
                one["as"][0].upper() + one["as"][1:],
                shortened(one["name"] or formats.MISSING, few),
                day(one["on"]) if one["on"] else "not signed",
            )
            for one in decision["signers"]
        ]
        right.append(Table([Column("Signs"), Column("Name"), Column("Signed")], rows, "Signatures"))
    right.append(Text(_timers(decision), heading="After it takes effect"))
    return Slide(
        "Why, and what follows", left=texts, right=right, share=0.55,
        notes=["Texts of the tier decision; budget by tier (PF-26); days after the effect (PF-23, PF-24)."], key="case",
    )  # fmt: skip


def _people(one: dict[str, Any]) -> str:
    return (
        f"{formats.number(one['fte'], 1)} FTE, {formats.number(one['hours'], 0)} h"
        if one["hours"] is not None
        else "none"
    )


def _promised(one: dict[str, Any], currency: str) -> str:
    """What promises cost of what pays for them; a decision from before that was weighed does not tell."""
    if one.get("promised") is None or one.get("funded") is None:
        return "not known"
    return f"{formats.money(one['promised'], currency)} of {formats.money(one['funded'], currency)}"


def _timers(decision: dict[str, Any] | None) -> list[str]:
    on = decision["effective_on"] if decision else None
    watched = decision["watched_by"] if decision else None
    return [
        f"Takes effect {day(on)}" if on else "Takes effect: not set",
        "The account's team is told the same day",
        f"People, money and promises within {SYSTEMS_DAYS} days, the customer within {CUSTOMER_DAYS}",
        f"Watched for {WATCH_DAYS} days by {watched or 'nobody yet'}",
    ]


def _tier(tier: int | None) -> str:
    return f"Tier {tier}" if tier else "No tier"
