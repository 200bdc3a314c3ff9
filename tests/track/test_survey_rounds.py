"""Survey rounds: who is due, what has to be ready, sending to many accounts at once, and what came back (SUR)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.delivery.api.client import Api, problem
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.kit.problems import Forbidden, Refused
from trackline.kit.records import services
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.types import registry
from trackline.track.models import SurveyRound, Wave
from trackline.track.rules.survey_rhythm import next_ask
from trackline.track.surveys import rounds
from trackline.track.surveys.round_results import round_result

TODAY = NOW.date()
READY = {"localised": "yes", "piloted": "na"}
LEVELS = {"executive": "c_suite", "functional": "director", "end_user": "practitioner"}


@pytest.mark.parametrize(
    ("level", "preset", "last", "expected"),
    [
        ("executive", "staggered", date(2025, 1, 15), date(2025, 7, 15)),
        ("executive", "panel", date(2025, 1, 15), date(2025, 4, 15)),
        ("functional", "staggered", date(2025, 1, 31), date(2025, 4, 30)),
        ("end_user", None, date(2024, 11, 30), date(2025, 2, 28)),
        ("end_user", None, None, None),
    ],
)
def test_when_somebody_may_be_asked_again(level: str, preset: str | None, last: date | None, expected: Any) -> None:
    given = {"audience": level, "last_on": last} | ({"preset": preset} if preset else {})
    found = next_ask(given, as_of=date(2025, 2, 1))
    assert found.details["next_on"] == expected
    assert found.details["due"] is (expected is None)


def test_the_day_itself_is_due_and_the_day_before_is_not() -> None:
    given = {"audience": "executive", "last_on": date(2025, 1, 15)}
    assert next_ask(given, as_of=date(2025, 7, 15)).details["due"]
    assert not next_ask(given, as_of=date(2025, 7, 14)).details["due"]


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and their account."""
    return make_cast()


def person(account: Any, name: str, level: str = "executive", **more: Any) -> Any:
    """Make a contact of a level with an address."""
    mail = f"{name.lower().replace(' ', '.')}.{account.pk}@example.com"
    return make("contact", account=account, name=name, seniority=LEVELS[level], **{"email": mail} | more)


def panel(account: Any) -> list[Any]:
    """Make somebody on each level."""
    return [person(account, f"{level.title()} of {account.pk}", level) for level in LEVELS]


def asked(ctx: Any, found: SurveyRound) -> dict[str, list[str]]:
    """Return who would be asked, by account."""
    return {plan.account.name: [one.contact.name for one in plan.asked] for plan in rounds.plan_of(ctx, found)}


def test_the_plan_narrows_accounts_and_says_why_somebody_rests(cast: Cast) -> None:
    first = make_account("First", tier=1, region="EMEA")
    make_account("Second", tier=2, region="EMEA")
    make_account("Gone", tier=1, region="EMEA", status="churned")
    due = person(first, "Due Person")
    make("contact", account=first, name="No Mail", seniority="vp")
    make("contact", account=first, name="No Level", email="a@example.com")
    left = person(first, "Left Out", "functional")
    person(first, "Departed", "end_user", status="departed")
    recent = person(first, "Recent Boss")
    wave = make("wave", account=first, title="Before", contacts=[recent.pk], status="open")
    Wave.objects.filter(pk=wave.pk).update(sent_on=TODAY - timedelta(days=120))
    found = make("survey_round", title="Spring", tier=1, region="EMEA", left_out=[left.pk])
    plan = {one.account.name: one for one in rounds.plan_of(system(), found)}
    assert list(plan) == ["First"]
    assert [one.contact.pk for one in plan["First"].asked] == [due.pk]
    assert {one.contact.name: one.why for one in plan["First"].resting} == {
        "No Mail": "has no e-mail address", "No Level": "has no seniority", "Left Out": "left out",
        "Recent Boss": "was asked too lately",
    }  # fmt: skip
    assert plan["First"].lacking == ["Functional lead", "End user"]
    services.update(system(), registry.get("survey_round"), found.pk, {"rhythm": "panel"})
    found.refresh_from_db()
    assert "Recent Boss" in asked(system(), found)["First"]  # three months rather than six
    services.update(system(), registry.get("survey_round"), found.pk, {"without": [first.pk]})
    assert asked(system(), SurveyRound.objects.get()) == {}


def test_the_same_person_rests_in_every_account(cast: Cast) -> None:
    one, other, third = make_account("One"), make_account("Other"), make_account("Third")
    here = person(one, "Sabine Keller", "functional", email="s.keller@example.com")
    person(other, "S. Keller", "functional", email="S.Keller@example.com")
    person(third, "Keller", "functional", same_as=here.pk)
    make("wave", account=one, title="Now", contacts=[here.pk], status="open")
    found = make("survey_round", title="Spring")
    assert not any(asked(system(), found).values())


def test_of_many_on_a_level_those_asked_longest_ago_come_first(cast: Cast) -> None:
    account = make_account("Many")
    people = {name: person(account, name, "end_user", influence=n) for n, name in enumerate(("Ann", "Bo", "Cy"), 1)}
    wave = make("wave", account=account, title="Old", contacts=[people["Cy"].pk], status="open")
    Wave.objects.filter(pk=wave.pk).update(sent_on=TODAY - timedelta(days=200))
    found = make("survey_round", title="Spring", per_level=2)
    assert asked(system(), found)["Many"] == ["Ann", "Bo"]  # never asked, though Cy has more say
    found = make("survey_round", title="Other", per_level=1)
    assert asked(system(), found)["Many"] == ["Bo"]


def test_sending_waits_for_the_checklist_or_an_administrators_reason(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring")
    owner, admin = as_user(cast.owner), as_user(cast.admin)
    state = rounds.launch(found, rounds.plan_of(owner, found))
    assert (state.good, state.counted, state.passed) == (4, 6, False)
    with pytest.raises(Refused, match="Wording fits each country"):
        rounds.send(owner, found)
    with pytest.raises(Forbidden):
        rounds.send(owner, found, "In a hurry")
    sent = rounds.send(admin, found, "The pilot ran elsewhere")
    assert len(sent.changed) == 1
    wave = Wave.objects.get(account=cast.account)
    assert (wave.status, wave.round_id, wave.contacts.count(), wave.owner_id) == ("open", found.pk, 3, cast.owner.pk)
    undo_batch(admin, sent.batch)
    assert not Wave.objects.filter(deleted_at__isnull=True).exists()


def test_the_checklist_counts_five_of_six(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring", localised="yes", piloted="no")
    state = rounds.launch(found, rounds.plan_of(system(), found))
    assert float(round(state.readiness or 0, 1)) == 83.3
    found.piloted = "na"
    assert rounds.launch(found, rounds.plan_of(system(), found)).readiness == 100


def test_a_round_goes_out_once_to_each_account_and_keeps_its_questions(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring", **READY)
    rounds.send(system(), found)
    late = make_account("Late", owner=cast.owner)
    with pytest.raises(Refused, match="Nobody is due"):
        rounds.send(system(), found)
    panel(late)
    assert len(rounds.send(system(), found).changed) == 1
    assert Wave.objects.filter(round=found).count() == 2
    with pytest.raises(Refused, match="stay as they were sent"):
        services.update(system(), registry.get("survey_round"), found.pk, {"survey": "pulse"})
    with pytest.raises(Refused, match="was sent"):
        services.delete(system(), registry.get("survey_round"), found.pk)
    assert len(rounds.remind(system(), found).changed) == 2
    assert set(Wave.objects.values_list("reminded_on", flat=True)) == {TODAY}
    rounds.close(system(), found)
    with pytest.raises(Refused, match="No wave"):
        rounds.close(system(), found)


def answered(wave: Wave, *marks: int, **more: Any) -> None:
    """Give answers without a name."""
    for mark in marks:
        make("response", wave=wave, audience="executive", on=TODAY, recommend=mark, quality=4, ease=5, **more)


def test_rates_and_scores_stand_by_account_and_for_all(cast: Cast) -> None:
    far = make_account("Far away", owner=cast.outsider)
    panel(cast.account)
    panel(far)
    found = make("survey_round", title="Spring", **READY)
    rounds.send(system(), found)
    ours, theirs = Wave.objects.get(account=cast.account), Wave.objects.get(account=far)
    Wave.objects.filter(pk=ours.pk).update(asked=20)
    Wave.objects.filter(pk=theirs.pk).update(asked=40)
    answered(ours, *[9] * 11, *[5] * 4, *[7] * 5)
    answered(theirs, *[8] * 7)
    result = round_result(system(), found)
    assert [(row.account.name, row.asked, row.answered) for row in result.rows if row.account] == [
        ("Far away", 40, 7), (cast.account.name, 20, 20),
    ]  # fmt: skip
    assert [row.few for row in result.rows] == [True, False]  # 17.5 % against 30 %
    assert result.rows[1].scores.nps.value == 35
    assert result.rows[1].scores.nps.band == "amber"
    assert (result.total.rate, result.total.answered) == (45, 27)
    assert f"{result.total.scores.nps.value:.2f}" == "25.93"
    assert result.remind_on == TODAY + timedelta(days=5)
    mine = round_result(as_user(cast.outsider), found)
    assert [row.account.name for row in mine.rows if row.account] == ["Far away"]
    assert mine.total.answered == 7


def test_few_without_a_name_stay_hidden_by_level(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring", **READY)
    rounds.send(system(), found)
    answered(Wave.objects.get(), 9, 4)
    assert [group.hidden for group in round_result(system(), found).groups] == [True, False, False]
    answered(Wave.objects.get(), 8)
    assert not any(group.hidden for group in round_result(system(), found).groups)


def test_the_page_plans_sends_and_takes_back(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring")
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get(f"/book/surveys/{found.pk}").content.decode()
    assert "3 people in 1 account would be asked today" in text
    leaving = cast.account.contacts.first()
    told = browser.post(f"/book/surveys/{found.pk}/left_out/{leaving.pk}", {"out": "1"})
    assert told.status_code == 204
    assert list(found.left_out.all()) == [leaving]
    browser.post(f"/book/surveys/{found.pk}/left_out/{leaving.pk}", {"out": "0"})
    assert not found.left_out.exists()
    services.update(system(), registry.get("survey_round"), found.pk, READY)
    browser.post(f"/book/surveys/{found.pk}/send")
    assert "0 of 3 answered" in browser.get(f"/book/surveys/{found.pk}").content.decode()
    lines = browser.get(f"/book/surveys/{found.pk}/people/csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert all("/answer/" in line for line in lines[1:])
    reader = Client()
    reader.force_login(cast.facilitator)
    assert reader.get(f"/book/surveys/{found.pk}/people/csv").status_code == 403
    brought = browser.get(f"/book/surveys/{found.pk}/export/csv").content.decode("utf-8-sig").splitlines()
    assert brought[-1].startswith(",All accounts,3,0,")
    assert "Spring" in browser.get("/book/surveys").content.decode()


def test_the_api_plans_sends_and_tells(cast: Cast) -> None:
    panel(cast.account)
    found = make("survey_round", title="Spring")
    owner, path = Api(cast.owner), f"/survey-rounds/{found.pk}"
    plan = owner.get(f"{path}/plan").json()
    assert (len(plan["accounts"][0]["asked"]), plan["ready"]["passed"]) == (3, False)
    problem(owner.post(f"{path}/send", {}), 409)
    problem(owner.post(f"{path}/send", {"reason": "In a hurry"}), 403)
    problem(Api(cast.facilitator).post(f"{path}/send", {}), 403)
    sent = Api(cast.admin).post(f"{path}/send", {"reason": "Piloted elsewhere"}).json()
    assert sent["changed"] == 1
    result = owner.get(f"{path}/result").json()
    assert (result["state"], result["total"]["asked"], result["total"]["nps"]["value"]) == ("open", 3, None)
    assert owner.get(path).json()["asked"] == 3
    assert Api(cast.outsider).get(f"{path}/result").json()["accounts"] == []
    assert json.loads(owner.post(f"{path}/close", {}).content)["changed"] == 1


def test_what_others_left_out_stays_left_out(cast: Cast) -> None:
    far = make_account("Far away", owner=cast.outsider)
    hidden, ours = person(far, "Hidden"), person(cast.account, "Ours")
    found = make("survey_round", title="Spring", left_out=[hidden.pk])
    owner = Api(cast.owner)
    assert owner.get(f"/survey-rounds/{found.pk}").json()["left_out"] == []
    assert owner.patch(f"/survey-rounds/{found.pk}", {"left_out": [str(ours.pk)]}).status_code == 200
    assert set(found.left_out.values_list("pk", flat=True)) == {hidden.pk, ours.pk}


def test_queries_do_not_grow_with_accounts(cast: Cast) -> None:
    found = make("survey_round", title="Spring", **READY)
    panel(cast.account)

    def counted() -> int:
        with CaptureQueriesContext(connection) as caught:
            rounds.plan_of(system(), found)
            round_result(system(), found)
        return len(caught)

    first = counted()
    for name in ("A", "B", "C"):
        panel(make_account(name, owner=cast.owner))
    assert counted() == first
