"""The chart of a metric: what it draws, says and holds as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, make, make_account
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Observation
from trackline.kit.policy import Context
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.metric import DRAWN, MetricChart, metric_chart
from trackline.workspace.templatetags.metric_charts import control_chart

As = Callable[[str], Client]


def chart_of(kpi: Any, span: str = "") -> MetricChart:
    """The chart as the program sees it."""
    ctx: Context = now_context()
    return metric_chart(head_of(ctx, kpi.account.key), kpi.metric, span)


@pytest.fixture
def kpi(cast: Cast) -> Any:
    """A KPI in percent with a goal that it measures."""
    made = make("kpi", ctx=now_context(), account=cast.account, name="Yield", unit="percent", baseline=30, target=60)
    goal = make("goal", ctx=now_context(), account=cast.account, title="Better yield", unit="percent", baseline=30,
                target=60, kpis=[made.pk])  # fmt: skip
    make("check_in", ctx=now_context(), goal=goal, on=days(-20), value=41)
    return made


def read(kpi: Any, values: list[int]) -> None:
    """One reading a day up to today."""
    moment = now_context().now
    Observation.objects.bulk_create(
        Observation(account_id=kpi.account_id, metric_id=kpi.metric_id, value=value, on=days(at + 1 - len(values)),
                    created_at=moment, updated_at=moment)
        for at, value in enumerate(values)
    )  # fmt: skip


def test_it_draws_readings_limits_target_baseline_and_check_ins(kpi: Any) -> None:
    read(kpi, [40, 42, 38, 41, 39, 43, 40, 37, 42, 38, 47])
    chart = chart_of(kpi)
    drawn = control_chart(chart, chart.finding)
    for name in ("Target 60", "Baseline 30", "Upper limit 46", "Mean 40", "Lower limit 34"):
        assert name in drawn
    assert drawn.count('class="check"') == 1
    assert 'class="fires above"' in drawn
    assert "above the limits" in drawn
    assert "style=" not in drawn
    assert "1 reading outside the limits 34\u00a0% to 46\u00a0%" in chart.finding


def test_many_readings_are_thinned_and_no_peak_is_lost(kpi: Any) -> None:
    read(kpi, [40 + at % 3 for at in range(364)] + [99] + [40])
    chart = chart_of(kpi)
    assert chart.thinned
    assert len(chart.points) <= DRAWN + 2
    assert 99 in [one.value for one in chart.points]
    assert len(chart.rows) == 200


def test_without_readings_it_says_so(kpi: Any) -> None:
    chart = chart_of(kpi, "all")
    assert (chart.finding, chart.points, chart.start) == ("No reading of Yield in this span.", [], today())


def test_the_page_shows_the_table_and_takes_a_reading(cast: Cast, as_: As, kpi: Any) -> None:
    read(kpi, [40, 42, 38, 41, 39, 43, 40, 37, 42, 38, 47])
    url = f"/accounts/{cast.account.key}/metrics/{kpi.metric_id}"
    shown = as_("owner").get(url).content.decode()
    assert "What stands out" in shown
    assert "above the limits" in shown
    assert 'class="reading-line"' in shown
    assert 'class="reading-line"' not in as_("facilitator").get(url).content.decode()
    assert as_("outsider").get(url).status_code == 404
    sent = {"then": "line", "value": "44", "on": days(-40).isoformat(), "note": ""}
    address = f"/r/observation/new?account={cast.account.pk}&metric={kpi.metric_id}"
    assert as_("owner").post(address, sent, headers={"HX-Request": "true"}).status_code < 300
    assert Observation.objects.filter(metric=kpi.metric_id, on=days(-40), value=44).exists()
    again = as_("owner").post(address, sent, headers={"HX-Request": "true"})
    assert again.status_code in (409, 422)


def test_a_metric_of_another_account_is_not_there(cast: Cast, as_: As) -> None:
    other = make("metric", name="Theirs", account=make_account("Other").pk)
    assert as_("admin").get(f"/accounts/{cast.account.key}/metrics/{other.pk}").status_code == 404


def test_queries_do_not_grow_with_readings(cast: Cast, as_: As, kpi: Any) -> None:
    url, owner, counts = f"/accounts/{cast.account.key}/metrics/{kpi.metric_id}?span=all", as_("owner"), []
    for values in ([40] * 12, [41] * 300):
        Observation.objects.filter(metric=kpi.metric_id).delete()
        read(kpi, values)
        with CaptureQueriesContext(connection) as asked:
            owner.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
