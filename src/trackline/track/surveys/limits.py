"""The figures of surveys in force: settings of the book."""

from __future__ import annotations

from trackline.accounts.settings import several
from trackline.track.rules.survey_loop import Limits


def limits() -> Limits:
    """Return what opens a case and the clock of one, in one query."""
    keys = ("low_to", "detractor_to", "contact_hours", "plan_days", "verify_days")
    found = several(*(f"survey.{key}" for key in keys))
    return Limits(**{key: found[f"survey.{key}"] for key in keys})
