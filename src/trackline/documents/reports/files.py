"""The report of the book as the file that an ending asks for; the workbook holds the figures behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from trackline.documents.decks.theme import Master
from trackline.documents.reports.deck import HEALTH_WORDS, deck_of
from trackline.kit.api.answers import encode
from trackline.kit.problems import NotFound
from trackline.kit.records.workbooks import Money, Sheet, columns_of, measured, workbook_of

Facts = dict[str, Any]


def _powerpoint(facts: Facts, master: Master | None) -> bytes:
    from trackline.documents.decks.powerpoint import render  # loaded by whoever asks for slides

    return render(deck_of(facts), datetime.fromisoformat(f"{facts['as_of']}T12:00:00+00:00"), master)


def _pdf(facts: Facts, master: Master | None) -> bytes:
    from trackline.documents.decks.paper import to_pdf

    return to_pdf(deck_of(facts), master)


def _workbook(facts: Facts, _master: Master | None) -> bytes:
    with workbook_of(*_sheets(facts)) as file:
        return file.read()


def _sheets(facts: Facts) -> Sequence[Sheet]:
    def money(value: Any) -> Money | None:
        return None if value is None else Money(value, facts["currency"])

    held = [facts["retention"], facts["retention_year"]]
    return (
        Sheet(
            "Accounts",
            columns_of(("Account", "Key", "Tier", "Owner", "ARR", "Health", "Score", "Renews")),
            [
                [one["name"], one["key"], one["tier"], one["owner"], money(one["arr"]), HEALTH_WORDS[one["band"]],
                 one["health"], _day(one["renewal_date"])]
                for one in facts["accounts"]
            ],
        ),
        Sheet(
            "Scorecard",
            columns_of(("Metric", "Domain", "Value", "Unit", "Minimum", "Committed", "Stretch", "Result", "Points", "Chance %", "Owner", "What is done")),
            [
                [one["name"], one["domain"], measured(one["value"], one["unit"], facts["currency"]), one["unit"],
                 *(measured(one[name], one["unit"], facts["currency"]) for name in ("minimum", "committed", "stretch")), one["state"],
                 one["contribution"], one["chance_pct"], one["owner_name"], one["action"] or "No action"]
                for one in (facts["scorecard"]["metrics"] if facts["scorecard"] else ())
            ],
        ),
        Sheet(
            "Retention",
            columns_of(("From", "To", "Starting ARR", "Expansion", "Contraction", "Churn", "Ending ARR", "Net %", "Gross %")),
            [
                [_day(one["from"]), _day(one["to"]),
                 *(money(one[name]) for name in ("starting_arr", "expansion", "contraction", "churn", "ending_arr")),
                 one["nrr_pct"], one["grr_pct"]]
                for one in held
            ],
        ),
        Sheet(
            "Colour changes",
            columns_of(("Account", "On", "From", "To", "Score before", "Score after")),
            [
                [one["account"], _day(one["on"]), HEALTH_WORDS.get(one["from"]), HEALTH_WORDS.get(one["to"]),
                 one["from_value"], one["to_value"]]
                for one in facts["moves"]
            ],
        ),
        Sheet(
            "Renewals",
            columns_of(("Account", "Renews", "Days", "ARR", "Proposed", "State", "Category", "Health", "Owner")),
            [
                [one["name"], _day(one["renewal_date"]), one["days"], money(one["arr"]), money(one["proposed_arr"]),
                 one["state"], one["category"], one["health"], one["owner"]]
                for one in facts["renewals"]["rows"]
            ],
        ),
        Sheet(
            "Pipeline",
            columns_of(("Quarter", "Routes", "Value")),
            [[one["name"], one["count"], money(one["value"])] for one in facts["pipeline"]["rows"]],
        ),
        Sheet(
            "Feedback",
            columns_of(("Account", "NPS", "Before", "On")),
            [[one["account"], one["value"], one["before"], _day(one["on"])] for one in facts["nps"]],
        ),
        Sheet(
            "Next steps",
            columns_of(("Account", "Health", "ARR", "Owner", "Alert", "Next action", "By", "Due")),
            [
                [one["name"], HEALTH_WORDS[one["band"]], money(one["arr"]), one["owner"], one["alert"],
                 *((one["action"]["title"], one["action"]["owner"], _day(one["action"]["due_on"])) if one["action"] else ("", "", None))]
                for one in facts["attention"]
            ],
        ),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


FORMATS: Mapping[str, Callable[[Facts, Master | None], bytes]] = {
    "pptx": _powerpoint,
    "pdf": _pdf,
    "xlsx": _workbook,
    "json": lambda facts, _master: encode(facts),
}


def content_of(facts: Facts, ending: str, master: Master | None = None) -> bytes:
    """Return the report in the format of an ending, slides on a master of the company's own. Raises `NotFound` for one that is not known."""
    if ending not in FORMATS:
        raise NotFound(f"There is no report as {ending[:20]}; {', '.join(FORMATS)} are known.")
    return FORMATS[ending](facts, master)
