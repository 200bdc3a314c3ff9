"""Days as instants."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone


def day_start(day: date) -> datetime:
    """Return the first instant of a day in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
