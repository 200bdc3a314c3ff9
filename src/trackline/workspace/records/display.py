"""Values as HTML: what stands in a table's cell or in a record's panel.

Everything that people wrote is escaped here. Marks carry their meaning in words or shape, never in colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trackline.kit import formats
from trackline.kit.records.fields import FieldSpec
from trackline.kit.templatetags.tl import bar, shape
from trackline.workspace.records import tones
from trackline.workspace.records.facts import Facts, Item, value_of
from trackline.workspace.records.labels import Label
from trackline.workspace.records.words import OUTSIDE, is_missing, is_scale, words_of

MISSING = mark_safe('<span class="missing-value">not set</span>')
MISSING_IN_TABLE = mark_safe(
    '<span class="missing-value"><span aria-hidden="true">–</span><span class="sr">not set</span></span>'
)
"""A wide table of words for nothing hides what is there; who listens hears the words all the same."""
SHOWN_LINKS = 2
"""So many links stand in a cell; the rest are counted, and named in the tooltip."""

RIGHT = frozenset({"integer", "decimal", "money", "percent"})


def html(spec: FieldSpec, item: Item, facts: Facts, *, full: bool = False) -> SafeString:
    """Draw a field of a row; `full` leaves nothing out, for the panel."""
    value = value_of(spec, item)
    if is_missing(value):
        return MISSING if full else MISSING_IN_TABLE
    draw = _DRAW.get(spec.kind)
    if draw is not None:
        return draw(spec, value, item, facts, full)
    text = words_of(spec, value, item, facts)
    if spec.name == "progress_pct":
        return _progress(value, text)
    return mark_safe(escape(text))  # noqa: S308  # escaped


def is_right(spec: FieldSpec) -> bool:
    """Whether a column's values stand at the right, as numbers do."""
    return spec.kind in RIGHT and not (is_scale(spec) or spec.name == "progress_pct" or spec.minimum == -1)


@lru_cache(maxsize=4096)
def ref_html(label: Label | None, *, person: bool = False, me: bool = False) -> SafeString:
    """Draw a reference: a person with initials, else a link that opens the record."""
    if label is None:
        return format_html('<span class="missing-value">{}</span>', OUTSIDE)
    if label.deleted:
        return format_html(
            '<span class="clip" title="{0}">{0} <span class="text-3">(deleted)</span></span>', label.text
        )
    if person:
        return format_html(
            '<span class="person"><span class="avatar{}" aria-hidden="true">{}</span>'
            '<span class="clip" title="{}">{}</span></span>',
            " me" if me else "",
            formats.initials(label.text),
            label.text,
            label.text,
        )
    return format_html(
        '<a class="ref clip" href="{}" data-panel="{}" title="{}">{}</a>',
        label.url,
        label.panel,
        label.text,
        label.text,
    )


@lru_cache(maxsize=512)
def mark(value: Any, text: str) -> SafeString:
    """Draw a status word: with the shape of its band, else as a grey chip."""
    band = tones.BANDS.get(str(value))
    if band:
        return format_html('<span class="status">{}<span>{}</span></span>', shape(band, True), text)
    return format_html('<span class="chip">{}</span>', text)


def _choice(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    text = words_of(spec, value, item, facts)
    if spec.name in tones.STATUS_FIELDS:
        return mark(value, text)
    return mark_safe(escape(text))  # noqa: S308  # escaped


def _ref(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    person = spec.target == "user"
    return ref_html(facts.label(spec.target, value), person=person, me=person and int(value) == facts.me)


def _refs(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    shown = value if full or len(value) <= SHOWN_LINKS + 1 else value[:SHOWN_LINKS]
    drawn = format_html_join("", "<li>{}</li>", ((_ref(spec, pk, item, facts, full),) for pk in shown))
    rest = len(value) - len(shown)
    title = words_of(spec, value, item, facts)
    more = format_html('<li class="text-3">+{}<span class="sr"> more</span></li>', rest) if rest else ""
    return format_html('<ul class="refs" title="{}">{}{}</ul>', title, drawn, more)


def _tags(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    shown = value if full else value[:3]
    more = format_html(' <span class="text-3">+{}</span>', len(value) - len(shown)) if len(shown) < len(value) else ""
    drawn = format_html_join(" ", '<span class="chip line"><span class="clip">{}</span></span>', ((t,) for t in shown))
    return format_html('<span class="tag-list" title="{}">{}{}</span>', ", ".join(value), drawn, more)


def _day(spec: FieldSpec, value: date, item: Item, facts: Facts, full: bool) -> SafeString:
    day = value.date() if isinstance(value, datetime) else value
    late = (facts.today - day).days
    text = words_of(spec, value, item, facts)
    if late > 0 and spec.name in tones.DUE_FIELDS and not tones.is_over(item):
        return format_html(
            '<time datetime="{}" title="{}" class="bad">{}</time>',
            day.isoformat(),
            formats.day(day),
            f"{text}, {late}{formats.NBSP}d late",
        )
    return format_html('<time datetime="{}" title="{}">{}</time>', day.isoformat(), formats.day(day), text)


def _boolean(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    return mark_safe("yes") if value else mark_safe('<span class="text-3">no</span>')  # a set value, quietly


def _scale(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    if not is_scale(spec):
        return mark_safe(escape(words_of(spec, value, item, facts)))  # noqa: S308  # escaped
    return _pips(value)


@lru_cache(maxsize=8)
def _pips(value: int) -> SafeString:
    pips = format_html_join("", "<i{}></i>", ((mark_safe(' class="on"') if n < value else "",) for n in range(5)))
    return format_html('<span class="scale"><span class="pips" aria-hidden="true">{}</span>{}</span>', pips, value)


def _email(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    return format_html('<a class="ref clip" href="mailto:{}" title="{}">{}</a>', quote(value, safe="@"), value, value)


def _url(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    if not str(value).startswith(("http://", "https://")):
        return mark_safe(escape(value))  # noqa: S308  # escaped
    bare = str(value).split("//", 1)[1].rstrip("/")
    return format_html(
        '<a class="ref clip" href="{}" title="{}" rel="noopener noreferrer" target="_blank">{}'
        '<span class="sr"> opens a new window</span></a>',
        value,
        value,
        bare,
    )


def _text(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    if full:
        return format_html('<span class="written">{}</span>', value)
    text = escape(str(value))
    return mark_safe(f'<span class="clip" title="{text}">{text}</span>')  # noqa: S308  # escaped


def _object(spec: FieldSpec, value: Any, item: Item, facts: Facts, full: bool) -> SafeString:
    if not full:
        return format_html('<span class="text-2">{}</span>', words_of(spec, value, item, facts))
    if isinstance(value, Mapping):
        rows = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", ((k, _flat(v)) for k, v in value.items()))
        return format_html('<dl class="facts">{}</dl>', rows)
    return format_html(
        '<ol class="plain-list">{}</ol>', format_html_join("", "<li>{}</li>", ((_flat(v),) for v in value))
    )


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("title") or ", ".join(f"{key} {part}" for key, part in value.items()))
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _progress(value: Any, text: str) -> SafeString:
    return format_html('<span class="progress-cell">{}<span>{}</span></span>', bar(value), text)


_DRAW: Mapping[str, Callable[[FieldSpec, Any, Item, Facts, bool], SafeString]] = {
    "choice": _choice,
    "ref": _ref,
    "refs": _refs,
    "tags": _tags,
    "date": _day,
    "datetime": _day,
    "boolean": _boolean,
    "integer": _scale,
    "email": _email,
    "url": _url,
    "text": _text,
    "longtext": _text,
    "picklist": _text,
    "object": _object,
}
