"""The Accounts list as a tree: who stands below whom, in the order of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEEPEST = 4
"""Rows stand at most so many steps to the right."""

Line = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """One account's place: how deep it stands, how many stand below, whether its branch is open, whether it matched."""

    pk: int
    depth: int
    below: int
    open: bool
    matches: bool


class Tree:
    """Accounts in tree order; siblings keep the order of `rows` (id, id of the parent).

    With `wanted` only those and what stands above them are kept. Who has a parent that is not among the rows (out of
    scope, deleted) stands at the top. The branches of `closed` are folded.
    """

    def __init__(self, rows: Sequence[tuple[int, int | None]], wanted: set[int] | None, closed: frozenset[int]) -> None:
        there = {pk for pk, _ in rows}
        parents = {pk: parent if parent in there else None for pk, parent in rows}
        kept = there if wanted is None else _with_above(wanted & there, parents)
        self._all: dict[int | None, list[int]] = {}
        for pk, parent in parents.items():
            self._all.setdefault(parent, []).append(pk)
        self._shown = (
            self._all
            if wanted is None
            else {parent: [pk for pk in found if pk in kept] for parent, found in self._all.items()}
        )
        self._wanted, self._closed = wanted, closed
        self._lines = self._walk()

    def __len__(self) -> int:
        return len(self._lines)

    def nodes(self, window: slice) -> list[Node]:
        """Return the lines of a page."""
        return [
            Node(
                pk,
                min(depth, DEEPEST),
                len(self._shown.get(pk, ())),
                bool(self._shown.get(pk)) and pk not in self._closed,
                self._wanted is None or pk in self._wanted,
            )
            for pk, depth in self._lines[window]
        ]

    def family(self, pk: int) -> list[int]:
        """Return an account with all that stand below it, whatever is shown."""
        found = [pk]
        for member in found:
            found += self._all.get(member, ())
        return found

    def _walk(self) -> list[Line]:
        lines: list[Line] = []
        stack: list[Line] = [(pk, 0) for pk in reversed(self._shown.get(None, ()))]
        while stack:
            pk, depth = stack.pop()
            lines.append((pk, depth))
            below = self._shown.get(pk)
            if below and pk not in self._closed:
                stack += [(child, depth + 1) for child in reversed(below)]
        return lines


def _with_above(wanted: set[int], parents: Mapping[int, int | None]) -> set[int]:
    kept = set(wanted)
    for pk in wanted:
        above = parents[pk]
        while above is not None and above not in kept:
            kept.add(above)
            above = parents[above]
    return kept
