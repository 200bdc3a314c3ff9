"""Thinning of long series for pictures."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.series import thinned

VALUES = st.lists(st.decimals(-1000, 1000, places=2), max_size=600)


@given(VALUES, st.integers(4, 80))
def test_a_thinned_series_keeps_its_ends_and_peaks(values: list[Decimal], most: int) -> None:
    kept = thinned(values, most)
    assert kept == sorted(set(kept))
    assert len(kept) <= max(most, 0) + 2 if len(values) > most else len(kept) == len(values)
    if values:
        assert (kept[0], kept[-1]) == (0, len(values) - 1)
        shown = [values[at] for at in kept]
        assert (min(shown), max(shown)) == (min(values), max(values))
