"""Value gaps, pilots, sources, interviews, contradictions and checklists (NEED, CMPT-09)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api, problem
from tests.factories import NOW, Cast, make, make_cast, system
from trackline.accounts.services import change_setting
from trackline.kickoff.models import Action
from trackline.kit.problems import Invalid
from trackline.reveal.checklists import run_of
from trackline.track.models import ChecklistAnswer
from trackline.track.rules.checklists import Answered, checklists, run
from trackline.track.rules.discovery import conflict, discovery, pilot_match, source
from trackline.track.rules.value_gap import value_gap
from trackline.track.voices import conflicts_of, discovery_of

TODAY = NOW.date()


# -- rules -----------------------------------------------------------------------------------------------------------

TCO = {"method": "tco", "current_annual": 900_000, "proposed_annual": 640_000, "years": 3, "one_time": 250_000}
RISK = {
    "method": "risk", "likelihood_before": 30, "loss_before": 400_000, "likelihood_after": 10, "loss_after": 400_000,
    "severity_before": 8, "occurrence_before": 6, "detection_before": 5,
    "severity_after": 8, "occurrence_after": 2, "detection_after": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "worth"),
    [
        (TCO, 530_000),
        (TCO | {"one_time": None}, 780_000),
        (RISK, 80_000),
        ({"method": "revenue", "base_volume": 5_000, "rate_points": 6, "unit_value": 2_000}, 600_000),
        ({"method": "working_capital", "days_gained": 7, "annual_base": 60_000_000}, 1_150_685),
        ({"method": "working_capital", "days_gained": 7}, None),
        (TCO | {"proposed_annual": 1_000_000}, -550_000),
    ],
)
def test_what_closing_a_gap_is_worth(given: dict[str, Any], worth: int | None) -> None:
    found = value_gap(given, as_of=TODAY)
    assert (None if found.value is None else round(found.value)) == worth  # type: ignore[arg-type]


def test_a_failure_analysis_stands_beside_the_risk_and_our_own_figures_are_marked() -> None:
    found = value_gap(RISK | {"figures_from": "supplier"}, as_of=TODAY)
    assert (found.details["rpn_before"], found.details["rpn_after"]) == (240, 80)
    assert found.notes == ("the figures come from the supplier alone",)
    assert not value_gap(RISK | {"figures_from": "both"}, as_of=TODAY).notes
    lacking = value_gap({"method": "revenue", "base_volume": 5_000}, as_of=TODAY)
    assert set(lacking.missing) == {"rate_points", "unit_value", "figures_from"}


def test_two_of_three_layers_are_two_thirds_and_a_year_old_interview_still_counts() -> None:
    told = [
        {"layer": "executive", "on": date(2025, 11, 23)},
        {"layer": "end_user", "on": TODAY},
        {"layer": "functional", "on": date(2025, 11, 22)},
    ]
    found = discovery({"interviews": told}, as_of=TODAY)
    assert f"{found.value:.1f}" == "66.7"
    assert found.details["lacks"] == ["functional"]


@pytest.mark.parametrize(
    ("sentiment", "rating", "days", "kind"),
    [
        (1, 4, 5, "talk_better"), (1, 6, 5, "talk_better"), (1, 7, 5, None), (0, 4, 5, None), (-1, 9, 5, "talk_worse"),
        (-1, 8, 5, None), (1, 4, 92, "talk_better"), (1, 4, 93, None),
    ],
)  # fmt: skip
def test_who_contradicts_themselves(sentiment: int, rating: int, days: int, kind: str | None) -> None:
    given = {
        "sentiment": sentiment, "talked_on": TODAY, "rating": rating, "answered_on": TODAY - timedelta(days=days),
    }  # fmt: skip
    assert conflict(given, as_of=TODAY).details["kind"] == kind


def test_two_of_three_metrics_match() -> None:
    found = pilot_match({"pilot": ["scrap", "lead", "nps"], "canvas": ["scrap", "lead"]}, as_of=TODAY)
    assert f"{found.value:.1f}" == "66.7"
    assert found.details == {"stray": ["nps"], "matches": False}
    assert pilot_match({"pilot": [], "canvas": ["scrap"]}, as_of=TODAY).value is None


def test_what_is_open_on_a_source() -> None:
    sound = {
        "owned": True, "refresh_days": 30, "last_on": TODAY - timedelta(days=45), "priority": True, "high_stakes": True,
        "independent": 2, "failures": 1,
    }  # fmt: skip
    assert source(sound, as_of=TODAY).value == 0
    for change, name in (
        ({"last_on": TODAY - timedelta(days=46)}, "stale"),
        ({"last_on": None}, "stale"),
        ({"owned": False}, "gap"),
        ({"refresh_days": None}, "gap"),
        ({"independent": 1}, "unverified"),
        ({"failures": 2}, "retire"),
    ):
        found = source(sound | change, as_of=TODAY)
        assert [key for key in ("gap", "stale", "unverified", "retire") if found.details[key]] == [name], change
    assert source(sound | {"max_age_days": 10}, as_of=TODAY).details["stale"]


def test_a_checklist_counts_what_applies() -> None:
    checklist = checklists()["needs_advance"]
    answers = {item.key: Answered(item, "yes") for item in checklist.items}
    assert run(checklist, answers).passed
    first, second, *_ = checklist.items
    answers[first.key] = Answered(first, "no")
    found = run(checklist, answers)
    assert (f"{found.readiness:.1f}", found.passed) == ("83.3", False)
    answers[first.key] = Answered(first, "na")
    assert (run(checklist, answers).readiness, run(checklist, answers).passed) == (100, True)
    del answers[second.key]
    assert run(checklist, answers).readiness == 80


# -- records ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and their account."""
    return make_cast()


def test_a_gap_tells_its_worth_and_what_is_missing(cast: Cast) -> None:
    point = make("pain_point", account=cast.account, title="Papers")
    api = Api(cast.owner)
    made = api.made("/value-gaps", {"pain_point": str(point.pk), "title": "On screen", **TCO})
    assert (made["value"], made["missing"]) == (530_000, ["figures_from"])
    problem(api.post("/value-gaps", {"pain_point": str(point.pk), "title": "Never", "method": "tco", "years": 0}), 422)
    open_ = api.made("/value-gaps", {"pain_point": str(point.pk), "title": "Bare", **TCO, "one_time": None})
    assert (open_["value"], open_["missing"]) == (780_000, ["one_time", "figures_from"])
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get(f"/r/value_gap/{open_['id']}").content.decode()
    assert "€780k" in text
    assert "Not told: Once, to get there, Figures from" in text
    api.patch(f"/value-gaps/{open_['id']}", {"years": None})
    text = browser.get(f"/r/value_gap/{open_['id']}").content.decode()
    assert "Not worked out: Years missing" in text


def test_a_pilot_that_is_decided_says_what_came_of_it(cast: Cast) -> None:
    with pytest.raises(Invalid):
        make("pilot", account=cast.account, title="Line 4", status="passed")
    with pytest.raises(Invalid):
        make("pilot", account=cast.account, title="Line 4", start_on=TODAY, due_on=TODAY - timedelta(days=1))
    metric = make("metric", key="scrap_rate", name="Scrap rate", unit="percent")
    other = make("metric", key="lead_time", name="Lead time", unit="days")
    point = make("pain_point", account=cast.account, title="Papers", metric=metric)
    pilot = make("pilot", account=cast.account, title="Line 4", pain_points=[point.pk], metrics=[metric.pk, other.pk])
    found = Api(cast.owner).get(f"/pilots/{pilot.pk}").json()
    assert (found["match_pct"], found["stray"]) == (50, ["lead_time"])


def test_who_was_interviewed_and_who_contradicts(cast: Cast) -> None:
    boss = make("contact", account=cast.account, name="Sabine Keller", seniority="c_suite", owner=cast.teammate)
    user = make("contact", account=cast.account, name="Lukas Maier", seniority="practitioner")
    make("interaction", account=cast.account, on=TODAY, kind="interview", contacts=[boss.pk, user.pk], sentiment=1)
    make("interaction", account=cast.account, on=TODAY, kind="call", contacts=[user.pk])
    assert discovery_of(cast.account, TODAY).details["lacks"] == ["functional"]
    wave = make("wave", account=cast.account, title="Spring")
    make("response", wave=wave, contact=boss, on=TODAY, recommend=4)
    make("response", wave=wave, contact=user, on=TODAY, recommend=9)
    assert [(one.contact.name, one.kind) for one in conflicts_of(cast.account, TODAY)] == [
        ("Sabine Keller", "talk_better")
    ]
    action = Action.objects.get(origin="survey")
    assert (action.owner_id, action.due_on) == (cast.teammate.pk, TODAY + timedelta(days=7))
    make("interaction", account=cast.account, on=TODAY, kind="call", contacts=[boss.pk], sentiment=1)
    assert Action.objects.count() == 1  # told once
    told = Api(cast.owner).get(f"/accounts/{cast.account.key}/discovery").json()
    assert (round(told["coverage_pct"], 1), told["conflicts"][0]["rating"]) == (66.7, 4)


def test_no_action_where_the_setting_is_off(cast: Cast) -> None:
    change_setting(system(), "need.conflict_actions", False)
    boss = make("contact", account=cast.account, name="Sabine Keller", seniority="c_suite")
    make("interaction", account=cast.account, on=TODAY, kind="call", contacts=[boss.pk], sentiment=-1)
    make("response", wave=make("wave", account=cast.account, title="Spring"), contact=boss, on=TODAY, recommend=10)
    assert not Action.objects.exists()


def said(cast: Cast, key: str) -> dict[str, str]:
    """Return the answers of a checklist by item."""
    return {row.item.key: row.answer for row in run_of(cast.account, key, TODAY).rows}


def test_the_records_answer_whether_a_solution_can_be_designed(cast: Cast) -> None:
    assert said(cast, "needs_advance")["tied"] == "no"
    people = [
        make("contact", account=cast.account, name=f"Voter {n}", influence=influence)
        for n, influence in enumerate((4, 3, 2))
    ]
    point = make("pain_point", account=cast.account, title="Papers", money_impact=640_000, figures_from="supplier")
    for one in people[1:]:
        make("pain_point_vote", pain_point=point, contact=one, impact=5, urgency=5, on=TODAY)
    found = said(cast, "needs_advance")
    assert (found["tied"], found["impact"], found["endorsed"], found["pilot"]) == ("no", "no", "no", "no")
    make("pain_point_vote", pain_point=point, contact=people[0], impact=5, urgency=4, on=TODAY)
    make("customer_priority", account=cast.account, title="Faster", rank=1, source="qbr", pain_points=[point.pk])
    make("pilot", account=cast.account, title="Line 4", status="passed", outcome="It holds.")
    Api(cast.owner).patch(f"/pain-points/{point.pk}", {"figures_from": "both"})
    found = said(cast, "needs_advance")
    assert (found["tied"], found["impact"], found["endorsed"], found["pilot"]) == ("yes",) * 4
    for item in ("causes", "monitored"):
        make("checklist_answer", account=cast.account, checklist="needs_advance", item=item, answer="yes")
    assert run_of(cast.account, "needs_advance", TODAY).passed


def test_the_records_answer_whether_figures_hold(cast: Cast) -> None:
    assert set(said(cast, "needs_data").values()) == {"no", ""}
    make(
        "data_source", account=cast.account, title="Scrap", source="MES", family="customer", priority=True, refresh=31,
        last_refreshed_on=TODAY, consent=True, owner=cast.owner,
    )  # fmt: skip
    found = said(cast, "needs_data")
    assert (found["owned"], found["consent"], found["two_sources"], found["fresh"]) == ("yes", "yes", "na", "yes")
    make("data_source", title="Of the book", source="Report", high_stakes=True, independent=1)
    assert said(cast, "needs_data")["two_sources"] == "no"


def test_the_records_answer_whether_we_are_ready_for_competitors(cast: Cast) -> None:
    assert said(cast, "competition_ready")["weighted"] == "no"
    five = ("solution_fit", "economic_value", "relationship_capital", "innovation_momentum", "risk_posture")
    marks = dict.fromkeys(five, 4)
    who = make("contact", account=cast.account, name="Sabine Keller")
    make("competitive_position", account=cast.account, confirmed_by=who, confirmed_on=TODAY, **marks)
    make("competitor", account=cast.account, name="Line Vision", stance="defend", owner=cast.owner, **marks)
    found = said(cast, "competition_ready")
    assert (found["validated"], found["weighted"], found["stances"], found["owned"]) == ("yes",) * 4
    make("competitor", account=cast.account, name="Bare", owner=cast.owner)
    found = said(cast, "competition_ready")
    assert (found["weighted"], found["stances"]) == ("no", "no")


def test_items_are_answered_once_and_not_for_the_records(cast: Cast) -> None:
    given = {"account": cast.account, "checklist": "needs_advance"}
    make("checklist_answer", **given, item="causes", answer="yes", evidence="Wear of nozzles")
    for item, checklist in (("causes", "needs_advance"), ("tied", "needs_advance"), ("nothing", "needs_advance")):
        with pytest.raises(Invalid):
            make("checklist_answer", account=cast.account, checklist=checklist, item=item, answer="no")
    with pytest.raises(Invalid):
        make("checklist_answer", account=cast.account, checklist="survey_launch", item="piloted", answer="yes")
    assert ChecklistAnswer.objects.get().title == "Data confirm the root causes"
    told = Api(cast.owner).get(f"/accounts/{cast.account.key}/checklists").json()["checklists"]
    assert [one["checklist"] for one in told] == [
        "needs_advance",
        "needs_data",
        "needs_method",
        "needs_gathering",
        "competition_ready",
    ]
    assert told[0]["items"][0]["says"] == "Wear of nozzles"


def test_a_click_answers_and_another_takes_it_back(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.owner)
    path = f"/accounts/{cast.account.key}/checklists/needs_data/searchable"
    assert browser.post(path, {"answer": "yes"}).status_code == 204
    assert said(cast, "needs_data")["searchable"] == "yes"
    browser.post(path, {"answer": "na"})
    assert said(cast, "needs_data")["searchable"] == "na"
    browser.post(path, {"answer": ""})
    assert said(cast, "needs_data")["searchable"] == ""
    make("pain_point", account=cast.account, title="Papers")
    text = browser.get(f"/accounts/{cast.account.key}/track/needs").content.decode()
    assert "Ready for a solution" in text
    assert "no interview" in text
