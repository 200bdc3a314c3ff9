"""One field of a record: shown, edited, refused, in conflict."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from tests.factories import as_user, make
from tests.workspace.records.conftest import Browser
from tests.workspace.records.world import TODAY, World
from trackline.kit.records import services
from trackline.kit.records.models import CustomField
from trackline.kit.records.types import registry


def told(response: object) -> str:
    """The toast of an answer, with plain spaces."""
    return json.loads(response.headers["HX-Trigger"])["toast"]["text"].replace("\xa0", " ")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "field", "entry", "said"),
    [
        ("goal", "target", "2.4", "Target: 2 % → 2.4 %"),
        ("route", "value", "1.2m", "Value: €420,000 → €1,200,000"),
        ("route", "probability", "55 %", "Probability: 10 % → 55 %"),
        ("route", "expected_close_on", "2027-03-31", "Expected close: not set → 31 Mar 2027"),
        ("contact", "influence", "5", "Influence: 3 → 5"),
        ("contact", "sentiment", "advocate", "Sentiment: Neutral → Advocate"),
        ("contact", "is_exec_sponsor", ["", "on"], "Executive sponsor: no → yes"),
        ("contact", "email", "s.keller@okada.example", "Email: not set → s.keller@okada.example"),
        ("interaction", "sentiment", "-1", "Sentiment: not set → Negative"),
        ("issue", "tags", ["", "pilot", "line 4"], "Tags: not set → pilot, line 4"),
        ("issue", "category", "Quality", "Category: not set → Quality"),
        ("cadence", "at_time", "09:30", "Time of day: not set → 09:30"),
        (
            "value_outcome",
            "evidence_url",
            "https://example.org/a",
            "Link to the evidence: not set → https://example.org/a",
        ),
        ("account", "currency", "jpy", "Currency: EUR → JPY"),
    ],
)
def test_saving_says_from_what_to_what(
    world: World, browser: Browser, name: str, field: str, entry: object, said: str
) -> None:
    record = world.get(name)
    response = browser.post(f"/r/{name}/{record.pk}/cell/{field}", {field: entry, "version": record.version})
    assert response.status_code == 200, response.content.decode()
    assert told(response) == said


def test_references_are_named(world: World, browser: Browser) -> None:
    goal, kpi, objective = world.get("goal"), world.get("kpi"), world.get("objective")
    owner = browser.post(f"/r/goal/{goal.pk}/cell/owner", {"owner": world.cast.owner.pk})
    assert told(owner) == "Owner: not set → Katrin"
    kpis = browser.post(f"/r/goal/{goal.pk}/cell/kpis", {"kpis": ["", kpi.pk]})
    assert told(kpis) == "KPIs: not set → First-pass yield"
    assert f'data-panel="kpi/{kpi.pk}"' in kpis.content.decode()
    assert told(browser.post(f"/r/goal/{goal.pk}/cell/objectives", {"objectives": ["", objective.pk]})).endswith(
        "Grow in automotive"
    )
    emptied = browser.post(f"/r/goal/{goal.pk}/cell/kpis", {"kpis": [""]})
    assert told(emptied) == "KPIs: First-pass yield → not set"


def test_what_follows_comes_along(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    response = browser.post(f"/r/goal/{goal.pk}/cell/current", {"current": "3"})
    page = response.content.decode()
    assert "<template data-values>" in page
    assert f'data-value="goal-{goal.pk}-progress_pct"' in page
    renamed = browser.post(f"/r/goal/{goal.pk}/cell/title", {"title": "Scrap"}).content.decode()
    assert f'data-heading="goal-{goal.pk}--name"' in renamed


def test_an_unchanged_value_writes_nothing(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    response = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2"})
    assert response.status_code == 200
    assert "toast" not in json.loads(response.headers["HX-Trigger"])
    goal.refresh_from_db()
    assert goal.version == 1


def test_a_bad_value_stays_with_its_reason(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    response = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "two"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="two"' in page
    assert 'aria-invalid="true"' in page
    assert "is not a number" in page
    assert re.search(r'aria-describedby="cell-target-error"', page)


def test_what_a_rule_refuses_is_said_in_the_cell(world: World, browser: Browser) -> None:
    route = world.make("route", value=None)
    unknown = browser.post(f"/r/route/{route.pk}/cell/state", {"state": "won"})
    assert unknown.status_code == 409
    assert "is not a move" in unknown.content.decode()
    response = browser.post(f"/r/route/{route.pk}/cell/state", {"state": "qualifying"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "an estimated value" in page
    assert f"/r/route/{route.pk}/gate?to=qualifying" in page


def test_two_people_change_one_field(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    editor = browser.part(f"/r/goal/{goal.pk}/cell/target", "x").content.decode()
    version = re.search(r'name="version" value="(\d+)"', editor)
    assert version
    services.update(as_user(world.cast.owner), registry.get("goal"), goal.pk, {"target": 1})
    response = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2.4", "version": version[1]})
    assert response.status_code == 412
    page = response.content.decode().replace("\xa0", " ")
    assert "Katrin changed this" in page
    assert "1 %" in page
    assert "2.4 %" in page
    assert "show=1" in page
    theirs = browser.part(f"/r/goal/{goal.pk}/cell/target?show=1", "x").content.decode()
    assert "1\xa0%" in theirs
    current = re.search(r'name="target" value="2.4"><input type="hidden" name="version" value="(\d+)"', page)
    assert current
    mine = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2.4", "version": current[1]})
    assert mine.status_code == 200
    goal.refresh_from_db()
    assert str(goal.target.normalize()) == "2.4"


def test_different_fields_merge(world: World, browser: Browser) -> None:
    goal = world.get("goal")
    services.update(as_user(world.cast.owner), registry.get("goal"), goal.pk, {"description": "Paint shop only"})
    response = browser.post(f"/r/goal/{goal.pk}/cell/target", {"target": "2.4", "version": "1"})
    assert response.status_code == 200


def test_fields_of_administrators_are_edited_like_others(world: World, browser: Browser) -> None:
    CustomField.objects.create(record_type="goal", key="site", label="Site", kind="text")
    CustomField.objects.create(record_type="goal", key="audit_on", label="Audit", kind="date")
    goal = world.get("goal")
    response = browser.post(f"/r/goal/{goal.pk}/cell/custom.site", {"custom.site": "Stuttgart"})
    assert told(response) == "Site: not set → Stuttgart"
    audit = browser.post(f"/r/goal/{goal.pk}/cell/custom.audit_on", {"custom.audit_on": "2027-03-31"})
    assert told(audit) == "Audit: not set → 31 Mar 2027"
    panel = browser.part(f"/panel/goal/{goal.pk}").content.decode()
    assert "Stuttgart" in panel
    assert browser.part(f"/r/goal/{goal.pk}/cell/custom.nothing", "x").status_code == 404


NASTY = '<script>alert(1)</script>" onmouseover="x'


@pytest.mark.parametrize(("name", "field"), [("contact", "name"), ("note", "body"), ("issue", "category")])
def test_values_are_shown_as_they_were_written(world: World, browser: Browser, name: str, field: str) -> None:
    record = world.get(name)
    saved = browser.post(f"/r/{name}/{record.pk}/cell/{field}", {field: NASTY})
    pages = [
        saved,
        browser.part(f"/panel/{name}/{record.pk}"),
        browser.page(f"/r/{name}"),
        browser.page(f"/r/{name}/{record.pk}"),
        browser.part(f"/r/{name}/{record.pk}/cell/{field}", "x"),
        browser.part(f"/r/{name}/{record.pk}/history", "x"),
        browser.part(f"/r/{name}/options?q=script", "x"),
    ]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in text
        assert '" onmouseover="x' not in text
    assert NASTY in told(saved)


def test_links_of_values_lead_only_where_they_say(world: World, browser: Browser) -> None:
    outcome = world.get("value_outcome")
    refused = browser.post(f"/r/value_outcome/{outcome.pk}/cell/evidence_url", {"evidence_url": "javascript:alert(1)"})
    assert refused.status_code == 422
    type(outcome).objects.filter(pk=outcome.pk).update(evidence_url="javascript:alert(1)")
    assert 'href="javascript' not in browser.part(f"/panel/value_outcome/{outcome.pk}").content.decode()


def test_late_dates_say_so_in_words(world: World, browser: Browser) -> None:
    late = make("action", account=world.cast.account, title="Late", due_on=TODAY - timedelta(days=3))
    done = make("action", account=world.cast.account, title="Done", due_on=date(2026, 1, 1), status="done")
    shown = browser.part(f"/r/action/{late.pk}/cell/due_on?show=1", "x").content.decode().replace("\xa0", " ")
    assert "3 d late" in shown
    assert 'class="bad"' in shown
    assert "late" not in browser.part(f"/r/action/{done.pk}/cell/due_on?show=1", "x").content.decode()


def test_long_values_can_be_read_whole(world: World, browser: Browser) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
    goal = make("goal", account=world.cast.account, title=long.strip(), baseline=1, target=2)
    page = browser.part("/r/goal/table", "x").content.decode()
    assert f'title="{long.strip()[:60]}' in page
    assert browser.part(f"/panel/goal/{goal.pk}").status_code == 200
