"""Small drawings of the list: the TRACK line of an account, its two snapshot colours, days to a renewal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.accounts.completeness import sections
from trackline.kit import formats
from trackline.kit.templatetags.tl import shape
from trackline.workspace.queries.accounts.filters import SOON_DAYS

_RADIUS = 4.5
_AROUND = 28.27  # circumference of that radius
_STEP = 16


def track_line(percent: Mapping[str, Any] | None) -> SafeString:
    """Draw the five stations of an account with the share of each that is complete, and the total."""
    if not percent:
        return mark_safe('<span class="missing-value">not computed</span>')
    known = sections()
    shares = tuple(round(float(percent.get(section.key) or 0)) for section in known)
    return _line(tuple(section.letter for section in known), shares, round(float(percent.get("total") or 0)))


@lru_cache(maxsize=4096)
def _line(letters: Sequence[str], shares: Sequence[int], total: int) -> SafeString:
    stations = []
    for number, share in enumerate(shares):
        x = 6 + _STEP * number
        arc = ""
        if 0 < share < 100:
            filled = f"{_AROUND * share / 100:.1f}"
            arc = (
                f'<circle class="done" cx="{x}" cy="6" r="{_RADIUS}" stroke-dasharray="{filled} 29" '
                f'transform="rotate(-90 {x} 6)"/>'
            )
        stations.append(f'<circle class="{"full" if share >= 100 else "rest"}" cx="{x}" cy="6" r="{_RADIUS}"/>{arc}')
    width = 12 + _STEP * (len(shares) - 1)
    told = ", ".join(f"{letter} {share} %" for letter, share in zip(letters, shares, strict=True))
    return format_html(
        '<span class="track-mini" title="{}"><svg viewBox="0 0 {} 12" role="img" aria-label="{}">'
        '<path d="M6 6h{}"/>{}</svg><span class="num">{}</span></span>',
        told,
        width,
        told,
        width - 12,
        mark_safe("".join(stations)),  # noqa: S308  # numbers only
        formats.percent(total),
    )


def health_marks(
    health: Mapping[str, Any] | None, snapshot: tuple[str, str, date] | None, today: date, stale_after: int
) -> SafeString:
    """Draw the score with its colour, and our own view as two shapes beside it; the view alone before one is computed."""
    if not health or (health.get("value") is None and snapshot is None):
        return snapshot_marks(snapshot, today, stale_after)
    view = ""
    if snapshot:
        view = format_html('<span class="views">{}</span>', snapshot_marks(snapshot, today, stale_after))
    score: Any = mark_safe('<span class="sr">no score</span>')
    if health["value"] is not None:
        score = formats.number(health["value"], 1)
    return format_html('<span class="score-mark num">{}{}{}</span>', shape(health["band"], True), score, view)


def snapshot_marks(snapshot: tuple[str, str, date] | None, today: date, stale_after: int) -> SafeString:
    """Draw delivery and relationship as two shapes; a colour that is old carries its age."""
    if snapshot is None:
        return mark_safe('<span class="missing-value">no reading</span>')
    delivery, relationship, on = snapshot
    age = (today - on).days
    told = f"Delivery {delivery}, relationship {relationship}, {formats.day(on, today)}"
    stale = format_html(' <small class="stale">{}</small>', formats.day(on, today)) if age > stale_after else ""
    return format_html(
        '<span class="two-marks" title="{}"><span class="sr">{}</span>{}{}{}</span>',
        told,
        told,
        shape(delivery, True),
        shape(relationship, True),
        stale,
    )


def days_to(day: date | None, today: date, *, over: bool = False) -> SafeString:
    """Say in how many days something falls due: `128 d`, amber when soon, red when it has passed."""
    if day is None:
        return mark_safe('<span class="missing-value">no date</span>')
    days = (day - today).days
    if days < 0:
        return format_html('<span class="{}">passed</span>', "text-3" if over else "bad")
    tone = "warn" if days <= SOON_DAYS and not over else ""
    return format_html('<span class="{}">{} d</span>', tone, f"{days:,}")
