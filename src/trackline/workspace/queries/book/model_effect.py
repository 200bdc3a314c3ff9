"""What another scoring would do to the book, as it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.book.editing import ModelEffect, Shift
from trackline.kit import formats
from trackline.workspace.queries.rulebook.words import words_of

MOST_SHOWN = 25


@dataclass(frozen=True)
class ShiftRow:
    """An account whose place would change."""

    name: str
    key: str
    before: str
    after: str
    ranks: int | None
    tiers: tuple[str, str] | None


@dataclass(frozen=True)
class ModelEffectTold:
    """The effect of a form as it reads; `refused` holds what does not fit instead."""

    finding: str = ""
    moves: Sequence[tuple[str, str, str]] = ()
    rows: Sequence[ShiftRow] = ()
    more: int = 0
    fed: Sequence[tuple[str, str, int]] = ()
    accounts: int = 0
    notes: Sequence[str] = ()
    refused: Sequence[tuple[str, str]] = ()


def effect_told(effect: ModelEffect, moves: Sequence[tuple[str, str, str]]) -> ModelEffectTold:
    """Return the effect of a model as it reads."""
    after = effect.after
    if not after.places:
        return ModelEffectTold("By this model the book cannot be scored", moves, notes=after.notes)
    fed = [(row["label"], row["fed_by"] or "", row["known"]) for row in after.criteria]
    return ModelEffectTold(
        finding(effect),
        moves,
        [_row(one) for one in effect.shifts[:MOST_SHOWN]],
        max(len(effect.shifts) - MOST_SHOWN, 0),
        fed,
        effect.accounts,
        after.notes,
    )


def finding(effect: ModelEffect) -> str:
    """Say in a sentence what another scoring would do."""
    total = f"{formats.number(effect.accounts)} account{'' if effect.accounts == 1 else 's'}"
    if not effect.before.places:
        return f"{total} would be ranked; today none is"
    if not effect.shifts:
        return f"No score changes on {total}"
    moving, ranks = len(effect.moving), sum(bool(one.ranks_gained) for one in effect.shifts)
    tiers = f"{formats.number(moving)} of {total} would score for another tier"
    if not moving:
        tiers = f"None of {total} would score for another tier"
    return f"{tiers}, {formats.number(ranks) if ranks else 'none'} change{'s' if ranks == 1 else ''} rank"


def _row(one: Shift) -> ShiftRow:
    tiers = tuple("no tier" if tier is None else f"T{tier}" for tier in one.tiers)
    sides = [
        f"{place.rank} · {formats.number(place.score, 1)}" if place else "unranked" for place in (one.before, one.after)
    ]
    return ShiftRow(
        one.name, one.key, sides[0], sides[1], one.ranks_gained, (tiers[0], tiers[1]) if one.changes_tier else None
    )


def refused(errors: Iterable[Mapping[str, Any]], criteria: Sequence[Mapping[str, Any]]) -> ModelEffectTold:
    """Return what does not fit, each with the criterion it is about."""
    return ModelEffectTold(
        refused=[(_where([str(part) for part in one["loc"]], criteria), str(one["msg"])) for one in errors]
    )


def _where(loc: Sequence[str], criteria: Sequence[Mapping[str, Any]]) -> str:
    if len(loc) > 1 and loc[0] == "criteria" and loc[1].isdecimal() and int(loc[1]) < len(criteria):
        label = criteria[int(loc[1])].get("label") or f"Criterion {int(loc[1]) + 1}"
        if len(loc) > 3 and loc[2] == "feeds":
            return f"{label}, figure {int(loc[3]) + 1}" if loc[3].isdecimal() else str(label)
        return f"{label}, {words_of(loc[2]).lower()}" if len(loc) > 2 else str(label)
    return {"reason": "Why", "from_on": "In force from", "criteria": "", "after": ""}.get(loc[0], words_of(loc[0]))
