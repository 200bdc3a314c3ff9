"""What rooms keep of an account out of its records: each registers its part, and all are done together, in the order of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trackline.kit.policy import Context

Part = Callable[[Context, Sequence[int]], object]
"""Brings something up to date for accounts, in a number of queries that does not grow with them."""

_before: list[Part] = []
_after: list[Part] = []


def before_scores(part: Part) -> None:
    """Add what scores may read: progress of goals, execution metrics."""
    _before.append(part)


def after_scores(part: Part) -> None:
    """Add what reads scores: steps that answer themselves, signals."""
    _after.append(part)


def keep_before(ctx: Context, ids: Sequence[int]) -> None:
    """Do the parts that come before scores."""
    for part in _before:
        part(ctx, ids)


def keep_after(ctx: Context, ids: Sequence[int]) -> None:
    """Do the parts that come after scores."""
    for part in _after:
        part(ctx, ids)
