"""Surveys: personal links, answers, what they add up to, the metrics that follow, and cases of low answers (SUR)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import FailedSignIn, Observation
from trackline.accounts.rulebook.adjusting import Target, save
from trackline.accounts.services import change_setting
from trackline.core.periods import quarter_of
from trackline.kit.history.models import Change
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.track.models import Invitation, Note, Response, SurveyCase
from trackline.track.rules import survey_loop
from trackline.track.rules.survey import nps
from trackline.track.rules.survey_loop import Limits
from trackline.track.rules.surveys import read, surveys
from trackline.track.surveys import waves
from trackline.track.surveys.results import by_question, results_of, year_before

TODAY = NOW.date()
LIMITS = Limits(low_to=3, detractor_to=6, contact_hours=72, plan_days=14, verify_days=30)


# -- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "low"),
    [
        ({"ease": 3}, ["ease"]),
        ({"quality": 4}, []),
        ({"quality": 3, "ease": 4}, ["quality"]),
        ({"recommend": 6}, ["recommend"]),
        ({"recommend": 7}, []),
        ({"recommend": None, "strategy": 1}, []),
    ],
)
def test_which_answers_open_a_case(answers: dict[str, int | None], low: list[str]) -> None:
    assert survey_loop.low_answers(answers, LIMITS) == low


def test_the_clock_of_a_case() -> None:
    answered = datetime(2025, 9, 1, 10, 0, tzinfo=UTC)
    contacted = datetime(2025, 9, 4, 10, 0, tzinfo=UTC)
    found = survey_loop.steps(
        answered, answered, {"contact": contacted}, LIMITS, datetime(2025, 9, 15, 10, 0, 1, tzinfo=UTC)
    )
    assert [step.due for step in found] == [
        datetime(2025, 9, 1, 23, 59, tzinfo=UTC), contacted, datetime(2025, 9, 15, 10, 0, tzinfo=UTC), datetime(2025, 10, 1, 10, 0, tzinfo=UTC),
    ]  # fmt: skip
    assert [step.in_time for step in found] == [True, True, False, None]
    assert survey_loop.next_due(found) == found[2].due
    late = survey_loop.steps(answered, answered, {"contact": contacted + timedelta(seconds=1)}, LIMITS, answered)
    assert [step.in_time for step in late] == [True, False, None, None]
    twelve = [replace(found[0], in_time=at != 4) for at in range(12)]
    assert round(survey_loop.in_time_pct(twelve) or 0, 1) == Decimal("91.7")
    assert survey_loop.in_time_pct([found[3]]) is None


def test_response_rates() -> None:
    assert survey_loop.response_rate(60, 27) == 45
    assert survey_loop.response_rate(0, 0) is None


def test_the_shipped_surveys_take_less_than_five_minutes_and_stay_for_a_year() -> None:
    full = surveys().in_force("relationship", TODAY)
    assert full.seconds == 240
    assert full.editable_from == full.since + timedelta(days=365)
    assert {field.field for field in full.questions} <= {field.name for field in Response._meta.get_fields()}
    assert surveys().audience_of("vp") == "executive" and surveys().audience_of("") == ""


def _raw(*since: date, texts: int = 1) -> dict[str, Any]:
    parts = [{"title": "All", "questions": [{"field": "reason", "kind": "text", "text": "Why?"}] * texts}]
    common = {"key": "one", "source": "account:SUR-01", "says": "", "feeds": True, "parts": parts}
    listed = [common | {"version": at, "since": day} for at, day in enumerate(since, 1)]
    return {"audiences": {"source": "account:SUR-02", "values": {}}, "surveys": listed}


def test_questions_are_locked_for_a_year_and_length_is_limited() -> None:
    assert len(read(_raw(date(2025, 1, 1), date(2026, 1, 1))).instruments) == 2
    with pytest.raises(ValueError, match="may change from 2026-01-01"):
        read(_raw(date(2025, 1, 1), date(2025, 12, 31)))
    read(_raw(date(2025, 1, 1), texts=6))
    with pytest.raises(ValueError, match="takes 315 seconds"):
        read(_raw(date(2025, 1, 1), texts=7))


# -- waves and links -------------------------------------------------------------------------------------------------


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def people_of(account: Any, *levels: str) -> list[Any]:
    return [make("contact", account=account, name=f"Person {at}", seniority=level) for at, level in enumerate(levels)]


def open_wave(account: Any, people: list[Any], **more: Any) -> Any:
    ids = [person.pk for person in people]
    return make("wave", account=account, title="Survey, autumn", contacts=ids, status="open", **more)


def token_of(wave: Any, contact: Any) -> str:
    path = next(one.path for one in waves.asked_of(system(), wave) if one.contact.pk == contact.pk)
    return path.removeprefix("/answer/")


pytestmark_db = pytest.mark.django_db


@pytestmark_db
def test_a_wave_opens_with_people_a_version_and_a_last_day(cast: Cast) -> None:
    with pytest.raises(Refused, match="who is asked"):
        make("wave", account=cast.account, title="Nobody", status="open")
    wave = open_wave(cast.account, people_of(cast.account, "vp"))
    assert (wave.sent_on, wave.closes_on, wave.survey_version) == (TODAY, TODAY + timedelta(days=21), 1)
    with pytest.raises(Refused, match="stay as they were sent"):
        services.update(system(), registry.get("wave"), wave.pk, {"survey": "pulse"})
    found = waves.chase(wave, waves.asked_of(system(), wave), TODAY + timedelta(days=5))
    assert (found.remind_due, list(found.call), found.lacking) == (True, [], ["Functional lead", "End user"])
    assert not waves.chase(wave, waves.asked_of(system(), wave), TODAY + timedelta(days=4)).remind_due
    assert [
        one.contact.name for one in waves.chase(wave, waves.asked_of(system(), wave), TODAY + timedelta(days=10)).call
    ] == ["Person 0"]
    assert all(not one.path for one in waves.asked_of(as_user(cast.facilitator), wave))


@pytestmark_db
def test_a_link_answers_once_may_be_changed_and_ends(cast: Cast) -> None:
    (person,) = people_of(cast.account, "director")
    wave = open_wave(cast.account, [person])
    token = token_of(wave, person)
    with pytest.raises(Invalid) as wrong:
        waves.give_answers(token, {"recommend": "11", "quality": "x"}, NOW)
    assert {error["loc"][-1] for error in wrong.value.errors} == {"recommend", "quality"}
    waves.give_answers(token, {"recommend": "9", "reason": "Good people"}, NOW)
    waves.give_answers(token, {"recommend": "5", "reason": "Late again"}, NOW)
    (response,) = Response.objects.all()
    assert (response.recommend, response.contact, response.audience, response.channel) == (
        5,
        person,
        "functional",
        "link",
    )
    for changed in (token[:-1] + ("A" if token[-1] != "A" else "B"), "nothing", token.upper()):
        with pytest.raises(NotFound):
            waves.open_sheet(changed, NOW)
    with pytest.raises(Refused, match="closed"):
        waves.open_sheet(token, NOW + timedelta(days=22))
    waves.open_sheet(token, NOW + timedelta(days=21))
    waves.void_links(system(), wave.pk)
    with pytest.raises(NotFound):
        waves.open_sheet(token, NOW)
    fresh = token_of(wave, person)
    services.update(system(), registry.get("wave"), wave.pk, {"status": "closed"})
    with pytest.raises(Refused, match="closed"):
        waves.give_answers(fresh, {"recommend": "9"}, NOW)


@pytestmark_db
def test_anonymous_answers_keep_no_name_and_show_in_groups_of_three(cast: Cast) -> None:
    people = people_of(cast.account, "practitioner", "practitioner", "practitioner", "vp")
    wave = open_wave(cast.account, people, anonymous=True)
    assert not waves.open_sheet(token_of(wave, people[3]), NOW).may_hide
    for at, person in enumerate(people[:3]):
        response = waves.give_answers(
            token_of(wave, person), {"recommend": "8", "reason": "Fine", "anonymous": "1"}, NOW
        )
        assert (response.contact_id, response.audience) == (None, "end_user")
        change = Change.objects.filter(record_type="response", record_id=response.pk).get()
        assert (change.actor_id, person.name in change.title) == (None, False)
        (result,) = results_of(cast.account, TODAY)
        group = result.groups[2]
        told = {one.contact.pk: one.answered for one in waves.asked_of(system(), wave)}
        assert told == {one.pk: None for one in people[:3]} | {people[3].pk: False}, "who answered would be who wrote"
        shown = at == 2
        assert (group.answered, group.hidden, len(result.verbatims)) == (at + 1, not shown, 3 if shown else 0)
    with pytest.raises(Refused, match="cannot be found again"):
        waves.give_answers(token_of(wave, people[0]), {"recommend": "1"}, NOW)
    assert Invitation.objects.filter(wave=wave, answered=True).count() == 3
    two = open_wave(cast.account, people[:2], anonymous=True)
    assert not waves.open_sheet(token_of(two, people[0]), NOW).may_hide
    waves.give_answers(token_of(two, people[0]), {"recommend": "7"}, NOW)
    assert [one.answered for one in waves.asked_of(system(), two)] == [True, False]


@pytestmark_db
def test_the_page_of_a_link_needs_no_sign_in_and_tells_nothing_of_the_account(cast: Cast) -> None:
    (person,) = people_of(cast.account, "director")
    wave = open_wave(cast.account, [person], closes_on=date(2099, 1, 1))
    path, browser = f"/answer/{token_of(wave, person)}", Client()
    shown = browser.get(path)
    text = shown.content.decode()
    assert shown.status_code == 200 and "no-store" in shown.headers["Cache-Control"]
    for secret in (cast.account.name, person.name, wave.title, cast.owner.name):
        assert secret not in text
    refused = browser.post(path, {"quality": "4", "reason": "Kept as typed"})
    assert refused.status_code == 422 and "Kept as typed" in refused.content.decode()
    assert "Thank you" in browser.post(path, {"recommend": "9"}).content.decode()
    assert 'value="9" checked' in browser.get(path).content.decode()
    for _ in range(5):
        assert browser.get("/answer/guess").status_code == 404
    assert browser.get("/answer/guess").status_code == 429
    assert FailedSignIn.objects.exists()


# -- results, metrics, cases -----------------------------------------------------------------------------------------


def answer(wave: Any, *marks: int, **more: Any) -> list[Any]:
    return [make("response", wave=wave, recommend=mark, on=TODAY, **more) for mark in marks]


@pytestmark_db
def test_the_metrics_of_the_account_follow_its_waves(cast: Cast) -> None:
    wave = make(
        "wave", account=cast.account, title="By phone", sent_on=TODAY - timedelta(days=3), status="closed", asked=60
    )

    def read_metrics() -> dict[str, tuple[Decimal, str]]:
        rows = Observation.objects.filter(account=cast.account, deleted_at__isnull=True, on=wave.sent_on)
        return {key: (value, quality) for key, value, quality in rows.values_list("metric__key", "value", "quality")}

    marks = [10] * 2 + [9] * 9 + [7] * 5 + [0, 3, 5, 6]
    made = answer(wave, *marks[:4])
    assert read_metrics() == {"nps": (100, "estimated")}
    made += answer(wave, *marks[4:], quality=4, ease=5)
    assert read_metrics() == {"nps": (35, "ok"), "csat": (4, "ok"), "ces": (5, "ok")}
    for response in made[4:]:
        services.delete(system(), registry.get("response"), response.pk)
    assert read_metrics() == {"nps": (100, "estimated")}
    micro = make("wave", account=cast.account, title="After", survey="micro", sent_on=wave.sent_on, status="closed")
    answer(micro, 0)
    assert read_metrics() == {"nps": (100, "estimated")}
    services.delete(system(), registry.get("wave"), wave.pk)
    assert read_metrics() == {}
    services.restore(system(), registry.get("wave"), wave.pk)
    assert read_metrics() == {"nps": (100, "estimated")}


@pytestmark_db
def test_a_public_survey_gives_its_published_score() -> None:
    account = make_account()
    wave = make("wave", account=account, title="Sudzilla", sent_on=TODAY, status="closed", asked=39)
    counts = {0: 4, 1: 1, 2: 4, 3: 8, 4: 2, 5: 2, 6: 1, 7: 4, 8: 5, 9: 4, 10: 4}
    for mark, count in counts.items():
        answer(wave, *[mark] * count)
    (found,) = results_of(account, TODAY)
    nps = found.scores.nps
    assert (found.answered, found.rate, round(nps.value, 1)) == (39, 100, Decimal("-35.9"))  # type: ignore[arg-type]
    assert [nps.details[name] for name in ("promoters", "passives", "detractors")] == [8, 9, 22]
    assert sum(found.spread) == 39


@pytestmark_db
def test_results_by_audience_themes_and_who_says_other_than_the_map(cast: Cast, django_assert_num_queries: Any) -> None:
    boss = make("contact", account=cast.account, name="Eva", seniority="c_suite", sentiment="advocate")
    lead = make("contact", account=cast.account, name="Jon", seniority="director", sentiment="neutral")
    wave = make(
        "wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", contacts=[boss.pk, lead.pk]
    )
    make("response", wave=wave, contact=boss, recommend=5, tags=["speed"], quality=3, on=TODAY)
    make("response", wave=wave, contact=lead, recommend=9, tags=["speed", "people"], quality=5, on=TODAY)
    with django_assert_num_queries(4):
        (found,) = results_of(cast.account, TODAY)
    assert [(group.answered, group.means.get("quality")) for group in found.groups] == [(1, 3), (1, 5), (0, None)]
    assert found.coverage == 2 and found.rate == 100
    assert found.themes == [("speed", 1, 0, 1), ("people", 1, 0, 0)]
    assert [one.contact.name for one in found.hidden_detractors if one.contact] == ["Eva"]
    with pytest.raises(Invalid, match="same wave and contact"):
        make("response", wave=wave, contact=lead, recommend=1, on=TODAY)
    stranger = make("contact", account=make_account("Other"), name="Elsewhere")
    with pytest.raises(Invalid, match="another account"):
        make("response", wave=wave, contact=stranger, recommend=1, on=TODAY)


@pytestmark_db
def test_colours_of_a_level_are_those_of_the_scores_and_none_where_nothing_is_scored(cast: Cast) -> None:
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", asked=4)
    people = people_of(cast.account, "c_suite", "c_suite", "director")
    make("response", wave=wave, contact=people[0], recommend=9, quality=4, ease=4, strategy=1, on=TODAY)
    make("response", wave=wave, contact=people[1], recommend=7, quality=5, ease=4, on=TODAY)
    make("response", wave=wave, contact=people[2], recommend=5, communication=3, on=TODAY)
    (found,) = results_of(cast.account, TODAY)
    top, lead, users = (group.bands for group in found.groups)
    assert (top["recommend"], top["quality"], top["ease"], top["strategy"]) == ("green", "green", "amber", "")
    assert (lead["recommend"], lead["communication"], lead["quality"]) == ("red", "red", "")
    assert set(users.values()) == {""}
    assert by_question(found.groups)[0] == (
        "Would recommend us, 0–10", [(Decimal(8), "green"), (Decimal(5), "red"), (None, "")]
    )  # fmt: skip


@pytestmark_db
@pytest.mark.parametrize(("days", "told"), [(365, True), (365 - 92, True), (365 + 93, False), (365 - 93, False)])
def test_a_wave_compares_with_one_of_a_year_before_at_most_a_quarter_off(cast: Cast, days: int, told: bool) -> None:
    for sent_on in (TODAY - timedelta(days=days), TODAY):
        make("wave", account=cast.account, title=f"Sent {sent_on}", sent_on=sent_on, status="closed")
    newest, old = results_of(cast.account, TODAY)
    assert year_before(newest, [newest, old]) is (old if told else None)


@pytestmark_db
def test_a_wish_becomes_a_note_once_and_the_note_follows_it(cast: Cast) -> None:
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", asked=9)
    (person,) = people_of(cast.account, "director")
    response = make("response", wave=wave, contact=person, recommend=9, wishes="A portal\nfor orders", on=TODAY)
    note = Note.objects.get()
    assert (note.title, note.body, note.contact, note.tags, note.account) == (
        "Wish: A portal for orders", "A portal\nfor orders", person, ["opportunity"], cast.account,
    )  # fmt: skip
    rtype = registry.get("response")
    services.update(system(), rtype, response.pk, {"wishes": "A portal for spare parts"})
    assert Note.objects.get().title == "Wish: A portal for spare parts"
    services.delete(system(), registry.get("note"), note.pk)
    services.update(system(), rtype, response.pk, {"wishes": "Another portal"})
    assert Note.objects.filter(deleted_at__isnull=True).count() == 0
    browser = Client()
    browser.force_login(cast.owner)
    assert "Make a route of it" in browser.get(f"/accounts/{cast.account.key}/track/surveys").content.decode()


@pytestmark_db
def test_wishes_without_a_name_wait_for_two_more(cast: Cast) -> None:
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", asked=9)
    for at in range(3):
        assert Note.objects.count() == 0
        make("response", wave=wave, audience="end_user", recommend=8, wishes=f"Wish {at}", on=TODAY)
    assert {note.contact for note in Note.objects.all()} == {None}
    assert sorted(Note.objects.values_list("body", flat=True)) == ["Wish 0", "Wish 1", "Wish 2"]


@pytestmark_db
def test_who_promotes_and_detracts_is_what_the_rule_says(cast: Cast) -> None:
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", asked=4)
    marks = (6, 7, 8, 9)
    for mark in marks:
        person = make("contact", account=cast.account, name=f"Gave {mark}")
        make("response", wave=wave, contact=person, recommend=mark, reason="So", tags=["speed"], on=TODAY)

    def seen() -> tuple[list[str], list[tuple[str, int, int, int]]]:
        (found,) = results_of(cast.account, TODAY)
        return [one.band for one in reversed(found.verbatims)], list(found.themes)

    assert seen() == (["red", "amber", "amber", "green"], [("speed", 1, 2, 1)])
    save(as_user(cast.admin, NOW), nps, Target(), {"promoter_from": 8, "detractor_to": 5}, reason="Another scale")
    assert seen() == (["amber", "amber", "green", "green"], [("speed", 2, 2, 0)])


@pytestmark_db
def test_a_low_answer_opens_one_case_which_is_followed_up(cast: Cast) -> None:
    helper = cast.teammate
    person = make("contact", account=cast.account, name="Eva", owner=helper)
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed", contacts=[person.pk])
    response = make("response", wave=wave, contact=person, recommend=8, ease=3, on=TODAY)
    case = SurveyCase.objects.get()
    assert (case.title, case.owner, case.due_at) == ("Eva: effort 3", helper, NOW + timedelta(hours=72))
    services.update(system(), registry.get("response"), response.pk, {"ease": 2})
    assert SurveyCase.objects.count() == 1
    rtype, later = registry.get("survey_case"), system(NOW + timedelta(hours=73))
    with pytest.raises(Refused, match="cannot go from Open"):
        services.update(later, rtype, case.pk, {"status": "resolved"})
    services.update(later, rtype, case.pk, {"status": "contacted"})
    with pytest.raises(Invalid, match="recovery plan"):
        services.update(later, rtype, case.pk, {"status": "planned"})
    plan = {"root_cause": "No owner", "corrective": "Name one", "preventive": "In the handbook"}
    services.update(later, rtype, case.pk, {"status": "planned", **plan})
    services.update(later, rtype, case.pk, {"status": "verifying"})
    with pytest.raises(Invalid, match="customer says"):
        services.update(later, rtype, case.pk, {"status": "resolved"})
    services.update(later, rtype, case.pk, {"status": "resolved", "outcome": "Answered within a day"})
    case.refresh_from_db()
    assert (case.due_at, case.verified_at) == (None, later.now)
    reopened = services.update(later, rtype, case.pk, {"status": "reopened"})
    assert (reopened.verified_at, reopened.due_at) == (None, NOW + timedelta(days=30))


@pytestmark_db
def test_what_counts_as_low_is_a_setting(cast: Cast) -> None:
    change_setting(system(), "survey.detractor_to", 4)
    wave = make("wave", account=cast.account, title="Spring", sent_on=TODAY, status="closed")
    answer(wave, 5, 4)
    assert SurveyCase.objects.count() == 1


@pytestmark_db
def test_the_tab_and_the_panels_show_it(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.owner)
    tab = f"/accounts/{cast.account.key}/track/surveys"
    assert "Make the first wave" in browser.get(tab).content.decode()
    people = people_of(cast.account, "vp", "director")
    wave = open_wave(cast.account, people)
    waves.give_answers(token_of(wave, people[0]), {"recommend": "4", "reason": "Slow <b>answers</b>"}, NOW)
    shown = browser.get(tab).content.decode()
    assert "n 1, provisional" in shown and "Slow &lt;b&gt;answers&lt;/b&gt;" in shown and "1 of 2" in shown
    panel = browser.get(f"/r/wave/{wave.pk}").content.decode()
    assert "Nobody is asked as end user" in panel and "Copy link" in panel
    assert "Customer contacted" in browser.get(f"/r/survey_case/{SurveyCase.objects.get().pk}").content.decode()
    listed = browser.get(f"/r/wave/{wave.pk}/people/csv").content.decode()
    assert "http://testserver/answer/" in listed and "Person 1" in listed


@pytestmark_db
def test_a_quarter_is_told_to_executives(cast: Cast) -> None:
    person, other = people_of(cast.account, "vp", "director")
    start = quarter_of(TODAY).start
    old = make("wave", account=cast.account, title="Before", sent_on=start - timedelta(days=1), status="closed")
    make("response", wave=old, contact=person, recommend=9, on=start - timedelta(days=1))
    new = make("wave", account=cast.account, title="Now", sent_on=start, status="closed", asked=4)
    make("response", wave=new, contact=person, recommend=5, tags=["speed"], wishes="A portal", on=TODAY)
    make("response", wave=new, contact=other, recommend=9, on=TODAY)
    told = Api(cast.owner).get(f"/accounts/{cast.account.key}/survey-summary?on={TODAY}").json()
    assert (told["wave"], told["answered"], told["nps_change"]) == (str(new.pk), 2, -100)
    assert (told["cases"]["opened"], told["cases"]["mended"]) == (1, 0)
    assert (told["themes"], told["wishes"], told["learned"]) == (["speed"], 1, [])
    SurveyCase.objects.update(status="resolved", root_cause="Nobody owned it", preventive="An owner each")
    path = f"/accounts/{cast.account.key}/survey-summary"
    told = Api(cast.owner).get(f"{path}?on={TODAY}").json()
    assert told["cases"]["mended"] == 1 and told["learned"][0]["root_cause"] == "Nobody owned it"
    before = Api(cast.owner).get(f"{path}?on={start - timedelta(days=1)}").json()
    assert (before["wave"], before["nps_change"], before["cases"]["opened"]) == (str(old.pk), None, 0)
    assert Api(cast.owner).get(f"{path}?on=soon").status_code == 400
    browser = Client()
    browser.force_login(cast.owner)
    page = browser.get(f"/accounts/{cast.account.key}/track/surveys?quarter={TODAY}").content.decode()
    assert "For executives" in page and "1 low answer: 1 mended, 0 late" in page and "Named most: speed." in page
