"""The back-test: who was a customer then, what was known then, what became of them; page, API, command."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, as_user, make, make_account, make_cast, make_model, system
from trackline.accounts.models import Account, Metric
from trackline.book.models import BackTest, ScoringModel
from trackline.book.scoring.backtest import OUTCOMES, backtest
from trackline.book.scoring.tested import keep_backtest, to_reweigh
from trackline.delivery.cli.root import root
from trackline.kit.problems import BadRequest
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
ONE_CRITERION = [
    {"key": "arr", "label": "Revenue", "weight": 100, "direction": "up", "feeds": [{"kind": "field", "name": "arr"}]}
]


def reading(account: Account, metric: str, on: date, value: float) -> None:
    """Write an observation."""
    make("observation", account=account, metric=Metric.objects.get(key=metric), on=on, value=value)


@pytest.fixture
def then() -> date:
    return timezone.localdate() - YEAR


@pytest.fixture
def cast(then: date) -> Cast:
    """Accounts of a team, and three customers of a year ago: one grew, one shrank, one left. One is a customer since."""
    cast = make_cast()
    Account.objects.update(status="prospect")
    ScoringModel.objects.all().delete()
    make_model(name="Revenue", from_on=None, criteria=ONE_CRITERION)
    for name, before, now in (("Grown", 300, 450), ("Shrunk", 200, 150), ("Gone", 100, 0), ("New", None, 900)):
        account = make_account(name, status="churned" if name == "Gone" else "active", arr=now or None)
        if before is not None:
            reading(account, "arr", then - timedelta(days=10), before)
        reading(account, "arr", then + timedelta(days=200), now)
    return cast


def values(found: Any, outcome: str) -> dict[str, Any]:
    one = next(one for one in found.outcomes if one.key == outcome)
    return {found.accounts[pk].name: value for pk, value in one.values.items()}


def test_customers_of_then_are_scored_on_figures_of_then(cast: Cast, then: date) -> None:
    found = backtest(system(timezone.now()))
    assert found.on == then and found.until == timezone.localdate()
    assert {found.accounts[place.account].name: place.rank for place in found.run.places} == {
        "Grown": 1, "Shrunk": 2, "Gone": 3,
    }  # fmt: skip
    raw = {found.accounts[place.account].name: place.criteria[0]["raw"] for place in found.run.places}
    assert raw == {"Grown": 300, "Shrunk": 200, "Gone": 100}


def test_one_is_kept_a_year(cast: Cast) -> None:
    now = timezone.now()
    kept = keep_backtest(system(now))
    assert kept is not None and (kept.until, kept.scored, kept.model_name) == (timezone.localdate(), 3, "Revenue")
    told = {one["key"]: (one["rho"], one["verdict"], one["accounts"]) for one in kept.outcomes}
    assert told["nrr"] == (1, "insufficient", 3)
    assert kept.version == backtest(system(now)).run.version
    assert keep_backtest(system(now)) is None and keep_backtest(system(now + timedelta(days=364))) is None
    later = keep_backtest(system(now + YEAR))
    assert later is not None and later.on == kept.until and BackTest.objects.count() == 2
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get("/book/model/back-test").content.decode()
    assert "Year by year" in text and kept.version[:6] in text
    (newest, oldest) = Api(cast.owner).get("/portfolio/backtests").json()["items"]
    assert (oldest["model"]["name"], oldest["reweigh"], newest["as_of"]) == ("Revenue", [], kept.until.isoformat())
    assert "Net retention" in CliRunner().invoke(root, ["portfolio", "backtest", "--kept"]).output


def test_whoever_keeps_the_model_is_asked_to_weigh_anew(cast: Cast) -> None:
    now = timezone.now()
    kept = keep_backtest(system(now))
    assert kept is not None and to_reweigh(system(now)) is None
    for one in kept.outcomes:
        one["verdict"] = "not_foretold" if one["key"] == "nrr" else one["verdict"]
    kept.save()
    found = to_reweigh(system(now))
    assert found is not None and found[1] == ["Net retention"]
    assert to_reweigh(as_user(cast.owner)) is None and to_reweigh(system(now + timedelta(days=92))) is None
    browser = Client()
    browser.force_login(cast.admin)
    assert "Not foretold: Net retention" in browser.get("/").content.decode()
    browser.force_login(cast.owner)
    assert "Not foretold" not in browser.get("/").content.decode()
    make(
        "scoring_model",
        name="Another",
        from_on=timezone.localdate() + YEAR,
        criteria=ONE_CRITERION,
        ctx=system(now + timedelta(hours=1)),
    )
    assert to_reweigh(system(now)) is None


def test_nothing_is_kept_where_nobody_was_a_customer(then: date) -> None:
    make_cast()
    assert keep_backtest(system(timezone.now() - timedelta(days=2000))) is None


def test_what_became_of_them(cast: Cast) -> None:
    found = backtest(system(timezone.now()))
    assert values(found, "nrr") == {"Grown": 150, "Shrunk": 75, "Gone": 0}
    assert values(found, "retained") == {"Grown": 100, "Shrunk": 100, "Gone": 0}
    assert values(found, "renewed") == {} and values(found, "won") == {} and values(found, "margin") == {}
    net = next(one for one in found.outcomes if one.key == "nrr")
    assert (net.result.value, net.verdict, net.result.band) == (1, "insufficient", "unknown")
    assert net.result.notes == ("3 accounts are too few to judge by; 20 are needed.",)


def test_only_what_happened_in_the_span_is_an_outcome(cast: Cast, then: date) -> None:
    grown, shrunk = (Account.objects.get(name=name) for name in ("Grown", "Shrunk"))
    today = timezone.localdate()
    for account, kind, state, closed, value in (
        (grown, "upsell", "won", then, 1000),  # on the day itself: known then
        (grown, "upsell", "won", then + timedelta(days=1), 60),
        (grown, "renewal", "won", today, 300),
        (shrunk, "renewal", "lost", today, 200),
    ):
        make("route", account=account, title=kind, type=kind, state=state, closed_on=closed, value=value,
             currency="EUR", close_reason="price" if state == "lost" else "")  # fmt: skip
    for on, margin in ((then - timedelta(days=5), 40), (today, 37)):
        reading(grown, "gross_margin", on, margin)
    found = backtest(system(timezone.now()))
    assert values(found, "expanded") == {"Grown": 20, "Shrunk": 0, "Gone": 0}
    assert values(found, "won") == {"Grown": 360, "Shrunk": 0, "Gone": 0}
    assert values(found, "renewed") == {"Grown": 100, "Shrunk": 0}
    assert values(found, "margin") == {"Grown": -3}


def test_a_cycle_that_was_decided_speaks_before_routes(cast: Cast, then: date) -> None:
    grown = Account.objects.get(name="Grown")
    for state, day in (("signed", 30), ("lapsed", 60), ("signed", -1), ("preparing", 40)):
        due = then + timedelta(days=day)
        make("renewal_cycle", account=grown, renewal_date=due, state=state,
             **({"signed_on": due} if state == "signed" else {}))  # fmt: skip
    assert values(backtest(system(timezone.now())), "renewed") == {"Grown": 50}


def test_the_day_of_leaving_is_taken_from_history(cast: Cast, then: date) -> None:
    """An account without ARR counts by its status of then, where it was kept here, and is gone once it is marked so."""
    quiet = make_account("Quiet", status="active")
    Account.objects.filter(pk=quiet.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    names = {account.name for account in backtest(system(timezone.now())).accounts.values()}
    assert names == {"Grown", "Shrunk", "Gone", "Quiet"}
    services.update(system(timezone.now()), registry.get("account"), quiet.pk, {"status": "churned"})
    found = backtest(system(timezone.now()))
    assert values(found, "retained")["Quiet"] == 0
    assert "Quiet" not in values(found, "nrr")


def test_fields_not_kept_on_the_day_are_not_known(cast: Cast) -> None:
    """What an account says of itself today tells nothing of a year ago, when it was not kept here."""
    ScoringModel.objects.all().delete()
    feeds = [{"kind": "field", "name": "client_fte"}]
    criteria = [{"key": "fte", "label": "People", "weight": 100, "direction": "up", "feeds": feeds}]
    make_model(name="People", from_on=None, criteria=criteria)
    Account.objects.update(client_fte=50)
    found = backtest(system(timezone.now()))
    assert not found.run.places and "People is left out: nothing is known of any account." in found.run.notes


def test_days_out_of_order_are_refused(cast: Cast, then: date) -> None:
    ctx = system(timezone.now())
    today = timezone.localdate()
    for on, until in ((then, then), (then, then - timedelta(days=1)), (then, today + timedelta(days=1))):
        with pytest.raises(BadRequest):
            backtest(ctx, on, until)


def test_queries_do_not_grow_with_accounts(cast: Cast, then: date) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            backtest(system(timezone.now()))
        return len(caught)

    before = count()
    for at in range(5):
        reading(make_account(f"More {at}", arr=5), "arr", then - timedelta(days=3), 10 + at)
    assert count() == before


def test_api_and_command(cast: Cast, then: date) -> None:
    told = Api(cast.outsider).get("/portfolio/backtest").json()
    assert told["as_of"] == then.isoformat() and told["of"] == 3
    assert [row["name"] for row in told["accounts"]] == []
    assert [one["key"] for one in told["outcomes"]] == list(OUTCOMES)
    seen = Api(cast.admin).get("/portfolio/backtest").json()
    assert {row["name"]: row["outcomes"]["nrr"] for row in seen["accounts"]} == {"Grown": 150, "Shrunk": 75, "Gone": 0}
    assert problem(Api(cast.admin).get("/portfolio/backtest?until=2001-01-01"), 400)["errors"]
    assert problem(Api(cast.admin).get("/portfolio/backtest?model=999999"), 404)
    out = CliRunner().invoke(root, ["portfolio", "backtest"])
    assert out.exit_code == 0 and "3 accounts scored as of" in out.output and "too few to judge" in out.output


def test_the_page_tells_the_verdicts_and_names_only_what_is_seen(cast: Cast) -> None:
    def page(user: Any, query: str = "") -> str:
        client = Client()
        client.force_login(user)
        answer = client.get(f"/book/model/back-test{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    text = page(cast.admin)
    assert "Too little is known to judge the scores by" in text
    assert "Shrunk" in text and "3 accounts are too few to judge by; 20 are needed." in text
    assert "Shrunk" not in page(cast.outsider)
    assert "Renewed" in page(cast.admin, "?outcome=renewed")
    assert "is no day" in page(cast.admin, "?as_of=soon")
    assert "comes after the day scored on" in page(cast.admin, "?as_of=2099-01-01")


def test_enough_accounts_are_judged(cast: Cast, then: date) -> None:
    for at in range(20):
        account = make_account(f"Many {at}", arr=1000 + at)
        reading(account, "arr", then - timedelta(days=3), 1000 + at * 10)
        reading(account, "arr", then + timedelta(days=3), Decimal(1000 + at * 10) * (100 + at) / 100)  # type: ignore[arg-type]
    net = next(one for one in backtest(system(timezone.now())).outcomes if one.key == "nrr")
    assert net.verdict == "foretold" and net.result.details["count"] == 23
