"""What a scorecard says without weights, and when a metric that turned worse has to be answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.book.rules.scorecard import colour, in_order
from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import PROVISIONAL, Finding, Inputs, Parameters, Part, insufficient, rule
from trackline.core.playbook.fields import Number, Quantity, Text
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN

Flag = Literal["critical", "important", "watch"]
Colour = Literal["green", "amber", "red"]
WORSE = {GREEN: 0, AMBER: 1, RED: 2}


class Flagged(Inputs):
    """A metric with its targets and how much hangs on it."""

    key: Text = Field(description="Key of the metric")
    value: Number | None = Field(description="Where it stands")
    minimum: Number | None = Field(description="Worse than this is red")
    committed: Number | None = Field(description="This and better is green")
    stretch: Number | None = Field(description="Full attainment")
    flag: Flag = Field(description="What hangs on it: critical, important or watch")


class FlaggedCard(Inputs):
    """The metrics of a scorecard that goes by flags."""

    metrics: list[Flagged] | None = Field(description="Metrics with their targets; one that is not known is left out")


class FlagParameters(Parameters):
    """The share of the metrics that must be known."""

    min_coverage: Quantity
    provisional_below: Quantity


@rule(
    "book.scorecard.priority",
    title="Scorecard by priority",
    spec=("SC-04", "SC-06"),
    summary="One critical metric in red makes the card red, an important one amber; watched ones are marked only.",
)
def priority(given: FlaggedCard, p: FlagParameters) -> Finding:
    """Judge each metric by its own targets. A critical one in red makes the whole card red, an important one amber, whatever the
    others say; one that is only watched is marked and changes nothing. Red is told even when little else is known.

    Source: SC-04, SC-06.
    """
    if not given.metrics:
        return insufficient("metrics", details={"breaches": [], "watched": []})
    in_order(given.metrics)
    colours = {item.key: colour(item.value, item.minimum, item.committed, item.stretch) for item in given.metrics}
    red = [item for item in given.metrics if colours[item.key] == RED]
    flags = {item.flag for item in red}
    status = RED if "critical" in flags else AMBER if "important" in flags else GREEN
    known = [item for item in given.metrics if colours[item.key] != UNKNOWN]
    coverage = HUNDRED * len(known) / len(given.metrics)
    thin = q6(coverage) < q6(p.min_coverage)
    if thin and status != RED:
        status = UNKNOWN
    return Finding(
        None if status == UNKNOWN else status,
        status,
        coverage,
        tuple(Part(item.key, item.key, item.value, band=colours[item.key]) for item in known),
        tuple(item.key for item in given.metrics if item not in known),
        (PROVISIONAL,) if status != UNKNOWN and q6(coverage) < q6(p.provisional_below) else (),
        {
            "breaches": [item.key for item in red if item.flag != "watch"],
            "watched": [item.key for item in red if item.flag == "watch"],
        },
    )


class Turn(Inputs):
    """A metric of a card on two days."""

    before: Colour | None = Field(description="Its colour before; not known before the first reading")
    now: Colour | None = Field(description="Its colour now")


class TurnParameters(Parameters):
    """The time to answer."""

    answer_hours: Quantity


@rule(
    "book.scorecard.breach",
    title="Breach of a metric",
    spec=("SC-08",),
    summary="A metric that turns worse asks its owner for an answer within 48 hours.",
)
def breach(given: Turn, p: TurnParameters) -> Finding:
    """A metric that goes from green to amber or red, or from amber to red, is a breach: its owner answers within the hours
    given. What was not known before has not turned.

    Source: SC-08.
    """
    if given.before is None or given.now is None:
        return insufficient(*(name for name in ("before", "now") if getattr(given, name) is None))
    worse = WORSE[given.now] > WORSE[given.before]
    return Finding(int(worse), details={"answer_hours": Decimal(p.answer_hours) if worse else None})
