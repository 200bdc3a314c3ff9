"""Two scores like with like: both under the figures in force, on the inputs that both days have.

What a score was under other figures, or out of more or fewer inputs, tells nothing of how the account moved.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Score
from trackline.accounts.rulebook.computing import preset_of, run_collected
from trackline.accounts.rulebook.live import Collected
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Difference, Explained, Rule, compare
from trackline.core.playbook.rules import PRESET


@dataclass(frozen=True)
class Alike:
    """What moved from one score to another. `restated` says that the figures of the rule had changed in between, `left_out`
    names inputs that only one of both days had."""

    before: Explained
    after: Explained
    difference: Difference
    restated: bool
    left_out: tuple[str, ...]

    @property
    def plain(self) -> bool:
        """Whether the scores could be compared as they were kept."""
        return not self.restated and not self.left_out

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON has it."""
        return self.difference.to_json() | {"restated": self.restated, "left_out": list(self.left_out)}


def alike(rule: Rule, before: Score, after: Score, overrides: Overrides, tier: int | None) -> Alike:
    """Compare two scores of one rule and account like with like.

    `overrides` are those of today; the later score's preset counts for both.
    """
    given = [_known(score) for score in (before, after)]
    names = [set(one) - {PRESET} for one in given]
    left_out = tuple(sorted(names[0] ^ names[1]))
    preset, on = given[1].get(PRESET), after.on
    first, second = (_run(rule, score, overrides, tier, on, left_out, preset) for score in (before, after))
    return Alike(first, second, compare(first, second), before.version != second.version, left_out)


def restated(rule: Rule, score: Score, overrides: Overrides, tier: int | None, on: date) -> Explained:
    """Return what a score would have been under the figures in force on a later day."""
    return _run(rule, score, overrides, tier, on, (), _known(score).get(PRESET))


def _known(score: Score) -> dict[str, Any]:
    return {name: told["value"] for name, told in score.inputs.items() if told["value"] is not None}


def _run(
    rule: Rule, score: Score, overrides: Overrides, tier: int | None, on: date, left_out: Collection[str], preset: Any
) -> Explained:
    values = {name: value for name, value in _known(score).items() if name not in left_out}
    if preset is not None and PRESET in values:
        values[PRESET] = preset
    named = preset_of(rule, score.preset, values)
    in_force = overrides.in_force(rule, on, tier=tier, account_id=score.account_id, preset=named)
    return run_collected(rule, score.preset, in_force, Collected(values), score.on)
