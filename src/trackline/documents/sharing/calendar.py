"""The meetings of a shared page as iCalendar: what may leave of them, under names that say nothing inside this house."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from trackline.documents.models import ShareLink
from trackline.documents.sharing.page import SharedPage
from trackline.documents.sharing.refs import ref_of


def calendar_of(link: ShareLink, page: SharedPage, now: datetime) -> bytes:
    """Return the meetings of a page as an iCalendar file."""
    found = Calendar()
    found.add("prodid", "-//Trackline//Shared page//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", page.title)
    for row in page.meetings or ():
        event = Event()
        event.add("uid", f"{ref_of(link, 'meeting', row.pk)}@shared.trackline")
        event.add("dtstamp", now)
        event.add("dtstart", row.fields["at"])
        event.add("dtend", row.fields["at"] + timedelta(minutes=row.fields["duration_min"] or 60))
        event.add("summary", row.fields["title"] or "Meeting")
        event.add("status", "CONFIRMED")
        found.add_component(event)
    return bytes(found.to_ical())
