"""Template tags of the product: `{% load tl %}`. Formats are in `kit/formats.py`; the marks drawn here are inline SVG."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from trackline.kit import formats

register = template.Library()

BANDS = {"green": "Green", "amber": "Amber", "red": "Red", "unknown": "Unknown"}
_LETTERS = {"green": "G", "amber": "A", "red": "R", "unknown": "?"}
_SHAPES = {
    "green": '<circle cx="6" cy="6" r="5"/>',
    "amber": '<path d="M6 .9 11.6 11H.4Z"/>',
    "red": '<rect x="1.9" y="1.9" width="8.2" height="8.2" rx="1" transform="rotate(45 6 6)"/>',
    "unknown": '<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.4 2"/>',
}
_RING_LENGTH = 87.96  # circumference of the ring's radius 14

register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("initials", formats.initials)


@register.filter
def money(value: Any, currency: str = "EUR") -> str:
    """`{{ route.value|money:route.currency }}` → €2.84m."""
    return formats.money(value, currency)


@register.filter
def money_full(value: Any, currency: str = "EUR") -> str:
    """`{{ route.value|money_full:route.currency }}` → €2,840,000."""
    return formats.money_full(value, currency)


@register.filter
def day(value: date | datetime | None, today: date | None = None) -> str:
    """`{{ goal.due_on|day:today }}` → Fri 27 Nov, or 31 Mar 2027 when it is further than two weeks away."""
    return formats.day(_local(value), today or timezone.localdate())


@register.filter
def full_day(value: date | datetime | None) -> str:
    """`{{ goal.due_on|full_day }}` → 31 Mar 2027 in any case."""
    return formats.day(_local(value))


@register.filter
def since(value: date | datetime | None, today: date | None = None) -> str:
    """`{{ contact.last_touch_on|since:today }}` → 37 d ago."""
    return formats.since(_local(value), today or timezone.localdate())


@register.filter
def due(value: date | None, today: date | None = None) -> str:
    """`{{ step.due_on|due:today }}` → 3 d late."""
    return formats.due(value, today or timezone.localdate())


@register.filter
def overdue(value: date | None, today: date | None = None) -> bool:
    """Whether a due date has passed."""
    return value is not None and value < (today or timezone.localdate())


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """`{{ row|get:column.name }}`: an entry of a mapping, or nothing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else getattr(mapping, key, None)


def _local(value: date | datetime | None) -> date | datetime | None:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.simple_tag
def delta(value: Any, good: str = "up", unit: str = "", decimals: int | None = None, since: str = "") -> SafeString:
    """`{% delta account.health_change since="30 d" %}`: arrow, size and window, coloured by whether it is good (`good`
    is the direction that is: up, down or none)."""
    amount = formats.decimal(value)
    tone = ""
    text = formats.delta(value, unit, decimals)
    if amount is not None and text != formats.FLAT and good != "none":
        tone = "good" if (amount > 0) == (good == "up") else "bad"
    window = format_html(' <small class="text-3">{}</small>', since) if since else ""
    return format_html('<span class="delta {}">{}</span>{}', tone or "text-3", text, window)


# -- marks -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _icon(name: str, css: str) -> SafeString:
    return mark_safe(lucide(name, size=16, aria_hidden="true", **{"class": f"icon {css}".strip()}))  # noqa: S308  # our own icon set, no text of people


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "phone" %}`: a Lucide icon of 16 px, hidden from assistive technology: write its meaning beside it."""
    return _icon(name, css)


@lru_cache(maxsize=16)
def _shape(band: str, hidden: bool) -> SafeString:
    known = band if band in _SHAPES else "unknown"
    name = mark_safe('aria-hidden="true"') if hidden else format_html('role="img" aria-label="{}"', BANDS[known])
    return format_html(
        '<svg class="shape {}" viewBox="0 0 12 12" fill="currentColor" {}>{}</svg>'
        '<span class="shape-letter" aria-hidden="true">{}</span>',
        known,
        name,
        mark_safe(_SHAPES[known]),  # noqa: S308  # constants above
        _LETTERS[known],
    )


@register.simple_tag
def shape(band: str | None, hidden: bool = False) -> SafeString:
    """`{% shape account.band %}`: green ● amber ▲ red ◆ unknown ◌, named in words; `hidden` where a text says it too."""
    return _shape(band or "unknown", hidden)


@register.simple_tag
def ring(percent: Any, letter: str, label: str = "") -> SafeString:
    """`{% ring 83 "T" "Track the Situation" %}`: a station whose ring shows completeness in %; None is an empty ring."""
    share = min(max(float(formats.decimal(percent) or 0), 0.0), 100.0)
    told = (
        f"{label or letter}, {formats.percent(percent)} complete"
        if percent is not None
        else f"{label or letter}, no reading"
    )
    done = (
        format_html(
            '<circle class="done" cx="16" cy="16" r="14" stroke-width="2.5" stroke-linecap="round" '
            'stroke-dasharray="{} 88" transform="rotate(-90 16 16)"/>',
            f"{_RING_LENGTH * share / 100:.1f}",
        )
        if share
        else ""
    )
    return format_html(
        '<svg class="ring" viewBox="0 0 32 32" role="img" aria-label="{}"><circle class="inside" cx="16" cy="16" r="14"/>'
        '<circle class="rest" cx="16" cy="16" r="14" stroke-width="2.5"/>{}<text x="16" y="20.6">{}</text></svg>',
        told,
        done,
        letter,
    )


@register.simple_tag
def bar(percent: Any, label: str = "", tick: Any = None) -> SafeString:
    """`{% bar goal.progress_pct "62 % of the way" tick=70 %}`: a 6 px bar with the tick where it should be today.
    A missing value is a dashed outline."""
    value = formats.decimal(percent)
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    if value is None:
        body = mark_safe('<rect class="none" x=".5" y=".5" width="99.5%" height="5" rx="2.5"/>')
    else:
        body = format_html(
            '<rect class="rest" width="100%" height="6" rx="3"/><rect class="s1" width="{}%" height="6" rx="3"/>',
            _share(value),
        )
    at = formats.decimal(tick)
    mark = (
        format_html('<rect class="tick" x="{}%" y="-4" width="2" height="14"/>', _share(at)) if at is not None else ""
    )
    return format_html('<svg class="bar" {}>{}{}</svg>', hidden, body, mark)


@register.simple_tag
def stack(parts: Iterable[tuple[str, Any]], label: str = "") -> SafeString:
    """`{% stack parts "31 changed, 2 new" %}`: one bar out of shares in %, each `(colour, share)`; colours s1…s6, red."""
    drawn: list[tuple[str, str, str]] = []
    at = 0.0
    for css, share in parts:
        width = float(formats.decimal(share) or 0)
        if width > 0:
            drawn.append((css, f"{at:.2f}", f"{max(width - 0.6, 0.4):.2f}"))
        at += width
    body = format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="7" rx="1"/>', drawn)
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="bar" {}>{}</svg>', hidden, body)


def _share(value: Any) -> str:
    return f"{min(max(float(value), 0.0), 100.0):.2f}"


# -- the page --------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: Any) -> str:
    """`{% qs order="-arr" cursor=None %}`: the page's query string with some parameters set, or dropped with None."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        from django.http import QueryDict

        query = QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, (list, tuple)):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The theme the user chose: "light", "dark", or "system" where the browser decides."""
    request = context.get("request")
    chosen = request.COOKIES.get("tl_theme", "") if request is not None else ""
    return chosen if chosen in ("light", "dark") else "system"


@register.simple_tag
def asset(name: str) -> str:
    """`{% asset "app.js" %}`: the address of a built file, whose name holds its content's hash."""
    manifest = _read_manifest() if settings.DEBUG else _manifest()
    try:
        return static(f"dist/{manifest[name]}")
    except KeyError:
        raise ImproperlyConfigured(f"There is no built asset {name!r}; known: {', '.join(sorted(manifest))}.") from None


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    return _read_manifest()


def _read_manifest() -> dict[str, str]:
    path = finders.find("dist/manifest.json")
    if not path:
        raise ImproperlyConfigured(
            "The browser assets are not built: run `python hatch_build.py` in the project folder."
        )
    with open(path, encoding="utf-8") as file:
        manifest: dict[str, str] = json.load(file)
    return manifest


@register.filter
def sort_state(column: str, order: str) -> str:
    """`aria-sort` of a column, from the list's `order` parameter (`-arr` is descending)."""
    if order == column:
        return "ascending"
    return "descending" if order == f"-{column}" else "none"


@register.filter
def sort_next(column: str, order: str) -> str:
    """The `order` that a click on the column's header asks for."""
    return f"-{column}" if order == column else column


@register.filter
def highlight(text: str, query: str) -> SafeString:
    """Marks the part of a text that matches what was typed."""
    at = str(text).casefold().find(str(query).strip().casefold()) if query else -1
    if at < 0 or not query:
        return conditional_escape(text)
    end = at + len(query.strip())
    return format_html("{}<mark>{}</mark>{}", text[:at], text[at:end], text[end:])
