"""Every figure of every rule is held by its cases: move it a little, or turn its test round, and a case no longer holds.

So each threshold is tested on, just below and just above. A new rule joins by having a data file and cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.core.playbook.cases import DAY, Case, all_cases, holds
from trackline.core.playbook import Rule, RunRefused, rulebook
from trackline.core.playbook.data import raw_values
from trackline.core.scales import CUT

SHARED = ("min_coverage", "provisional_below")
"""The same figures and code in every weighted score; the cases of `track.health.usage` and others hold them."""
SECOND_READING = "tests/book/rules/test_independent.py compares it with a second reading over random books"
HELD_ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "align.forecast.distribution": {
        "runs": "only simulations look at it; tests/core/analytics/test_forecast.py",
        "seed": "only simulations look at it; tests/core/analytics/test_forecast.py",
    },
    "book.quality.score": {
        "mandatory": "switches: anything but 0 asks for a field; tests/book/test_quality.py",
        **dict.fromkeys(
            ("tolerance_pct", "margin_low", "margin_high", "review_days"),
            "only the checks of records look at it; tests/book/test_quality.py",
        ),
    },
    "book.score.sensitivity": dict.fromkeys(
        ("step_pct", "flag_pct", "tier_percentiles", "tier_absolute", "tier_min_scores"), SECOND_READING
    ),
    "book.tier.freshness": {"asked": "a switch: anything but 0 asks for it"},
    "watch.signal.champion_velocity": {"days": "whoever counts champions looks back so far; tests/watch/test_feeds.py"},
    "watch.signal.health_fall": {"days": "whoever reads health looks back so far; tests/watch/test_engine.py"},
}
"""Figures that cases of a run cannot hold, each with what does."""
TURNED = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}

Path = tuple[str, ...]
RULES = list(rulebook())
CASES: dict[str, list[Case]] = defaultdict(list)
for one in all_cases():
    CASES[one.rule].append(one)


def figures(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each figure of a rule with its path; a list counts as one."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from figures(item, (*path, str(key)))
    else:
        yield path, value


def moved(value: Any) -> Iterator[Any]:
    """Yield a figure a little higher, a little lower, and a limit whose test is turned round."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            if isinstance(item, int | Decimal):
                yield [*value[:at], item + 1, *value[at + 1 :]]
    elif isinstance(value, str) and (cut := CUT.fullmatch(value)):
        yield f"{TURNED[cut[1]]} {cut[2]}"
        yield from (f"{cut[1]} {limit}" for limit in moved(Decimal(cut[2])))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from (value + 1, value - 1)
    elif isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        step = max(abs(value) / 20, Decimal(1) if whole else Decimal("0.05"))
        yield from (value + step, value - step)


def nested(path: Path, value: Any) -> dict[str, Any]:
    """Return an override of one figure."""
    found = value
    for key in reversed(path):
        found = {key: found}
    return dict(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_figure_is_held_by_a_case(rule: Rule) -> None:
    elsewhere = (*SHARED, *HELD_ELSEWHERE.get(rule.id, ()))
    loose = []
    for path, value in figures(raw_values(rule.data.parameters, DAY)):
        for other in moved(value) if path[0] not in elsewhere else ():
            laid = nested(path, other)
            try:
                rule.in_force(DAY, None, laid)
            except RunRefused:
                continue  # out of order beside the other figures
            if all(holds(case, laid) for case in CASES[rule.id]):
                loose.append(f"{'.'.join(path)}: {value} may as well be {other}")
    assert loose == []


def test_what_is_held_elsewhere_is_there() -> None:
    for rule_id, named in HELD_ELSEWHERE.items():
        assert set(named) <= set(rulebook().get(rule_id).data.parameters), rule_id
