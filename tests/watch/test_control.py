"""A metric with its control limits, as the signal judges it (SIG-45)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make, make_account
from trackline.accounts.models import Observation
from trackline.watch.control import control_of, to_json

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
YEAR = TODAY - timedelta(days=366)
WORKED = (40, 42, 38, 41, 39, 43, 40, 37, 42, 38)


def read(kpi: Any, *values: int, every: int = 7, until: int = 0) -> None:
    """Give a KPI readings, the newest `until` days ago."""
    Observation.objects.bulk_create(
        Observation(
            account_id=kpi.account_id, metric_id=kpi.metric_id, kpi=kpi, value=value, created_at=NOW, updated_at=NOW,
            on=TODAY - timedelta(days=until + every * (len(values) - 1 - at)),
        )
        for at, value in enumerate(values)
    )  # fmt: skip


@pytest.fixture
def kpi() -> Any:
    """A KPI without readings."""
    return make("kpi", account=make_account(), name="Yield", baseline=30, target=60)


def test_the_worked_example_fires_above_the_limits(kpi: Any) -> None:
    read(kpi, *WORKED, 47)
    found = control_of(kpi.account, kpi.metric, YEAR, TODAY)
    assert found.limits == (34, 40, 46)
    assert [(one.value, one.signal, one.said) for one in found.firing] == [(47, "above", "above the limits")]
    assert to_json(found)["readings"][-1]["signal"] == "above"


def test_the_limit_itself_does_not_fire_and_below_is_told_apart(kpi: Any) -> None:
    read(kpi, *WORKED, 46)
    assert control_of(kpi.account, kpi.metric, YEAR, TODAY).firing == []
    Observation.objects.filter(value=46).update(value=Decimal("33.9"))
    assert [one.signal for one in control_of(kpi.account, kpi.metric, YEAR, TODAY).firing] == ["below"]


def test_eight_in_a_row_complete_a_trend(kpi: Any) -> None:
    read(kpi, *range(10, 19))
    assert [one.value for one in control_of(kpi.account, kpi.metric, YEAR, TODAY).firing] == [18, 17]


def test_too_few_readings_have_no_limits_and_say_so(kpi: Any) -> None:
    read(kpi, *WORKED[:8])
    found = control_of(kpi.account, kpi.metric, YEAR, TODAY)
    assert found.limits is None
    assert found.found.notes == ("The baseline needs 8 points; there are 7.",)


def test_limits_do_not_change_with_the_span_shown(kpi: Any) -> None:
    read(kpi, *WORKED, 47, every=30)
    short = control_of(kpi.account, kpi.metric, TODAY - timedelta(days=90), TODAY)
    assert (len(short.readings), short.limits) == (4, (34, 40, 46))
    assert [one.value for one in short.firing] == [47]


def test_readings_older_than_the_signal_looks_are_shown_and_not_judged(kpi: Any) -> None:
    read(kpi, *WORKED, 47)
    read(kpi, 900, until=800)
    found = control_of(kpi.account, kpi.metric, TODAY - timedelta(days=4000), TODAY)
    assert (found.readings[0].value, found.readings[0].signal) == (900, "")
    assert found.limits == (34, 40, 46)


def test_two_queries_however_many_readings(kpi: Any) -> None:
    read(kpi, *([40, 41, 39] * 200), every=1)
    account, metric = kpi.account, kpi.metric
    with CaptureQueriesContext(connection) as asked:
        control_of(account, metric, YEAR, TODAY)
    assert len(asked) == 2
