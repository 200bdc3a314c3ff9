"""What the values of a table's columns settle, and what is left to ask."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from trackline.connectors.mapping.plan import ColumnPlan, Question, StagePlan, TablePlan
from trackline.connectors.mapping.saved import FileMap
from trackline.connectors.profiles import Source, TypeWords, meaning_of
from trackline.connectors.values.columns import ColumnScan
from trackline.connectors.values.dates import Order, parse_date, parse_excel
from trackline.connectors.values.numbers import Mark, parse_number
from trackline.connectors.values.words import fold, is_empty_typed

Pair = tuple[ColumnPlan, ColumnScan]
DATE_KINDS = frozenset({"date", "datetime"})
NUMBER_KINDS = frozenset({"integer", "decimal", "money", "percent"})


def shared_order(scans: Iterable[ColumnScan]) -> Order | None:
    """The order of day and month that the date columns of a file prove together."""
    proved = {order for scan in scans if (scan.dates or "date" in scan.kinds) and (order := scan.order())}
    return proved.pop() if len(proved) == 1 else None


def shared_mark(scans: Iterable[ColumnScan]) -> Mark | None:
    """The decimal mark that the number columns of a file prove together."""
    proved = {mark for scan in scans if (scan.numbers or "decimal" in scan.kinds) and (mark := scan.mark())}
    return proved.pop() if len(proved) == 1 else None


def settle_dates(plan: TablePlan, pairs: list[Pair], given: str) -> None:
    """Give every date column its order: as told, as proved by the column, or as proved by another of the file."""
    shared = shared_order(scan for _, scan in pairs)
    for column, scan in pairs:
        if column.kind not in DATE_KINDS:
            continue
        if scan.holds_serials:
            column.serials = True
            day = parse_excel(float(scan.serial)).on
            column.notes.append(f"Day numbers of a spreadsheet are read as days: {scan.serial} is {_day(day)}")
        order = Order(given) if given else scan.order() or shared
        if order is None and scan.order_unknown:
            plan.questions.append(_order_question(plan, column, scan))
            continue
        column.date_order = order.value if order else ""
        if scan.either_order and not given and scan.order() is None:
            column.notes.append("Order of day and month as in the other dates of the file")


def _order_question(plan: TablePlan, column: ColumnPlan, scan: ColumnScan) -> Question:
    moment = parse_date(scan.either_order)
    both = scan.day_first and scan.month_first
    reason = "some of its dates have the day first, some the month" if both else "every date can be read both ways"
    return Question(
        id=f"date_order:{column.heading}",
        kind="date_order",
        column=column.heading,
        text=f"Does the day or the month come first in “{column.heading}”? In {plan.name} {reason}.",
        options=[
            ["dmy", f"Day first: {scan.either_order} is {_day(moment.read(Order.DAY_FIRST))}"],
            ["mdy", f"Month first: {scan.either_order} is {_day(moment.read(Order.MONTH_FIRST))}"],
        ],
        examples=scan.samples,
    )


def _day(day: object) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def settle_numbers(plan: TablePlan, pairs: list[Pair], given: str) -> None:
    """Give every number column its decimal mark: as told, as proved by the column, or by another of the file."""
    shared = shared_mark(scan for _, scan in pairs)
    for column, scan in pairs:
        if column.kind not in NUMBER_KINDS:
            continue
        mark = Mark(given) if given else scan.mark() or shared
        if mark is None and scan.mark_unknown:
            plan.questions.append(_mark_question(plan, column, scan))
            continue
        column.decimal = mark.value if mark else ""


def _mark_question(plan: TablePlan, column: ColumnPlan, scan: ColumnScan) -> Question:
    number = parse_number(scan.either_mark)
    return Question(
        id=f"decimal:{column.heading}",
        kind="decimal",
        column=column.heading,
        text=f"Is {scan.either_mark} in “{column.heading}” of {plan.name} a whole number or a fraction?",
        options=[
            [".", f"Decimal point: {scan.either_mark} is {_plain(number.read(Mark.POINT))}"],
            [",", f"Decimal comma: {scan.either_mark} is {_plain(number.read(Mark.COMMA))}"],
        ],
        examples=scan.samples,
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def settle_shares(pairs: Iterable[Pair], source: Source) -> None:
    """Notice percentages written as parts of one (0.6 for 60 %)."""
    for column, scan in pairs:
        if column.kind != "percent" or scan.largest is None:
            continue
        column.share = scan.is_share_of_one() or (source.probability_is_share and scan.largest <= 1)
        if column.share:
            column.notes.append("Values up to 1 are read as shares: 0.6 is 60 %")


def settle_choices(plan: TablePlan, pairs: Iterable[Pair], words: TypeWords) -> None:
    """Translate the words of choice columns; name those that are not known."""
    for column, scan in pairs:
        facts = words.fields.get(column.field_target.field)
        if facts is None or column.kind != "choice" or not facts.choices:
            continue
        unknown = []
        for text in scan.distinct:
            key = facts.choices.get(fold(text))
            if key is not None:
                column.words[text] = key
            elif not is_empty_typed(text):
                unknown.append(text)
        if unknown and facts.otherwise is not None:
            taken = facts.otherwise or "left empty"
            column.notes.append(f"Not known and taken as {taken}: {_listed(unknown)}")
        elif unknown:
            column.notes.append(f"Not known: {_listed(unknown)}")


def settle_stages(plan: TablePlan, pairs: Iterable[Pair], system: str, entry: FileMap) -> None:
    """Say what each stage of the file means; ask where neither its name nor a probability tells."""
    told = {fold(stage): state for stage, state in entry.stages.items()}
    for column, scan in pairs:
        if column.kind != "stage":
            continue
        evidence = any(plan.column_for(name) for name in ("probability", "is_closed", "state"))
        for text, count in scan.distinct.items():
            state = told.get(fold(text), "")
            meaning = meaning_of(text, system)
            if state:
                chance = float(meaning.probability) if meaning and meaning.state == state else _USUAL[state]
                plan.stages.append(StagePlan(text, state, chance, "map", count))
            elif meaning:
                plan.stages.append(StagePlan(text, meaning.state, float(meaning.probability), meaning.how, count))
            else:
                plan.stages.append(StagePlan(text, "", 0.0, "probability" if evidence else "", count))
        unknown = [stage.name for stage in plan.stages if not stage.how]
        for stage in unknown:
            plan.questions.append(_stage_question(plan, column, stage))


_USUAL = {"identified": 10.0, "qualifying": 30.0, "pursuing": 60.0, "won": 100.0, "lost": 0.0, "parked": 0.0}


def _stage_question(plan: TablePlan, column: ColumnPlan, stage: str) -> Question:
    return Question(
        id=f"stage:{stage}",
        kind="stage",
        column=column.heading,
        text=f"What does the stage “{stage}” in {plan.name} mean?",
        options=[
            ["identified", "Identified"],
            ["qualifying", "Qualifying"],
            ["pursuing", "Pursuing"],
            ["won", "Won"],
            ["lost", "Lost"],
            ["parked", "Parked"],
        ],
        examples=[stage],
        # Its rows are rejected, the others can be imported.
        blocking=False,
    )


def _listed(words: list[str], limit: int = 5) -> str:
    shown = ", ".join(f"“{word}”" for word in words[:limit])
    return shown + (f" and {len(words) - limit} more" if len(words) > limit else "")
