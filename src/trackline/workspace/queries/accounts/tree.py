"""The Accounts list as a tree: who stands below whom, and what a group adds up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trackline.workspace.queries.rates import Rates, Sum

DEEPEST = 4
"""Rows stand at most so many steps to the right."""


@dataclass(frozen=True)
class Node:
    """One account's place: how deep it stands, how many stand below, whether its branch is open, whether it matched."""

    pk: int
    depth: int
    below: int
    open: bool
    matches: bool


@dataclass(frozen=True)
class Light:
    """What the tree needs of an account."""

    pk: int
    parent: int | None
    arr: Decimal | None
    currency: str


def grow(rows: Iterable[Light], wanted: set[int] | None, closed: frozenset[int]) -> list[Node]:
    """Return the accounts in tree order; siblings keep the order of `rows`.

    With `wanted` only those and what stands above them are kept. Who has a parent that is not among the rows (out of
    scope, deleted) stands at the top.
    """
    listed = list(rows)
    there = {row.pk for row in listed}
    parents = {row.pk: row.parent if row.parent in there else None for row in listed}
    kept = there if wanted is None else _with_above(wanted & there, parents)
    children: dict[int | None, list[int]] = {}
    for row in listed:
        if row.pk in kept:
            children.setdefault(parents[row.pk], []).append(row.pk)
    found: list[Node] = []
    stack = [(pk, 0) for pk in reversed(children.get(None, []))]
    while stack:
        pk, depth = stack.pop()
        below = children.get(pk, [])
        is_open = bool(below) and pk not in closed
        found.append(Node(pk, min(depth, DEEPEST), len(below), is_open, wanted is None or pk in wanted))
        if is_open:
            stack += [(child, depth + 1) for child in reversed(below)]
    return found


def group_sums(rows: Iterable[Light], rates: Rates) -> dict[int, Sum]:
    """Return what each account with others below it adds up to, itself included, in the book's currency."""
    listed = list(rows)
    there = {row.pk for row in listed}
    parents: Mapping[int, int | None] = {row.pk: row.parent if row.parent in there else None for row in listed}
    members: dict[int, list[tuple[Decimal | None, str]]] = {}
    for row in listed:
        above = parents[row.pk]
        while above is not None:
            members.setdefault(above, []).append((row.arr, row.currency))
            above = parents[above]
    own = {row.pk: (row.arr, row.currency) for row in listed if row.pk in members}
    return {pk: rates.in_book([own[pk], *below]) for pk, below in members.items()}


def _with_above(wanted: set[int], parents: Mapping[int, int | None]) -> set[int]:
    kept = set(wanted)
    for pk in wanted:
        above = parents[pk]
        while above is not None and above not in kept:
            kept.add(above)
            above = parents[above]
    return kept
