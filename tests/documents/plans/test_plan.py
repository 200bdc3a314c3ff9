"""A plan follows its template and its records; the customer's copy holds nothing but what is opened to them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.documents.gathering.test_facts import filled
from tests.factories import NOW, make, make_account, system
from trackline.documents.allowed.names import may_tell
from trackline.documents.papers.blocks import Table
from trackline.documents.papers.pdf import to_pictures
from trackline.documents.plans.catalogue import catalogue
from trackline.documents.plans.live import plan_of
from trackline.documents.rules.template import template
from trackline.kit.problems import Invalid, Problem
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def codes(paper: Any) -> list[str]:
    return [part.key for part in paper.parts]


def test_every_section_of_every_template_is_in_the_catalogue() -> None:
    sections = template.in_force(NOW.date()).echo["sections"]
    assert {code for listed in sections.values() for code in listed} <= set(catalogue())


def test_the_tier_decides_on_the_template() -> None:
    for tier, wanted in ((1, "kam"), (2, "sam"), (3, "lite"), (None, "lite")):
        account = make_account(f"Account {tier}", tier=tier)
        plan = plan_of(system(), account)
        assert plan.template == wanted
        assert codes(plan.paper())[-1] in plan.sections


def test_the_customers_copy_leaks_nothing_that_is_not_opened() -> None:
    account = filled("Okada", tier=1)
    make("contact", account=account, name="CANARY person", sentiment="detractor", influence=5, title="CANARY title")
    make("risk", account=account, title="CANARY risk", mitigation="CANARY mitigation")
    make("route", account=account, title="CANARY route", type="upsell", probability=77, value=123_456)
    make("health_snapshot", account=account, on=NOW.date(), note="CANARY note", delivery="red")
    make("note", account=account, title="CANARY note")
    plan = plan_of(system(), account)
    told = json.dumps(plan.to_json("customer"), ensure_ascii=False)
    for word in ("CANARY", "Detractor", "Neutral", "400k", "Probability", "Sentiment", "Influence", "77", "facts"):
        assert word not in told, word
    assert "Goal 0" in told
    assert {"stakeholders", "risks", "expansion", "health", "whitespace", "market"}.isdisjoint(
        codes(plan.paper("customer"))
    )


def test_the_customer_is_the_reader_of_their_copy() -> None:
    account = make_account("Okada", tier=1)
    make("action", account=account, title="Name the data owner", side="customer", joint=True)
    make("action", account=account, title="Send the sample", side="us", joint=True)
    plan = plan_of(system(), account)

    def by(edition: str) -> dict[str, str]:
        (part,) = [one for one in plan.paper(edition).parts if one.key == "ninety_days"]
        (table,) = [one for one in part.blocks if isinstance(one, Table)]
        at = [one.heading for one in table.columns].index("By")
        return {row[0]: row[at] for row in table.rows}

    assert by("full") == {"Name the data owner": "Customer", "Send the sample": "Us"}
    assert by("customer") == {"Name the data owner": "You", "Send the sample": "Us"}


def test_a_column_is_closed_until_somebody_opens_it() -> None:
    opened = {
        one.key for section in catalogue().values() for one in (*section.pairs, *section.columns)
        if may_tell(section.source, one.key)
    }  # fmt: skip
    forbidden = {"sentiment", "influence", "probability", "score", "band", "mitigation", "trigger", "arr", "value", "health", "relationship"}  # fmt: skip
    assert opened.isdisjoint(forbidden)


def test_one_page_stays_one_page() -> None:
    account = make_account("Very long name of a company " * 6, tier=1)
    for at in range(20):
        if at < 5:
            make("goal", account=account, title=f"{at} " + "a goal that takes many words " * 7, baseline=1, target=2)
        make("kpi", account=account, name=f"{at} KPI that takes many words " * 4, baseline=1, target=2)
        make("route", account=account, title=f"{at} route of many words " * 8, type="upsell")
        make("risk", account=account, title=f"{at} risk of many words " * 8, mitigation="much is done " * 40)
        make("action", account=account, title=f"{at} action of many words " * 8)
        make("meeting", account=account, title=f"{at} meeting of many words " * 8, at=NOW + timedelta(days=at + 1))
    paper = plan_of(system(), account).paper("summary")
    assert len(to_pictures(paper, 40)) == 1


def test_an_empty_account_says_what_is_missing() -> None:
    paper = plan_of(system(), make_account("Empty", tier=1)).paper()
    assert any("Not recorded" in note and "goals" in note for note in paper.notes)
    assert to_pictures(paper, 40)


def test_a_group_names_its_accounts() -> None:
    top = filled("Okada", tier=1)
    filled("Okada Polska", parent=top)
    paper = plan_of(system(), top, group=True).paper()
    assert "group" in codes(paper)
    goals = next(part for part in paper.parts if part.key == "goals").blocks[-1]
    assert [column.heading for column in goals.columns][1] == "Account"


def test_what_people_write_stands_in_its_section_and_says_when() -> None:
    account = make_account("Okada", tier=1)
    empty = {part.key: part.blocks[0] for part in plan_of(system(), account).paper().parts}
    assert empty["executive_summary"].text.startswith("To be written. ")
    make("plan_section", account=account, section="executive_summary", text="We promise **less scrap**.")
    make("plan_section", account=account, section="risks", text="OURS ALONE")
    plan = plan_of(system(), account)
    texts = {part.key: part.blocks[0] for part in plan.paper().parts}
    assert (texts["executive_summary"].markdown, texts["risks"].markdown) == (
        "We promise **less scrap**.",
        "OURS ALONE",
    )
    told = json.dumps(plan.to_json("customer"))
    assert "less scrap" in told
    assert "OURS ALONE" not in told
    with pytest.raises(Problem):
        make("plan_section", account=account, section="executive_summary", text="Twice")
    with pytest.raises(Invalid):
        given = {"account": str(account.pk), "section": "lunch", "text": "No such section"}
        services.create(system(), registry.get("plan_section"), given, parse="json")
