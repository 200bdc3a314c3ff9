"""Files that this product exported: are they of this very book, so that their ids mean our records?"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.readers import Cell, ReadProblem, Table
from trackline.connectors.values.columns import show
from trackline.connectors.values.dates import NotADate, Order, parse_date
from trackline.connectors.values.words import fold
from trackline.kit.records.types import registry

_SAMPLE = 50
#: A spreadsheet that writes moments anew leaves out parts of a second.
_SAME_MOMENT = timedelta(seconds=1)


def is_of_this_book(plan: TablePlan, table: Table) -> bool:
    """Whether the records of the file are ours: most ids that we have too stand beside the same moment of creation.

    Where somebody took that column out, the titles must agree.
    """
    places = {column.heading: column.index for column in plan.columns}
    if not plan.type or "id" not in places:
        return False
    rtype = registry.get(plan.type)
    proof = "created_at" if "created_at" in places else rtype.title
    if proof not in places or (rtype.specs[proof].target if proof in rtype.specs else ""):
        return False
    told: dict[int, Cell] = {}
    try:
        for row in itertools.islice(table.rows(), _SAMPLE):
            text = show(row.cells[places["id"]]).strip()
            if text.isdecimal() and len(text) < 19:
                told[int(text)] = row.cells[places[proof]]
    except ReadProblem:
        return False
    ours = dict(rtype.model.objects.filter(pk__in=told).values_list("pk", proof))
    same = sum(_is_same(value, told[pk]) for pk, value in ours.items())
    return same > 0 and 2 * same >= len(ours)


def _is_same(ours: Any, theirs: Cell) -> bool:
    if not hasattr(ours, "tzinfo"):
        return fold(str(ours)) == fold(show(theirs))
    try:
        return bool(abs(ours - parse_date(show(theirs)).read_at(Order.DAY_FIRST)) < _SAME_MOMENT)
    except NotADate:
        return False
