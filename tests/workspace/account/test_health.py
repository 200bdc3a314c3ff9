"""The health section of an account's overview."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import Cast, make
from tests.workspace.account.world import now_context, today
from trackline.accounts.models import Account, RuleOverride, Score
from trackline.accounts.rulebook.refresh import HISTORY_WEEKS, refresh_scores
from trackline.accounts.services.observations import record_observations
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.health import Trend, health_of
from trackline.workspace.templatetags import charts


def feed(cast: Cast, back: int, **values: float) -> None:
    on = (today() - timedelta(days=back)).isoformat()
    rows = [{"account": str(cast.account.pk), "metric": key, "on": on, "value": one} for key, one in values.items()]
    record_observations(now_context(), rows)


def fill(cast: Cast) -> None:
    feed(cast, 35, active_seat_pct=95, core_features_used=4, tickets_new=40, targets_met_pct=95, tickets_escalated=0)
    feed(cast, 4, active_seat_pct=78, core_features_used=4, tickets_new=47, targets_met_pct=91)
    feed(cast, 370, arr=100)
    feed(cast, 2, arr=110)
    refresh_scores([cast.account.pk], today(), weeks_back=HISTORY_WEEKS)
    cast.account.refresh_from_db()


def test_parts_changes_and_what_is_missing(cast: Cast) -> None:
    Score.objects.all().delete()
    assert health_of(cast.account, today()) is None
    fill(cast)
    found = health_of(cast.account, today())
    assert found is not None
    assert found.shown.value == Decimal("62.5")
    assert [part.label for part in found.parts][:2] == ["Product usage", "Feature adoption"]
    assert found.parts[0].said == "78 % of seats weekly"
    assert (found.parts[0].points, found.parts[0].most) == (Decimal("18.75"), Decimal("37.5"))
    assert sum(part.most for part in found.parts if part.points is not None) == 100
    assert [one.label for one in found.shown.missing] == ["Survey rating"]
    assert found.disagreement is not None
    assert (found.disagreement.words, found.disagreement.pct) == ("Ailing but growing", 10)
    drawn = charts.health_trend(found.trend, found.shown.value, found.finding)
    assert 'role="img"' in drawn
    assert ">62.5</text>" in drawn


def test_the_overview_and_the_list_show_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    page = client.get(f"/accounts/{cast.account.key}").content.decode()
    assert "no score" in page
    fill(cast)
    page = client.get(f"/accounts/{cast.account.key}").content.decode()
    assert "Why 62.5" in page
    assert "Ailing but growing" in page
    assert "track.health.usage" in page
    assert "62.5" in client.get("/accounts").content.decode()


def test_the_names_of_bands_stand_where_the_line_is_not() -> None:
    start, half = date(2026, 5, 25), date(2026, 8, 24)
    trend = Trend(start, date(2026, 11, 23), [(start, Decimal(95)), (half, Decimal(76))], Decimal(70), Decimal(40))
    drawn = charts.health_trend(trend, Decimal(76), "Falling")
    path = re.search(r'class="line" d="([^"]+)"', drawn)
    place = re.search(r'<text x="([\d.]+)" y="([\d.]+)">Green</text>', drawn)
    assert path is not None
    assert place is not None
    numbers = [float(one) for one in re.findall(r"[\d.]+", path[1])]  # M x y, H x, V y, H x
    (begin, high, turn, low, _end), (x, y) = numbers, (float(place[1]), float(place[2]))
    line = high if x + 32 < turn else low
    assert begin < x
    assert not y - 10 < line < y + 3
    assert x + 32 < turn or x > turn
    flat = Trend(start, trend.end, [], Decimal(70), Decimal(40))
    assert ">Green</text>" in charts.health_trend(flat, None, "No score")


@pytest.mark.parametrize(
    ("delivery", "relationship", "computed", "says"),
    [
        ("green", "red", "amber", "red"),
        ("green", "amber", "amber", ""),
        ("green", "green", "red", "green"),
        ("green", "green", "unknown", ""),
        ("unknown", "red", "green", "red"),
        ("unknown", "unknown", "green", ""),
    ],
)
def test_our_own_view_stands_beside_the_score_and_says_where_they_disagree(
    cast: Cast, delivery: str, relationship: str, computed: str, says: str
) -> None:
    ctx = now_context()
    colours = {"delivery": delivery, "relationship": relationship}
    make("health_snapshot", ctx=ctx, account=cast.account, on=today(), **colours)
    Account.objects.filter(pk=cast.account.pk).update(health={"band": computed, "value": 60})
    assert head_of(ctx, cast.account.key).seen_otherwise == says


def test_a_span_is_compared_with_its_first_day(cast: Cast) -> None:
    fill(cast)
    month, quarter = (health_of(cast.account, today(), span) for span in ("30", "90"))
    assert month is not None and quarter is not None
    assert (month.trend.start, quarter.trend.start) == (today() - timedelta(days=30), today() - timedelta(days=90))
    # Five weeks ago seats were green and tickets unknown: on what both days have, seats alone fell.
    assert month.before_on is not None and month.before_on <= today() - timedelta(days=30)
    moved = [(one.label, round(one.change, 2)) for one in month.parts if one.change]
    assert moved == [("Product usage", Decimal("-23.08"))]  # 30 of 65 that both days have, from green to amber
    assert month.alike is not None
    assert not month.alike.restated
    assert health_of(cast.account, today(), "7") is not None
    assert "30 days" in month.finding


def test_scores_of_other_figures_stand_as_todays_make_them(cast: Cast) -> None:
    feed(cast, 35, active_seat_pct=60, core_features_used=4, targets_met_pct=95)
    feed(cast, 4, active_seat_pct=95)
    refresh_scores([cast.account.pk], today(), weeks_back=HISTORY_WEEKS)
    cast.account.refresh_from_db()
    RuleOverride.objects.create(rule="track.health.usage", number=1, changes={"weights": {"product_usage": 45, "success_metrics": 0}},
                                from_on=today(), reason="Seats count", created_at=now_context().now)  # fmt: skip
    refresh_scores([cast.account.pk], today())
    found = health_of(cast.account, today(), "30")
    assert found is not None and found.alike is not None
    assert found.alike.restated
    before = Score.objects.filter(account=cast.account, rule="track.health.usage", on=found.before_on, preset="").get()
    assert found.alike.before.value != before.value
    assert found.total_change is not None
    assert round(found.total_change, 6) == round(100 - found.alike.before.value, 6)  # type: ignore[operator, arg-type]
    assert found.trend.restated_until is not None
    assert "under today's figures" in found.like_with_like


def test_an_input_of_one_day_only_is_left_out_of_both(cast: Cast) -> None:
    fill(cast)
    feed(cast, 1, nps_rating=3)
    refresh_scores([cast.account.pk], today())
    found = health_of(cast.account, today(), "30")
    assert found is not None and found.alike is not None
    assert "nps_rating" in found.alike.left_out
    assert "without" in found.like_with_like and "Survey rating" in found.like_with_like
    page = Client()
    page.force_login(cast.owner)
    shown = page.get(f"/accounts/{cast.account.key}?span=30").content.decode()
    assert "Like with like" in shown and "What changed in 30 days" in shown
    api = Api(cast.owner).get(f"/accounts/{cast.account.key}/scores/track.health.usage").json()
    assert api["alike"]["left_out"] and api["alike"]["restated"] is False
