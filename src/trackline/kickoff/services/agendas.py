"""What writes of agendas mean."""

from __future__ import annotations

from typing import Any

from trackline.kickoff.rules.agendas import points
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid


def prepare_agenda(_ctx: Context, agenda: Any, changed: set[str], _links: dict[str, list[int]]) -> None:
    """Fill in the minutes, and refuse blocks that do not fit into them."""
    blocks = points(agenda.text)
    if not blocks:
        raise Invalid.fields({"text": "At least one block is expected, as “15 min Value delivered”."})
    total = sum(point.minutes or 0 for point in blocks)
    if "text" in changed and "duration_min" not in changed:
        agenda.duration_min = max(total, agenda.duration_min or 0) or None
    if agenda.duration_min is None:
        agenda.duration_min = total or None
    elif total > agenda.duration_min:
        raise Invalid.fields({"text": f"The blocks take {total} minutes, the agenda has {agenda.duration_min}."})
