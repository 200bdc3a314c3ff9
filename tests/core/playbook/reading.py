"""What second readings of rules share: exact comparison, colours on six decimals, and numbers around a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
Row = dict[str, Any]
Exact = Fraction | None


def answer(rule: str, inputs: Row, day: date = DAY) -> Explained:
    return run(rule, inputs, as_of=day)


def exact(value: Any) -> Exact:
    return None if value is None else Fraction(value)


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two numbers agree to twelve digits, or are both not known."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(Fraction(ours) - Fraction(theirs)) <= Fraction(1, 10**12) * max(1, abs(Fraction(theirs)))


def six(value: Fraction | int) -> Fraction:
    """Round to six decimals, halves away from zero."""
    size = Fraction(int(abs(Fraction(value)) * 10**6 + Fraction(1, 2)), 10**6)
    return size if value >= 0 else -size


def at_least(value: Exact, green: Any, amber: Any) -> str:
    """Return the colour of a value of which more is better, by inclusive limits."""
    if value is None:
        return "unknown"
    return "green" if six(value) >= Fraction(green) else "amber" if six(value) >= Fraction(amber) else "red"


def renormalised(parts: list[tuple[Fraction, Exact]]) -> tuple[Exact, Fraction]:
    """Return the weighted mean of what is known, none below 60 % of the weight, and the share of the weight known."""
    total = sum((weight for weight, _ in parts), Fraction(0))
    known = [(weight, points) for weight, points in parts if points is not None]
    present = sum((weight for weight, _ in known), Fraction(0))
    share = 100 * present / total
    if share < 60:
        return None, share
    return sum((weight * points for weight, points in known), Fraction(0)) / present, share


def joined(value: Exact, points: list[tuple[Any, Any]]) -> Exact:
    """Follow straight lines through (value, score) points, level beyond both ends."""
    if value is None:
        return None
    marks = sorted((Fraction(at), Fraction(score)) for at, score in points)
    if value <= marks[0][0]:
        return marks[0][1]
    for (left, low), (right, high) in pairwise(marks):
        if value <= right:
            return low + (value - left) / (right - left) * (high - low)
    return marks[-1][1]


def near(*limits: Any) -> st.SearchStrategy[Decimal]:
    """Draw one of the limits, a millionth beside it, or so little beside it that six decimals do not see it."""
    steps = [Decimal(step) for step in ("0", "1e-6", "-1e-6", "4e-7", "-4e-7", "1e-9", "-1e-9")]
    return st.tuples(st.sampled_from([Decimal(str(limit)) for limit in limits]), st.sampled_from(steps)).map(
        lambda pair: pair[0] + pair[1]
    )


def between(low: int, high: int, *limits: Any, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Draw decimals of a range, its ends, and numbers around the limits inside it."""
    scale = 10**places
    plain = st.integers(low * scale, high * scale).map(lambda number: Decimal(number) / scale)
    inside = near(*(limits or (low, high))).filter(lambda number: low <= number <= high)
    return st.one_of(plain, inside, st.sampled_from([Decimal(low), Decimal(high)]))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def rows(needed: Row, optional: Row) -> st.SearchStrategy[Row]:
    """Draw inputs whose optional ones are absent, null or there."""
    return st.fixed_dictionaries(needed, optional={name: maybe(kind) for name, kind in optional.items()})


def checked(examples: int = 40) -> Callable[..., Any]:
    """Return settings of a second reading; thousands of examples are run by hand when a rule changes."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
