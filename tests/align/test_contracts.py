"""Contracts: references, the last day for notice (RNW-06), capacity that runs out (EXP-09)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import Metric
from trackline.align.contracts import uses_of
from trackline.align.rules.terms import notice_band, notice_on, runs_out
from trackline.kit.records import services
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def test_a_contract_needs_only_its_account() -> None:
    account = make_account("Okada")
    assert [make("contract", account=account.pk).ref for _ in range(2)] == ["Contract 1", "Contract 2"]
    assert make("contract", account=account.pk, ref="MSA-7").ref == "MSA-7"


@pytest.mark.parametrize(("left", "band"), [(61, ""), (60, "amber"), (0, "amber"), (-1, "red")])
def test_notice_is_warned_of_in_time(left: int, band: str) -> None:
    end = NOW.date() + timedelta(days=left + 60)
    last = notice_on(end, 60)
    assert last == NOW.date() + timedelta(days=left)
    assert notice_band(last, NOW.date()) == band


def test_sixty_days_before_the_end_of_march() -> None:
    assert notice_on(date(2026, 3, 31), 60) == date(2026, 1, 30)
    assert (notice_on(None, 60), notice_on(date(2026, 3, 31), None), notice_band(None, NOW.date())) == (None, None, "")
    contract = make("contract", account=make_account("Okada"), end_on=date(2026, 3, 31), notice_days=60)
    assert to_json(system(), registry.get("contract"), contract)["notice_on"] == date(2026, 1, 30)


@pytest.mark.parametrize(
    ("used", "fires"),
    [((86, 91), True), ((79, 83), False), ((81, 80), False), ((91,), False), ((85, None, 91), False)],
)
def test_capacity_runs_out_after_two_months_in_a_row(used: tuple[int | None, ...], fires: bool) -> None:
    months = [(date(2026, 8 + n, 28), Decimal(value)) for n, value in enumerate(used) if value is not None]
    assert runs_out(months) is fires


def test_use_is_read_from_the_items_metric_or_that_of_all_seats() -> None:
    account = make_account("Okada")
    contract = make("contract", account=account)
    lines = make("metric", key="lines_live", name="Lines live", unit="count")
    seats = make("contract_item", contract=contract, product=make("product", name="Inspect"), contracted_qty=760)
    own = {"capacity_type": "volume", "contracted_qty": 14, "usage_metric": lines}
    volume = make("contract_item", contract=contract, product=make("product", name="Trace"), **own)
    bare = make("contract_item", contract=contract, product=make("product", name="Care"), capacity_type="features")
    for months, share, count in ((1, 82, 12), (0, 91, 7)):
        day = NOW.date() - timedelta(days=30 * months)
        make("observation", account=account, metric=Metric.objects.get(key="active_seat_pct"), on=day, value=share)
        make("observation", account=account, metric=lines, on=day, value=count)
    found = {use.item.pk: use for use in uses_of([contract.pk], NOW.date())[contract.pk]}
    assert (found[seats.pk].pct, found[seats.pk].shared, found[seats.pk].near_limit) == (91, True, True)
    assert (found[volume.pk].pct, found[volume.pk].shared, found[volume.pk].near_limit) == (50, False, False)
    assert (found[bare.pk].metric, found[bare.pk].pct) == (None, None)


def test_queries_do_not_grow_with_items(django_assert_num_queries: Any) -> None:
    contract = make("contract", account=make_account("Okada"))
    for number in range(5):
        make("contract_item", contract=contract, product=make("product", name=f"P {number}"))
    with django_assert_num_queries(3):
        assert len(uses_of([contract.pk], NOW.date())[contract.pk]) == 5


def test_an_open_renewal_follows_the_end_of_its_contract_and_back() -> None:
    account, end = make_account(), NOW.date() + timedelta(days=100)
    contract = make("contract", account=account, end_on=end)
    follows = make("renewal_cycle", account=account, contract=contract)
    apart = make("renewal_cycle", account=account, contract=contract, renewal_date=end - timedelta(days=30))
    signed = make("renewal_cycle", account=account, contract=contract, state="signed")
    changed = services.update(system(), registry.get("contract"), contract.pk, {"end_on": end + timedelta(days=30)})
    for cycle in (follows, apart, signed):
        cycle.refresh_from_db()
    assert follows.renewal_date == end + timedelta(days=30)
    assert apart.renewal_date == end - timedelta(days=30), "a date of its own stays"
    assert signed.renewal_date == end, "what is decided stays"
    services.undo(system(), changed.last_change.pk)
    follows.refresh_from_db()
    assert follows.renewal_date == end
