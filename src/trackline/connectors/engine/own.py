"""Files that this product exported: are they of this very book, so that their ids mean our records?"""

from __future__ import annotations

import itertools
from datetime import timedelta

from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.readers import ReadProblem, Table
from trackline.connectors.values.columns import show
from trackline.connectors.values.dates import NotADate, Order, parse_date
from trackline.kit.records.types import registry

_SAMPLE = 50


def is_of_this_book(plan: TablePlan, table: Table) -> bool:
    """Whether a record of the file has id and moment of creation in common with one of ours."""
    places = {column.heading: column.index for column in plan.columns}
    if not plan.type or "id" not in places or "created_at" not in places:
        return False
    told: dict[int, str] = {}
    try:
        for row in itertools.islice(table.rows(), _SAMPLE):
            text = show(row.cells[places["id"]]).strip()
            if text.isdecimal() and len(text) < 19:
                told[int(text)] = show(row.cells[places["created_at"]])
    except ReadProblem:
        return False
    ours = registry.get(plan.type).model.objects.filter(pk__in=told).values_list("pk", "created_at")
    for pk, created_at in ours:
        try:
            moment = parse_date(told[pk]).read_at(Order.DAY_FIRST)
        except NotADate:
            continue
        if abs(created_at - moment) < timedelta(seconds=61):
            return True
    return False
