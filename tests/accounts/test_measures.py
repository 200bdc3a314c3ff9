"""KPIs and observations are one series (TRK-09, TRK-10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import make, make_account, system
from trackline.accounts.models import Metric, Observation
from trackline.accounts.services import record_observations
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def test_a_back_dated_reading_never_overwrites_the_current_value() -> None:
    account = make_account()
    kpi = make("kpi", account=account, name="Churn", baseline=12, target=8)
    make("observation", account=account, metric=kpi.metric_id, on=date(2026, 6, 30), value=9)
    make("observation", account=account, metric=kpi.metric_id, on=date(2026, 5, 31), value=10)
    kpi.refresh_from_db()
    assert (kpi.current, kpi.current_on) == (Decimal(9), date(2026, 6, 30))


def test_a_kpi_of_a_known_metric_starts_from_its_newest_reading() -> None:
    account = make_account()
    nps = Metric.objects.get(key="nps")
    make("observation", account=account, metric=nps, on=date(2026, 6, 30), value=42)
    kpi = services.create(system(), registry.get("kpi"), {"account": account.pk, "metric": "nps", "name": "NPS"})
    assert (kpi.metric_id, kpi.unit, kpi.current) == (nps.pk, "score", Decimal(42))


def test_a_kpi_without_metric_gets_one_of_the_account_alone() -> None:
    kpi = make("kpi", account=make_account(), name="Scrap rate", unit="percent", direction="decrease")
    assert (kpi.metric.account_id, kpi.metric.unit) == (kpi.account_id, "percent")


def test_an_observation_of_a_kpi_knows_account_and_metric() -> None:
    kpi = make("kpi", account=make_account(), name="Scrap rate")
    data = {"kpi": str(kpi.pk), "value": 3.1, "on": "2026-06-30"}
    observation = services.create(system(), registry.get("observation"), data, parse="json")
    assert (observation.account_id, observation.metric_id) == (kpi.account_id, kpi.metric_id)


def test_a_value_entered_on_the_kpi_is_an_observation_of_the_day() -> None:
    kpi = make("kpi", account=make_account(), name="Scrap rate", current=3)
    services.update(system(), registry.get("kpi"), kpi.pk, {"current": Decimal("2.9")})
    found = Observation.objects.get(metric=kpi.metric_id)
    assert found.value == Decimal("2.9")


def test_bulk_observations_replace_the_value_of_a_day_and_repeat_without_a_change() -> None:
    account = make_account()
    rows = [{"account": account.key, "metric": "nps", "on": f"2026-0{month}-01", "value": month} for month in (1, 2, 3)]
    assert (record_observations(system(), rows).created) == 3
    rows[0]["value"] = 9
    again = record_observations(system(), rows)
    assert (again.created, again.updated, again.unchanged) == (0, 1, 2)


def test_one_bad_row_refuses_the_whole_bulk() -> None:
    account = make_account()
    rows = [
        {"account": account.key, "metric": "nps", "value": 1},
        {"account": account.key, "metric": "nope", "value": 1},
    ]
    with pytest.raises(Invalid) as problem:
        record_observations(system(), rows)
    assert problem.value.errors[0]["loc"][:2] == ["items", 1]
    assert not Observation.objects.exists()


def test_a_metric_gets_its_code_from_its_name() -> None:
    assert [make("metric", name="Scrap rate, paint").key for _ in range(2)] == [
        "scrap_rate_paint",
        "scrap_rate_paint_2",
    ]
