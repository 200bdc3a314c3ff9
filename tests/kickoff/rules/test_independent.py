"""Execution metrics beside a second reading of their entry, written with fractions and nothing of ours."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import answer, at_least, checked, same

TARGETS = {
    "qbr_completion": 100,
    "actions_closed": 80,
    "actions_on_time": 90,
    "meeting_adherence": 95,
    "preread_on_time": 90,
    "plays_on_time": 80,
    "checkins_on_time": 100,
}
count = st.integers(0, 40) | st.integers(0, 10_000)


@given(st.sampled_from(sorted(TARGETS)), count | st.none(), count | st.none(), st.none() | st.integers(600, 1001))
@checked()
def test_metric(key: str, numerator: int | None, denominator: int | None, thousandths: int | None) -> None:
    if thousandths is not None and denominator is not None:
        # Around a target and nine tenths of it.
        numerator, denominator = thousandths, 1000
    found = answer("kickoff.execution.metric", {"formula_key": key, "numerator": numerator, "denominator": denominator})
    value = Fraction(100 * numerator, denominator) if numerator is not None and denominator else None
    assert same(found.value, value)
    assert found.band == at_least(value, TARGETS[key], Decimal(TARGETS[key]) * 9 / 10)
