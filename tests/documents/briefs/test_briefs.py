"""Briefs are written in seconds for any account, on a page or two, and say what is missing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.documents.decks.reading import outside, overflowing, read
from tests.factories import NOW, make, make_account, system
from trackline.documents.briefs import BRIEFS, brief_of
from trackline.documents.briefs.value import gaps_of
from trackline.documents.gathering import facts_of
from trackline.kit.problems import NotFound

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.mark.parametrize("kind", BRIEFS)
def test_a_bare_account_has_every_brief(kind: str) -> None:
    made = brief_of(system(), make_account("Bare"), kind, "pptx")
    assert not overflowing(made) and not outside(made)
    assert len(read(made).slides) == 1


def test_the_value_summary_is_one_page_and_names_the_proof() -> None:
    account = make_account("Okada Brandt", arr=400_000, currency="EUR")
    contact = make("contact", account=account, name="Anja Brückner")
    for at in range(6):
        make("value_outcome", account=account, title=f"Outcome {at}", money=200_000 + at, committed=200_000,
             verified_by=contact.pk if at < 5 else None, verified_on=TODAY - timedelta(days=20) if at < 5 else None)  # fmt: skip
        make("kpi", account=account, name=f"KPI {at}", baseline=1, target=5 if at else None)
    made = brief_of(system(), account, "value", "pptx")
    assert len(read(made).slides) == 1 and not overflowing(made)
    said = gaps_of(facts_of(system(), account))
    assert any("1 outcome waits" in line for line in said) and any("KPI 0" in line for line in said)
    assert brief_of(system(), account, "value", "pdf").startswith(b"%PDF")
    with pytest.raises(NotFound, match="pdf"):
        brief_of(system(), account, "value", "doc")


def test_the_brief_of_a_tier_decision_takes_two_pages_at_most() -> None:
    account = make_account("Okada Brandt", arr=400_000, currency="EUR", tier=1)
    make("tier_decision", account=account, kind="downgrade", rationale="Two plants closed. " * 12, roi="None lost.",
         resources="Frees 1,800 hours.", customer_message="The review stays. " * 9, answers={"offsetting_roi": False})  # fmt: skip
    made = brief_of(system(), account, "tier", "pptx")
    assert len(read(made).slides) == 2 and not overflowing(made) and not outside(made)
    facts = msgspec.json.decode(brief_of(system(), account, "tier", "json"))
    assert (facts["decision"]["title"], facts["evidence"]["tests"]["downgrade"]["proposes"]) == (
        "Downgrade to tier 2",
        False,
    )


def test_without_proof_the_summary_says_so() -> None:
    assert any("no proof" in line for line in gaps_of(facts_of(system(), make_account("Bare"))))
