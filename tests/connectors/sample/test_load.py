"""The sample book as loaded: nothing refused, and the book looks as its stories say."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.connectors.sample.conftest import CTX, TODAY
from trackline.accounts.models import Account, Contact, ExchangeRate, Kpi, Observation, User
from trackline.accounts.settings import setting
from trackline.align.models import Route, RouteTransition
from trackline.choose.models import Step
from trackline.connectors.sample.load import SIGN_IN, load
from trackline.kickoff.models import Action, Meeting
from trackline.kit.history.models import Change
from trackline.kit.problems import Refused
from trackline.kit.records import services
from trackline.reveal.models import Goal
from trackline.track.surveys.answers import SOURCE
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db


def account(key: str) -> Account:
    return Account.objects.get(key=key)


def test_everything_is_written(made: dict[str, int]) -> None:
    assert made["account"] == 26
    assert made["contact"] > 140
    assert made["route"] > 70
    assert made["meeting"] > 300
    assert made["interaction"] > 300
    assert made["observation"] == Observation.objects.exclude(source__startswith=SOURCE).count() > 7000


def test_a_second_load_is_refused(made: dict[str, int]) -> None:
    with pytest.raises(Refused, match="already holds accounts"):
        load(CTX, TODAY)
    assert Account.objects.count() == made["account"]


def test_listeners_are_back_after_a_load(made: dict[str, int]) -> None:
    assert services.subscribers


def test_the_book_is_set_up(made: dict[str, int]) -> None:
    assert setting("book.name") == "Ferrova"
    assert User.objects.get(username=SIGN_IN).roles.get().code == "manager"
    assert Counter(User.objects.values_list("roles__code", flat=True)) == {"manager": 8, "facilitator": 1, "admin": 1}
    rate = ExchangeRate.objects.filter(currency="JPY").latest("on")
    assert rate.on == date(2026, 10, 31)
    assert 0.005 < rate.rate < 0.008


def test_completeness_reaches_from_bare_to_whole(made: dict[str, int]) -> None:
    totals = dict(Account.objects.values_list("key", "completeness__total"))
    assert totals["kestrel"] < 10
    assert totals["vestergaard-pharma"] == 100
    assert totals["okada-brandt"] == 80
    assert account("okada-brandt").completeness == {
        "track": 83.3, "reveal": 75.0, "align": 66.7, "choose": 100.0, "kickoff": 75.0, "total": 80.0,
    }  # fmt: skip
    assert len(set(totals.values())) >= 10


def test_one_contact_is_left_at_nordwall(made: dict[str, int]) -> None:
    people = Contact.objects.filter(account__key="nordwall")
    assert list(people.filter(status="departed").values_list("name", flat=True)) == ["Frauke Petersen"]
    spoken = people.filter(status="active", last_touch_on__gte=TODAY - timedelta(days=90))
    assert list(spoken.values_list("name", flat=True)) == ["Nele Sommer"]


def test_goals_stand_where_their_stories_say(made: dict[str, int]) -> None:
    status = {f"{goal.account.key}/{goal.title[:12]}": goal.status for goal in Goal.objects.select_related("account")}
    assert set(status.values()) == {"on_track", "at_risk", "off_track", "achieved", "missed", "not_started"}
    assert status["vestergaard-pharma/Batch releas"] == "achieved"
    assert status["delacroix/Print waste "] == "missed"


def test_kpis_hold_their_newest_reading(made: dict[str, int]) -> None:
    scrap = Kpi.objects.get(account__key="okada-brandt", name__startswith="Scrap rate")
    assert float(scrap.current) == 3.1
    silent = Kpi.objects.get(account__key="okada-brandt", name__startswith="Unplanned downtime")
    assert silent.current_on < TODAY - timedelta(days=140)


def test_routes_keep_their_way(made: dict[str, int]) -> None:
    won = Route.objects.get(account__key="okada-brandt", title="Inspect, Greenville paint shop")
    states = list(RouteTransition.objects.filter(route=won).order_by("at").values_list("to_state", flat=True))
    assert states == ["identified", "qualifying", "pursuing", "won"]
    assert won.closed_on == TODAY - timedelta(days=70)
    assert Route.objects.get(account__key="okada-brandt", title="Group renewal").probability == 85
    assert not Route.objects.filter(state="parked", revisit_on=None).exists()


def test_history_is_spread_over_two_years_and_people(made: dict[str, int]) -> None:
    months = {
        (at.year, at.month) for at in Change.objects.exclude(record_type="observation").values_list("at", flat=True)
    }
    assert len(months) >= 24
    writers = Counter(Change.objects.filter(action="update").values_list("actor__username", flat=True))
    assert len(writers) >= 7
    arr = Change.objects.filter(record_type="account", record_id=account("okada-brandt").pk, changes__has_key="arr")
    assert Decimal(arr.order_by("at").last().changes["arr"][1]) == 2840000
    assert not Change.objects.filter(at__gt=CTX.now).exists()


def test_the_desk_has_work(made: dict[str, int]) -> None:
    assert Action.objects.filter(status="open", due_on__lt=TODAY).count() >= 10
    assert Step.objects.filter(status="open", due_on__lt=TODAY).count() >= 10
    ahead = Meeting.objects.filter(status="scheduled", at__gt=CTX.now, at__lt=CTX.now + timedelta(days=7))
    assert ahead.count() >= 10


def test_alerts_are_in_every_hand(made: dict[str, int]) -> None:
    states = Counter(Alert.objects.values_list("state", flat=True))
    assert states["diagnosed"] > states["acknowledged"] > 3
    assert states["open"] > 3
    waiting = Alert.objects.filter(state="open")
    assert 0 < waiting.filter(ack_due_at__lt=CTX.now).count() < waiting.count()
    assert all(
        alert.fired_at <= alert.acknowledged_at <= alert.diagnosed_at <= CTX.now
        for alert in Alert.objects.filter(state="diagnosed")
    )
