"""A frozen review keeps its figures whatever the records say later; freezing again is a deed with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.documents.decks.reading import read
from tests.documents.reviews.test_reviews import TODAY, filled
from tests.factories import NOW, make, system
from trackline.accounts.models import Metric
from trackline.documents.decks.written import paper_of
from trackline.documents.papers.markdown import to_markdown
from trackline.documents.reviews import deck_of, frozen_facts, review_facts
from trackline.documents.reviews.files import FORMATS
from trackline.kickoff.models import Meeting
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def review_of(account: Any) -> Meeting:
    return Meeting.objects.get(account=account, title="Q4 review")


def reads(metric: str, value: float, account: Any, on: Any = TODAY) -> None:
    make("observation", account=account, metric=Metric.objects.get(key=metric, account=None).pk, on=on, value=value)


def said(facts: Any) -> str:
    return to_markdown(paper_of(deck_of(facts)))


def test_what_changes_later_does_not_change_a_frozen_deck() -> None:
    account = filled()
    live = review_facts(system(), account)
    freeze = make("review_freeze", meeting=review_of(account))
    assert str(freeze) == "Figures 1, 23 Nov 2026"
    assert freeze.frozen["metrics"] == live["metrics"] and freeze.frozen["value"] == live["value"]
    before = {edition: said(review_facts(system(), account, edition=edition)) for edition in ("full", "customer")}

    later = system(NOW + timedelta(days=5))
    reads("nps", 44, account)
    make("risk", account=account, title="Found later", likelihood=5, impact=5)
    records.update(later, registry.get("account"), account.pk, {"arr": 1})
    ours, theirs = (review_facts(later, account, edition=edition) for edition in ("full", "customer"))
    assert said(theirs) == before["customer"]
    assert said(ours).startswith(before["full"].rstrip().rpartition("\n## ")[0])
    assert "Found later" not in said(ours) and "Found later" in said(review_facts(later, account, TODAY))
    told = {one["name"]: (one["frozen"], one["now"], one["change"]) for one in ours["corrections"]}
    assert told == {"ARR": (2_400_000, 1, -2_399_999), "NPS": (1, 44, 43)}
    assert "corrections" not in theirs and "freeze" not in theirs
    slide = read(FORMATS["pptx"].draw(ours, None)).slides[-1]
    assert slide.shapes.title.text_frame.text == "Appendix: corrected since"
    rows = next(shape.table for shape in slide.shapes if shape.has_table).rows
    assert [[cell.text for cell in row.cells] for row in rows][1:] == [
        ["ARR", "€2.40m", "€1", "−€2.40m"], ["NPS", "1", "44", "+43"],
    ]  # fmt: skip


def test_freezing_again_takes_a_reason_and_keeps_what_was_frozen() -> None:
    account = filled()
    meeting = review_of(account)
    first = make("review_freeze", meeting=meeting, as_of=TODAY - timedelta(days=30))
    assert first.frozen["metrics"]["nps"]["points"][-1][1] == 30
    assert first.frozen["value"] == review_facts(system(), account, TODAY - timedelta(days=30))["value"]
    reads("nps", 44, account)
    with pytest.raises(Invalid, match="Say why"):
        make("review_freeze", meeting=meeting)
    second = make("review_freeze", meeting=meeting, note="Finance corrected September")
    assert second.number == 2
    assert review_facts(system(), account)["metrics"]["nps"]["points"][-1][1] == 44
    assert frozen_facts(system(), first)["metrics"]["nps"]["points"][-1][1] == 30
    records.delete(system(), registry.get("review_freeze"), second.pk)
    assert review_facts(system(), account)["freeze"]["number"] == 1
    records.update(system(NOW + timedelta(days=20)), registry.get("meeting"), meeting.pk, {"status": "held"})
    with pytest.raises(Refused, match="stay"):
        records.delete(system(), registry.get("review_freeze"), first.pk)


def test_figures_of_a_day_to_come_cannot_be_frozen() -> None:
    account = filled()
    with pytest.raises(Invalid, match="has come"):
        make("review_freeze", meeting=review_of(account), as_of=TODAY + timedelta(days=1))
