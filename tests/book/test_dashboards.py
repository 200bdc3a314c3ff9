"""What tiles find, against figures worked out by hand; who sees a dashboard; what a tile may be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import Account
from trackline.accounts.services import save_view, set_exchange_rate
from trackline.book.dashboards import services
from trackline.book.dashboards.boards import Board, Shown, board_of, rows_of
from trackline.book.dashboards.gallery import gallery, starting
from trackline.book.dashboards.sources import readers
from trackline.book.models import Dashboard
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, NotFound, Stale
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
RTYPE = registry.get("dashboard")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def show(kind: str, where: dict[str, str] | None = None, ctx: Context | None = None, **options: str) -> Shown:
    """One tile of a kind on a dashboard of its own."""
    made = make("dashboard", name=kind, shared=True, tiles=[{"kind": kind, "options": options}])
    return board_of(ctx or system(), made.pk, where).tiles[0]


def points(shown: Shown) -> dict[str, tuple[Decimal | None, int | None]]:
    return {point.key: (point.value, point.count) for point in shown.found.points}


def labels(shown: Shown, part: str = "") -> list[Any]:
    return [row.cells[0] for row in rows_of(shown, part).rows]


def test_every_tile_of_the_gallery_is_found_and_every_start_is_valid() -> None:
    assert set(gallery().kinds) == set(readers)
    assert len(services.starting_tiles()) == len(starting())


def test_arr_counts_other_currencies_at_stored_rates_and_names_what_is_missing(cast: Cast) -> None:
    set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.5"))
    dollars = make_account("Caldera", currency="USD", region="Americas")
    for account, before, after in ((cast.account, 1_000_000, 1_200_000), (dollars, 400_000, 200_000)):
        make("observation", account=account, metric="arr", on=TODAY - timedelta(days=400), value=before)
        make("observation", account=account, metric="arr", on=TODAY - timedelta(days=5), value=after)
    make_account("Unknown", arr=None)
    shown = show("arr")
    assert shown.found.value == 1_300_000
    assert shown.found.words(shown.found.value) == "€1.30m"
    assert shown.found.detail == "2 accounts, 1 without ARR"
    assert round(shown.found.change or 0, 2) == Decimal("8.33")  # 1.2 m of 1.3 m: dollars at today's rate on both days
    assert [row.cells[:4] for row in rows_of(shown).rows][:2] == [
        ("Okada Brandt Mobility", 1_200_000, 1_000_000, 200_000), ("Caldera", 100_000, 200_000, -100_000),
    ]  # fmt: skip
    bridge = show("arr_bridge").found
    assert [(one.key, one.value, one.start) for one in bridge.points] == [
        ("start", 1_200_000, None), ("churn", 0, 1_200_000), ("contraction", -100_000, 1_200_000),
        ("expansion", 200_000, 1_100_000), ("end", 1_300_000, None),
    ]  # fmt: skip
    assert labels(show("arr_bridge"), "expansion") == ["Okada Brandt Mobility"]
    assert round(show("nrr").found.value or 0, 2) == Decimal("108.33")
    assert show("arr", {"region": "Americas"}).found.value == 100_000


def test_one_filter_narrows_every_tile(cast: Cast) -> None:
    below = make_account("Okada Korea", parent=cast.account, owner=cast.teammate, region="APAC", tier=2, arr=500)
    make_account("Elsewhere", owner=cast.outsider, region="EMEA", industry="Energy", tier=1, arr=700)
    Account.objects.filter(pk=below.pk).update(health={"band": "red", "value": 20})
    for filters, names in (
        ({"owner": "tim"}, ["Okada Korea"]),
        ({"tier": "1"}, ["Okada Brandt Mobility", "Elsewhere"]),
        ({"region": "APAC"}, ["Okada Korea"]),
        ({"region": "none"}, ["Okada Brandt Mobility"]),
        ({"industry": "Energy"}, ["Elsewhere"]),
        ({"group": cast.account.key}, ["Okada Brandt Mobility", "Okada Korea"]),
        ({"group": "nobody"}, []),
        ({"tier": "9"}, []),
        ({"region": "EMEA", "tier": "1"}, ["Elsewhere"]),
    ):
        assert labels(show("accounts", filters)) == names, filters
        assert labels(show("records", filters, records="account", order="-arr")) == names, filters
    assert (show("red_arr").found.value, show("red_arr", {"tier": "1"}).found.value) == (500, 0)
    assert points(show("accounts_by", by="health")) == {"red": (1, 1), "unknown": (2, 2)}
    assert points(show("arr_by", by="region")) == {"EMEA": (700, 1), "APAC": (500, 1), "none": (2_840_000, 1)}


def test_the_pipeline_its_parts_and_the_rows_behind_them(cast: Cast) -> None:
    def route(title: str, **more: Any) -> Any:
        return make("route", account=cast.account, title=title, type="upsell", currency="EUR", owner=cast.owner, **more)

    route("Open", state="pursuing", probability=50, value=1000, expected_close_on=date(2026, 12, 1))
    route("Early", state="identified", value=200, expected_close_on=date(2027, 2, 1))
    route("Won", state="won", value=400, closed_on=date(2026, 11, 2))
    route("Lost", state="lost", value=900, closed_on=date(2026, 11, 2))
    route("Won long ago", state="won", value=5000, closed_on=date(2025, 1, 2))
    make("booking_target", value=800, from_on=date(2026, 10, 1), period="quarter")
    assert (show("pipeline").found.value, show("pipeline").found.detail) == (520, "of €1.2k in 2 open routes")
    assert (show("won").found.value, show("won").found.detail) == (
        400,
        "2026-Q4, 1 route, 50\N{NO-BREAK SPACE}% of €800",
    )
    assert show("won", {"tier": "1"}).found.detail == "2026-Q4, 1 route"  # nobody has set a target for tier 1
    rate = show("win_rate")
    assert (rate.found.value, rate.found.detail, labels(rate, "lost")) == (50, "1 of 2 decided", ["Lost"])
    by_stage = show("pipeline_by", by="stage", state="open")
    assert (by_stage.title, points(by_stage)) == (
        "Open pipeline by stage", {"identified": (200, 1), "pursuing": (1000, 1)}
    )  # fmt: skip
    assert labels(by_stage, "pursuing") == ["Open"]
    quarters = show("forecast")
    assert [(one.key, one.value, one.second, one.target) for one in quarters.found.points] == [
        ("2026-Q4", 400, 500, 800), ("2027-Q1", 0, 20, None),
    ]  # fmt: skip
    assert labels(quarters, "2026-Q4") == ["Open", "Won"]


def test_renewals_alerts_and_what_is_late(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(renewal_date=TODAY + timedelta(days=180), health={"band": "red"})
    make_account("Later", arr=10, renewal_date=TODAY + timedelta(days=181))
    assert (show("renewals_due").found.value, show("renewals_due", days="90").found.value) == (2_840_000, 0)
    assert show("renewals_at_risk").found.detail == "1 renewal at risk within 180 days"
    make("alert", account=cast.account, title="Usage falls", severity="high", rule="manual")
    closed = make("alert", account=cast.account, title="Old", severity="critical", rule="manual")
    records.update(system(), registry.get("alert"), closed.pk, {"state": "dismissed"})
    alerts = show("alerts_open")
    assert (alerts.found.value, alerts.found.band, alerts.found.detail) == (1, "amber", "1 high")
    assert points(show("alerts_by", by="signal")) == {"manual": (1, 1)}
    make("action", account=cast.account, title="Late", due_on=TODAY - timedelta(days=1))
    make("action", account=cast.account, title="Today", due_on=TODAY)
    late = show("late")
    assert (late.found.value, late.found.detail, labels(late)) == (1, "1 action, 0 steps", ["Late"])


def test_a_metric_is_the_newest_reading_of_each_account_that_is_not_too_old(cast: Cast) -> None:
    other, stale = make_account("Other", tier=2), make_account("Stale", tier=2)
    for account, value, days in ((cast.account, 10, 200), (cast.account, 50, 138), (other, 20, 0), (stale, 90, 139)):
        make("observation", account=account, metric="nps", value=value, on=TODAY - timedelta(days=days))
    shown = show("metric", metric="nps")
    assert (shown.title, shown.found.value, shown.found.band) == ("NPS", 35, "amber")  # green from 40, amber from 10
    assert (shown.found.as_of, shown.found.oldest) == (TODAY, TODAY - timedelta(days=138))
    assert "1 accounts have only an older reading and are left out." in shown.found.notes
    assert labels(shown) == ["Other", "Okada Brandt Mobility"]  # the worst first
    assert show("metric", metric="nps", summary="highest").found.value == 50
    assert points(show("metric_by", metric="nps", by="tier")) == {"1": (50, 1), "2": (20, 1)}
    assert (show("metric").found.value, show("metric").found.missing) == (None, "choose a metric")
    trend = show("metric_trend", metric="nps", months="6")
    assert [(one.key, one.value) for one in trend.found.points] == [
        ("2026-06", None), ("2026-07", Decimal(70)), ("2026-08", None), ("2026-09", None), ("2026-10", None), ("2026-11", 20),
    ]  # fmt: skip
    assert (trend.found.value, trend.found.change) == (20, -50)


def test_a_list_follows_filters_of_its_own_and_says_what_it_cannot_read(cast: Cast) -> None:
    make("action", account=cast.account, title="First", due_on=TODAY)
    make("action", account=make_account("Elsewhere"), title="Second", due_on=TODAY + timedelta(days=1))
    listed = show("records", records="action", filters="status=open", order="-due_on")
    assert (labels(listed), listed.found.detail) == (["Second", "First"], "2 actions")
    assert rows_of(listed).rows[0].cells[1] == "Elsewhere"
    assert labels(show("records", {"tier": "1"}, records="action")) == ["First"]
    wrong = show("records", records="action", filters="stat=open")
    assert (wrong.found.missing, labels(wrong)) == ("cannot be read", []) and "stat" in wrong.found.notes[0]
    products = show("records", {"tier": "1"}, records="product")
    assert products.found.notes == ["Products belong to no account: the filters of the dashboard change nothing here."]
    view = save_view(as_user(cast.owner), "account", "First tier", "tier=1&order=-arr")
    own = as_user(cast.owner)
    assert labels(show("view", ctx=own, view=str(view.pk))) == ["Okada Brandt Mobility"]
    theirs = show("view", ctx=as_user(cast.teammate), view=str(view.pk))
    assert (theirs.found.missing, labels(theirs)) == ("choose a view", [])


def test_nobody_sees_more_than_their_accounts(cast: Cast) -> None:
    shown = show("arr_by", ctx=as_user(cast.outsider), by="tier")
    assert (points(shown), labels(shown)) == ({}, [])
    assert points(show("arr_by", ctx=as_user(cast.teammate), by="tier")) == {"1": (2_840_000, 1)}


def test_a_private_dashboard_is_its_owners_alone(cast: Cast) -> None:
    own = make("dashboard", ctx=as_user(cast.owner), name="My desk")
    assert own.owner_id == cast.owner.pk
    assert board_of(as_user(cast.owner), own.pk).dashboard == own
    for person in (cast.teammate, cast.admin):
        with pytest.raises(NotFound):
            board_of(as_user(person), own.pk)
        with pytest.raises(NotFound):
            services.copy(as_user(person), own.pk)
        with pytest.raises(NotFound):
            records.undo(as_user(person), own.last_change.pk)
    records.update(as_user(cast.owner), RTYPE, own.pk, {"shared": True})
    services.add_tile(as_user(cast.teammate), own.pk, "arr")
    with pytest.raises(Forbidden):
        records.update(as_user(cast.teammate), RTYPE, own.pk, {"shared": False})
    with pytest.raises(Forbidden):
        records.update(as_user(cast.teammate), RTYPE, own.pk, {"owner": cast.teammate.pk})
    made = services.copy(as_user(cast.teammate), own.pk)
    assert (made.name, made.owner_id, made.shared, [row["kind"] for row in made.tiles]) == (
        "My desk, copy", cast.teammate.pk, False, ["arr"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tiles", "loc"),
    [
        ({"kind": "arr"}, ["tiles"]),
        (["arr"], ["tiles", 0, "kind"]),
        ([{"kind": "luck"}], ["tiles", 0, "kind"]),
        ([{"kind": "arr", "w": 1}], ["tiles", 0, "w"]),
        ([{"kind": "arr", "w": 13}], ["tiles", 0, "w"]),
        ([{"kind": "arr", "h": True}], ["tiles", 0, "h"]),
        ([{"kind": "arr", "size": 3}], ["tiles", 0, "size"]),
        ([{"kind": "arr"}, {"kind": "arr_by", "options": {"by": "luck"}}], ["tiles", 1, "options", "by"]),
        ([{"kind": "arr", "options": {"by": "tier"}}], ["tiles", 0, "options", "by"]),
        ([{"kind": "arr", "id": "t1"}, {"kind": "nrr", "id": "t1"}], ["tiles", 1, "id"]),
        ([{"kind": "arr", "id": "T 1"}], ["tiles", 0, "id"]),
        ([{"kind": "arr", "title": "x" * 81}], ["tiles", 0, "title"]),
        ([{"kind": "arr"}] * 41, ["tiles"]),
    ],
)
def test_what_is_no_tile_is_refused_at_its_place(tiles: Any, loc: list[Any]) -> None:
    with pytest.raises(Invalid) as refused:
        make("dashboard", name="Wrong", shared=True, tiles=tiles)
    assert refused.value.errors[0]["loc"] == loc


def test_filters_are_those_of_the_book() -> None:
    for filters in ({"luck": "1"}, {"tier": 1}, {"tier": "x" * 121}, ["tier"]):
        with pytest.raises(Invalid):
            make("dashboard", name="Wrong", shared=True, filters=filters)
    made = make("dashboard", name="Right", shared=True, filters={"tier": "1", "region": ""})
    assert made.filters == {"tier": "1"}
    assert board_of(system(), made.pk).filters == {"tier": "1"}
    assert board_of(system(), made.pk, {}).filters == {}


def test_arranging_keeps_every_tile_and_meets_who_was_first() -> None:
    made = make("dashboard", name="Board", shared=True, tiles=[{"kind": "arr"}, {"kind": "nrr", "title": "NRR"}])
    moved = services.arrange(system(), made.pk, [("t2", 6, 2), ("t1", 4, 3)], made.version)
    assert [(row["id"], row["w"], row["h"], row["title"]) for row in moved.tiles] == [
        ("t2", 6, 2, "NRR"),
        ("t1", 4, 3, ""),
    ]
    with pytest.raises(Stale):
        services.arrange(system(), made.pk, [("t1", 3, 2), ("t2", 3, 2)], made.version)
    with pytest.raises(Invalid):
        services.arrange(system(), made.pk, [("t1", 3, 2)], None)
    more, key = services.add_tile(system(), made.pk, "grr")
    assert (key, len(more.tiles)) == ("t3", 3)
    services.remove_tile(system(), made.pk, "t1")
    assert services.add_tile(system(), made.pk, "won")[1] == "t4"
    with pytest.raises(NotFound):
        services.change_tile(system(), made.pk, "t1", {"w": 4})
    assert [row["id"] for row in Dashboard.objects.get(pk=made.pk).tiles] == ["t2", "t3", "t4"]


def test_queries_do_not_grow_with_the_accounts(cast: Cast) -> None:
    options = {"metric": {"metric": "nps"}, "metric_by": {"metric": "nps"}, "metric_trend": {"metric": "nps"}}
    tiles = [{"kind": kind, "options": options.get(kind, {})} for kind in gallery().kinds]
    made = make("dashboard", name="All", shared=True, tiles=tiles)

    def read() -> int:
        with CaptureQueriesContext(connection) as queries:
            found: Board = board_of(system(), made.pk, {"tier": "1"})
            for shown in found.tiles:
                rows_of(shown)
        return len(queries)

    def fill(number: int) -> None:
        account = make_account(f"Account {number}", arr=1000, tier=1, owner=cast.owner, renewal_date=TODAY)
        make("observation", account=account, metric="nps", value=number, on=TODAY)
        make("route", account=account, title="Open", type="upsell", state="pursuing", probability=50, value=10)
        make("action", account=account, title="Late", due_on=TODAY - timedelta(days=1))
        make("alert", account=account, title="Falls", severity="high", rule="manual")

    fill(0)
    few = read()
    for number in range(1, 6):
        fill(number)
    assert read() == few
    assert few <= 60
