"""The journey over a span: like compared with like (TRK-14, TRK-15)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import Cast, make
from tests.workspace.account.world import days, today
from trackline.track.models import JourneyDimension
from trackline.track.rules.journey import journey_index
from trackline.workspace.queries.account.journey import journey_of
from trackline.workspace.templatetags.journey_charts import journey_radar


def score(cast: Cast, back: int, *values: float) -> None:
    """Score the first dimensions so many days ago."""
    dimensions: list[Any] = list(JourneyDimension.objects.filter(active=True).order_by("set_key", "position", "pk"))
    for dimension, value in zip(dimensions, values, strict=False):
        make("journey_score", account=cast.account, dimension=dimension, score=value, on=days(-back))


def test_the_index_is_the_mean_on_a_scale_of_a_hundred() -> None:
    assert journey_index([Decimal(value) for value in (4, 3, 4, 3, 2)]) == 55
    assert journey_index([]) is None


def test_now_is_compared_with_what_held_at_the_start(cast: Cast) -> None:
    for back, value in ((200, 2.5), (100, 4), (10, 3.5)):
        score(cast, back, value)
    row = journey_of(cast.account.pk, today()).rows[0]
    assert (row.now, row.before, row.change) == (Decimal("3.5"), Decimal("4.0"), Decimal("-0.5"))
    assert journey_of(cast.account.pk, today(), "182").rows[0].before == Decimal("2.5")
    assert journey_of(cast.account.pk, today(), "366").rows[0].before is None


def test_the_index_compares_the_same_dimensions_only(cast: Cast) -> None:
    score(cast, 100, 2, 2, 2, 2, 2)
    score(cast, 5, 4, 3, 4, 3, 2)
    found = journey_of(cast.account.pk, today())
    assert (found.index, found.index_before, found.change) == (55, 25, 30)
    assert found.finding.startswith("Journey index 55.0 of 100, up 30.0 since ")
    drawn = journey_radar(found, found.finding)
    assert 'class="now"' in drawn
    assert 'class="before"' in drawn
    longer = journey_of(cast.account.pk, today(), "366")
    assert (longer.change, longer.radar) == (None, True)
    assert 'class="before"' not in journey_radar(longer, longer.finding)


@pytest.mark.parametrize(("back", "counts"), [(90, True), (91, False)])
def test_a_score_counts_for_ninety_days(cast: Cast, back: int, counts: bool) -> None:
    score(cast, back, 3)
    found = journey_of(cast.account.pk, today())
    assert (found.index == 50) is counts
    assert bool(found.stale) is not counts
    assert not found.radar
