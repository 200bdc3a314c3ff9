"""The flip test of PF-12: one criterion, one feed, the worked example."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trackline.book.rules.flip import Fed, flips, tier_of

D = Decimal
CUTS = [D(60), D(40), D(20)]


def parts(*rows: tuple[str, str, int, str]) -> list[Fed]:
    return [Fed(key, feed, D(share), D(added)) for key, feed, share, added in rows]


ALDER = parts(
    ("fin", "ARR", 40, "40"), ("fit", "Fit", 20, "10"), ("rel", "Coverage", 15, "0"), ("inn", "Pilots", 15, "5"),
    ("risk", "Risk", 10, "7.142857"),
)  # fmt: skip
"""The worked example: 62.142857 points of 100."""


def test_the_worked_example_hangs_on_money() -> None:
    (found,) = flips(D("62.142857"), CUTS, ALDER)
    assert (found.keys, found.feed, round(found.score, 2), found.tier) == (["fin"], "", D("36.90"), 3)
    assert flips(D("62.142857"), [D(50), D(36), D(20)], ALDER)[0].tier == 2


@pytest.mark.parametrize(("cuts", "tier"), [([D(60), D(40), None], 3), ([D(60), D(40), D(20)], None)])
def test_below_all_cuts_there_is_no_tier_unless_the_last_takes_the_rest(cuts: list[D | None], tier: int | None) -> None:
    assert tier_of(D("19.9"), cuts) == tier
    assert [tier_of(D(score), cuts) for score in (60, 40)] == [1, 2]


def test_a_feed_of_several_criteria_is_left_out_at_once() -> None:
    rows = parts(("a", "ARR", 25, "25"), ("b", "ARR", 25, "25"), ("c", "Fit", 50, "12"))
    found = flips(D(62), [D(50), D(30), D(20)], rows)
    assert [(one.keys, one.feed, one.score, one.tier) for one in found] == [
        (["a"], "", D(37) * 100 / 75, 2), (["b"], "", D(37) * 100 / 75, 2), (["a", "b"], "ARR", D(24), 3),
    ]  # fmt: skip


def test_nothing_flips_without_cuts_or_without_a_rest() -> None:
    assert flips(D("62.14"), [None, None, None], ALDER) == []
    assert flips(D(70), CUTS, parts(("only", "ARR", 100, "70"))) == []
