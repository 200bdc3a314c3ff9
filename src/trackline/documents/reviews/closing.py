"""The second half of a review's deck: service, relationship, initiatives, risks, decisions, what follows.

Source: portfolio:QBR-06.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from trackline.documents.decks.slides import Band, Block, Cell, Column, Figure, Slide, Table, Text, cells
from trackline.documents.decks.words import count, day, steps_done
from trackline.documents.gathering import Facts
from trackline.documents.reviews.words import label, measure, moved, newest, source, state, trend
from trackline.kickoff.rules.preparation import DECISIONS_AT_MOST
from trackline.kit import formats

RISKS_AT_MOST = 5
AHEAD_DAYS = 90
SERVICE = ("sla_compliance", "mttr_hours", "response_latency_hours")
FELT: dict[str, Band] = {"promoter": "green", "positive": "green", "negative": "red", "detractor": "red"}


def delivery(facts: Facts) -> list[Slide]:
    """Service levels and what is open. Source: portfolio:QBR-06, row 5."""
    drawn = [chart for key in SERVICE[:2] if (chart := trend(facts, key, heading=_name(facts, key)))]
    issues = [one for one in facts.get("issues", ()) if one["open"]]
    rows = [
        cells(one["title"], Cell(label(one["severity"]), _severity(one), strong=True), one["assignee"] or formats.MISSING, day(one["due_on"]))
        for one in issues
    ]  # fmt: skip
    left: list[Block] = [*drawn] or [Text(["No reading of service levels in two years."], bullets=False)]
    table = Table([Column("Open issue"), Column("Severity"), Column("Assignee"), Column("Due")], rows)
    return [
        Slide(
            "Delivery and service",
            (f"{count(len(rows), 'issue')} open." if rows else "No issue is open.") if "issues" in facts else "",
            figures=[_figure(facts, key) for key in SERVICE if key in facts["metrics"]],
            left=left if rows else left[:1],
            right=[table] if rows else left[1:],
            notes=source(facts, *SERVICE),
            key="delivery",
        )
    ]


def relationship(facts: Facts) -> list[Slide]:
    """What the customer says of us, and who stands where. Source: portfolio:QBR-06, row 6."""
    chart = trend(facts, "nps", heading="NPS")
    people = facts.get("stakeholders", ())
    rows = [
        cells(
            f"{one['name']}, {one['title']}" if one["title"] else one["name"], label(one["role"]),
            Cell(label(one["sentiment"]), FELT.get((one["sentiment"] or {}).get("value", ""), "")), day(one["last_touch_on"]),
        )
        for one in people[:12]
    ]  # fmt: skip
    columns = [Column("Person"), Column("Role"), Column("Sentiment"), Column("Last touch")]
    none = Text(["No reading of NPS in two years."], bullets=False)
    return [
        Slide(
            "Relationship",
            figures=[_figure(facts, key) for key in ("nps", "csat", "ces") if key in facts["metrics"]],
            left=[chart or none],
            right=[Table(columns, rows)] if rows else [],
            share=0.4,
            notes=[*source(facts, "nps", "csat", "ces"), *(["People: the most influential first."] if rows else [])],
            key="relationship",
        )
    ]


def initiatives(facts: Facts) -> list[Slide]:
    """Goals with their course, and the plays that carry them. Source: portfolio:QBR-06, row 7."""
    goals = [
        cells(
            one["title"], one["priority"] or formats.MISSING, measure(facts, one["baseline"], one["unit"]),
            measure(facts, one["current"], one["unit"]), measure(facts, one["target"], one["unit"]),
            formats.percent(one["progress_pct"], 0), state(one),
        )
        for one in facts["goals"]
    ]  # fmt: skip
    columns = [
        Column("Goal"), Column("Priority it serves"), Column("Baseline", right=True), Column("Now", right=True),
        Column("Target", right=True), Column("Progress", right=True), Column("State"),
    ]  # fmt: skip
    found = (
        [
            Slide(
                "Goals",
                left=[Table(columns, goals)],
                notes=["Progress: how much of the distance from baseline to target is gone."],
                key="goals",
            )
        ]
        if goals
        else []
    )
    plays = [
        cells(one["title"], one["owner"] or formats.MISSING, day(one["due_on"]), steps_done(one), label(one["status"]))
        for one in facts.get("plays", ())
        if one["open"] and facts["edition"] != "customer"  # their copy has the goals; steps are ours
    ]  # fmt: skip
    if plays:
        heads = [Column("Play"), Column("Owner"), Column("Due"), Column("Steps done", right=True), Column("Status")]
        shown = [
            _figure(facts, key)
            for key in ("innovation_pipeline", "joint_ip", "time_to_market")
            if key in facts["metrics"]
        ]
        notes = source(facts, "innovation_pipeline", "joint_ip", "time_to_market")
        found.append(
            Slide("Initiatives under way", figures=shown, left=[Table(heads, plays)], notes=notes, key="initiatives")
        )
    return found


def risks(facts: Facts) -> list[Slide]:
    """The five largest risks. Source: portfolio:QBR-06, row 8."""
    largest = facts["risks"][:RISKS_AT_MOST]
    rows = [
        cells(
            one["title"], Cell(f"{one['likelihood']} × {one['impact']} = {one['score']}", one["band"], strong=True),
            formats.money(one["money"], one["currency"]) if one["money"] is not None else formats.MISSING,
            one["mitigation"] or "no mitigation", one["owner"] or formats.MISSING, day(one["due_on"]),
        )
        for one in largest
    ]  # fmt: skip
    columns = [
        Column("Risk"), Column("Likelihood × impact"), Column("At risk", right=True), Column("Mitigation"), Column("Owner"),
        Column("By"),
    ]  # fmt: skip
    more = len(facts["risks"]) - len(largest)
    finding = (
        f"The {len(largest)} largest; {more} more in the register." if more else f"{count(len(largest), 'open risk')}."
    )
    return [
        Slide("Risks", finding if rows else "No risk is open.", left=[Table(columns, rows)] if rows else [],
              notes=["Risk register; likelihood and impact from 1 to 5, red from 15, amber from 8 (RSK-02)."], key="risks")
    ]  # fmt: skip


def competition(facts: Facts) -> list[Slide]:
    """Where rivals stand and what moved. Source: portfolio:QBR-06, row 9."""
    held = [
        cells(one["competitor"], one["unit"], one["product"], formats.percent(one["share_pct"], 0), formats.money(one["value"], facts["account"]["currency"]))
        for one in facts["competition"]["held"]
    ]  # fmt: skip
    columns = [
        Column("Competitor"),
        Column("Unit"),
        Column("Product"),
        Column("Share", right=True),
        Column("Value", right=True),
    ]
    noted = [f"{day(one['on'])}: {one['title']}" for one in facts["competition"]["notes"]]
    blocks: list[Block] = [Table(columns, held)] if held else []
    if noted:
        blocks.append(Text(noted, heading="Noted in the last quarter"))
    seen = newest(facts, "competitive_intrusion")
    moves = f"{count(int(seen[1]), 'move')} against us in 90 days, as of {day(seen[0])}." if seen else ""
    none = [Text(["No competitor is named on the white space, and none was noted in the last quarter."], bullets=False)]
    return [
        Slide(
            "Competition", moves, left=blocks or none, notes=source(facts, "competitive_intrusion"), key="competition"
        )
    ]


def decisions(facts: Facts) -> list[Slide]:
    """What is to be decided, three at most. Source: portfolio:QBR-02, portfolio:QBR-06, row 10."""
    asked = sought(facts)
    rows = [
        cells(
            Cell(one["title"], strong=True), one.get("recommended") or "", one["success_metric"] or formats.MISSING,
            one["owner"] or formats.MISSING, day(one["due_on"]),
        )
        for one in asked
    ]  # fmt: skip
    columns = [Column("Decision"), Column("Recommended"), Column("Measured by"), Column("Owner"), Column("Needed by")]
    if not any(row[1].text for row in rows):
        columns, rows = [columns[0], *columns[2:]], [(row[0], *row[2:]) for row in rows]
    none = [
        Text(
            ["No decision is sought yet. Write down in the meeting what is to be decided, three at most."],
            bullets=False,
        )
    ]
    finding = f"{count(len(rows), 'decision')} sought." if rows else ""
    return [Slide("Decisions sought", finding, left=[Table(columns, rows)] if rows else none, key="decisions")]


def action_plan(facts: Facts) -> list[Slide]:
    """Who does what in the next ninety days. Source: portfolio:QBR-06, row 11."""
    until = (date.fromisoformat(facts["as_of"]) + timedelta(days=AHEAD_DAYS)).isoformat()
    them = "You" if facts["edition"] == "customer" else "Customer"
    ahead = [one for one in facts["actions"] if one["open"] and (one["due_on"] is None or one["due_on"] <= until)]
    rows = [
        cells(
            one["title"], them if one["side"]["value"] == "customer" else "Us",
            (one["client_owner"] if one["side"]["value"] == "customer" else one["owner"]) or formats.MISSING,
            Cell(f"{day(one['due_on'])}, late", "red") if one["late"] else day(one["due_on"]),
        )
        for one in ahead
    ]  # fmt: skip
    columns = [Column("Action"), Column("Side"), Column("Owner"), Column("Due")]
    none = [Text(["No action is open. Agree who does what by when before the meeting ends."], bullets=False)]
    return [
        Slide("The next 90 days", f"{count(len(rows), 'action')} until {day(until)}." if rows else "",
              left=[Table(columns, rows)] if rows else none, notes=["Open actions, with those that are late."], key="actions")
    ]  # fmt: skip


def appendix(facts: Facts) -> list[Slide]:
    """Every KPI, for reference. Source: portfolio:QBR-06, row 12."""
    rows = [
        cells(
            one["name"], *(measure(facts, one[name], one["unit"]) for name in ("baseline", "current", "target")),
            day(one["current_on"]), Cell(*_reached(one["reached"])),
        )
        for one in facts["kpis"]
    ]  # fmt: skip
    columns = [
        Column("KPI"), Column("Baseline", right=True), Column("Now", right=True), Column("Target", right=True),
        Column("As of"), Column("Target met"),
    ]  # fmt: skip
    return (
        [
            Slide(
                "Appendix: KPIs",
                left=[Table(columns, rows)],
                notes=["For reference, not to be talked through."],
                key="appendix",
            )
        ]
        if rows
        else []
    )


def corrected(facts: Facts) -> list[Slide]:
    """Figures that were corrected since they were frozen; the slides before hold what was frozen. Source: portfolio:QBR-09."""
    rows = [
        cells(
            one["name"], *(formats.measure(one[name], one["unit"], one["currency"]) for name in ("frozen", "now")),
            _difference(one),
        )
        for one in facts["corrections"]
    ]  # fmt: skip
    columns = [Column("Figure"), *(Column(name, right=True) for name in ("Frozen", "Known now", "Difference"))]
    return (
        [
            Slide(
                "Appendix: corrected since",
                f"{count(len(rows), 'figure')} of {day(facts['as_of'])} read otherwise today. The slides keep what was frozen.",
                left=[Table(columns, rows)],
                notes=[f"{facts['freeze']['title']}, against what the records say of that day now."],
                key="corrected",
            )
        ]
        if rows
        else []
    )


def sought(facts: Facts) -> Sequence[dict[str, Any]]:
    """Return the decisions sought: those of this review, else those sought at all; three at most."""
    open_ = [one for one in facts["decisions"] if one["sought"]]
    own = [one for one in open_ if one.get("meeting") and one["meeting"] == facts["review"]["id"]]
    return (own or open_)[:DECISIONS_AT_MOST]


def _figure(facts: Facts, key: str) -> Figure:
    held = facts["metrics"][key]
    on, value = held["points"][-1]
    return Figure(held["name"], measure(facts, value, held["unit"]), moved(facts, key) or f"as of {day(on)}")


def _name(facts: Facts, key: str) -> str:
    held = facts["metrics"].get(key)
    return held["name"] if held else ""


def _severity(issue: dict[str, Any]) -> Band:
    return {"critical": "red", "high": "red", "medium": "amber"}.get(issue["severity"]["value"], "")  # type: ignore[return-value]


def _difference(one: dict[str, Any]) -> str:
    if one["change"] is None:
        return formats.MISSING
    said: str = formats.measure(one["change"], one["unit"], one["currency"])
    return f"+{said}" if one["change"] > 0 else said


def _reached(reached: bool | None) -> tuple[str, Band]:
    return {True: ("Yes", "green"), False: ("No", "amber"), None: ("No reading", "unknown")}[reached]  # type: ignore[return-value]
