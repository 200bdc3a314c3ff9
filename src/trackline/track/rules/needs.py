"""Pain points: which matter most by what customers vote, and what is known of each."""

from __future__ import annotations

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, insufficient, rule
from trackline.core.playbook.fields import Count, FivePoint, Flag


class Vote(Inputs):
    """What a participant of the customer says."""

    impact: FivePoint = Field(description="Impact on the business, 1 to 5")
    urgency: FivePoint = Field(description="Urgency, 1 to 5")


class Votes(Inputs):
    """All votes on a pain point."""

    votes: list[Vote] = Field(description="One vote a participant", max_length=1000)


class VotesParameters(Parameters):
    """Where high begins, and what a vote needs to count in full."""

    high_from: FivePoint
    min_voters: Count
    discuss_spread: Count


@rule(
    "track.needs.rank",
    title="Rank of a pain point",
    spec=("NEED-04", "NEED-05"),
    summary="Mean impact times mean urgency of the customer's votes, with where that puts it.",
)
def rank(given: Votes, p: VotesParameters) -> Finding:
    """Multiply the mean impact by the mean urgency. High impact and high urgency make a priority; high impact that can wait is
    planned for later; low impact is parked, however urgent. Few voters make the rank provisional, votes far apart call for
    a talk before anything is decided.

    Source: NEED-04, NEED-05.
    """
    count = len(given.votes)
    blank = {"quadrant": None, "impact": None, "urgency": None, "voters": count, "few": True, "discuss": False}
    if not count:
        return insufficient("votes", details=blank)
    impact = sum((vote.impact for vote in given.votes), ZERO) / count
    urgency = sum((vote.urgency for vote in given.votes), ZERO) / count
    high, urgent = (q6(mean) >= p.high_from for mean in (impact, urgency))
    spread = max(
        max(values) - min(values)
        for values in ([vote.impact for vote in given.votes], [vote.urgency for vote in given.votes])
    )
    few, discuss = count < p.min_voters, spread >= p.discuss_spread
    notes = [f"{count} of {p.min_voters} voters needed"] if few else []
    details = {
        "quadrant": "priority" if high and urgent else "later" if high else "parked",
        "impact": impact,
        "urgency": urgency,
        "voters": count,
        "few": few,
        "discuss": discuss,
    }
    return Finding(impact * urgency, notes=(*notes, *(["the votes are far apart"] if discuss else [])), details=details)


class Canvas(Inputs):
    """What is written down of a pain point."""

    problem: Flag = Field(description="The problem in the customer's words")
    baseline: Flag = Field(description="A metric with its baseline")
    outcome: Flag = Field(description="The outcome they want")
    causes: Flag = Field(description="Root causes with evidence")
    people: Flag = Field(description="Who is affected")
    cost: Flag = Field(description="What it costs in money or hours")
    time: Flag = Field(description="Why it cannot wait")


@rule(
    "track.needs.canvas",
    title="Canvas of a pain point",
    spec=("NEED-03",),
    summary="How many of the seven fields of the canvas are filled, %.",
)
def canvas(given: Canvas) -> Finding:
    """Count the seven fields of the canvas that are filled; complete with all of them.

    Source: NEED-03.
    """
    fields = type(given).model_fields
    each = HUNDRED / len(fields)
    parts = tuple(
        Part(name, str(field.description), getattr(given, name), contribution=each * getattr(given, name))
        for name, field in fields.items()
    )
    lacks = [name for name in fields if not getattr(given, name)]
    value = HUNDRED * (len(fields) - len(lacks)) / len(fields)
    return Finding(value, parts=parts, details={"lacks": lacks, "complete": not lacks})
