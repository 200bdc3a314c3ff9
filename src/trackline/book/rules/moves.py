"""Tests of a move between tiers: upgrade, downgrade, exit. Each proposes; people decide."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.book.rules.conditions import Condition, above, at_least, below, counted
from trackline.core.decimals import ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, known, rule
from trackline.core.playbook.fields import Count, Flag, Percent, Quantity, Share

CYCLES, QUARTERS = 2, 3
"""Formal cycles, and quarters of a trend, that a test looks back on."""


class Upgrade(Inputs):
    """What an account brings for a higher tier."""

    score_cycles: list[Share | None] | None = Field(
        description="Composites of the formal cycles, oldest first, 0 to 100"
    )
    cut: Share | None = Field(description="Cut of the higher tier")
    cagr_24m_pct: Percent | None = Field(None, description="Growth a year over 24 months, %")
    multi_year_contract: Flag | None = Field(None, description="A signed multi-year contract locks comparable growth")
    joint_innovations: Count | None = Field(None, description="Co-developed IP, pilots and published cases")
    c_level_active: Count | None = Field(None, description="C-level contacts active in the governance cadence")
    untapped_pct: Share | None = Field(None, description="Addressable spend that is untapped, %")
    capacity_ok: Flag | None = Field(None, description="The tier can be served without cutting another account")


class UpgradeParameters(Parameters):
    """Limits of the conditions."""

    cagr_pct: Percent
    joint_innovations: Count
    c_level_contacts: Count
    untapped_pct: Share


@rule(
    "book.tier.upgrade",
    title="Upgrade test",
    spec=("PF-20",),
    summary="Six conditions of a move to a higher tier; all must be met.",
)
def upgrade(given: Upgrade, p: UpgradeParameters) -> Finding:
    """Count six conditions: score at the cut in the last two cycles; growth of 15 % a year or a contract that locks it; joint
    innovation; two C-level contacts; half of the addressable spend untapped; capacity to serve. All six make the account
    eligible. What is not known is not met.

    Source: PF-20.
    """
    scores = _last(given.score_cycles, CYCLES)
    conditions = (
        Condition("U1", "Score held", _held(scores, given.cut), min(scores, default=None), given.cut),
        Condition(
            "U2",
            "Growth",
            at_least(given.cagr_24m_pct, p.cagr_pct) or given.multi_year_contract is True,
            {"cagr_24m_pct": given.cagr_24m_pct, "multi_year_contract": given.multi_year_contract},
            p.cagr_pct,
        ),
        Condition(
            "U3",
            "Joint innovation",
            at_least(given.joint_innovations, p.joint_innovations),
            given.joint_innovations,
            p.joint_innovations,
        ),
        Condition(
            "U4",
            "Executive access",
            at_least(given.c_level_active, p.c_level_contacts),
            given.c_level_active,
            p.c_level_contacts,
        ),
        Condition("U5", "Headroom", at_least(given.untapped_pct, p.untapped_pct), given.untapped_pct, p.untapped_pct),
        Condition("U6", "Capacity", given.capacity_ok is True, given.capacity_ok, True),
    )
    return counted(conditions, given, eligible=all(condition.met for condition in conditions))


class Downgrade(Inputs):
    """What speaks for a lower tier."""

    score_cycles: list[Share | None] | None = Field(
        description="Composites of the formal cycles, oldest first, 0 to 100"
    )
    cut: Share | None = Field(description="Cut of the tier that the account has")
    quarter_scores: list[Share | None] | None = Field(None, description="Composites of the last three quarters")
    nrr_pct: Percent | None = Field(None, description="Net revenue retention, %")
    margin_gap_bps: Percent | None = Field(None, description="Median margin of peers less our own, basis points")
    steering_missed: Count | None = Field(None, description="Quarterly steering meetings missed in a row")
    sponsor_lost: Flag | None = Field(None, description="The key sponsor is lost")
    months_since_initiative: Quantity | None = Field(None, description="Months since the last new initiative")
    cost_over_envelope_pct: Percent | None = Field(None, description="Cost to serve over its envelope, %")
    offsetting_roi: Flag | None = Field(None, description="The extra cost pays for itself")


class DowngradeParameters(Parameters):
    """Limits of the conditions, and how many of them propose a downgrade."""

    nrr_pct: Percent
    margin_gap_bps: Quantity
    steering_missed: Count
    months_without_initiative: Quantity
    cost_over_pct: Quantity
    conditions_needed: Count


@rule(
    "book.tier.downgrade",
    title="Downgrade test",
    spec=("PF-21",),
    summary="Five conditions of a move to a lower tier; the first alone or two of the others propose it.",
)
def downgrade(given: Downgrade, p: DowngradeParameters) -> Finding:
    """Count five conditions: score below the cut in two cycles and not improving; weak economics; access lost; a year without
    initiative; cost over the envelope without return. The first, or two of the others, propose a downgrade; one alone puts
    the account on watch. What is not known is not met.

    Source: PF-21.
    """
    scores = _last(given.score_cycles, CYCLES)
    cost_over = above(given.cost_over_envelope_pct, p.cost_over_pct) and given.offsetting_roi is not True
    conditions = (
        Condition(
            "D1",
            "Score",
            len(scores) == CYCLES and all(below(score, given.cut) for score in scores) and not _improving(given),
            max(scores, default=None),
            given.cut,
        ),
        Condition(
            "D2",
            "Economics",
            below(given.nrr_pct, p.nrr_pct) or above(given.margin_gap_bps, p.margin_gap_bps),
            {"nrr_pct": given.nrr_pct, "margin_gap_bps": given.margin_gap_bps},
            {"nrr_pct": p.nrr_pct, "margin_gap_bps": p.margin_gap_bps},
        ),
        Condition(
            "D3",
            "Access",
            at_least(given.steering_missed, p.steering_missed) or given.sponsor_lost is True,
            {"steering_missed": given.steering_missed, "sponsor_lost": given.sponsor_lost},
            p.steering_missed,
        ),
        Condition(
            "D4",
            "Innovation",
            at_least(given.months_since_initiative, p.months_without_initiative),
            given.months_since_initiative,
            p.months_without_initiative,
        ),
        Condition(
            "D5",
            "Cost",
            cost_over,
            {"cost_over_envelope_pct": given.cost_over_envelope_pct, "offsetting_roi": given.offsetting_roi},
            p.cost_over_pct,
        ),
    )
    met = [condition.key for condition in conditions if condition.met]
    propose = "D1" in met or len(met) >= p.conditions_needed
    return counted(conditions, given, propose=propose, watch=len(met) == 1 and not propose)


class Exit(Inputs):
    """What speaks for leaving the program."""

    score: Share | None = Field(description="Composite, 0 to 100")
    t3_cut: Share | None = Field(description="Cut of tier 3")
    red_quarters: Count | None = Field(None, description="Quarters in a row with red health")
    recovery_plan: Flag | None = Field(None, description="A recovery plan was running")
    material_breach: Flag | None = Field(None, description="Material breach of contract, compliance or ESG")
    insolvency_high_raters: Count | None = Field(None, description="Independent raters who see high insolvency risk")
    better_return: Flag | None = Field(None, description="The means demonstrably earn more elsewhere")


class ExitParameters(Parameters):
    """Limits of the conditions."""

    red_quarters: Count
    insolvency_raters: Count


@rule(
    "book.tier.exit",
    title="Exit test",
    spec=("PF-22",),
    summary="Five conditions of leaving the program; any of the first four opens a review.",
)
def leave(given: Exit, p: ExitParameters) -> Finding:
    """Count five conditions: score below the cut of tier 3; three red quarters despite a recovery plan; material breach; high
    insolvency risk from two raters; a better return elsewhere. Any of the first four opens a review, breach and insolvency
    as an emergency. What is not known is not met.

    Source: PF-22.
    """
    conditions = (
        Condition("X1", "Score", below(given.score, given.t3_cut), given.score, given.t3_cut),
        Condition(
            "X2",
            "Red despite a plan",
            at_least(given.red_quarters, p.red_quarters) and given.recovery_plan is True,
            {"red_quarters": given.red_quarters, "recovery_plan": given.recovery_plan},
            p.red_quarters,
        ),
        Condition("X3", "Material breach", given.material_breach is True, given.material_breach, True),
        Condition(
            "X4",
            "Insolvency",
            at_least(given.insolvency_high_raters, p.insolvency_raters),
            given.insolvency_high_raters,
            p.insolvency_raters,
        ),
        Condition("X5", "Better return elsewhere", given.better_return is True, given.better_return, True),
    )
    met = {condition.key for condition in conditions if condition.met}
    return counted(conditions, given, propose=bool(met & {"X1", "X2", "X3", "X4"}), emergency=bool(met & {"X3", "X4"}))


def _last(scores: list[Decimal | None] | None, count: int) -> list[Decimal]:
    """The last scores, those that are known."""
    found: list[Decimal] = known((scores or [])[-count:])
    return found


def _held(scores: list[Decimal], cut: Decimal | None) -> bool:
    return len(scores) == CYCLES and cut is not None and all(at_least(score, cut) for score in scores)


def _improving(given: Downgrade) -> bool:
    """Whether the line through the last three quarters rises; without two quarters nothing shows that it does."""
    recent = (given.quarter_scores or [])[-QUARTERS:]
    points = [(Decimal(at), score) for at, score in enumerate(recent) if score is not None]
    if len(points) < 2:
        return False
    middle = sum((at for at, _ in points), ZERO) / len(points)
    spread = sum(((at - middle) ** 2 for at, _ in points), ZERO)
    return q6(sum(((at - middle) * score for at, score in points), ZERO) / spread) > 0
