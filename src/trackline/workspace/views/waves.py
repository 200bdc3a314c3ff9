"""Deeds on a survey wave: new links, and who is asked as a file to send from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.track.surveys import waves
from trackline.workspace.downloads import csv_download
from trackline.workspace.records.views.common import done
from trackline.workspace.views.calendar import site_of
from trackline.workspace.web import page

SAID = {True: "yes", False: "no", None: "not told"}
ASKED = ["Name", "E-mail", "Audience", "Answered", "Link"]
"""The columns of who is asked."""


@page("POST", permission=WRITE)
def new_links(_request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Make all links of a wave void and give new ones."""
    wave = waves.void_links(ctx, pk)
    return done("New links made; those sent before are void", registry.get("wave"), wave)


@page(permission=WRITE)
def people(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download who is asked, with their links, as `csv`: what a mail program needs."""
    if ending != "csv":
        raise NotFound(f"There is no export as {ending[:20]}; csv is known.")
    wave = get(ctx, registry.get("wave"), pk)
    site = site_of(request)
    rows = [ASKED, *(asked_line(one, site) for one in waves.asked_of(ctx, wave))]
    return csv_download(csv_of(rows), f"wave-{wave.pk}")


def asked_line(one: waves.Asked, site: str) -> list[str]:
    """Return the line of somebody who is asked, with their link where they have one."""
    link = f"{site}{one.path}" if one.path else ""
    return [one.contact.name, one.contact.email, one.audience_label, SAID[one.answered], link]
