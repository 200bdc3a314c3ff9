"""Properties of the execution metrics: a share of its denominator, judged better with every one more."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import run

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}
KEYS = (
    *("qbr_completion", "actions_closed", "actions_on_time", "meeting_adherence"),
    *("preread_on_time", "plays_on_time", "checkins_on_time"),
)


@given(st.sampled_from(KEYS), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_more_done_is_never_judged_worse(key: str, one: int, other: int, due: int) -> None:
    fewer, more = (
        run("kickoff.execution.metric", {"formula_key": key, "numerator": done, "denominator": due}, as_of=DAY)
        for done in sorted((one, other))
    )
    assert abs(float(str(fewer.value)) - min(one, other) * 100 / due) < 1e-9
    assert float(str(fewer.value)) <= float(str(more.value))
    assert BANDS[str(fewer.band)] <= BANDS[str(more.band)]
    if max(one, other) >= due:
        assert more.band == "green"
