"""What sales stages mean in TRACK."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import drafts_of, plan_of, plan_one, write
from trackline.connectors.mapping.drafts import Drafter
from trackline.connectors.profiles import meaning_of


@pytest.mark.parametrize(
    ("stage", "system", "state", "probability"),
    [
        ("Prospecting", "salesforce", "identified", 10),
        ("Needs Analysis", "salesforce", "qualifying", 20),
        ("Id. Decision Makers", "salesforce", "pursuing", 60),
        ("Closed Won", "salesforce", "won", 100),
        ("Closed Lost", "", "lost", 0),
        ("appointmentscheduled", "hubspot", "identified", 20),
        ("Decision Maker Bought-In", "hubspot", "pursuing", 80),
        ("Engaging", "", "pursuing", 60),
        ("2 - Discovery call", "", "qualifying", 30),
        ("Angebot versendet", "", "pursuing", 60),
        ("Verhandlung", "", "pursuing", 80),
        ("Gewonnen", "", "won", 100),
        ("Perdu", "", "lost", 0),
        ("On Hold", "", "parked", 0),
    ],
)
def test_names_are_known(stage: str, system: str, state: str, probability: int) -> None:
    meaning = meaning_of(stage, system)
    assert meaning is not None
    assert (meaning.state, meaning.probability) == (state, probability)


def routes(tmp_path: Path, text: str, told: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [{**draft.defaults, **draft.values} for draft in drafts_of(write(tmp_path, "deals.csv", text), told)]


def test_unknown_stages_are_asked_and_reject_their_rows_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "deals.csv", "Deal Name,Stage\nA,Zephyr\nB,Won\n")
    [question] = plan_one(path).questions
    assert (question.kind, question.blocking, question.examples) == ("stage", False, ["Zephyr"])
    first, second = drafts_of(path)
    assert next(problem.reason for problem in first.problems).startswith("Not a stage that is known.")
    assert not second.problems
    told = {"files": {"deals.csv": {"stages": {"Zephyr": "qualifying"}}}}
    assert plan_one(path, told).questions == []
    assert drafts_of(path, told)[0].values["state"] == "qualifying"


def test_probability_speaks_for_an_unknown_stage(tmp_path: Path) -> None:
    text = "Deal Name,Stage,Probability\nA,Zephyr,75\nB,Boreas,20\nC,Eurus,5\n"
    assert [route["state"] for route in routes(tmp_path, text)] == ["pursuing", "qualifying", "identified"]


def test_flags_beat_names(tmp_path: Path) -> None:
    text = "Deal Name,Stage,IsWon,IsClosed\nA,Zephyr,true,true\nB,Zephyr,false,true\nC,Proposal,false,false\n"
    assert [route["state"] for route in routes(tmp_path, text)] == ["won", "lost", "pursuing"]


def test_closing_dates_of_closed_deals(tmp_path: Path) -> None:
    text = "Deal Name,Stage,Close Date\nA,Won,2026-01-31\nB,Proposal,2026-01-31\n"
    won, open_ = routes(tmp_path, text)
    assert won["closed_on"] == won["expected_close_on"] == won["state_since"]
    assert "closed_on" not in open_


def test_usual_probability_is_only_a_default(tmp_path: Path) -> None:
    [draft] = drafts_of(write(tmp_path, "deals.csv", "Deal Name,Stage\nA,Negotiation\n"))
    assert draft.defaults["probability"] == 80
    assert "probability" not in draft.values


def test_titles_of_nameless_deals(tmp_path: Path) -> None:
    text = "opportunity_id,product,account,deal_stage\n1C1I,GTX Basic,Acme,Won\n"
    [route] = routes(tmp_path, text)
    assert route["title"] == "GTX Basic · 1C1I"


def test_ids_of_stages_get_their_names_from_the_table_of_stages(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deal_data.csv",
        "deal_id,property_dealname,deal_pipeline_stage_id,deal_pipeline_id,portal_id,_fivetran_synced\n1,D,77,default,9,x\n2,E,78,default,9,x\n",
    )
    write(
        tmp_path,
        "deal_pipeline_stage_data.csv",
        "stage_id,label,probability,closed_won,is_closed,display_order,pipeline_id\n77,Demo booked,0.4,FALSE,FALSE,2,default\n78,Deal done,1.0,TRUE,TRUE,5,default\n",
    )
    reading, plan = plan_of(tmp_path)
    deals = next(table for table in plan.tables if table.type == "route")
    assert [(s.name, s.label, s.state, s.probability) for s in deals.stages] == [
        ("77", "Demo booked", "pursuing", 40.0),
        ("78", "Deal done", "won", 100.0),
    ]
    table = next(table for table in reading.tables if table.file == "deal_data.csv")
    first = next(Drafter(deals, home_currency="EUR").drafts(table))
    assert (first.values["stage"], first.defaults["probability"]) == ("Demo booked", Decimal("40.0"))
