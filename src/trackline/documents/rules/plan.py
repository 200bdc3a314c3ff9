"""Is a plan complete, is it of this customer, does a change need new signatures, may it start?"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, insufficient, refuse, rule
from trackline.core.playbook.fields import Count, Flag, Money, Percent, Text


class SectionFilled(Inputs):
    """A section of the plan's template."""

    section: Text = Field(description="Section")
    filled: Flag = Field(description="Whether it says something")


class Filled(Inputs):
    """The sections that the template asks for."""

    sections: list[SectionFilled] = Field(description="Sections of the template", max_length=60)


@rule(
    "documents.plan.completeness",
    title="Completeness of an account plan",
    spec=("PLAN-04",),
    summary="How many of the sections that the template asks for say something, %.",
)
def completeness(given: Filled) -> Finding:
    """Count the sections that say something: rows of records, or the text that a section asks for. A plan leaves the
    draft when all of them do.

    Source: PLAN-04.
    """
    if not given.sections:
        return insufficient("sections")
    if len({one.section for one in given.sections}) < len(given.sections):
        raise refuse("sections", "Each section is expected once.")
    share = HUNDRED / len(given.sections)
    parts = tuple(
        Part(one.section, one.section, one.filled, contribution=share if one.filled else Decimal(0))
        for one in given.sections
    )
    lacks = [one.section for one in given.sections if not one.filled]
    value = HUNDRED * (len(given.sections) - len(lacks)) / len(given.sections)
    return Finding(value, parts=parts, details={"lacks": lacks, "complete": not lacks})


class Ties(Inputs):
    """What of the plan serves something the customer named."""

    priorities: Count = Field(description="Priorities of the customer on record")
    goals: Count = Field(0, description="Goals that serve none of them")
    routes: Count = Field(0, description="Open routes without a goal")
    plays: Count = Field(0, description="Open plays without a goal, also none by their routes")


class TiesParameters(Parameters):
    """So many priorities have to be known."""

    priorities_min: Count


@rule(
    "documents.plan.generic",
    title="Generic plan",
    spec=("PLAN-23", "CHO-09"),
    summary="Whether a plan could be that of any customer: too few priorities known, or work that serves none.",
)
def generic(given: Ties, p: TiesParameters) -> Finding:
    """Call a plan generic where fewer priorities of the customer are on record than are asked for, or where a goal, route or
    play is tied to none of them.

    Source: PLAN-23.
    """
    found = []
    if given.priorities < p.priorities_min:
        found.append(f"{given.priorities} of {p.priorities_min} priorities of the customer are known")
    for count, one, many in (
        (given.goals, "goal serves no priority", "goals serve no priority"),
        (given.routes, "route serves no goal", "routes serve no goal"),
        (given.plays, "play serves no goal", "plays serve no goal"),
    ):
        if count:
            found.append(f"{count} {one if count == 1 else many}")
    return Finding("generic" if found else "specific", notes=tuple(found), details={"reasons": found})


class Change(Inputs):
    """What changed since a plan was last approved."""

    initiatives: Count = Field(description="Initiatives added or dropped")
    red_risks: Count = Field(description="Risks that are red now and were not")
    budget_before: Money | None = Field(None, description="Budget when it was approved")
    budget_after: Money | None = Field(None, description="Budget now")


class ChangeParameters(Parameters):
    """A budget may move so far."""

    budget_pct: Percent


@rule(
    "documents.plan.change",
    title="Material change of an approved plan",
    spec=("PLAN-16",),
    summary="Whether what changed in an approved plan needs both sponsors again.",
)
def change(given: Change, p: ChangeParameters) -> Finding:
    """Ask both sponsors again when an initiative was added or dropped, the budget moved by the share given or more, or a risk
    has newly become red; accept any other change as it is.

    Source: PLAN-16.
    """
    reasons = []
    if given.initiatives:
        reasons.append(f"{given.initiatives} initiative{'s' if given.initiatives > 1 else ''} added or dropped")
    if given.red_risks:
        reasons.append(f"{given.red_risks} risk{'s' if given.red_risks > 1 else ''} newly red")
    moved = None
    if given.budget_before and given.budget_after is not None:
        moved = (given.budget_after - given.budget_before) / given.budget_before * 100
        if q6(abs(moved)) >= p.budget_pct:
            reasons.append(f"the budget moved by {moved:+.1f} %")
    budgets = {"budget_before": given.budget_before, "budget_after": given.budget_after}
    return Finding(
        "material" if reasons else "minor",
        missing=tuple(name for name, budget in budgets.items() if budget is None),
        notes=tuple(reasons),
        details={"reasons": reasons, "budget_pct": moved},
    )


class Launch(Inputs):
    """What has to stand before an approved plan starts."""

    goals: Count = Field(description="Goals")
    without_baseline: Count = Field(description="Goals without a baseline")
    plays: Count = Field(description="Open plays")
    without_resource: Count = Field(description="Open plays or steps without an owner or a day")
    unfunded: Count = Field(description="High risks without a mitigation, an owner or a trigger")
    ours: Flag = Field(description="Written approval of our side")
    theirs: Flag = Field(description="Written approval of the customer")
    kpis: Count = Field(description="KPIs agreed on")
    without_reading: Count = Field(description="KPIs without a reading")


@rule(
    "documents.plan.launch",
    title="Start of an approved plan",
    spec=("PLAN-20", "PLAN-18", "RSK-03"),
    summary="What has to stand before an approved plan starts, all of it.",
)
def launch(given: Launch) -> Finding:
    """Start a plan when each goal has a baseline, each open play and step an owner and a day, each high risk a mitigation with
    owner and trigger, both sides have approved in writing, and each KPI is measured.

    Source: PLAN-20. Whether business cases meet the target KPIs is judged by whoever approves.
    """
    items = {
        "baselines": ("Each goal has a baseline", given.goals > 0 and not given.without_baseline),
        "resources": ("Each open play and step has an owner and a day", given.plays > 0 and not given.without_resource),
        "risks": ("Each high risk has a mitigation, an owner and a trigger", not given.unfunded),
        "approval": ("Both sides approved in writing", given.ours and given.theirs),
        "dashboard": ("Each KPI agreed on is measured", given.kpis > 0 and not given.without_reading),
    }
    share = HUNDRED / len(items)
    parts = tuple(Part(key, says, met, contribution=share * met) for key, (says, met) in items.items())
    lacks = [key for key, (_, met) in items.items() if not met]
    value = HUNDRED * (len(items) - len(lacks)) / len(items)
    return Finding(value, parts=parts, details={"lacks": lacks, "passed": not lacks})


class Length(Inputs):
    """How much the front of a plan asks of a reader."""

    words: Count = Field(description="Words of the executive summary")
    leading: Count = Field(description="Leading KPIs agreed on")
    lagging: Count = Field(description="Lagging KPIs agreed on")


class LengthParameters(Parameters):
    """What a reader takes in."""

    words_max: Count
    indicators_max: Count


@rule(
    "documents.plan.length",
    title="Length of an executive summary",
    spec=("PLAN-02",),
    summary="Whether the front of a plan is short enough and its indicators are mixed.",
)
def length(given: Length, p: LengthParameters) -> Finding:
    """Warn of a summary with more words than two pages hold, of more joint indicators than a reader keeps in mind, and of
    indicators that only look back or only ahead.

    Source: PLAN-02.
    """
    said = []
    if given.words > p.words_max:
        said.append(f"The executive summary has {given.words:,} words; {p.words_max} fit two pages")
    indicators = given.leading + given.lagging
    if indicators > p.indicators_max:
        said.append(f"{indicators} KPIs are agreed on; {p.indicators_max} are kept in mind")
    if indicators and not (given.leading and given.lagging):
        said.append(f"All KPIs are {'lagging' if given.lagging else 'leading'}")
    return Finding("long" if said else "fits", notes=tuple(said), details={"warnings": said})
