"""Rank correlation: worked examples, ties, and the share that chance explains."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trackline.core.correlation import chance_of, mean_ranks, spearman


def numbers(*values: float) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def test_equals_share_the_mean_of_their_ranks() -> None:
    assert mean_ranks(numbers(3, 2, 2, 1)) == numbers(1, 2.5, 2.5, 4)


def test_the_worked_example() -> None:
    rho = spearman(numbers(88, 76, 71, 63, 55, 41), numbers(118, 109, 112, 101, 103, 92))
    assert rho is not None and round(rho, 10) == round(1 - Decimal(24) / 210, 10)


@pytest.mark.parametrize(
    ("ones", "others", "rho"),
    [((1, 2, 3), (10, 20, 30), 1), ((1, 2, 3), (30, 20, 10), -1), ((1,), (1,), None), ((1, 2), (5, 5), None)],
)
def test_edges(ones: tuple[float, ...], others: tuple[float, ...], rho: int | None) -> None:
    assert spearman(numbers(*ones), numbers(*others)) == rho


@pytest.mark.parametrize(
    ("t", "count"), [(12.7062, 3), (4.302653, 4), (3.182446, 5), (2.776445, 6), (2.228139, 12), (2.042272, 32)]
)
def test_chance_agrees_with_the_tables_of_students_distribution(t: float, count: int) -> None:
    rho = t / (t * t + count - 2) ** 0.5
    for sign in (1, -1):
        found = chance_of(Decimal(repr(sign * rho)), count)
        assert found is not None and abs(found - 0.05) < 1e-6


def test_chance_of_nothing_and_of_everything() -> None:
    assert chance_of(Decimal(1), 2) is None
    assert chance_of(Decimal(1), 3) == 0
    assert chance_of(Decimal(0), 10) == 1
