"""Whether tiers are kept honestly: monitors of the usual biases, over the whole book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pydantic import Field

from trackline.book.rules.conditions import above, at_least, below
from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, absent, known, rule
from trackline.core.playbook.fields import Count, Percent, Quantity, Share, Text

QUARTERS = 3


class Held(Inputs):
    """An account in its tier."""

    key: Text = Field(description="Name of the account")
    adherence_pct: Share | None = Field(None, description="Delivered of what its tier promises, %")
    quarter_scores: list[Share | None] | None = Field(None, description="Composites of four quarters, oldest first")
    exit_cycles: Count | None = Field(None, description="Formal cycles as an exit candidate without a decision")


class Practice(Inputs):
    """How tiers were decided and kept."""

    promotions: Count | None = Field(description="Moves to a higher tier in the last four formal cycles")
    demotions: Count | None = Field(description="Moves to a lower tier, or out, in the last four formal cycles")
    overrides: Count | None = Field(None, description="Overrides in force")
    tiered: Count | None = Field(None, description="Accounts with a tier")
    accounts: list[Held] | None = Field(None, description="Accounts in their tiers")


class BiasParameters(Parameters):
    """From when each monitor speaks up."""

    ratchet: Quantity
    adherence_pct: Share
    last_quarter_points: Quantity
    mean_points: Quantity
    exit_cycles: Count
    override_pct: Percent


LABELS = {
    "ratchet": "One-way ratchet",
    "silent": "Silent downgrade",
    "recency": "Recency",
    "drift": "Tier drift",
    "overrides": "Overrides",
}


@rule(
    "book.tier.bias",
    title="Bias monitors",
    spec=("PF-27", "PF-15"),
    summary="How many of five monitors of biased tiers speak up.",
)
def bias(given: Practice, p: BiasParameters) -> Finding:
    """Five monitors. Ratchet: far more promotions than demotions over four cycles. Silent downgrade: an account gets less
    than its tier promises and nobody has decided so. Recency: one quarter moved the score a lot while the mean of three
    hardly did. Tier drift: a candidate for exit waits for a decision over more cycles than it may. Overrides: too many
    people's tiers in force beside the model's. The value counts those that speak up.

    Source: PF-27, PF-15.
    """
    held = given.accounts or []
    ratio = _ratio(given.promotions, given.demotions)
    rate = None
    if given.overrides is not None and given.tiered:
        rate = Decimal(given.overrides) * HUNDRED / given.tiered
    found = {
        "ratchet": (ratio, p.ratchet, above(ratio, p.ratchet), []),
        "silent": _who(held, p.adherence_pct, lambda one: below(one.adherence_pct, p.adherence_pct)),
        "recency": _who(held, p.last_quarter_points, lambda one: _recent(one, p)),
        "drift": _who(held, p.exit_cycles, lambda one: above(one.exit_cycles, p.exit_cycles)),
        "overrides": (rate, p.override_pct, above(rate, p.override_pct), []),
    }
    return Finding(
        sum(flagged for _, _, flagged, _ in found.values()),
        parts=tuple(
            Part(key, LABELS[key], value, contribution=Decimal(int(flagged)))
            for key, (value, _, flagged, _) in found.items()
        ),
        missing=tuple(absent(given, "promotions", "demotions", "overrides", "tiered", "accounts")),
        details={
            key: {"value": value, "limit": limit, "flagged": flagged, "accounts": who}
            for key, (value, limit, flagged, who) in found.items()
        },
    )


def _ratio(promotions: int | None, demotions: int | None) -> Decimal | None:
    """Promotions for each demotion; without any the promotions themselves, as if there had been one."""
    if promotions is None or demotions is None:
        return None
    return q6(Decimal(promotions) / max(demotions, 1))


def _who(
    held: list[Held], limit: Decimal | int, test: Callable[[Held], bool]
) -> tuple[int, Decimal | int, bool, list[str]]:
    names = [one.key for one in held if test(one)]
    return len(names), limit, bool(names), names


def _recent(one: Held, p: BiasParameters) -> bool:
    """Whether the last quarter moved the score a lot and the mean of three quarters hardly."""
    scores = known(one.quarter_scores or [])
    if len(scores) <= QUARTERS or len(scores) != len(one.quarter_scores or ()):
        return False
    move = abs(scores[-1] - scores[-2])
    means = [sum(scores[end - QUARTERS : end], Decimal(0)) / QUARTERS for end in (len(scores) - 1, len(scores))]
    return above(move, p.last_quarter_points) and not at_least(abs(means[1] - means[0]), p.mean_points)
