"""The first half of a review's deck: what was promised, where the account stands, value, money. Source: portfolio:QBR-06."""

from __future__ import annotations

from decimal import Decimal

from trackline.documents.decks.slides import Band, Cell, Column, Figure, Slide, Table, Text, Waterfall, cells
from trackline.documents.decks.words import NUMBERS, count, day
from trackline.documents.gathering import Facts
from trackline.documents.reviews.words import (
    BECAME,
    label,
    measure,
    money,
    moved,
    name_of,
    newest,
    source,
    state,
    trend,
)
from trackline.kit import formats


def promises(facts: Facts) -> list[Slide]:
    """Say what was promised last time and what became of it."""
    review = facts["review"]
    if not review["promises"]:
        return []
    done = sum(one["became"].startswith("done") for one in review["promises"])
    rows = []
    for one in review["promises"]:
        said, band = BECAME[one["became"]]
        became = f"{said}, {day(one['done_on'])}" if one["done_on"] else said
        who = one["client_owner"] if one["side"]["value"] == "customer" else one["owner"]
        rows.append(cells(one["title"], who or formats.MISSING, day(one["due_on"]), Cell(became, band, strong=True)))
    columns = [Column("Promised"), Column("By"), Column("Due"), Column("Became")]
    return [
        Slide(
            "What we promised last time",
            f"{done} of {count(len(rows), 'action')} agreed on {day(review['before_on'])} are done.",
            left=[Table(columns, rows)],
            notes=[f"Actions of the review of {day(review['before_on'])}, as they stood on {day(facts['as_of'])}."],
            key="promises",
        )
    ]


def summary(facts: Facts) -> list[Slide]:
    """The account on one slide. Source: portfolio:QBR-06, row 2."""
    goals = facts["goals"]
    rows = [cells(one["title"], _way(facts, one), day(one["due_on"]), state(one)) for one in goals]
    figures = [*_money_figures(facts), _reading(facts, "nps"), _value_figure(facts), _goals_figure(facts)]
    if facts["edition"] == "customer":  # what is missing is for us to find
        committed = [_value_figure(facts)] if facts["value"]["committed"] else []
        figures = [one for one in (_reading(facts, "nps"), *committed, _goals_figure(facts)) if not one.missing]
    lights = Table([Column("Goal"), Column("Now → target", right=True), Column("Due"), Column("State")], rows)
    return [
        Slide(
            "Executive summary",
            _finding(facts),
            figures=figures,
            left=[lights if rows else Text(["No goals are agreed yet."], bullets=False)],
            notes=[
                *source(facts, *(("nps",) if facts["edition"] == "customer" else ("revenue", "gross_margin", "nps"))),
                "Goals: their newest check-in or the reading of their KPI by that day.",
                "Value: outcomes verified by the customer by that day, of what was committed.",
            ],
            key="summary",
        )
    ]


def value(facts: Facts) -> list[Slide]:
    """The bridge from committed to verified worth. Source: portfolio:QBR-06, row 3."""
    found = facts["value"]
    if not found["committed"]:
        text = "No value with a committed worth is recorded. Agree what each outcome is worth, and who will verify it."
        return [Slide("Value: committed and verified", left=[Text([text], bullets=False)], key="value")]
    bridge = Waterfall(
        ("Committed", Decimal(str(found["committed"]))),
        [(one["label"], Decimal(str(one["amount"]))) for one in found["steps"]],
        "Verified",
        number=NUMBERS["currency"],
        heading=f"In {found['currency']}",
    )
    rows = [
        cells(
            one["title"], money(facts, one["committed"]), money(facts, one["worth"]),
            Cell(f"Verified {day(one['verified_on'])}", "green") if one["verified"] else Cell("Not verified", "amber"),
        )
        for one in found["outcomes"]
    ]  # fmt: skip
    columns = [Column("Outcome"), Column("Committed", right=True), Column("Worth", right=True), Column("Customer")]
    open_ = count(found["unverified"], "outcome waits", "outcomes wait")
    return [
        Slide(
            "Value: committed and verified",
            f"{money(facts, found['verified'])} of {money(facts, found['committed'])} are verified, "
            f"{formats.percent(found['realized_pct'], 0)}" + (f"; {open_} for verification." if found["unverified"] else "."),
            left=[bridge],
            right=[Table(columns, rows)],
            notes=[
                "Committed and verified worth: the value outcomes of the account, verified by name and date (VAL-14).",
                *(f"{one['title']}: verified by {one['verified_by']}, {day(one['verified_on'])}."
                  for one in found["outcomes"] if one["verified"] and one["verified_by"]),
                *([f"Left out, because an amount is missing: {', '.join(found['left_out'])}."] if found.get("left_out") else []),
            ],
            key="value",
        )
    ]  # fmt: skip


def commercial(facts: Facts) -> list[Slide]:
    """Revenue, margin, share of wallet, and the pipeline. Source: portfolio:QBR-06, row 4."""
    charts = [trend(facts, "revenue", heading="Revenue"), trend(facts, "gross_margin", heading="Gross margin")]
    drawn = [chart for chart in charts if chart]
    none = Text(["No reading of revenue or gross margin in two years."], bullets=False)
    pipeline = facts["pipeline"]
    open_ = [one for one in facts["routes"] if one["open"]]
    rows = [
        cells(
            one["title"], label(one["type"]), label(one["state"]), day(one["expected_close_on"]),
            formats.money(one["value"], one["currency"]), formats.percent(one["probability"], 0),
        )
        for one in open_
    ]  # fmt: skip
    columns = [
        Column("Route"), Column("Type"), Column("State"), Column("Expected close"), Column("Value", right=True),
        Column("Probability", right=True),
    ]  # fmt: skip
    gross, weighted = (formats.money(pipeline[name], pipeline["currency"]) for name in ("gross", "weighted"))
    return [
        Slide(
            "Financial and commercial performance",
            figures=[*_money_figures(facts), _reading(facts, "share_of_wallet"), _reading(facts, "cost_to_serve")],
            left=drawn[:1] or [none],
            right=drawn[1:],
            notes=source(facts, "arr", "revenue", "gross_margin", "share_of_wallet", "cost_to_serve"),
            key="commercial",
        ),
        Slide(
            "Routes and pipeline",
            f"{count(pipeline['count'], 'open route')} worth {gross}, {weighted} weighted by probability." if rows else "No route is open.",
            left=[Table(columns, rows)] if rows else [],
            notes=["Open routes of the account; weighted: value × probability."],
            key="pipeline",
        ),
    ]  # fmt: skip


def _finding(facts: Facts) -> str:
    goals = [one for one in facts["goals"] if one["status"]]
    good = sum(one["status"]["value"] in ("on_track", "achieved") for one in goals)
    said = [f"{good} of {count(len(goals), 'goal')} on track or achieved"] if goals else []
    found = facts["value"]
    if found["realized_pct"] is not None:
        said.append(f"{formats.percent(found['realized_pct'], 0)} of the committed value verified")
    return f"{'; '.join(said)}." if said else ""


def _way(facts: Facts, goal: dict[str, object]) -> str:
    unit = str(goal["unit"])
    return f"{measure(facts, goal['current'], unit)} → {measure(facts, goal['target'], unit)}"


def _money_figures(facts: Facts) -> list[Figure]:
    if facts["edition"] == "customer":
        return []
    return [
        Figure("ARR", money(facts, facts["account"]["arr"]), moved(facts, "arr")),
        _reading(facts, "revenue"),
        _reading(facts, "gross_margin"),
    ]


def _reading(facts: Facts, key: str) -> Figure:
    held, found = facts["metrics"].get(key), newest(facts, key)
    name = name_of(facts, key)
    if held is None or found is None:
        return Figure(name, formats.MISSING, "no reading")
    return Figure(name, measure(facts, found[1], held["unit"]), moved(facts, key) or f"as of {day(found[0])}")


def _value_figure(facts: Facts) -> Figure:
    found = facts["value"]
    if not found["committed"]:
        return Figure("Value verified", money(facts, found["verified"]), "nothing committed")
    band: Band = found["band"] or ""
    part = f"{formats.percent(found['realized_pct'], 0)} of {money(facts, found['committed'])}"
    return Figure("Value verified", money(facts, found["verified"]), part, band)


def _goals_figure(facts: Facts) -> Figure:
    goals = [one["status"]["value"] for one in facts["goals"] if one["status"]]
    good = sum(status in ("on_track", "achieved") for status in goals)
    return Figure("Goals on track", f"{good} of {len(goals)}" if goals else formats.MISSING)
