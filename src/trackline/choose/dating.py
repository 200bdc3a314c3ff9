"""Dates given by moving a card to another column of the board."""

from __future__ import annotations

from typing import Any

from trackline.accounts.workdays import workdays
from trackline.choose.models import Play
from trackline.choose.rules import schedule, states
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


def to_column(ctx: Context, name: str, pk: Any, column: str) -> Any:
    """Date a play or a step so that it stands in a column (`30`, `60`, `90`, `later`), on the nearest business day.

    A play whose horizon ends earlier gets the next one. Raises `Refused` where even ninety days from its start are over
    by then (CHO-02), `Invalid` for a column that there is not.
    """
    if column not in schedule.BUCKETS:
        raise Invalid.fields({"to": f"One of {', '.join(schedule.BUCKETS)} is expected."})
    rtype = registry.get(name)
    record = get(ctx, rtype, pk)
    if schedule.bucket(record.due_on, ctx.today) == column and record.due_on is not None:
        return record
    due = schedule.nearest_day(record.due_on, column, ctx.today, workdays())
    data: dict[str, Any] = {"due_on": due}
    if isinstance(record, Play) and record.horizon is not None:
        fits = [days for days in Play.Horizon.values if due <= states.last_due(record.start_on, days)]
        if not fits:
            last = states.last_due(record.start_on, max(Play.Horizon.values))
            raise Refused(
                f"A play ends ninety days after its start, here on {last}. Start it again with a later start."
            )
        data |= {"horizon": max(record.horizon, min(fits))}
    return records.update(ctx, rtype, record.pk, data)
