"""What scenarios would do to the ranking, beside the present one."""

from __future__ import annotations

from collections.abc import Sequence

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.editing import ModelEffect, effect_between
from trackline.book.models import ScoringScenario
from trackline.book.scoring.run import given, scored
from trackline.book.scoring.scenarios import Supposing, suppose, supposing
from trackline.kit.policy import Context, system_context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry


def supposed_by(scenario: ScoringScenario) -> Supposing:
    """Return what a saved scenario supposes."""
    fields = ("weights", "figures", "cutoffs", "cuts", "capacities")
    return supposing({name: getattr(scenario, name) for name in fields})


def effect_of(ctx: Context, what: Supposing) -> ModelEffect:
    """Return the book of today as it is scored and as it is supposed to be. Ranks are among all accounts; only those that the
    actor sees are told, and counted. Stores nothing.

    Source: PF-11.
    """
    return effects_of(ctx, [what])[0]


def effects_of(ctx: Context, several: Sequence[Supposing]) -> list[ModelEffect]:
    """Return the same of several; figures are read once, however many."""
    facts, overrides = given(system_context(ctx.now), ctx.today), Overrides.load(ctx.today)
    before = scored(facts, overrides)
    seen = set(scoped(ctx, registry.get("account")).values_list("pk", flat=True))
    accounts = {pk: one for pk, one in facts.over.scored.items() if pk in seen} if facts.over is not None else {}
    found = []
    for what in several:
        after = suppose(facts, what, overrides)
        found.append(effect_between(before, after, accounts))
    return found
