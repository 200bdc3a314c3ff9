"""With the right to read alone people still set the state of what is theirs, and nothing else (PERM-04, rows 4 and 5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api, problem
from tests.factories import PASSWORD, Cast, as_user, make, make_cast, system
from trackline.accounts.services import change_setting
from trackline.delivery.agents import records as agents
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def thing(name: str, cast: Cast, whose: Any) -> Any:
    match name:
        case "issue":
            return make("issue", account=cast.account, title="Late parts", assignee=whose)
        case "action":
            return make("action", account=cast.account, title="Send the figures", owner=whose)
        case _:
            return make("assignment", title="Value selling", learner=whose)


SETS = {
    "issue": {"status": "resolved", "resolution": "Parts came on Monday"},
    "action": {"status": "done"},
    "assignment": {"status": "completed"},
}
BEYOND = {"issue": "severity", "action": "due_on", "assignment": "due_on"}
VALUES = {"severity": "high", "due_on": "2026-12-24"}
SETTINGS = {"issue": "perm.own_issues", "action": "perm.own_progress", "assignment": "perm.own_progress"}


@pytest.mark.parametrize("name", SETS)
def test_what_is_theirs_is_set_and_taken_back(cast: Cast, name: str) -> None:
    ctx, rtype = as_user(cast.facilitator), registry.get(name)
    mine = thing(name, cast, cast.facilitator)
    saved = records.update(ctx, rtype, mine.pk, SETS[name])
    assert saved.status == SETS[name]["status"]
    assert records.undo(ctx, saved.last_change.pk).status != saved.status


@pytest.mark.parametrize("name", SETS)
def test_another_field_another_persons_record_and_other_deeds_are_refused(cast: Cast, name: str) -> None:
    ctx, rtype = as_user(cast.facilitator), registry.get(name)
    mine, theirs = thing(name, cast, cast.facilitator), thing(name, cast, cast.teammate)
    with pytest.raises(Forbidden) as refused:
        records.update(ctx, rtype, mine.pk, SETS[name] | {BEYOND[name]: VALUES[BEYOND[name]]}, parse="json")
    assert refused.value.to_json() | {"permission": "track:write", "rule": "PERM-04"} == refused.value.to_json()
    assert rtype.specs[BEYOND[name]].label in refused.value.detail
    with pytest.raises(Forbidden):
        records.update(ctx, rtype, theirs.pk, SETS[name])
    with pytest.raises(Forbidden):
        records.delete(ctx, rtype, mine.pk)
    changed = records.update(as_user(cast.owner), rtype, mine.pk, {BEYOND[name]: VALUES[BEYOND[name]]}, parse="json")
    for change in (changed.last_change, Change.objects.get(record_type=name, record_id=mine.pk, action="create")):
        with pytest.raises(Forbidden):
            records.undo(ctx, change.pk)


@pytest.mark.parametrize("name", SETS)
def test_an_administrator_can_put_it_off(cast: Cast, name: str) -> None:
    mine = thing(name, cast, cast.facilitator)
    change_setting(as_user(cast.admin), SETTINGS[name], False)
    with pytest.raises(Forbidden):
        records.update(as_user(cast.facilitator), registry.get(name), mine.pk, SETS[name])


def test_out_of_scope_ones_own_does_not_exist_either(cast: Cast) -> None:
    elsewhere = make("account", name="Elsewhere")
    mine = make("action", account=elsewhere, title="Left behind", owner=cast.facilitator)
    with pytest.raises(NotFound):
        records.update(as_user(cast.facilitator), registry.get("action"), mine.pk, {"status": "done"})


@pytest.mark.parametrize("name", SETS)
def test_through_the_api_and_by_an_agent(cast: Cast, name: str) -> None:
    resource = registry.get(name).resource
    mine, theirs = thing(name, cast, cast.facilitator), thing(name, cast, cast.teammate)
    api = Api(cast.facilitator)
    assert api.patch(f"/{resource}/{mine.pk}", SETS[name]).json()["status"] == SETS[name]["status"]
    problem(api.patch(f"/{resource}/{theirs.pk}", SETS[name]), 403)
    problem(api.patch(f"/{resource}/{mine.pk}", {BEYOND[name]: VALUES[BEYOND[name]]}), 403)
    problem(api.post(f"/{resource}", {}), 403)
    with pytest.raises(Forbidden):
        agents.change(as_user(cast.facilitator), name, str(theirs.pk), SETS[name], theirs.version)
    fresh = thing(name, cast, cast.facilitator)
    done = agents.change(as_user(cast.facilitator), name, str(fresh.pk), SETS[name], fresh.version)
    assert done["status"] == SETS[name]["status"]


@pytest.mark.parametrize("name", SETS)
def test_a_token_that_only_reads_sets_nothing_of_somebody_who_may_write(cast: Cast, name: str) -> None:
    resource, mine = registry.get(name).resource, thing(name, cast, cast.teammate)
    assert problem(Api(cast.teammate, "track:read").patch(f"/{resource}/{mine.pk}", SETS[name]), 403)
    assert Api(cast.facilitator, "track:read").patch(
        f"/{resource}/{thing(name, cast, cast.facilitator).pk}", SETS[name]
    ).status_code == 200  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_the_page_offers_what_it_takes(cast: Cast, name: str) -> None:
    browser = Client()
    assert browser.login(username=cast.facilitator.username, password=PASSWORD)
    mine, theirs = thing(name, cast, cast.facilitator), thing(name, cast, cast.teammate)
    beyond = BEYOND[name]
    page = browser.get(f"/r/{name}/{mine.pk}").content.decode()
    assert f"/r/{name}/{mine.pk}/cell/status" in page and f"/r/{name}/{mine.pk}/set" in page
    assert f"/cell/{beyond}" not in page and f"/r/{name}/{mine.pk}/delete" not in page
    other = browser.get(f"/r/{name}/{theirs.pk}").content.decode()
    assert "/cell/" not in other and f"/r/{name}/{theirs.pk}/set" not in other
    assert browser.get(f"/r/{name}/{mine.pk}/cell/status?at=panel").status_code == 200
    assert browser.get(f"/r/{name}/{mine.pk}/cell/{beyond}?at=panel").status_code == 403
    assert browser.get(f"/r/{name}/{theirs.pk}/cell/status?at=panel").status_code == 403
    if name == "issue":
        browser.post(f"/r/issue/{mine.pk}/cell/resolution", {"resolution": "Parts came"})
    assert browser.post(f"/r/{name}/{mine.pk}/set", {"status": SETS[name]["status"]}).status_code == 204
    assert browser.post(f"/r/{name}/{theirs.pk}/set", SETS[name]).status_code == 403
    mine.refresh_from_db()
    assert mine.status == SETS[name]["status"]


def test_today_lets_them_tick_what_is_theirs(cast: Cast) -> None:
    browser = Client()
    assert browser.login(username=cast.facilitator.username, password=PASSWORD)
    day = system().today.replace(year=2020)
    mine = make("action", account=cast.account, title="Send the figures", owner=cast.facilitator, due_on=day)
    assert f'hx-post="/r/action/{mine.pk}/set"' in browser.get("/").content.decode()
    change_setting(as_user(cast.admin), "perm.own_progress", False)
    assert f'hx-post="/r/action/{mine.pk}/set"' not in browser.get("/").content.decode()


def test_a_meeting_lets_them_tick_their_own_action_alone(cast: Cast) -> None:
    browser = Client()
    assert browser.login(username=cast.facilitator.username, password=PASSWORD)
    meeting = make("meeting", account=cast.account, title="Weekly", at=system().now)
    mine = make("action", account=cast.account, title="Send the figures", owner=cast.facilitator, meeting=meeting)
    theirs = make("action", account=cast.account, title="Read them", owner=cast.teammate, meeting=meeting)
    page = browser.get(f"/meetings/{meeting.pk}").content.decode()
    assert f'hx-post="/r/action/{mine.pk}/set"' in page and f'hx-post="/r/action/{theirs.pk}/set"' not in page
