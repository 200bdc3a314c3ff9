"""The look holds its contrast, the components render with the worst data, and values read as the design says."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from tests.kit import gallery
from trackline.kit import formats, htmx
from trackline.kit.forms import FormField

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
NB = "\N{NO-BREAK SPACE}"

TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *[
        ("text", ground, TEXT)
        for ground in ("canvas", "canvas-hover", "surface", "raised", "sunken", "hover", "selected", "accent-soft")
    ],
    *[
        ("text-2", ground, TEXT)
        for ground in ("canvas", "surface", "raised", "sunken", "hover", "selected", "accent-soft", "unknown-soft")
    ],
    *[("text-3", ground, TEXT) for ground in ("canvas", "surface", "raised", "sunken", "hover", "selected")],
    *[("accent", ground, TEXT) for ground in ("surface", "raised", "sunken", "hover", "selected", "accent-soft")],
    *[
        (tone, ground, TEXT)
        for tone in ("green", "amber", "red")
        for ground in ("surface", "raised", "sunken", "hover", f"{tone}-soft")
    ],
    ("on-ink", "ink", TEXT),
    ("on-ink", "ink-2", TEXT),
    ("on-accent", "accent", TEXT),
    *[
        (f"{tone}-fill", ground, GRAPHIC)
        for tone in ("green", "amber", "red", "unknown")
        for ground in ("surface", "hover")
    ],
    ("control-line", "surface", GRAPHIC),
    ("control-line", "canvas", GRAPHIC),
    *[(f"s{n}", "surface", GRAPHIC) for n in range(1, 6)],
]


def tokens() -> dict[str, tuple[str, str]]:
    css = (ROOT / "frontend/css/tokens.css").read_text()
    pairs = re.findall(r"--tl-([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    return {name: (light, dark) for name, light, dark in pairs}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"), PAIRS, ids=[f"{front}-on-{ground}" for front, ground, _ in PAIRS]
)
def test_contrast(front: str, ground: str, least: float, theme: int) -> None:
    found = tokens()
    assert contrast(found[front][theme], found[ground][theme]) >= least


def test_components_name_no_colour_of_their_own() -> None:
    for path in sorted((ROOT / "frontend/css").glob("*.css")):
        if path.name == "tokens.css":
            continue
        loose = re.sub(r"light-dark\([^)]*\)|url\([^)]*\)", "", path.read_text())
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", loose), path.name


@pytest.fixture(scope="module")
def page() -> str:
    return render_to_string("kit/gallery.html", gallery.context())


def test_gallery_obeys_the_content_security_policy(page: str) -> None:
    assert not re.findall(r"<[^>]+\s(style|on\w+|hx-on\S*)=", page)
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


def test_gallery_names_every_control(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'<label class="field-label" for="([^"]+)"', page):
        assert target in ids


@pytest.mark.parametrize(
    ("value", "currency", "short", "full"),
    [
        (2840000, "EUR", "€2.84m", "€2,840,000"),
        (420000, "EUR", "€420k", "€420,000"),
        (Decimal("1200"), "EUR", "€1.2k", "€1,200"),
        (9999, "EUR", "€10k", "€9,999"),
        (999499, "GBP", "£999k", "£999,499"),
        (999999, "GBP", "£1.00m", "£999,999"),
        (999999999, "EUR", "€1.00bn", "€999,999,999"),
        (Decimal("-120000.5"), "EUR", "−€120k", "−€120,000.50"),
        (0, "EUR", "€0", "€0"),
        (640000, "CHF", f"CHF{NB}640k", f"CHF{NB}640,000"),
        (None, "EUR", "not set", "not set"),
        ("abc", "EUR", "not set", "not set"),
    ],
)
def test_money(value: Any, currency: str, short: str, full: str) -> None:
    assert formats.money(value, currency) == short
    assert formats.money_full(value, currency) == full


def test_numbers() -> None:
    assert formats.percent(78) == f"78{NB}%"
    assert formats.percent(Decimal("66.66")) == f"66.7{NB}%"
    assert formats.percent(None) == "not set"
    assert formats.number(Decimal("1234.5")) == "1,234.5"
    assert formats.number(60, 1) == "60.0"
    assert formats.number(-5) == "−5"
    assert formats.delta(Decimal("-22.5")) == "↓22.5"
    assert formats.delta(8.1, "%") == f"↑8.1{NB}%"
    assert formats.delta(0) == "flat"
    assert [formats.delta(Decimal(text), decimals=1) for text in ("0.049", "-0.049", "0.05")] == [
        "flat",
        "flat",
        "↑0.1",
    ]
    assert [formats.delta(Decimal(text)) for text in ("0.0004", "-0.0006")] == ["flat", "↓0.001"]
    assert formats.delta(None) == "no comparison"


def test_days() -> None:
    assert formats.day(date(2026, 11, 27), TODAY) == f"Fri{NB}27{NB}Nov"
    assert formats.day(date(2027, 3, 31), TODAY) == f"31{NB}Mar{NB}2027"
    assert formats.day(None, TODAY) == "not set"
    assert formats.since(date(2026, 11, 20), TODAY) == f"3{NB}d{NB}ago"
    assert formats.since(date(2027, 3, 31), TODAY) == f"in{NB}128{NB}d"
    assert formats.since(TODAY, TODAY) == "today"
    assert formats.due(date(2026, 11, 20), TODAY) == f"3{NB}d{NB}late"
    assert formats.due(None, TODAY) == "no date"


def test_initials() -> None:
    names = {
        "Katrin Vogel": "KV",
        "小林 健": "小",
        "Ng": "N",
        "Maximiliane von Hohenzollern-Sigmaringen": "MS",
        "": "?",
    }
    assert {name: formats.initials(name) for name in names} == names


def render(source: str, **context: Any) -> str:
    return Template("{% load tl %}" + source).render(Context(context))


def test_marks_say_in_words_what_they_show() -> None:
    assert 'aria-label="Amber"' in render('{% shape "amber" %}')
    assert 'aria-label="Unknown"' in render("{% shape band %}", band=None)
    assert "Track the Situation, 83\N{NO-BREAK SPACE}% complete" in render('{% ring 83 "T" "Track the Situation" %}')
    assert "no reading" in render('{% ring None "T" %}')
    assert 'class="none"' in render("{% bar None %}")
    assert 'class="delta bad"' in render('{% delta -6 since="30 d" %}')
    assert render("{% delta 0.04 decimals=1 %}") == '<span class="delta text-3">flat</span>'
    assert 'class="delta good"' in render('{% delta -6 good="down" %}')
    assert 'aria-hidden="true"' in render('{% icon "plus" %}')


def test_text_of_people_is_escaped() -> None:
    assert "<script>" not in render("{{ name|highlight:query }}", name="<script>x", query="<s")
    assert "<mark>oka</mark>" in render("{{ name|highlight:query }}", name="oka", query="OKA ")
    assert "&lt;b&gt;" in render('{% include "kit/c/chip.html" with text=text only %}', text="<b>")


def test_query_string_keeps_the_rest() -> None:
    request = RequestFactory().get("/accounts?tier=1&tier=2&cursor=abc")
    assert render('{% qs order="-arr" cursor=None %}', request=request) == "?tier=1&amp;tier=2&amp;order=-arr"


def test_field_shows_stored_values_as_entries() -> None:
    spec = FormField(name="due_on", kind="date", label="Due")
    assert FormField.of(spec, date(2027, 3, 31)).value == "2027-03-31"
    assert FormField.of(spec, Decimal("1200.00")).value == "1200"
    with timezone.override("UTC"):
        assert FormField.of(spec, datetime(2026, 11, 23, 9, 30, tzinfo=UTC)).value == "2026-11-23T09:30"
    assert FormField.of(spec, None, ["Needed, but empty."]).errors == ("Needed, but empty.",)


def ask(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def test_part_or_page() -> None:
    assert not htmx.is_partial(ask())
    assert htmx.is_partial(ask(**{"HX-Request": "true", "HX-Target": "list"}))
    assert not htmx.is_partial(ask(**{"HX-Request": "true", "HX-Target": "main"}))
    assert not htmx.is_partial(ask(**{"HX-Request": "true", "HX-Boosted": "true"}))


def test_answers_carry_their_events() -> None:
    response = htmx.changed(htmx.toast(HttpResponse(), "Target: 2.5 % → 2.4 %", "/undo/1"))
    events = json.loads(response.headers["HX-Trigger"])
    assert events == {"toast": {"text": "Target: 2.5 % → 2.4 %", "undo": "/undo/1"}, "tl:changed": None}
    assert htmx.redirect(ask(), "/accounts").status_code == 302
    assert htmx.redirect(ask(**{"HX-Request": "true"}), "/accounts").headers["HX-Redirect"] == "/accounts"
