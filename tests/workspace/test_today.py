"""Today: what is due, for whom, in which order, and what an empty book says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, as_user, make, make_account, make_cast, make_user, system
from tests.workspace.account.world import days, fill, now_context, today
from trackline.accounts.models import Account, User
from trackline.accounts.rates import rates_in_force
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.today import needs, watch, week
from trackline.workspace.queries.today import scope as scope_module
from trackline.workspace.queries.today.scope import Scope, scope_of
from trackline.workspace.views.today import _finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """The cast around one account."""
    return make_cast()


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    """A signed-in browser of somebody."""

    def browser(who: str) -> Client:
        client = Client()
        client.force_login(cast.everyone()[who])
        return client

    return browser


def scope(user: User, *, team: bool = False) -> Scope:
    """A person's day."""
    return scope_of(as_user(user, now_context().now), team=team)


def titles(user: User, *, team: bool = False) -> list[str]:
    """What stands on a person's line of the week."""
    found = week.week_of(as_user(user, now_context().now), scope(user, team=team))
    return [thing.title for day in found.days for thing in day.things]


def html(client: Client, url: str = "/") -> str:
    """The page as text."""
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_book_says_how_to_fill_it() -> None:
    client = Client()
    client.force_login(make_user("katrin"))
    page = html(client)
    for way in ("Bring your accounts", "/import", "/accounts/new", "trackline demo"):
        assert way in page
    reader = Client()
    reader.force_login(make_user("frieda", role="facilitator"))
    assert 'href="/accounts/new"' not in html(reader)


def test_nothing_due_is_said_plainly(cast: Cast, as_: Callable[[str], Client]) -> None:
    page = html(as_("owner"))
    assert "Nothing is due" in page
    assert "of 1 account no health is known" in page.casefold()
    assert "on course" not in page, "nobody knows"
    Account.objects.update(health={"value": 82.5, "band": "green", "as_of": "2026-01-05"})
    assert "All 1 on course" in html(as_("owner"))
    assert "You own no account" in html(as_("teammate"))


def test_mine_carries_my_name_and_the_teams_day_has_all(cast: Cast) -> None:
    ctx = now_context()
    make("action", ctx=ctx, account=cast.account, title="Mine", due_on=days(0), owner=cast.owner)
    make("action", ctx=ctx, account=cast.account, title="Tim's", due_on=days(0), owner=cast.teammate)
    make("action", ctx=ctx, account=cast.account, title="Far away", due_on=days(40), owner=cast.owner)
    make("action", ctx=ctx, account=cast.account, title="Done", due_on=days(0), owner=cast.owner, status="done")
    assert titles(cast.owner) == ["Mine"]
    assert titles(cast.teammate) == ["Tim's"]
    assert sorted(titles(cast.teammate, team=True)) == ["Mine", "Tim's"]
    assert titles(cast.outsider, team=True) == []


def test_the_team_takes_in_what_my_people_own(cast: Cast) -> None:
    services.update(now_context(), registry.get("user"), cast.owner.pk, {"manager": cast.outsider.pk})
    make("action", ctx=now_context(), account=cast.account, title="Theirs", due_on=days(0), owner=cast.owner)
    assert titles(cast.outsider, team=True) == ["Theirs"]
    assert not scope(cast.outsider, team=True).accounts.exists(), "the account itself stays out of scope"


def test_all_kinds_of_dated_things_stand_on_the_line(cast: Cast) -> None:
    ctx = now_context()
    play = make("play", ctx=ctx, account=cast.account, title="Play", horizon=30, owner=cast.owner, due_on=days(0))
    make("step", ctx=ctx, play=play, title="Step", due_on=days(-2), owner=cast.owner)
    make("issue", ctx=ctx, account=cast.account, title="Issue", severity="low", assignee=cast.owner, due_on=days(0))
    make("assignment", ctx=ctx, title="Course", learner=cast.owner, due_on=days(0))
    found = week.week_of(as_user(cast.owner, ctx.now), scope(cast.owner))
    things = {thing.title: thing for day in found.days for thing in day.things}
    assert {title: thing.done for title, thing in things.items()} == {
        "Play": "", "Step": "done", "Issue": "", "Course": "completed",
    }  # fmt: skip
    assert found.days[0].is_today
    assert things["Step"] in found.days[0].things, "what is late stands under today"
    assert (found.things, found.late) == (4, 1)


def test_one_click_is_done_and_can_be_taken_back(cast: Cast, as_: Callable[[str], Client]) -> None:
    action = make("action", ctx=now_context(), account=cast.account, title="Mine", due_on=days(0), owner=cast.owner)
    page = html(as_("owner"))
    assert f'hx-post="/r/action/{action.pk}/set"' in page
    assert "/set" not in html(as_("facilitator"), "/?of=team").replace("/settings", "")
    answer = as_("owner").post(f"/r/action/{action.pk}/set", {"status": "done"}, headers={"HX-Request": "true"})
    assert answer.status_code in (200, 204)
    assert "undo" in answer.headers["HX-Trigger"]
    assert titles(cast.owner) == []


def test_accounts_stand_in_the_order_of_their_reasons(cast: Cast) -> None:
    ctx = now_context()
    late = make_account("Late and small", ctx=ctx, owner=cast.owner, arr=10, currency="EUR")
    make("action", ctx=ctx, account=late, title="Send it", due_on=days(-1), owner=cast.teammate)
    renews = {"renewal_date": days(50), "currency": "EUR"}
    make_account("Renews, large", ctx=ctx, owner=cast.owner, arr=900, **renews)
    make_account("Renews, larger", ctx=ctx, owner=cast.owner, arr=9000, **renews)
    found = needs.needs_of(scope(cast.owner), rates_in_force(today()))
    assert [need.account.name for need in found.rows] == ["Late and small", "Renews, larger", "Renews, large"]
    assert (found.count, found.calm, found.blank) == (3, 0, 1)
    assert found.blank_money.amount == 2_840_000


def test_renewals_say_what_prepares_them(cast: Cast) -> None:
    ctx = now_context()
    for name, left in (("Soon", 20), ("Prepared", 60), ("Far", 181)):
        account = make_account(name, ctx=ctx, owner=cast.owner, renewal_date=days(left), arr=100, currency="EUR")
        if name == "Prepared":
            make("renewal_cycle", ctx=ctx, account=account, renewal_date=days(left))
            make("route", ctx=ctx, account=account, title="Renewal", type="renewal", owner=cast.owner)
    found = watch.renewals(scope(cast.owner), rates_in_force(today()))
    assert [(row.account.name, list(row.exists)) for row in found.rows] == [
        ("Soon", []), ("Prepared", ["cycle: preparing", "route: identified"]),
    ]  # fmt: skip
    assert (found.count, found.money.amount) == (2, 200)


def test_contacts_fall_silent_after_their_own_number_of_days(cast: Cast) -> None:
    def contact(name: str, ago: int | None, **more: object) -> None:
        touched = days(-ago) if ago is not None else None
        make("contact", account=cast.account, name=name, last_touch_on=touched, **more)

    contact("Champion, 31", 31, buying_role="champion", influence=3)
    contact("Champion, 30", 30, buying_role="champion")
    contact("User, 61", 61, influence=5)
    contact("User, 60", 60)
    contact("Own rhythm, 15", 15, touch_days=14, influence=1)
    contact("Own rhythm, 14", 14, touch_days=14)
    contact("Never", None)
    contact("Left", 200, status="departed")
    found = watch.silent_contacts(scope(cast.owner))
    assert [(row.contact.name, row.limit) for row in found.rows] == [
        ("User, 61", 60), ("Champion, 31", 30), ("Own rhythm, 15", 14),
    ]  # fmt: skip
    # Whom nobody has a touch of is neither silent nor in touch.
    assert (found.count, found.untouched) == (3, 1)


def test_check_ins_are_overdue_after_thirty_days(cast: Cast) -> None:
    ctx = now_context()

    def goal(title: str, start: int, checked: int | None = None) -> None:
        made = make("goal", ctx=ctx, account=cast.account, title=title, baseline=0, target=9, owner=cast.owner,
                    start_on=days(-start), due_on=days(200))  # fmt: skip
        if checked is not None:
            make("check_in", ctx=ctx, goal=made, on=days(-checked), value=1)

    goal("Checked in time", 90, 30)
    goal("Late", 90, 31)
    goal("Never", 40)
    goal("New", 20)
    found = watch.overdue_check_ins(scope(cast.owner))
    assert [row.goal.title for row in found.rows] == ["Never", "Late"]
    assert found.count == 2


def test_old_health_views_ask_to_be_renewed(cast: Cast) -> None:
    ctx = now_context()
    make("health_snapshot", ctx=ctx, account=cast.account, on=days(-31), delivery="green", relationship="green")
    fresh = make_account("Fresh", ctx=ctx, owner=cast.owner)
    make("health_snapshot", ctx=ctx, account=fresh, on=days(-30), delivery="green", relationship="green")
    make_account("Never seen", ctx=ctx, owner=cast.owner)
    make_account("Gone", ctx=ctx, owner=cast.owner, status="churned")
    found = watch.stale_views(scope(cast.owner))
    assert [row.account.name for row in found.rows] == ["Never seen", "Okada Brandt Mobility"]


def test_texts_of_plans_that_grow_old_remind_their_writer_and_later_the_owner(cast: Cast) -> None:
    ctx = now_context()

    def written(section: str, ago: int, text: str, owner: int | None) -> None:
        then = system(ctx.now - timedelta(days=ago))
        make("plan_section", ctx=then, account=cast.account, section=section, text=text, owner=owner)

    written("executive_summary", 31, "Half the scrap", cast.teammate.pk)
    written("goal_map", 46, "Two plants", cast.teammate.pk)
    written("resources", 31, "Monthly", None)
    written("market", 29, "New rival", cast.teammate.pk)
    assert not watch.stale_texts(as_user(cast.owner, ctx.now), scope(cast.owner)).rows  # no plan is in use

    make("account_plan", ctx=ctx, account=cast.account, title="Plan 2027", owner=cast.owner.pk)

    def reminded(user: User) -> list[str]:
        return [row.section.section for row in watch.stale_texts(as_user(user, ctx.now), scope(user)).rows]

    assert reminded(cast.owner) == ["goal_map", "resources"]
    assert reminded(cast.teammate) == ["goal_map", "executive_summary"]
    assert reminded(cast.outsider) == []


def test_meetings_of_seven_days_say_what_they_miss(cast: Cast) -> None:
    ctx = now_context()
    contact = make("contact", ctx=ctx, account=cast.account, name="Sabine Keller")
    make("meeting", ctx=ctx, account=cast.account, title="Review", at=ctx.now + timedelta(days=2), review="qbr",
         contacts=[contact.pk])  # fmt: skip
    make("meeting", ctx=ctx, account=cast.account, title="Later", at=ctx.now + timedelta(days=9))
    found = week.week_of(as_user(cast.owner, ctx.now), scope(cast.owner))
    assert [(one.meeting.title, one.words) for day in found.days for one in day.meetings] == [
        ("Review", "agenda and pre-read missing")
    ]
    assert (found.meetings, found.unprepared) == (1, 1)


@pytest.mark.parametrize(
    ("day", "until", "this_week"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), True),
        (date(2026, 11, 26), date(2026, 11, 29), True),
        (date(2026, 11, 27), date(2026, 12, 6), False),
        (date(2026, 11, 29), date(2026, 12, 6), False),
    ],
)
def test_from_friday_on_the_next_week_is_looked_at(day: date, until: date, this_week: bool) -> None:
    one = Scope(False, None, frozenset(), User.objects.none(), day)
    assert (one.until, one.is_this_week) == (until, this_week)


@pytest.mark.parametrize(
    ("things", "late", "said"),
    [
        (0, 0, "Nothing is due this week"),
        (1, 0, "1 thing is due this week"),
        (1, 1, "1 thing is due this week and late"),
        (7, 0, "7 things are due this week"),
        (7, 2, "7 things are due this week, 2 of them late"),
        (3, 3, "3 things are due this week, all late"),
    ],
)
def test_the_finding_is_one_sentence(things: int, late: int, said: str) -> None:
    monday = Scope(False, None, frozenset(), User.objects.none(), date(2026, 11, 23))
    assert _finding(week.Week([], things, late, 0, 0, 0), monday) == said


def test_queries_do_not_grow(cast: Cast, as_: Callable[[str], Client]) -> None:
    owner = as_("owner")
    fill(cast, 2)

    def asked(url: str) -> int:
        owner.get(url)
        with CaptureQueriesContext(connection) as queries:
            html(owner, url)
        return len(queries)

    few = [asked(url) for url in ("/", "/?of=team")]
    for n in range(12):
        account = make_account(f"Account {n}", ctx=now_context(), owner=cast.owner, renewal_date=days(n), arr=n)
        make("action", ctx=now_context(), account=account, title="Late", due_on=days(-2), owner=cast.owner)
        make("contact", ctx=now_context(), account=account, name="Silent", last_touch_on=days(-100))
    assert [asked(url) for url in ("/", "/?of=team")] == few
    assert max(few) <= 40


def test_who_owns_nothing_starts_with_the_team_else_with_the_book(cast: Cast, as_: Callable[[str], Client]) -> None:
    name = f'href="/accounts/{cast.account.key}"'
    type(cast.account).objects.filter(pk=cast.account.pk).update(renewal_date=today() + timedelta(days=20))
    page = html(as_("admin"))
    assert "this is the day of the whole book" in page and name in page
    assert "You own no account, so" not in page
    assert "this is the day of" not in html(as_("admin"), "/?of=me")
    assert name not in html(as_("admin"), "/?of=me")
    assert "this is the day of" not in html(as_("owner"))


def test_goals_on_lagging_kpis_alone_are_checked_in_by_the_quarter(cast: Cast) -> None:
    """REV-07."""
    started = (today() - timedelta(days=60)).isoformat()
    lagging = make("kpi", account=cast.account.pk, name="Churn", kind="lagging")
    leading = make("kpi", account=cast.account.pk, name="Usage", kind="leading")
    shared = {"account": cast.account.pk, "baseline": 1, "target": 9, "owner": cast.owner.pk, "start_on": started}
    make("goal", title="Seldom", kpis=[lagging.pk], **shared)
    make("goal", title="Often", kpis=[lagging.pk, leading.pk], **shared)
    make("goal", title="Bare", **shared)
    late = watch.overdue_check_ins(scope(cast.owner))
    assert {row.goal.title for row in late.rows} == {"Often", "Bare"}


def test_a_managers_manager_sees_everybody_below_and_each_alone(cast: Cast, as_: Callable[[str], Client]) -> None:
    ctx, users = now_context(), registry.get("user")
    services.update(ctx, users, cast.owner.pk, {"manager": cast.teammate.pk})
    services.update(ctx, users, cast.teammate.pk, {"manager": cast.admin.pk})
    make("action", ctx=ctx, account=cast.account, title="Far below", due_on=days(0), owner=cast.owner)
    assert titles(cast.admin, team=True) == ["Far below"]
    below = scope_module.reports_of(cast.admin.pk)
    assert [(one.pk, one.depth, one.below) for one in below] == [
        (cast.teammate.pk, 0, {cast.owner.pk}), (cast.owner.pk, 1, set())
    ]  # fmt: skip
    page = html(as_("admin"), f"/?of={cast.owner.pk}")
    assert f"Needs {cast.owner.name}" in page or f"{cast.owner.name} owns" in page or "Far below" in page
    assert as_("teammate").get(f"/?of={cast.admin.pk}").status_code == 404, "nobody looks upwards"


def test_a_circle_of_managers_ends(cast: Cast) -> None:
    for one, boss in ((cast.owner, cast.teammate), (cast.teammate, cast.owner)):
        User.objects.filter(pk=one.pk).update(manager=boss)
    assert [one.pk for one in scope_module.reports_of(cast.owner.pk)] == [cast.teammate.pk]


def test_a_book_of_bare_accounts_says_what_is_not_known(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    page = client.get("/").content.decode()
    for said in ("No goal is active yet.", "No contact is", "account has a renewal date yet"):
        assert said in page
    make("contact", account=cast.account, name="Eva", last_touch_on=days(-1))
    make("goal", account=cast.account, title="Less scrap", baseline=4, target=2, start_on=days(-1), owner=cast.owner)
    make("account", name="Dated", owner=cast.owner, renewal_date=days(900))
    page = client.get("/").content.decode()
    for said in ("Nobody has gone silent", "Every active goal", "No renewal date lies within"):
        assert said in page
