"""Curves through given points, with a little noise that is the same each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Points = Sequence[Sequence[float]]
"""[month from today, value], oldest first; months are negative."""
Curve = Callable[[float], float]


def line(points: Points) -> Curve:
    """Return the curve that joins the points; level before the first and after the last."""

    def value(month: float) -> float:
        before = points[0]
        if month <= before[0]:
            return before[1]
        for after in points[1:]:
            if month <= after[0]:
                share = (month - before[0]) / (after[0] - before[0])
                return before[1] + share * (after[1] - before[1])
            before = after
        return before[1]

    return value


def stairs(points: Points) -> Curve:
    """Return the curve that holds each value until the next point."""

    def value(month: float) -> float:
        return next((amount for at, amount in reversed(points) if at <= month + 1e-9), points[0][1])

    return value


def noise(seed: str, size: float) -> Callable[[float], float]:
    """Return small changes by month; none in the last two months, so that the latest values are the story's own."""
    random = Random(seed)  # noqa: S311 - content, not cryptography

    def change(month: float) -> float:
        drawn = random.gauss(0, size)
        return 0.0 if month > -1.5 else max(-2 * size, min(2 * size, drawn))

    return change
