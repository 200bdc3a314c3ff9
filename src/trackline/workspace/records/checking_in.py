"""A check-in in one line, as a goal's card and panel offer it."""

from __future__ import annotations

from dataclasses import dataclass

from trackline.kit.formats import UNIT_WORDS
from trackline.kit.forms import FormField
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.workspace.records import addresses


@dataclass(frozen=True)
class Entry:
    """Where the line goes, the form with all fields, and the number it asks for; none where KPIs give it."""

    goal: int
    url: str
    panel: str
    field: FormField | None


def entry_of(goal: int, progress_mode: str, unit: str, currency: str) -> Entry:
    """Return the line for a goal, by what its progress comes from."""
    rtype = registry.get("check_in")
    given = {"goal": goal}
    return Entry(
        goal, addresses.new(rtype, given), addresses.new_panel(rtype, given), _field(progress_mode, unit, currency)
    )


def _field(progress_mode: str, unit: str, currency: str) -> FormField | None:
    if progress_mode == Goal.ProgressMode.KPI:
        return None
    if progress_mode == Goal.ProgressMode.MANUAL:
        return FormField(name="progress_override", kind="percent", label="Progress now")
    shown = "%" if unit == "percent" else UNIT_WORDS.get(unit, "")
    return FormField(
        name="value", kind="decimal", label="Value now", unit=shown, currency=currency if unit == "currency" else ""
    )
