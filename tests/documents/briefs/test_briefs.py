"""Briefs are written in seconds for any account, on a page or two, and say what is missing."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from docx import Document
from pptx import Presentation

from tests.delivery.api.client import Api
from tests.documents.decks.reading import outside, overflowing, read
from tests.factories import NOW, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account
from trackline.accounts.services import change_setting
from trackline.accounts.settings import AMOUNTS
from trackline.align.models import RenewalCycle, Route
from trackline.documents.briefs import BRIEFS, brief_json, brief_of
from trackline.documents.briefs.value import gaps_of
from trackline.documents.gathering import facts_of
from trackline.kit.problems import NotFound
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
AWKWARD = (
    "Überlandwerk Bad Königshofen-Grabfeld Netz- und Betriebsgesellschaft mit beschränkter Haftung & Co. KG",
    "岡田ブラント自動車部品製造株式会社名古屋第一工場生産技術本部品質保証部",
    "شركة أوكادا براندت للتنقل والصناعات الهندسية المحدودة في مدينة الرياض الصناعية الثانية",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
)


def crowded() -> Account:
    """An account in which everything is long and there are twenty of each, in several scripts."""
    people = [make_user(f"user-{at}", name=AWKWARD[at % 4][:80]) for at in range(4)]
    account = make_account(AWKWARD[0], arr=400_000, tier=1, owner=people[0], exec_sponsor=people[1],
                           renewal_date=TODAY + timedelta(days=60), industry=AWKWARD[3])  # fmt: skip
    contacts = [
        make(
            "contact",
            account=account,
            name=AWKWARD[at % 4],
            title=AWKWARD[(at + 1) % 4],
            sentiment="detractor",
            influence=5,
        )
        for at in range(20)
    ]
    for at in range(20):
        name = f"{at} {AWKWARD[at % 4]} {AWKWARD[(at + 1) % 4]}"
        goal = make("goal", account=account, title=name, baseline=1, target=2) if at < 5 else None
        kpi = make("kpi", account=account, name=name, baseline=1, target=5 if at % 2 else None, unit="percent")
        make("value_outcome", account=account, title=name, money=10**9 + at, committed=10**9, goal=goal, kpi=kpi,
             verified_by=contacts[at].pk if at % 2 else None, verified_on=TODAY if at % 2 else None)  # fmt: skip
        make("risk", account=account, title=name, likelihood=5, impact=5, mitigation=name * 5, owner=people[at % 4])
        make("issue", account=account, title=name, severity="critical", assignee=people[at % 4])
        make("action", account=account, title=name, owner=people[at % 4], due_on=TODAY - timedelta(days=3))
        make("decision", account=account, title=name, owner=people[at % 4])
        make("contract", account=account, ref=name[:60], end_on=TODAY + timedelta(days=60), arr=400_000)
        make("play", account=account, title=name, owner=people[at % 4], horizon=60)
        if at < 3:
            make("customer_priority", account=account, title=name, rank=at + 1, on=TODAY)
    make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=60), arr_up=400_000, proposed_arr=420_000,
         contract=make("contract", account=account, ref="Main", start_on=TODAY - timedelta(days=300)).pk)  # fmt: skip
    make("meeting", account=account, title=AWKWARD[0], at=NOW + timedelta(days=9), contacts=[contacts[0].pk])
    make("tier_decision", account=account, kind="downgrade", rationale=AWKWARD[0] * 20, roi=AWKWARD[1] * 20,
         resources=AWKWARD[2] * 20, customer_message=AWKWARD[3] * 20, waiver=AWKWARD[0] * 9, kam_leader=people[2],
         monitor_owner=people[3])  # fmt: skip
    return account


@pytest.mark.parametrize("kind", BRIEFS)
def test_a_bare_account_has_every_brief(kind: str) -> None:
    account = make_account("Bare")
    made = brief_of(system(), account, kind, "pptx")
    assert not overflowing(made) and not outside(made)
    assert len(read(made).slides) <= (2 if kind == "tier" else 1)
    assert Document(io.BytesIO(brief_of(system(), account, kind, "docx"))).paragraphs
    assert brief_of(system(), account, kind, "md").decode().startswith("# Bare\n")


@pytest.mark.parametrize("cost", ["", "95"])
def test_no_brief_takes_more_pages_than_it_may(cost: str) -> None:
    account = crowded()
    for key in AMOUNTS:
        change_setting(system(), key, cost)
    for kind, brief in BRIEFS.items():
        made = brief_of(system(), account, kind, "pptx")
        assert not overflowing(made), kind
        assert not outside(made), kind
        assert len(read(made).slides) <= brief.pages, kind
        assert 1 <= len(PAGE.findall(brief_of(system(), account, kind, "pdf"))) <= brief.pages, kind
    assert {kind: brief.pages for kind, brief in BRIEFS.items()} == {
        "value": 1, "renewal": 3, "tier": 2, "sponsor": 1, "save": 2,
    }  # fmt: skip


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
    written = brief_of(system(), account, "value", "md").decode()
    assert "| Outcome 4 |" in written
    assert "Anja Brückner" in written
    with pytest.raises(NotFound, match="pdf"):
        brief_of(system(), account, "value", "doc")
    with pytest.raises(NotFound, match="value"):
        brief_of(system(), account, "secret", "pdf")


def proposed(currency: str = "EUR", **contract: Any) -> Account:
    """An account whose renewal asks 420k instead of 400k."""
    account = make_account("Okada Brandt", arr=400_000, currency="EUR")
    signed = make("contract", account=account, ref="Main", currency=currency, arr=400_000, **contract)
    make("renewal_cycle", account=account, contract=signed.pk, renewal_date=TODAY + timedelta(days=60), arr_up=400_000,
         proposed_arr=420_000)  # fmt: skip
    return account


def test_an_increase_stands_beside_the_value_documented() -> None:
    account = proposed(start_on=TODAY - timedelta(days=300))
    make("value_outcome", account=account, title="Stock", money=1_200_000, verified_on=TODAY - timedelta(days=20))
    for title, type_, closed in (("Line control", "upsell", 10), ("Old", "upsell", 400), ("Renewed", "renewal", 10)):
        route = make("route", account=account, title=title, type=type_)
        Route.objects.filter(pk=route.pk).update(state="won", closed_on=TODAY - timedelta(days=closed))
    answer = Api(make_user("ada", role="admin")).get(f"/accounts/{account.pk}/briefs/renewal").json()
    told = answer["facts"]["renewal"]["increase"]
    assert (told["uplift"], told["uplift_pct"], told["multiple"]) == (20_000, 5, 60)
    assert round(told["of_value_pct"], 2) == 1.67
    assert told["delivered"] == ["Line control"] and told["blocked"] is None
    written = brief_of(system(), account, "renewal", "md").decode()
    assert "An increase of 5 % on €400k is €20k, against €1.20m of documented value." in written.replace("\xa0", " ")
    assert "60.0×" in written and "price is held" in written and "Line control" in written


def test_an_increase_without_documented_value_is_blocked() -> None:
    account = proposed()
    make("value_outcome", account=account, title="Stock", money=1_200_000)
    written = brief_of(system(), account, "renewal", "md").decode()
    assert "No value is documented" in written and "price is held" not in written
    foreign = proposed("USD")
    make("value_outcome", account=foreign, title="Stock", money=1_200_000, verified_on=TODAY)
    assert "The renewal is in USD, the value in EUR" in brief_of(system(), foreign, "renewal", "md").decode()


def test_no_increase_is_told_where_none_is_proposed() -> None:
    account = proposed()
    RenewalCycle.objects.filter(account=account).update(proposed_arr=400_000)
    assert brief_json(system(), account, "renewal")["facts"]["renewal"] == {"increase": None}


def test_without_proof_the_summary_says_so() -> None:
    assert any("no proof" in line for line in gaps_of(facts_of(system(), make_account("Bare"))))


def words(made: bytes) -> str:
    found = []
    for slide in Presentation(io.BytesIO(made)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            if shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


def test_the_tier_brief_tells_the_decision_its_tests_and_what_follows() -> None:
    cast = make_cast()
    bare = words(brief_of(system(), cast.account, "tier", "pptx"))
    assert "No decision is open." in bare
    decision = make(
        "tier_decision", ctx=as_user(cast.owner), account=cast.account, kind="downgrade", rationale="Two plants closed.",
        roi="Frees 1,800 hours.", resources="One of us moves on.", customer_message="The same people answer.",
        kam_leader=cast.admin, monitor_owner=cast.teammate,
    )  # fmt: skip
    said = words(brief_of(system(), cast.account, "tier", "pptx"))
    for wanted in (
        "downgrade to tier 2", "Two plants closed.", "Frees 1,800 hours.", "One of us moves on.", "The same people answer.",
        "Tests of a downgrade", "Economics", "Budget by tier", "Ada", "not signed", "within 30", "90 days by Tim",
    ):  # fmt: skip
        assert wanted in said, wanted
    facts = brief_json(as_user(cast.owner), cast.account, "tier")["facts"]["tier"]
    assert facts["decision"]["title"] == str(decision)
    # What its signers saw stays in the brief, whatever the tests find later.
    kept = facts["evidence"] | {"as_of": "2026-10-01"}
    services_rtype = registry.get("tier_decision")
    services_rtype.model.objects.filter(pk=decision.pk).update(evidence=kept)  # type: ignore[attr-defined]
    assert brief_json(as_user(cast.owner), cast.account, "tier")["facts"]["tier"]["evidence"]["as_of"] == "2026-10-01"
    services.delete(as_user(cast.owner), services_rtype, decision.pk)
    assert "No decision is open." in words(brief_of(system(), cast.account, "tier", "pptx"))


def test_a_brief_is_read_over_the_api() -> None:
    cast = make_cast()
    found: dict[str, Any] = Api(cast.facilitator).get(f"/accounts/{cast.account.key}/briefs/value").json()
    assert (found["kind"], found["title"], found["parts"][0]["blocks"][0]["kind"]) == ("value", "Value summary", "note")
    assert Api(cast.owner).get(f"/accounts/{cast.account.key}/briefs/secret").status_code == 404
    assert Api(cast.owner).get(f"/accounts/{cast.account.key}/briefs/value?edition=x").status_code == 400
    assert Api(cast.outsider).get(f"/accounts/{cast.account.key}/briefs/value").status_code == 404
