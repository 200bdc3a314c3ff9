"""The report of the book as slides, in the order in which leaders read it. Pure: facts in, slides out.

Source: portfolio:KPI-126, 002.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from trackline.documents.decks.slides import (
    Band,
    Block,
    Cell,
    Chart,
    Column,
    Deck,
    Figure,
    Series,
    Slide,
    Table,
    Text,
    Waterfall,
    cells,
)
from trackline.documents.decks.words import NUMBERS, count, day
from trackline.kit import formats

Facts = dict[str, Any]
BANDS: tuple[Band, ...] = ("green", "amber", "red", "unknown")
NPS_AT_MOST = 10
"""So many of the lowest stand on the slide; the workbook has all."""
HEALTH_WORDS = {"green": "Green", "amber": "Amber", "red": "Red", "unknown": "No score", "": "No score"}


def deck_of(facts: Facts) -> Deck:
    """Return the deck of a report out of its facts."""
    what = "Monthly" if facts["period"] == "month" else "Quarterly"
    span = f"{day(facts['from'])} to {day(facts['as_of'])}"
    return Deck(
        title=f"{what} report: {facts['book']}",
        subtitle=span,
        facts=[
            ("Accounts", str(len(facts["accounts"]))),
            ("Currency", f"{facts['currency']}, at the stored rates of the last day"),
        ],
        slides=[_summary(facts), *_scorecard(facts), _health(facts), _retention(facts), _renewals(facts), _pipeline(facts), _feedback(facts), _steps(facts)],
        footer=f"{facts['book']} · {span} · internal",
        notes=[f"Figures as of {day(facts['as_of'])}. Each is what `trackline portfolio` tells of that day."],
    )  # fmt: skip


def _summary(facts: Facts) -> Slide:
    held, year, ahead = facts["retention"], facts["retention_year"], facts["forecast"]
    bands = Counter(row["band"] for row in facts["accounts"])
    at_risk = [row for row in facts["renewals"]["rows"] if row["category"] == "at_risk"]
    lines = [
        f"Health: {bands['green']} green, {bands['amber']} amber, {bands['red']} red, {bands['unknown']} not known.",
        f"Retention: {_money(facts, held['expansion'])} expansion, {_money(facts, held['contraction'])} contraction, "
        f"{_money(facts, held['churn'])} churn since {day(facts['from'])}.",
        f"Renewals: {count(len(facts['renewals']['rows']), 'renewal')} within {facts['renewals']['days']} days, "
        f"{len(at_risk)} at risk, {_money(facts, sum(row['arr'] or 0 for row in at_risk))}.",
        f"Pipeline: {count(ahead['count'], 'open route')} worth {_money(facts, ahead['gross'])}, {_money(facts, ahead['weighted'])} weighted.",
        f"Attention: {count(len(facts['attention']), 'account needs', 'accounts need')} it; "
        f"{sum(row['action'] is None for row in facts['attention'])} of them without an open action.",
    ]
    figures = [
        Figure("ARR", _money(facts, held["ending_arr"]), f"{held['accounts']} accounts"),
        Figure("Net retention, 12 months", _percent(year["nrr_pct"]), f"{_percent(held['nrr_pct'])} this {facts['period']}", _band(year["nrr_band"])),
        Figure("Gross retention, 12 months", _percent(year["grr_pct"]), f"{_percent(held['grr_pct'])} this {facts['period']}", _band(year["grr_band"])),
        Figure("Weighted pipeline", _money(facts, ahead["weighted"]), f"of {_money(facts, ahead['gross'])}"),
        Figure("Commit", _money(facts, ahead["commit"]), str(ahead["quarter"])),
    ]  # fmt: skip
    return Slide(
        "Executive summary",
        figures=figures,
        left=[Text(lines)],
        notes=_notes(facts, "retention", "retention_year", "forecast"),
        key="summary",
    )


BY_SECTION: Mapping[str, Sequence[str]] = {
    "health": ("healthy_accounts", "sla_compliance", "actions_on_time"),
    "retention": ("net_revenue_retention", "gross_revenue_retention", "gross_margin"),
    "pipeline": ("pipeline_coverage", "win_rate"),
    "feedback": ("nps", "benefit_realization"),
}
"""Which metrics of the scorecard each section tells."""
STATES: Mapping[str, Band] = {"green": "green", "amber": "amber", "red": "red"}


def _scorecard(facts: Facts) -> list[Slide]:
    """Every metric of the book's scorecard with its target, who answers, and what is done. Source: KPI-126."""
    card = facts["scorecard"]
    if card is None:
        return []
    rows = [
        cells(
            one["name"], one["words"], one["committed_words"] or formats.MISSING,
            Cell(one["state"], STATES.get(one["band"], ""), strong=True),
            "" if one["chance_pct"] is None else f"{_percent(one['chance_pct'])} {one['verdict']}",
            one["owner_name"] or Cell("Nobody", "red", strong=True), one["action"] or Cell("No action", "red", strong=True),
        )
        for one in card["metrics"]
    ]  # fmt: skip
    columns = [
        Column("Metric"), Column("Value", right=True), Column("Committed", right=True), Column("Result"),
        Column("Chance"), Column("Owner"), Column("What is done"),
    ]  # fmt: skip
    states = Counter(one["state"] for one in card["metrics"])
    said = ", ".join(f"{number} {state.lower()}" for state, number in states.most_common())
    value = "" if card["value"] is None else f" {formats.number(card['value'], 1)} of 100:"
    bare = sum(not one["action"] for one in card["metrics"])
    flagged = f" {count(bare, 'metric')} without an action." if bare else " Each has an action."
    return [
        Slide(
            "Executive summary: each metric with its action", f"{card['name']}:{value} {said}.{flagged}", left=[Table(columns, rows)],
            notes=[f"Judged by {card['rule']}; chance by what each metric did in quarters before.", *card["notes"]],
            key="scorecard",
        )
    ]  # fmt: skip


def _paired(facts: Facts, section: str) -> list[Block]:
    """The metrics of a section, each with what is done about it; those without an action are named. Source: KPI-126, 002."""
    card = facts["scorecard"]
    found = [one for one in card["metrics"] if one["key"] in BY_SECTION[section]] if card else []
    if not found:
        return [
            Text(
                ["No metric of a live scorecard stands behind this section: no action is named."],
                "What is done",
                bullets=False,
            )
        ]
    lines = [
        f"{one['name']} {one['words']}, {one['state'].lower()}: "
        + (f"{one['action']} {one['owner_name'] or 'Nobody answers.'}" if one["action"] else "no action is named.")
        for one in found
    ]
    return [Text(lines, "What is done")]


def _health(facts: Facts) -> Slide:
    bands = Counter(row["band"] for row in facts["accounts"])
    money: dict[str, Decimal] = {}
    for row in facts["accounts"]:
        money[row["band"]] = money.get(row["band"], Decimal(0)) + Decimal(str(row["arr"] or 0))
    drawn = Chart(
        "column", [HEALTH_WORDS[band] for band in BANDS],
        [Series("ARR", [money.get(band, Decimal(0)) for band in BANDS])], f"ARR by health, {facts['currency']}", NUMBERS["currency"],
    )  # fmt: skip
    rows = [
        cells(one["account"], day(one["on"]), _colour(one["from"]), _colour(one["to"]))
        for one in facts["moves"]
    ]  # fmt: skip
    worse = sum(_worse(one["from"], one["to"]) for one in facts["moves"])
    right: list[Block] = [
        Table([Column("Account"), Column("On"), Column("From"), Column("To")], rows, heading="Changed colour")
    ]
    return Slide(
        "Account health",
        f"{bands['green']} of {len(facts['accounts'])} accounts are green; {count(worse, 'score')} fell to a worse colour since {day(facts['from'])}.",
        left=[drawn],
        right=[
            *(right if rows else [Text([f"No score changed its colour since {day(facts['from'])}."], bullets=False)]),
            *_paired(facts, "health"),
        ],
        notes=["Health: the headline of each account as last computed. Changes: of either health score within the period."],
        share=0.42,
        key="health",
    )  # fmt: skip


def _retention(facts: Facts) -> Slide:
    held = facts["retention_year"]
    bridge = Waterfall(
        (day(held["from"]), _decimal(held["starting_arr"])),
        [("Expansion", _decimal(held["expansion"])), ("Contraction", -_decimal(held["contraction"])), ("Churn", -_decimal(held["churn"]))],
        day(held["to"]), f"ARR over twelve months, {facts['currency']}", NUMBERS["currency"],
    )  # fmt: skip
    rows = [
        cells(words, *(_cell(facts, facts[name][key], percent=key.endswith("pct")) for name in ("retention", "retention_year")))
        for words, key in (
            ("Starting ARR", "starting_arr"), ("Expansion", "expansion"), ("Contraction", "contraction"), ("Churn", "churn"),
            ("Ending ARR", "ending_arr"), ("Net retention", "nrr_pct"), ("Gross retention", "grr_pct"), ("New ARR, not counted", "new_arr"),
        )
    ]  # fmt: skip
    columns = [Column(""), Column(f"This {facts['period']}", right=True), Column("12 months", right=True)]
    churned = facts["retention"]["churned"]
    said = (
        f"Churned since {day(facts['from'])}: {', '.join(churned)}."
        if churned
        else f"No account churned since {day(facts['from'])}."
    )
    return Slide(
        "Churn and retention", said, left=[bridge], right=[Table(columns, rows), *_paired(facts, "retention")],
        notes=_notes(facts, "retention", "retention_year"), key="retention",
    )  # fmt: skip


def _renewals(facts: Facts) -> Slide:
    found = facts["renewals"]
    rows = [
        cells(
            one["name"], day(one["renewal_date"]), f"{one['days']} d", _cell(facts, one["arr"]), _colour(one["health"] or "unknown"),
            one["category"].replace("_", " ").capitalize() if one["category"] else formats.MISSING, one["owner"] or formats.MISSING,
        )
        for one in found["rows"]
    ]  # fmt: skip
    columns = [
        Column("Account"), Column("Renews"), Column("In", right=True), Column("ARR", right=True), Column("Health"),
        Column("Category"), Column("Owner"),
    ]  # fmt: skip
    total = sum(one["arr"] or 0 for one in found["rows"])
    said = f"{count(len(rows), 'renewal')} within {found['days']} days, {_money(facts, total)}."
    none = [Text([f"Nothing renews within {found['days']} days."], bullets=False)]
    return Slide(
        "Renewals ahead",
        said if rows else "",
        left=[Table(columns, rows)] if rows else none,
        notes=found["notes"],
        key="renewals",
    )


def _pipeline(facts: Facts) -> Slide:
    found, ahead, ready = facts["pipeline"], facts["forecast"], facts["readiness"]
    drawn = Chart(
        "column", [one["name"] for one in found["rows"]], [Series("Open", [_decimal(one["value"]) for one in found["rows"]])],
        f"Open routes by expected close, {facts['currency']}", NUMBERS["currency"],
    )  # fmt: skip
    quantiles = ahead["quantiles"] or {}
    rows = [
        cells(words, _cell(facts, amount))
        for words, amount in (
            ("Gross", ahead["gross"]), ("Weighted", ahead["weighted"]), ("Commit", ahead["commit"]),
            ("One in ten falls below", quantiles.get("p10")), ("Middle", quantiles.get("p50")), ("One in ten exceeds", quantiles.get("p90")),
        )
    ]  # fmt: skip
    said = f"{len(ready['ready'])} of {ready['judged']} accounts are ready for expansion" + (
        f": {', '.join(ready['ready'])}." if ready["ready"] else "."
    )
    return Slide(
        "Expansion pipeline and readiness", said,
        left=[drawn] if found["rows"] else [Text(["No route is open."], bullets=False)],
        right=[Table([Column("Forecast"), Column("Amount", right=True)], rows), *_paired(facts, "pipeline")],
        notes=[*found["notes"], *_notes(facts, "forecast"), "Readiness: all five conditions are met (EXP-05)."], key="pipeline",
    )  # fmt: skip


def _feedback(facts: Facts) -> Slide:
    quotes = [
        cells(
            f"“{one['said']}”",
            one["account"],
            "" if one["recommend"] is None else str(one["recommend"]),
            day(one["on"]),
        )
        for one in facts["quotes"]
    ]
    columns = [Column("In the customer's words"), Column("Account"), Column("0–10", right=True), Column("On")]
    scores = [
        cells(one["account"], formats.number(one["value"], 0), formats.delta(one["value"] - one["before"]) if one["before"] is not None else "", day(one["on"]))
        for one in facts["nps"][:NPS_AT_MOST]
    ]  # fmt: skip
    heads = [Column("Account"), Column("NPS", right=True), Column("Change", right=True), Column("On")]
    right: list[Block] = [Table(heads, scores, heading="NPS, the lowest first")]
    none: list[Block] = [Text([f"Nobody answered a survey in words since {day(facts['from'])}."], bullets=False)]
    return Slide(
        "Customer feedback", f"{count(len(facts['nps']), 'account')} with an NPS within a year.",
        left=[Table(columns, quotes)] if quotes else none, right=[*(right if scores else []), *_paired(facts, "feedback")],
        notes=["NPS: the newest reading of each account within a year."], share=0.55, key="feedback",
    )  # fmt: skip


def _steps(facts: Facts) -> Slide:
    rows = []
    for one in facts["attention"]:
        action = one["action"]
        step = f"{action['title']}, {action['owner'] or 'nobody'}, {day(action['due_on'])}" if action else ""
        rows.append(
            cells(
                one["name"],
                _colour(one["band"]),
                _cell(facts, one["arr"]),
                one["owner"] or formats.MISSING,
                one["alert"] or "",
                step or Cell("No open action", "red", strong=True),
            )
        )
    columns = [
        Column("Account"), Column("Health"), Column("ARR", right=True), Column("Owner"), Column("Alert"), Column("Next action"),
    ]  # fmt: skip
    bare = sum(one["action"] is None for one in facts["attention"])
    said = (
        f"{bare} of {count(len(facts['attention']), 'account')} without an open action."
        if bare
        else "Each has an open action."
    )
    none = [Text(["No account is red or amber, and none has an urgent alert."], bullets=False)]
    return Slide(
        "Recommended actions and next steps", said if rows else "", left=[Table(columns, rows)] if rows else none,
        notes=["Accounts that are red or amber or have a high or critical alert; the action due first."], key="steps",
    )  # fmt: skip


def _notes(facts: Facts, *names: str) -> list[str]:
    return list(dict.fromkeys(note for name in names for note in facts[name]["notes"]))


def _money(facts: Facts, value: Any) -> str:
    return formats.money(value, facts["currency"])


def _percent(value: Any) -> str:
    return formats.percent(value, 1)


def _cell(facts: Facts, value: Any, *, percent: bool = False) -> str:
    return _percent(value) if percent else _money(facts, value)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def _colour(band: str) -> Cell:
    return Cell(HEALTH_WORDS.get(band, band), band if band in BANDS else "", strong=True)


def _band(band: str | None) -> Band:
    return band if band in BANDS else ""


def _worse(before: str, after: str) -> bool:
    order = ("green", "amber", "red")
    return before in order and after in order and order.index(after) > order.index(before)
