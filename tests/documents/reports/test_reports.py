"""The report of the book says what the book's own queries find, and flags what nobody acts on."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.documents.decks.reading import outside, overflowing, read
from tests.factories import NOW, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account
from trackline.book.cards.presets import add_standard
from trackline.book.queries.retention import retention
from trackline.documents.reports import deck_of, report_facts
from trackline.documents.reports.files import FORMATS, content_of
from trackline.kit.problems import NotFound
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture
def red() -> Any:
    account = make_account("Nordwall 北壁", arr=400_000, currency="EUR", renewal_date=TODAY + timedelta(days=40))
    Account.objects.filter(pk=account.pk).update(health={"value": 28, "band": "red"})
    make("route", account=account, title="More seats", type="upsell", value=90_000, probability=50)
    return account


def test_figures_are_those_of_the_book(red: Any) -> None:
    facts = report_facts(system())
    told = retention(system(), date.fromisoformat(facts["from"]), TODAY)
    assert facts["retention"]["ending_arr"] == told["ending_arr"]
    assert [row["key"] for row in facts["renewals"]["rows"]] == [red.key]
    assert facts["forecast"]["weighted"] == 45_000
    assert report_facts(system(), TODAY, "month")["from"] == (TODAY.replace(day=1) - timedelta(days=1)).isoformat()


def test_who_needs_attention_and_has_no_action_is_flagged(red: Any) -> None:
    (row,) = report_facts(system())["attention"]
    assert row["name"] == red.name and row["action"] is None
    make("action", account=red, title="Call the plant", owner=make_user("tim").pk, due_on=TODAY)
    (row,) = report_facts(system())["attention"]
    assert row["action"]["title"] == "Call the plant"


def test_it_counts_only_what_the_actor_sees() -> None:
    cast = make_cast()
    assert not [row for row in report_facts(as_user(cast.outsider))["accounts"] if row["key"] == cast.account.key]


@pytest.mark.parametrize("empty", [True, False])
def test_every_file_can_be_read(empty: bool, request: pytest.FixtureRequest) -> None:
    if not empty:
        request.getfixturevalue("red")
    facts = report_facts(system())
    made = content_of(facts, "pptx")
    assert not overflowing(made) and not outside(made)
    assert len(read(made).slides) == len(deck_of(facts).slides) + 1
    book = load_workbook(io.BytesIO(content_of(facts, "xlsx")))
    assert book["Accounts"].max_row == len(facts["accounts"]) + 1
    assert content_of(facts, "pdf").startswith(b"%PDF")
    with pytest.raises(NotFound, match="xlsx"):
        content_of(facts, "doc")
    assert set(FORMATS) == {"pptx", "pdf", "xlsx", "json"}


def test_every_metric_of_the_scorecard_stands_with_what_is_done_about_it(red: Any) -> None:
    """KPI-126: a metric without an action is flagged, and so is a section without a metric."""
    bare = deck_of(report_facts(system()))
    assert "no action is named" in str(next(slide for slide in bare.slides if slide.key == "retention"))
    assert not any(slide.key == "scorecard" for slide in bare.slides)
    card = add_standard(as_user(make_cast().admin), "book")
    facts = report_facts(system())
    assert [one["key"] for one in facts["scorecard"]["metrics"]] == [
        line.metric.key for line in card.lines.order_by("pk")
    ]
    deck = deck_of(facts)
    told = next(slide for slide in deck.slides if slide.key == "scorecard")
    assert "Each has an action." in told.finding
    assert "Call the detractors" in str(next(slide for slide in deck.slides if slide.key == "feedback"))
    services.update(system(), registry.get("scorecard_line"), card.lines.get(metric__key="nps").pk, {"action": ""})
    facts = report_facts(system())
    assert "1 metric without an action." in next(one for one in deck_of(facts).slides if one.key == "scorecard").finding
    assert not overflowing(content_of(facts, "pptx"))
    sheet = load_workbook(io.BytesIO(content_of(facts, "xlsx")))["Scorecard"]
    assert sheet.max_row == len(facts["scorecard"]["metrics"]) + 1
