"""Limits in words, and pictures of the rulebook as inline SVG: `{% load rules %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trackline.workspace.queries.rulebook.what_if import Scale
from trackline.workspace.queries.rulebook.words import BandRange, band_ranges

register = template.Library()


@register.filter
def ranges(cuts: Mapping[str, str]) -> list[BandRange]:
    """The colours of some cuts, best first, with their values in words."""
    return list(band_ranges(cuts))


@register.simple_tag
def band_scale(scale: Scale) -> SafeString:
    """A value among the limits of its bands: a dot now, a ring where one started."""
    zones = format_html_join(
        "",
        '<rect class="tint {}" x="{}%" y="11" width="{}%" height="8"/>',
        ((zone.band, zone.at, max(zone.width - 0.5, 0.2)) for zone in scale.zones),
    )
    ticks = format_html_join("", '<text x="{}%" y="33" text-anchor="middle">{}</text>', scale.ticks)
    was = ""
    if scale.was is not None and abs(scale.was - scale.now) > 0.05:
        was = format_html(
            '<line class="moved" x1="{0}%" x2="{1}%" y1="15" y2="15"/><circle class="before" cx="{0}%" cy="15" r="5"/>',
            scale.was,
            scale.now,
        )
    return format_html(
        '<svg class="band-scale" width="100%" height="36" role="img" aria-label="{}">{}{}{}<circle class="last" cx="{}%" cy="15" r="6"/></svg>',
        scale.says,
        zones,
        ticks,
        was,
        scale.now,
    )
