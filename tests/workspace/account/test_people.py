"""Power grid and reporting lines: who stands where, who is not placed, and what a move writes."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from tests.factories import Cast, make
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import RelationshipLine, RuleOverride
from trackline.choose.models import Playbook
from trackline.kit.history.models import Change
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.services import start_play
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.people import PowerGrid, people_of, power_grid
from trackline.workspace.queries.account.reporting import OrgChart, Seat, lines_among, org_chart
from trackline.workspace.queries.account.tending import Need, needs_of

Browsers = Callable[[str], Client]


def grid_of(cast: Cast, axis: str = "sentiment") -> PowerGrid:
    """The grid of the cast's account."""
    return power_grid(head_of(now_context(), cast.account.key), people_of(cast.account.pk), axis)


def placed(grid: PowerGrid) -> dict[tuple[int, str], list[str]]:
    """Names by influence and value of the second axis, without the empty cells."""
    return {
        (cell.influence, cell.value): [one.name for one in (*cell.people, *cell.more)]
        for row in grid.rows
        for cell in row.cells
        if cell.people
    }


def test_active_people_are_placed_by_influence_and_sentiment(cast: Cast) -> None:
    make("contact", account=cast.account, name="Thomas Reiter", influence=4, sentiment="detractor")
    make("contact", account=cast.account, name="田中 美咲", influence=5, sentiment="advocate", buying_role="champion")
    make("contact", account=cast.account, name="Gone", influence=5, status="departed")
    grid = grid_of(cast)
    assert placed(grid) == {(4, "detractor"): ["Thomas Reiter"], (5, "advocate"): ["田中 美咲"]}
    assert grid.finding == "2 of 2 active contacts have high influence; 1 of them is a detractor."
    assert dict(grid.roles)["Champion"] == "田中 美咲"
    assert dict(grid.roles)["Economic buyer"] == ""


def test_each_quadrant_is_named_once_and_bounded(cast: Cast) -> None:
    make("contact", account=cast.account, name="Anyone")
    cells = [cell for row in grid_of(cast).rows for cell in row.cells]
    named = {(cell.influence, cell.value): cell.heading[0] for cell in cells if cell.heading}
    assert named == {
        (5, "detractor"): "Mobilize",
        (5, "positive"): "Protect and grow",
        (3, "detractor"): "Monitor",
        (3, "positive"): "Leverage",
    }
    assert {cell.value for cell in cells if cell.ends_right} == {"neutral"}
    assert {cell.influence for cell in cells if cell.ends_below} == {4}


def test_a_limit_laid_over_the_rule_moves_the_line(cast: Cast) -> None:
    make("contact", account=cast.account, name="Anyone", influence=3)
    RuleOverride.objects.create(
        rule="accounts.stakeholders.grid", number=1, scope=RuleOverride.Scope.ALL, from_on=today(),
        changes={"high_from": 3}, reason="Three has a say here", created_by=cast.owner, created_at=now_context().now,
    )  # fmt: skip
    grid = grid_of(cast)
    assert [row.influence for row in grid.rows if row.high] == [5, 4, 3]
    assert grid.high == 1


def test_without_interest_a_person_is_listed_beside_the_grid(cast: Cast) -> None:
    make("contact", account=cast.account, name="Keen", influence=5, interest=2)
    make("contact", account=cast.account, name="Unasked", influence=5)
    grid = grid_of(cast, "interest")
    assert placed(grid) == {(5, "2"): ["Keen"]}
    assert [one.name for one in grid.unplaced] == ["Unasked"]
    assert grid.rows[0].cells[1].quadrant == "keep_satisfied"
    assert grid.finding.endswith("1 has no interest set.")


def test_a_crowded_cell_folds_the_rest(cast: Cast) -> None:
    for n in range(9):
        make("contact", account=cast.account, name=f"Contact {n}", influence=3)
    cell = grid_of(cast).rows[2].cells[1]
    assert (len(cell.people), len(cell.more)) == (6, 3)


def test_a_move_is_written_with_history_and_a_way_back(cast: Cast, as_: Browsers) -> None:
    person = make("contact", account=cast.account, name="Thomas Reiter", influence=4, sentiment="detractor")
    browser, sent = as_("owner"), {"sentiment": "neutral", "version": person.version}
    response = browser.post(f"/r/contact/{person.pk}/set", sent)
    assert response.status_code == 204
    person.refresh_from_db()
    assert (person.influence, person.sentiment) == (4, "neutral")
    change = Change.objects.filter(record_type="contact", record_id=person.pk).latest("id")
    assert change.changes == {"sentiment": ["detractor", "neutral"]}
    assert f"/undo/{change.pk}" in response.headers["HX-Trigger"]
    browser.post(f"/undo/{change.pk}")
    person.refresh_from_db()
    assert person.sentiment == "detractor"


def test_a_move_does_not_overwrite_what_somebody_else_moved(cast: Cast, as_: Browsers) -> None:
    person = make("contact", account=cast.account, name="Thomas Reiter", influence=4, sentiment="detractor")
    url, seen = f"/r/contact/{person.pk}/set", person.version
    assert as_("teammate").post(url, {"sentiment": "positive", "version": seen}).status_code == 204
    assert as_("owner").post(url, {"sentiment": "neutral", "version": seen}).status_code == 412
    assert as_("owner").post(url, {"influence": 5, "version": seen}).status_code == 204
    person.refresh_from_db()
    assert (person.influence, person.sentiment) == (5, "positive")


def test_the_page_turns_the_grid_and_keeps_readers_from_moving(cast: Cast, as_: Browsers) -> None:
    make("contact", account=cast.account, name="Unasked", owner=cast.owner)
    url = f"/accounts/{cast.account.key}/track/contacts"
    mine = as_("owner").get(f"{url}?axis=interest").content.decode()
    assert "Not placed, no interest set" in mine
    assert 'data-carried="Unasked"' in mine
    assert "data-carried" not in as_("facilitator").get(url).content.decode()


def lines(seat: Seat) -> dict[str, object]:
    """A tree as names."""
    return {one.person.name: lines(one) for one in (*seat.reports, *seat.more)}


def chart_of(cast: Cast) -> OrgChart:
    """The reporting lines of the cast's account."""
    return org_chart([cast.account.pk], people_of(cast.account.pk))


def test_reporting_lines_make_trees(cast: Cast) -> None:
    keller = make("contact", account=cast.account, name="Sabine Keller")
    reiter = make("contact", account=cast.account, name="Thomas Reiter", reports_to=keller)
    make("contact", account=cast.account, name="Rachel Nguyen", reports_to=reiter)
    make("contact", account=cast.account, name="Martin Seidel")
    chart = chart_of(cast)
    assert [seat.person.name for seat in chart.trees] == ["Sabine Keller"]
    assert lines(chart.trees[0]) == {"Thomas Reiter": {"Rachel Nguyen": {}}}
    assert [one.name for one in chart.loose] == ["Martin Seidel"]
    assert chart.finding == "1 of 4 contacts has no reporting line yet."


def test_a_seat_that_was_left_stays_while_people_hang_on_it(cast: Cast) -> None:
    top = make("contact", account=cast.account, name="Martin Seidel")
    gone = make("contact", account=cast.account, name="Gone", reports_to=top, status="departed")
    make("contact", account=cast.account, name="Nobody's boss", status="departed")
    make("contact", account=cast.account, name="Jonas Weber", reports_to=gone)
    [tree] = chart_of(cast).trees
    assert lines(tree) == {"Gone": {"Jonas Weber": {}}}
    assert tree.reports[0].vacant
    assert not tree.vacant


def test_lines_in_a_circle_lose_nobody(cast: Cast) -> None:
    first = make("contact", account=cast.account, name="A")
    second = make("contact", account=cast.account, name="B", reports_to=first)
    type(first).objects.filter(pk=first.pk).update(reports_to=second)
    [tree] = chart_of(cast).trees
    assert (tree.person.name, lines(tree)) == ("A", {"B": {}})


def test_many_reports_fold(cast: Cast) -> None:
    top = make("contact", account=cast.account, name="Top")
    for n in range(11):
        make("contact", account=cast.account, name=f"Report {n}", reports_to=top)
    [tree] = chart_of(cast).trees
    assert (len(tree.reports), len(tree.more), tree.count) == (8, 3, 11)


def test_a_new_manager_is_written_and_a_circle_refused(cast: Cast, as_: Browsers) -> None:
    keller = make("contact", account=cast.account, name="Sabine Keller")
    reiter = make("contact", account=cast.account, name="Thomas Reiter")
    browser = as_("owner")
    under = {"reports_to": keller.pk, "version": reiter.version}
    assert browser.post(f"/r/contact/{reiter.pk}/set", under).status_code == 204
    reiter.refresh_from_db()
    assert reiter.reports_to == keller
    refused = browser.post(
        f"/r/contact/{keller.pk}/set",
        {"reports_to": reiter.pk},
        headers={"HX-Request": "true", "HX-Target": "org-chart"},
    )
    assert refused.status_code == 422
    assert "circle" in refused.content.decode()
    assert browser.post(f"/r/contact/{reiter.pk}/set", {"reports_to": ""}).status_code == 204
    reiter.refresh_from_db()
    assert reiter.reports_to is None


def needs(cast: Cast) -> dict[str, tuple[str, str]]:
    """Colour and reason of each need."""
    return {one.words: (one.band, one.why) for one in found_needs(cast)}


def found_needs(cast: Cast) -> list[Need]:
    """What the people of the cast's account need."""
    people = people_of(cast.account.pk)
    found = needs_of(head_of(now_context(), cast.account.key), people, lines_among([cast.account.pk], people))
    return [*found.shown, *found.more]


def test_silence_is_told_with_its_limit(cast: Cast) -> None:
    given = {"account": cast.account, "owner": cast.owner, "sentiment": "positive"}
    make("contact", name="Sabine Keller", is_exec_sponsor=True, influence=5, last_touch_on=days(-33), **given)
    make("contact", name="Emily Carter", influence=3, last_touch_on=days(-60), **given)
    make("contact", name="Lukas Maier", influence=3, last_touch_on=days(-11), touch_days=10, **given)
    assert needs(cast) == {
        "Sabine Keller silent for 33 d": ("amber", "Executive sponsor, limit 30 d."),
        "Lukas Maier silent for 11 d": ("amber", "No buying role, limit 10 d."),
    }


def test_an_opponent_without_a_plan_comes_first(cast: Cast) -> None:
    given = {"account": cast.account, "last_touch_on": days(-1)}
    make("contact", name="Kobayashi Ken", influence=5, sentiment="neutral", owner=cast.owner, **given)
    make("contact", name="Thomas Reiter", influence=4, sentiment="detractor", **given)
    make("contact", name="Planned", influence=4, sentiment="detractor", owner=cast.owner, next_action="Visit the plant",
         next_action_on=days(3), **given)  # fmt: skip
    assert list(needs(cast).items()) == [
        (
            "Thomas Reiter has no dated next action and no owner of ours",
            ("red", "Influence 4, detractor: to be won over."),
        ),
        ("Kobayashi Ken has no dated next action", ("amber", "Influence 5, neutral: to be won over.")),
        ("One person has no owner of ours", ("unknown", "Thomas Reiter.")),
    ]


def test_a_lost_champion_is_told_while_it_is_fresh(cast: Cast) -> None:
    given = {"account": cast.account, "owner": cast.owner, "buying_role": "champion"}
    make("contact", name="James Whitfield", status="departed", status_on=days(-30), **given)
    make("contact", name="Long gone", status="departed", status_on=days(-31), **given)
    [(words, told)] = needs(cast).items()
    assert words.startswith("James Whitfield, champion, departed on ")
    assert told == ("red", "No champion is left: count on a high risk of churn.")
    make("contact", name="New", sentiment="positive", last_touch_on=days(0), **given)
    assert needs(cast)[words][1] == "One champion is left, without a backup."


def test_a_loss_is_answered_out_of_its_alert_and_then_by_the_play_that_runs(cast: Cast) -> None:
    james = make("contact", account=cast.account, name="James Whitfield", owner=cast.owner, buying_role="champion")
    [first] = [one for one in found_needs(cast) if "James" in one.words] or [None]
    assert first is None
    services.update(now_context(), registry.get("contact"), james.pk, {"status": "departed"})
    alert = Alert.objects.get(rule="watch.signal.champion_exit")
    [need] = found_needs(cast)
    assert need.act == {"label": "Start what must be done", "get": f"/r/play/start?alert={alert.pk}"}
    play = start_play(now_context(), alert.pk)
    assert play.playbook == Playbook.objects.get(key="champion-loss")
    [need] = found_needs(cast)
    assert need.act is not None and need.act["panel"] == f"play/{play.pk}"
    assert f"{play.title} answers it." in need.why


def test_lines_open_doors_and_name_who_stands_in_the_way(cast: Cast) -> None:
    given = {"account": cast.account, "owner": cast.owner, "last_touch_on": days(-1)}
    keller = make("contact", name="Sabine Keller", influence=5, **given)
    tanaka = make("contact", name="Misaki Tanaka", influence=3, sentiment="positive", **given)
    reiter = make("contact", name="Thomas Reiter", influence=2, sentiment="detractor", **given)
    make("relationship_line", contact=tanaka, kind="supports", toward=keller)
    make("relationship_line", contact=reiter, kind="influences", toward=keller)
    make("relationship_line", contact=reiter, kind="blocks", toward=tanaka)
    assert needs(cast) == {
        "Sabine Keller has no dated next action": (
            "amber", "Influence 5, neutral: to be won over. Misaki Tanaka can open the door.",
        ),
        "Thomas Reiter blocks Misaki Tanaka": ("amber", "Nothing dated is planned with them."),
    }  # fmt: skip
    plan = {"next_action": "Lunch with both", "next_action_on": days(4)}
    services.update(now_context(), registry.get("contact"), reiter.pk, plan)
    assert "Thomas Reiter blocks Misaki Tanaka" not in needs(cast)


def test_a_line_is_drawn_by_dragging_and_taken_back(cast: Cast, as_: Browsers) -> None:
    keller = make("contact", account=cast.account, name="Sabine Keller")
    reiter = make("contact", account=cast.account, name="Thomas Reiter")
    browser, url = as_("owner"), f"/accounts/{cast.account.key}/track/contacts"
    page = browser.get(f"{url}?draw=blocks").content.decode()
    move = f"/r/relationship_line/new?account={cast.account.pk}&amp;kind=blocks&amp;contact={reiter.pk}"
    assert f'data-move="{move}"' in page and f'data-place="toward={keller.pk}&amp;then=line"' in page
    drawn = browser.post(
        move.replace("&amp;", "&"), {"toward": keller.pk, "then": "line"}, headers={"HX-Request": "true"}
    )
    assert drawn.status_code == 204
    line = RelationshipLine.objects.get()
    assert (line.contact, line.kind, line.toward) == (reiter, "blocks", keller)
    page = browser.get(url).content.decode()
    assert f'data-tie="{reiter.pk}" data-toward="{keller.pk}" data-kind="blocks"' in page
    assert "1 line of influence." in page
    again = browser.post(
        move.replace("&amp;", "&"), {"toward": keller.pk, "then": "line"}, headers={"HX-Request": "true"}
    )
    assert again.status_code == 422
    assert again.json()["errors"][0]["msg"] == "Thomas Reiter already blocks Sabine Keller."
    assert browser.post(f"/undo/{Change.objects.get(record_type='relationship_line').pk}").status_code == 204
    assert not RelationshipLine.objects.filter(deleted_at=None).exists()
    reader = as_("facilitator").get(f"{url}?draw=blocks").content.decode()
    assert "data-move" not in reader and "Dragging draws" not in reader


def test_lines_of_people_who_left_are_not_drawn(cast: Cast) -> None:
    keller = make("contact", account=cast.account, name="Sabine Keller")
    gone = make("contact", account=cast.account, name="Gone", status="departed")
    make("relationship_line", contact=gone, kind="supports", toward=keller)
    assert lines_among([cast.account.pk], people_of(cast.account.pk)) == []
