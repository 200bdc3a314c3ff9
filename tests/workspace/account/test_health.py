"""The health section of an account's overview."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from tests.factories import Cast, make
from tests.workspace.account.world import now_context, today
from trackline.accounts.models import Account, Score
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
