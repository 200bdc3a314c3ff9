"""A review tells what the records say on its day, in full and in the customer's edition, and its texts fit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pptx.enum.shapes import MSO_SHAPE_TYPE

from tests.delivery.api.client import Api
from tests.documents.decks.reading import outside, overflowing, read
from tests.factories import NOW, make, make_account, make_user, system
from trackline.accounts.models import Metric
from trackline.documents.allowed.names import facts_allowed
from trackline.documents.decks.paper import to_pdf
from trackline.documents.reviews import deck_of, review_facts
from trackline.documents.reviews.files import FORMATS, format_of
from trackline.documents.reviews.words import dated
from trackline.kit.problems import NotFound
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.reveal.proof import proof_of

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
SECRET = "Canary"
AWKWARD = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft cuts its backlog",
    "小林製作所の四半期レビューに関する長い題名と名古屋第一工場生産技術本部品質保証部",
    "شركة أوكادا براندت للتنقل والصناعات الهندسية المحدودة في مدينة الرياض الصناعية الثانية",
    "Mean time from a confirmed order to a line that runs at its rated output, over all plants of the group",
)


def filled(rows: int = 1, name: str = "Okada Brandt") -> Any:
    account = make_account(name, arr=2_400_000, currency="EUR", description=SECRET)
    owner = make_user("katrin")
    contact = make("contact", account=account, name="Sabine Keller", sentiment="detractor", notes=SECRET,
                   buying_role="economic_buyer", next_action=SECRET)  # fmt: skip
    held = make("meeting", account=account, title="Q3 review", review="qbr", contacts=[contact.pk],
                at=NOW - timedelta(days=80), notes=SECRET)  # fmt: skip
    make(
        "action",
        account=account,
        meeting=held,
        title="Send the summary",
        owner=owner.pk,
        due_on=TODAY - timedelta(days=9),
    )
    records.update(system(), registry.get("meeting"), held.pk, {"status": "held"})
    inside = make("meeting", account=account, title=f"{SECRET} sync", at=NOW - timedelta(days=3), attendees=[owner.pk])
    make("action", account=account, meeting=inside, title=f"{SECRET} tactics", owner=owner.pk)
    coming = make("meeting", account=account, title="Q4 review", review="qbr", contacts=[contact.pk],
                  at=NOW + timedelta(days=9), agenda="15 min Value\n20 min Their year")  # fmt: skip
    make("decision", account=account, meeting=coming, title="Extend the pilot", recommended=SECRET)
    for at in range(rows):
        long = f" {AWKWARD[at % len(AWKWARD)]}" if rows > len(AWKWARD) else ""
        goal = make("goal", account=account, title=f"Goal {at} 小林{long}", baseline=10, target=2, description=SECRET,
                    status="on_track" if at < 5 else "missed")  # fmt: skip
        if at < 5:
            make("check_in", goal=goal, on=TODAY - timedelta(days=40), value=8)
            make("check_in", goal=goal, on=TODAY, value=6, comment=SECRET)
        make("kpi", account=account, name=f"KPI {at}{long}", baseline=1, target=5, agreed_with_customer=at % 2 == 0)
        make("route", account=account, title=f"{SECRET} route {at}{long}", type="upsell", value=77_123, probability=35)
        make("risk", account=account, title=f"{SECRET} risk {at}{long}", likelihood=4, impact=4, mitigation=SECRET)
        make("issue", account=account, title=f"{SECRET} issue {at}{long}", assignee=owner)
        make("play", account=account, title=f"{SECRET} play {at}{long}", horizon=30)
        make("value_outcome", account=account, title=f"Outcome {at}{long}", money=600_000, committed=500_000,
             verified_on=TODAY - timedelta(days=20), on=TODAY - timedelta(days=60), baseline_source=SECRET)  # fmt: skip
    make("note", account=account, title=f"{SECRET} moves in", category="Competition", on=TODAY)
    for key in ("revenue", "gross_margin", "nps"):
        metric = Metric.objects.get(key=key, account=None)
        for back in (120, 30, 1):
            make("observation", account=account, metric=metric.pk, on=TODAY - timedelta(days=back), value=back)
    return account


def test_figures_are_those_of_the_day() -> None:
    account = filled()
    now, before = review_facts(system(), account), review_facts(system(), account, TODAY - timedelta(days=30))
    assert now["review"]["title"] == before["review"]["title"] == "Q4 review"
    assert now["goals"][0]["current"] == 6 and before["goals"][0]["current"] == 8
    assert now["metrics"]["nps"]["points"][-1][1] == 1 and before["metrics"]["nps"]["points"][-1][1] == 30
    assert before["value"]["verified"] == float(proof_of(account, TODAY - timedelta(days=30)).verified) == 0
    assert now["value"]["verified"] == float(proof_of(account, TODAY).verified) == 600_000
    assert [one["became"] for one in now["review"]["promises"]] == ["late"]
    assert [one["became"] for one in before["review"]["promises"]] == ["open"]
    said = {shape.text_frame.text for slide in read(FORMATS["pptx"].draw(now, None)).slides for shape in slide.shapes
            if shape.has_text_frame}  # fmt: skip
    assert any("€600k" in text for text in said)


def test_charts_are_native_and_their_numbers_are_those_of_the_api_on_that_day() -> None:
    account = filled()
    day = TODAY - timedelta(days=30)
    deck = read(FORMATS["pptx"].draw(review_facts(system(), account, day), None))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    drawn = [[float(value) for value in chart.plots[0].series[0].values] for chart in charts]
    api = Api(make_user("ada", role="admin"))
    for key in ("revenue", "gross_margin", "nps"):
        metric = Metric.objects.get(key=key, account=None)
        path = f"/observations?account={account.pk}&metric={metric.pk}&on__lte={day}&order=on"
        told = [float(one["value"]) for one in api.get(path).json()["items"]]
        assert told == [120, 30] and told in drawn, key
    assert not [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE]


def test_the_customer_s_edition_holds_only_what_is_listed() -> None:
    account = filled(3)
    make(
        "play", account=account, title="Play for a goal", horizon=60, goal=Goal.objects.filter(account=account).first()
    )
    facts = review_facts(system(), account, edition="customer")
    assert set(facts) == set(facts_allowed())
    assert {one["name"] for one in facts["kpis"]} == {"KPI 0", "KPI 2"}
    assert [one["title"] for one in facts["actions"]] == ["Send the summary"]
    said = [json.dumps(facts), *_words(FORMATS["pptx"].draw(facts, None))]
    for word in (SECRET, "77123", "77.1", "detractor", "probab", "margin", "influence", "competit", "risk"):
        assert not [text for text in said if word.lower() in text.lower()], word
    assert any(SECRET in text for text in _words(FORMATS["pptx"].draw(review_facts(system(), account), None)))


@pytest.mark.parametrize("rows", [0, 20])
def test_texts_fit_whatever_there_is(rows: int) -> None:
    account = filled(rows, "Vereinigte Donaudampfschifffahrtsgesellschaft und Töchter شركة " * 3)
    for edition in ("full", "customer"):
        facts = review_facts(system(), account, edition=edition)
        made = FORMATS["pptx"].draw(facts, None)
        assert not overflowing(made) and not outside(made)
        spread = _spread_tables(made)
        assert ("Goals" in spread) is bool(rows)
        for title, counts in spread.items():
            assert min(counts) >= max(counts) / 3, (title, counts)
        assert to_pdf(deck_of(facts)).startswith(b"%PDF")


def test_an_account_without_anything_has_a_deck() -> None:
    facts = review_facts(system(), make_account("Bare"))
    assert facts["review"]["id"] is None
    titles = [slide.title for slide in deck_of(facts).slides]
    assert titles[0] == "Executive summary" and "Decisions sought" in titles


def test_every_slide_with_a_number_says_its_source() -> None:
    slides = deck_of(review_facts(system(), filled())).slides
    assert not [one.key for one in slides if one.figures and not one.notes]


def test_queries_do_not_grow() -> None:
    counts = []
    account = filled()
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            review_facts(system(), account)
        counts.append(len(caught))
        for at in range(12):
            make("risk", account=account, title=f"Risk {at}", likelihood=4, impact=4)
            make("route", account=account, title=f"Route {at}", type="upsell")
            make("action", account=account, title=f"Action {at}")
    assert counts[0] == counts[1]


def test_an_unknown_ending_is_not_found() -> None:
    with pytest.raises(NotFound, match="pptx"):
        format_of("key")


def _spread_tables(blob: bytes) -> dict[str, list[int]]:
    """Rows on each slide of the tables that go on."""
    found: dict[str, list[int]] = {}
    for slide in read(blob).slides:
        title, _, part = slide.shapes.title.text_frame.text.partition(" (")
        tables = [shape.table for shape in slide.shapes if getattr(shape, "has_table", False) and shape.has_table]
        if part and tables:
            found.setdefault(title, []).append(len(tables[-1].rows) - 1)
    return found


def _words(blob: bytes) -> list[str]:
    found = []
    for slide in read(blob).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            elif getattr(shape, "has_table", False) and shape.has_table:
                found += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
            elif getattr(shape, "has_chart", False) and shape.has_chart:
                found.append(str([list(series.values) for series in shape.chart.plots[0].series]))
        if slide.has_notes_slide:
            found.append(slide.notes_slide.notes_text_frame.text)
    return found


def test_the_customer_s_copy_leaves_out_what_only_says_that_nothing_is_there() -> None:
    account = make_account("Kestrel")
    ours, theirs = (deck_of(review_facts(system(), account, TODAY, edition)) for edition in ("full", "customer"))
    assert {"summary", "value", "delivery", "relationship", "decisions", "actions"} <= {one.key for one in ours.slides}
    assert dict(ours.facts)["Decisions sought"] == "None."
    assert [one.key for one in theirs.slides] == ["summary"] and theirs.slides[0].figures == []
    assert "Decisions sought" not in dict(theirs.facts) and "Objectives" not in dict(theirs.facts)
    make("action", account=account, title="Send it", joint=True, due_on=TODAY + timedelta(days=9))
    shown = deck_of(review_facts(system(), account, TODAY, "customer"))
    assert [one.key for one in shown.slides] == ["actions"]


def test_days_beside_an_axis_are_told_apart_within_a_month() -> None:
    days = ["2026-08-03", "2026-08-24", "2026-11-21"]
    assert dated(days) == ["3\N{NO-BREAK SPACE}Aug", "24\N{NO-BREAK SPACE}Aug", "Nov\N{NO-BREAK SPACE}26"]
