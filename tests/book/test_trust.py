"""Signs of a trusted KPI: where each comes from; panel and API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, make, make_account, make_cast, system
from trackline.accounts.models import Kpi, Metric
from trackline.accounts.services.measures import BY_HAND
from trackline.book.queries.trust import trust_of
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def kpi(cast: Cast) -> Kpi:
    metric = make("metric", name="Scrap", unit="percent")
    found: Kpi = make("kpi", account=cast.account, name="Scrap", metric=metric)
    return found


def lacks(kpi: Kpi) -> list[str]:
    """The signs that a KPI does not show."""
    kpi = Kpi.objects.select_related("metric").get(pk=kpi.pk)
    found: list[str] = trust_of(system(timezone.now()), [kpi])[kpi.pk].details["lacks"]
    return found


def read(kpi: Kpi, days: int, source: str) -> Any:
    return make(
        "observation", account=kpi.account, metric=kpi.metric, on=TODAY - timedelta(days=days), value=3, source=source
    )


def test_each_sign_comes_from_a_record(cast: Cast, kpi: Kpi) -> None:
    assert lacks(kpi) == ["formula", "source", "approved", "shown", "incentives"]
    services.update(system(), registry.get("metric"), kpi.metric_id, {"formula": "scrapped ÷ made"})
    services.update(system(), registry.get("kpi"), kpi.pk, {"finance_approved": True, "in_incentives": True})
    assert lacks(kpi) == ["source", "approved", "shown"]
    services.update(system(), registry.get("kpi"), kpi.pk, {"agreed_with_customer": True})
    assert lacks(kpi) == ["source", "shown"]
    card = make("scorecard", account=cast.account, name="Card")
    make("scorecard_line", scorecard=card, metric=kpi.metric, domain="DEL")
    assert "shown" in lacks(kpi)
    type(card).objects.update(state="live")
    read(kpi, 10, "MES")
    assert lacks(kpi) == []


def test_one_automated_source_is_one_and_not_typed(kpi: Kpi) -> None:
    read(kpi, 400, "ERP")
    assert "source" in lacks(kpi)
    read(kpi, 20, "MES")
    assert "source" not in lacks(kpi)
    other = read(kpi, 10, "ERP")
    assert "source" in lacks(kpi)
    for source in ("", BY_HAND):
        services.update(system(), registry.get("observation"), other.pk, {"source": source})
        assert "source" in lacks(kpi)


def test_panel_and_api(cast: Cast, kpi: Kpi) -> None:
    told = Api(cast.owner).get(f"/kpis/{kpi.pk}/trust").json()
    assert (told["signs"], told["trusted"], told["held"]["source"], told["missing"]) == (0, False, False, ["source"])
    assert problem(Api(cast.outsider).get(f"/kpis/{kpi.pk}/trust"), 404)
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get(f"/panel/kpi/{kpi.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "Signs of trust" in text and "One automated source feeds it" in text
    browser.force_login(cast.outsider)
    assert browser.get(f"/panel/kpi/{kpi.pk}", headers={"HX-Request": "true"}).status_code == 404


def test_queries_do_not_grow_with_kpis(kpi: Kpi, django_assert_num_queries: Any) -> None:
    for number in range(3):
        make("kpi", account=make_account(f"Part {number}"), name="Scrap", metric=Metric.objects.get(pk=kpi.metric_id))
    kpis = list(Kpi.objects.select_related("metric"))
    with django_assert_num_queries(4):
        assert len(trust_of(system(timezone.now()), kpis)) == 4
