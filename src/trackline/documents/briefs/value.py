"""The value summary: what was proven to the customer, on one page. Source: account:VAL-15, portfolio:KPI-130."""

from __future__ import annotations

from datetime import date, timedelta

from trackline.documents.briefs.words import kpi_table, money, multiple, outcome_table, shortened
from trackline.documents.decks.slides import Block, Figure, Slide, Text
from trackline.documents.decks.words import count, day
from trackline.documents.gathering import Facts

TOP = 3
FRESH_DAYS = 365


def value_slides(facts: Facts, few: int) -> list[Slide]:
    """Value of the last year, what it is of the ARR, the largest outcomes, KPIs against target, and what is missing."""
    found = facts["value"]
    verified = sorted(
        (one for one in facts["value"]["outcomes"] if one["verified"]), key=lambda one: -(one["worth"] or 0)
    )
    figures = [
        Figure("Verified in 12 months", money(facts, found["verified_12m"])),
        Figure("Of what they pay", multiple(found["roi"]), f"ARR {money(facts, facts['account']['arr'])}"),
        Figure("Verified in all", money(facts, found["verified"]), f"of {money(facts, found['committed'])} committed"),
        Figure("Not yet verified", str(found["unverified"]), "outcomes"),
    ]
    gaps = [shortened(said, few) for said in gaps_of(facts)]
    top = verified[: min(TOP, few)]
    left: list[Block] = [outcome_table(facts, top, _heading(len(top)), few)]
    if gaps:
        left.append(Text(gaps, heading="What is missing"))
    return [
        Slide(
            f"Value for {facts['account']['name']}",
            f"{money(facts, found['verified_12m'])} verified in twelve months."
            if verified
            else "No outcome is verified yet.",
            figures=figures,
            left=left,
            right=[kpi_table(facts, "KPIs against target", few)] if facts["kpis"] else [],
            notes=[
                "Value: outcomes the customer verified by name and date (VAL-13). Multiple: verified in 365 days by ARR."
            ],
            key="value",
        )
    ]


def fresh_since(facts: Facts) -> str:
    """Return the day since which a verification is fresh, as an ISO text."""
    return (date.fromisoformat(facts["as_of"]) - timedelta(days=FRESH_DAYS)).isoformat()


def gaps_of(facts: Facts) -> list[str]:
    """Say what would be needed for a proof that holds."""
    found, said, since = facts["value"], [], fresh_since(facts)
    newest = max((one["verified_on"] for one in found["outcomes"] if one["verified_on"]), default=None)
    if newest is None:
        said.append("No outcome is verified: there is no proof to show, and no ground for expansion.")
    elif newest < since:
        said.append(f"The newest proof is of {day(newest)}, older than a year.")
    if found["unverified"]:
        said.append(f"{count(found['unverified'], 'outcome waits', 'outcomes wait')} for the customer to verify.")
    if found["left_out"]:
        said.append(f"Without an amount: {', '.join(found['left_out'])}.")
    if "arr" in found["roi_missing"]:
        said.append("The account has no ARR, so that there is no multiple.")
    open_ = [one["name"] for one in facts["kpis"] if one["target"] is None or one["current"] is None]
    if open_:
        said.append(f"Without target or reading: {', '.join(open_)}.")
    return said


def _heading(shown: int) -> str:
    return "The largest verified outcome" if shown == 1 else f"The {shown} largest verified outcomes"
