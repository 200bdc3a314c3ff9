"""New records, links, verbs, moves, type-aheads, and taking things back."""

from __future__ import annotations

import json
from typing import Any

from tests.factories import make
from tests.workspace.records.conftest import Browser
from tests.workspace.records.world import World
from trackline.kit.history.models import Change
from trackline.kit.records.models import CustomField, PicklistValue


def told(response: Any) -> dict[str, Any]:
    """The events of an answer."""
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


def test_a_form_starts_with_what_is_known(world: World, browser: Browser) -> None:
    page = browser.part(f"/panel/goal/new?account={world.cast.account.pk}&title=Scrap").content.decode()
    assert f'<input type="hidden" name="account" value="{world.cast.account.pk}">' in page
    assert 'value="Scrap"' in page
    assert world.cast.account.name in page
    assert 'value="Ada"' in page  # the owner is who asks
    assert browser.part("/panel/goal/new?account=999999").status_code == 404
    assert browser.part("/panel/goal/new?account=x").status_code == 404


def test_added_fields_stand_in_the_form(world: World, browser: Browser) -> None:
    CustomField.objects.create(record_type="note", key="site", label="Site", kind="choice", choices=["A", "B"])
    page = browser.part("/panel/note/new").content.decode()
    assert 'name="custom.site"' in page
    sent = world.posted("note") | {"custom.site": "C"}
    refused = browser.post("/r/note/new", sent)
    assert refused.status_code == 422
    assert "One of A, B is expected" in refused.content.decode()
    assert 'value="Budget is set in May"' in refused.content.decode()
    made = browser.post("/r/note/new", sent | {"custom.site": "B"})
    assert made.status_code == 200


def test_a_line_adds_and_keeps_the_page(world: World, browser: Browser) -> None:
    play = world.get("play")
    response = browser.post("/r/step/new", {"then": "line", "play": play.pk, "title": "Call finance"})
    assert response.status_code == 204
    assert told(response)["toast"]["text"] == "Step added: Call finance"
    assert "tl:changed" in told(response)
    refused = browser.post("/r/step/new", {"then": "line", "play": play.pk, "title": ""})
    assert refused.status_code == 422
    assert refused.json()["errors"]


def test_again_gives_an_empty_form_and_back_the_record_it_came_from(world: World, browser: Browser) -> None:
    account, goal = world.cast.account, world.get("goal")
    again = browser.post(f"/r/note/new?account={account.pk}", world.posted("note") | {"then": "again"})
    assert "New note" in again.content.decode()
    assert "Budget is set" not in again.content.decode()
    sent = {"goal": goal.pk, "value": "3"}
    back = browser.post(f"/r/check_in/new?goal={goal.pk}&back=goal/{goal.pk}", sent)
    assert goal.title in back.content.decode()
    assert told(back)["tl:panel-at"] == {"panel": f"goal/{goal.pk}"}


def test_without_script_forms_travel_as_pages(world: World, browser: Browser) -> None:
    response = browser.client.post("/r/note/new", world.posted("note"))
    assert response.status_code == 302
    assert browser.page(response.url).status_code == 200
    refused = browser.client.post("/r/note/new", {"account": world.cast.account.pk})
    assert refused.status_code == 422
    assert "<html" in refused.content.decode()


def test_linking_from_the_other_side(world: World, browser: Browser) -> None:
    kpi, goal = world.get("kpi"), world.get("goal")
    url = f"/r/kpi/{kpi.pk}/links/goal/kpis"
    linked = browser.post(url, {"pk": goal.pk})
    assert told(linked)["toast"]["text"] == f"{goal.title}: linked"
    assert list(goal.kpis.all()) == [kpi]
    assert goal.title in browser.part(f"/panel/kpi/{kpi.pk}").content.decode()
    assert "undo" not in told(browser.post(url, {"pk": goal.pk}))["toast"]
    removed = browser.post(url, {"pk": goal.pk, "remove": "1"})
    assert list(goal.kpis.all()) == []
    assert browser.post(told(removed)["toast"]["undo"]).status_code == 204
    assert list(goal.kpis.all()) == [kpi]
    assert browser.post(url, {"pk": ""}).status_code == 422
    assert browser.post(f"/r/kpi/{kpi.pk}/links/goal/title", {"pk": goal.pk}).status_code == 404
    other = make("account", name="Other")
    foreign = make("goal", account=other, title="Elsewhere", baseline=1, target=2)
    assert browser.post(url, {"pk": foreign.pk}).status_code == 422


def test_verbs_set_a_field_and_can_be_undone(world: World, browser: Browser) -> None:
    action = world.get("action")
    assert "Mark as done" in browser.part(f"/panel/action/{action.pk}").content.decode()
    response = browser.post(f"/r/action/{action.pk}/set", {"status": "done"})
    assert told(response)["toast"]["text"] == "Send the summary: status Done"
    assert "Reopen" in browser.part(f"/panel/action/{action.pk}").content.decode()
    browser.post(told(response)["toast"]["undo"])
    action.refresh_from_db()
    assert (action.status, action.done_on) == ("open", None)


def test_a_move_shows_its_checks_and_passes_when_they_do(world: World, browser: Browser) -> None:
    route = make("route", account=world.cast.account, title="Predict", type="upsell")
    dialog = browser.part(f"/r/route/{route.pk}/gate?to=qualifying", "dialog").content.decode()
    assert "1 of 3 checks pass" in dialog
    assert 'name="value"' in dialog
    refused = browser.post(f"/r/route/{route.pk}/advance", {"to": "qualifying", "value": "lots"}, target="dialog")
    assert refused.status_code == 422
    assert refused.headers["HX-Retarget"] == "#dialog"
    assert "is not a number" in refused.content.decode()
    still = browser.post(f"/r/route/{route.pk}/advance", {"to": "qualifying", "owner": world.cast.owner.pk})
    assert still.status_code == 409
    moved = browser.post(
        f"/r/route/{route.pk}/advance", {"to": "qualifying", "value": "120k", "owner": world.cast.owner.pk}
    )
    assert moved.status_code == 204
    route.refresh_from_db()
    assert (route.state, int(route.value)) == ("qualifying", 120_000)
    browser.post(told(moved)["toast"]["undo"])
    route.refresh_from_db()
    assert route.state == "identified"
    assert browser.post(f"/r/route/{route.pk}/advance", {"to": "nowhere"}).status_code == 422


def test_meetings_of_a_cadence_are_set_and_taken_back_as_one(world: World, browser: Browser) -> None:
    cadence = world.get("cadence")
    response = browser.post(f"/r/cadence/{cadence.pk}/schedule")
    assert response.status_code == 204
    assert cadence.meetings.alive().count() >= 11
    assert "Next meeting" in browser.part(f"/panel/cadence/{cadence.pk}").content.decode()
    again = browser.post(f"/r/cadence/{cadence.pk}/schedule")
    assert "already" in told(again)["toast"]["text"]
    undone = browser.post(told(response)["toast"]["undo"])
    assert undone.status_code == 204
    assert cadence.meetings.alive().count() == 0


def test_deleting_what_others_hang_on_asks_first(world: World, browser: Browser) -> None:
    play = world.get("play")
    world.get("step")
    asked = browser.post(f"/r/play/{play.pk}/delete")
    assert "1 step goes with it" in asked.content.decode()
    play.refresh_from_db()
    assert play.deleted_at is None


def test_undo_after_somebody_elses_change_is_explained(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    mine = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2.4"})
    browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2.6"})
    refused = browser.post(told(mine)["toast"]["undo"])
    assert refused.status_code == 412
    assert "changed Target since" in refused.content.decode()
    assert browser.post("/undo/999999").status_code == 404


def test_history_tells_who_changed_what_and_offers_undo(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    browser.post(f"/r/goal/{goal.pk}/cell/owner", {"owner": world.cast.owner.pk})
    for target in ("2.4", "2.6"):
        browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": target})
    page = browser.part(f"/r/goal/{goal.pk}/history", "x").content.decode().replace("\xa0", " ")
    assert "Katrin" in page
    assert "2.4 %" in page
    first, second, third = Change.objects.filter(record_type="goal", record_id=goal.pk, action="update").order_by("id")
    assert f"/undo/{first.pk}" in page
    assert f"/undo/{second.pk}" not in page  # its field has moved on
    assert f"/undo/{third.pk}" in page


def test_type_aheads_stay_within_account_and_rights(world: World, browser: Browser) -> None:
    contact = world.get("contact")
    other = make("account", name="Other")
    foreign = make("contact", account=other, name="Sabine Other", email="s@other.example")
    page = browser.part(f"/r/contact/options?q=SABÍNE&account={world.cast.account.pk}", "x").content.decode()
    assert f'data-value="{contact.pk}"' in page
    assert "Group CIO" in page
    assert f'data-value="{foreign.pk}"' not in page
    people = browser.part("/r/user/options", "x").content.decode()
    assert people.index(f'data-value="{world.cast.admin.pk}"') < people.index(f'data-value="{world.cast.owner.pk}"')
    assert browser.part("/r/contact/options?account=999999", "x").status_code == 404
    assert browser.part("/r/nothing/options", "x").status_code == 404


def test_words_in_use_are_suggested(world: World, browser: Browser) -> None:
    make("note", account=world.cast.account, title="A", tags=["pilot", "line 4"])
    assert "pilot" in browser.part("/r/note/options?field=tags&q=PIL", "x").content.decode()
    assert browser.part("/r/note/options?field=title", "x").status_code == 404
    PicklistValue.objects.create(picklist="note_category", value="Kitchen table")
    note = world.get("note")
    assert '<option value="Kitchen table">' in browser.part(f"/r/note/{note.pk}/cell/category", "x").content.decode()
