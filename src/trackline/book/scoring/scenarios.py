"""Scenarios: the book scored as if weights, figures, cut-offs or the room in tiers were others. Nothing live changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.models import ScoringModel
from trackline.book.rules.flip import tier_of
from trackline.book.rules.scenario import damped
from trackline.book.scoring.run import Given, Place, Run, scored
from trackline.core.decimals import HUNDRED, ONE, ZERO, plain, q6
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid

MOST_FACTOR = Decimal(10)
MOST_ACCOUNTS = 1_000_000
TIERS = (1, 2, 3)
NOBODY = HUNDRED + 1
"""Above every score: where a tier with room for none of the equal best begins."""
FACTORS = {"weights": MOST_FACTOR, "figures": ONE}
"""The most that each kind of factor may be."""


@dataclass(frozen=True)
class Supposing:
    """What is supposed: factors by criterion, another method of cut-offs, cuts and room by tier."""

    weights: Mapping[str, Decimal] = field(default_factory=dict)
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    cutoffs: str = ""
    cuts: Mapping[int, Decimal] = field(default_factory=dict)
    capacities: Mapping[int, int] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether anything is supposed at all."""
        moved = (*self.weights.values(), *self.figures.values())
        return bool(self.cutoffs or self.cuts or self.capacities) or any(factor != ONE for factor in moved)


def supposing(raw: Mapping[str, Any]) -> Supposing:
    """Read what is supposed. Raises `Invalid` with the place of each fault."""
    faults: list[dict[str, Any]] = []
    factors = {
        name: _numbers(name, raw.get(name), most, faults, str, "Factors by criterion") for name, most in FACTORS.items()
    }
    cuts = _numbers("cuts", raw.get("cuts"), HUNDRED, faults, _tier, "Scores by tier")
    room = _numbers("capacities", raw.get("capacities"), Decimal(MOST_ACCOUNTS), faults, _tier, "Accounts by tier")
    for number, most in room.items():
        if most != int(most):
            faults.append({"loc": ["capacities", str(number)], "msg": "A whole number is expected."})
    falling = [cuts[tier] for tier in TIERS if tier in cuts]
    if falling != sorted(falling, reverse=True):
        faults.append({"loc": ["cuts"], "msg": "A higher tier begins at a higher score."})
    cutoffs = raw.get("cutoffs") or ""
    if cutoffs and cutoffs not in ScoringModel.Cutoffs.values:
        faults.append({"loc": ["cutoffs"], "msg": f"One of {', '.join(ScoringModel.Cutoffs.values)} is expected."})
    if faults:
        raise Invalid("; ".join(f"{'.'.join(fault['loc'])}: {fault['msg']}" for fault in faults), faults)
    return Supposing(
        factors["weights"], factors["figures"], cutoffs, cuts, {one: int(most) for one, most in room.items()}
    )


def prepare_scenario(_ctx: Context, scenario: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Hold a scenario to a name, and to factors and limits that make sense."""
    if not scenario.name.strip():
        raise Invalid.fields({"name": "Give it a name."})
    read = supposing(
        {name: getattr(scenario, name) for name in ("weights", "figures", "cutoffs", "cuts", "capacities")}
    )
    for name in ("weights", "figures", "cuts", "capacities"):
        setattr(scenario, name, {str(key): plain(value) for key, value in getattr(read, name).items()})


def suppose(facts: Given, what: Supposing, overrides: Overrides) -> Run:
    """Score what was read as it is supposed to be. No queries.

    A figure's factor makes its criterion add less; the others do not make up for it.

    Source: PF-11.
    """
    if facts.model is None or not facts.criteria:
        return scored(facts, overrides)
    weights = [(item.key, item.weight * what.weights.get(item.key, ONE)) for item in facts.criteria]
    known = [(key, weight) for (key, weight), column in zip(weights, facts.columns, strict=True) if column is not None]
    damp = damped(known, what.figures)
    if not any(weight for _, weight in known) or not damp:
        return Run(facts.on, facts.model, "", [], [], "", ZERO, True, ["No weight is left to score by."])
    criteria = [
        item.model_copy(update={"weight": weight * what.figures.get(key, ONE)})
        for item, (key, weight) in zip(facts.criteria, weights, strict=True)
    ]
    model = facts.model
    if what.cutoffs and what.cutoffs != model.cutoffs:
        model = ScoringModel(pk=model.pk, name=model.name, normaliser=model.normaliser, criteria=model.criteria, cutoffs=what.cutoffs)  # fmt: skip
    run = scored(replace(facts, criteria=criteria, model=model), overrides)
    if not run.places:
        return run
    lacking = sorted({*what.weights, *what.figures} - {item.key for item in facts.criteria})
    notes = [f"{key} is no criterion of the model: its factor does nothing." for key in lacking]
    places = [replace(place, score=place.score * damp) for place in run.places]
    fixed = run.cutoffs == "absolute"
    cuts = [cut if cut is None or fixed else cut * damp for cut in run.cuts]
    for number, cut in what.cuts.items():
        cuts[number - 1] = cut
    for number in TIERS:
        if number in what.capacities:
            most = what.capacities[number]
            held = _held(cuts, number, most, [place.score for place in places])
            if held is not None:
                cuts[number - 1] = held
                notes.append(f"Tier {number} is held to {most}: a fixed number says nothing of how good accounts are.")
    places = [_placed(place, cuts) for place in places]
    return replace(run, model=facts.model, places=places, cuts=cuts, notes=[*notes, *run.notes])


@cache
def samples() -> Sequence[Mapping[str, Any]]:
    """Return scenarios to start from, each with name, factors and source."""
    path = Path(__file__).parents[1] / "rules" / "scenario_samples.yaml"
    found: Sequence[Mapping[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


# -- inside ----------------------------------------------------------------------------------------------------------


def _placed(place: Place, cuts: Sequence[Decimal | None]) -> Place:
    return replace(place, tier=tier_of(place.score, cuts))


def _held(cuts: Sequence[Decimal | None], number: int, most: int, scores: Sequence[Decimal]) -> Decimal | None:
    """Where a tier begins that holds so many accounts at most, None where it has room; equals that do not all fit all wait."""
    above = [cut for cut in cuts[: number - 1] if cut is not None]
    below_of = q6(min(above)) if above else None
    own = cuts[number - 1]
    inside = sorted(
        (q6(score) for score in scores
         if (below_of is None or q6(score) < below_of) and (own is None or q6(score) >= q6(own))),
        reverse=True,
    )  # fmt: skip
    if len(inside) <= most:
        return None
    fits = [score for score in inside[:most] if score > inside[most]]
    return fits[-1] if fits else below_of or NOBODY


def _tier(key: Any) -> int:
    if str(key) not in ("1", "2", "3"):
        raise ValueError("Tier 1, 2 or 3 is expected.")
    return int(key)


def _numbers(
    name: str, raw: Any, most: Decimal, faults: list[dict[str, Any]], key_of: Any, words: str
) -> dict[Any, Decimal]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or len(raw) > 100:
        faults.append({"loc": [name], "msg": f"{words} are expected, as an object."})
        return {}
    found = {}
    for key, value in raw.items():
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        try:
            at = key_of(key)
        except ValueError as wrong:
            faults.append({"loc": [name, str(key)[:40]], "msg": str(wrong)})
            continue
        if not number.is_finite() or not 0 <= number <= most:
            faults.append({"loc": [name, str(key)[:40]], "msg": f"A number from 0 to {most:f} is expected."})
        else:
            found[at] = number
    return found
