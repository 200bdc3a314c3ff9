"""Pipeline, forecast and readiness out of records: currencies, what is missing, and that queries do not grow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.accounts.rulebook.running import queries_for, score_of
from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import ExchangeRate, Metric, Score
from trackline.align.rules.expansion import readiness
from trackline.align.rules.forecast import distribution
from trackline.align.rules.pipeline import weighted
from trackline.core.playbook import Rule
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
PIPELINE = weighted
FORECAST = distribution
READINESS = readiness


def back(days: int) -> Any:
    return TODAY - timedelta(days=days)


def route(account: Any, title: str, value: Any, probability: Any = None, **more: Any) -> Any:
    return make("route", account=account, title=title, value=value, probability=probability, type="upsell", **more)


def observe(account: Any, metric: str, value: float, days: int = 1) -> None:
    make("observation", account=account, metric=Metric.objects.get(key=metric), on=back(days), value=value)


def test_open_routes_add_up_in_the_currency_of_the_account() -> None:
    account = make_account(currency="USD")
    ExchangeRate.objects.create(currency="USD", on=back(30), rate="0.80")
    ExchangeRate.objects.create(currency="CHF", on=back(30), rate="1.20")
    route(account, "Book currency", 80_000, 50, currency="EUR")
    route(account, "Own", 100_000, 10, currency="USD")
    route(account, "Third", 20_000, 50, currency="CHF")
    route(account, "Won long ago", 999, 100, state="won", closed_on=TODAY)
    found = score_of(PIPELINE, account)
    assert (found.value, found.details) == (75_000, {"gross": 230_000, "count": 3})
    assert found.missing == []
    told = {one["label"]: one.get("amount") for one in found.inputs["routes"]["sources"]}
    assert told == {"Book currency": 80_000, "Own": None, "Third": 20_000}


def test_a_route_without_a_rate_or_a_value_is_left_out_and_named() -> None:
    account = make_account(currency="EUR")
    route(account, "Yen", 9_000_000, 50, currency="JPY")
    route(account, "Blank", None, 50)
    route(account, "Known", 1_000, 50)
    found = score_of(PIPELINE, account)
    assert found.value == 500
    lacks = {one["label"]: one["lacks"] for one in found.missing}
    assert lacks == {"Yen": ["exchange rate of JPY"], "Blank": ["value"]}


def test_the_forecast_knows_its_target_or_says_that_it_does_not() -> None:
    account = make_account(currency="EUR")
    for title in ("A", "B"):
        route(account, title, 100_000, 50)
    assert score_of(FORECAST, account).missing == [{"input": "target", "last_on": None, "metric": "pipeline_target"}]
    observe(account, "pipeline_target", 100_000, days=48)
    assert score_of(FORECAST, account).missing[0]["last_on"] == back(48).isoformat()
    observe(account, "pipeline_target", 100_000, days=47)
    found = score_of(FORECAST, account)
    assert (found.value, found.details["p_target_pct"], found.details["quantiles"]["p50"]) == (100_000, 75, 100_000)
    assert found.inputs["target"]["metric"] == "pipeline_target"


def ready(**account: Any) -> Any:
    """An account that meets all five conditions."""
    found = make_account(renewal_date=TODAY + timedelta(days=61), **account)
    buyer = make("contact", account=found, name="Abe", buying_role="economic_buyer")
    make("contact", account=found, name="Bea", buying_role="champion", last_touch_on=back(5))
    make("value_outcome", account=found, title="Hours", money=1_000, verified_by=buyer, verified_on=back(365))
    make("note", account=found, title="Second plant asks", on=back(180), tags=["new_use_case"])
    observe(found, "champion_rating", 8)
    return found


def test_all_five_conditions_met() -> None:
    found = score_of(READINESS, ready())
    assert (found.value, found.details, found.missing) == (5, {"ready": True, "blocked_by": []}, [])
    assert found.inputs["new_use_case"]["sources"][0]["label"] == "Second plant asks"
    assert found.inputs["economic_buyer_aware"]["sources"][0]["record_type"] == "value_outcome"
    assert found.inputs["champion_active"]["sources"][0]["label"] == "Bea"


def test_conditions_fade_with_time() -> None:
    account = ready()
    later = score_of(READINESS, account, TODAY + timedelta(days=1))
    assert later.details["blocked_by"] == ["roi", "economic_buyer", "use_case", "renewal"]
    assert score_of(READINESS, account, TODAY + timedelta(days=86)).details["blocked_by"][1] == "champion"


def test_what_nobody_said_is_not_known() -> None:
    found = score_of(READINESS, make_account())
    assert found.value == 0
    names = [one["input"] for one in found.missing]
    assert names == ["champion_rating", "economic_buyer_aware", "days_to_renewal"]
    assert found.inputs["champion_active"]["value"] is False


def test_a_champion_without_a_touch_on_record_is_neither_active_nor_silent() -> None:
    account = make_account()
    make("contact", account=account, name="Bea", buying_role="champion")
    found = score_of(READINESS, account)
    assert found.inputs["champion_active"]["value"] is None
    assert "champion_active" in [one["input"] for one in found.missing]


def test_a_route_to_a_new_unit_names_a_use_and_a_cycle_the_renewal() -> None:
    account = make_account()
    make("route", account=account, title="Plant 2", type="new_unit", trigger_event="Opens in May")
    make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=90))
    found = score_of(READINESS, account)
    assert (found.inputs["new_use_case"]["value"], found.inputs["days_to_renewal"]["value"]) == (True, 90)


@pytest.mark.parametrize("rule", [PIPELINE, FORECAST, READINESS])
def test_queries_do_not_grow(rule: Rule) -> None:
    accounts = [ready(name=f"Account {n}") for n in range(3)]
    for account in accounts:
        route(account, "A", 100, 50)
        observe(account, "pipeline_target", 100)
    assert queries_for(rule, accounts[:1]) == queries_for(rule, accounts)


def test_only_champions_move_the_readiness_when_they_come() -> None:
    account, other = make_account(), make_account(name="Other")
    Score.objects.all().delete()
    scores = Score.objects.filter(account=account, rule=readiness.id)
    person = make("contact", account=account, name="Someone")
    assert not scores.exists()
    services.update(system(NOW), registry.get("contact"), person.pk, {"buying_role": "champion"})
    assert [one["label"] for one in scores.get().inputs["champion_active"]["sources"]] == ["Someone"]
    make("contact", account=other, name="Champion", buying_role="champion")
    assert Score.objects.filter(account=other, rule=readiness.id).exists()
