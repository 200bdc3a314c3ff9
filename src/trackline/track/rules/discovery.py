"""How far what is known of a customer carries: who was interviewed, what contradicts itself, what a source is good for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED
from trackline.core.periods import months_before
from trackline.core.playbook import Finding, Inputs, Parameters, Part, absent, insufficient, rule
from trackline.core.playbook.fields import Count, Day, Flag, Number, Numeric, Quantity, Rating

Tone = Annotated[int, Numeric(ge=-1, le=1, whole=True)]
Layer = Literal["executive", "functional", "end_user"]
LAYERS = {"executive": "Executives", "functional": "Functional leads", "end_user": "End users"}


class Interview(Inputs):
    """One interview with people of a layer."""

    layer: Layer = Field(description="Layer of the person")
    on: Day = Field(description="When")


class Interviews(Inputs):
    """All interviews of an account."""

    interviews: list[Interview] = Field(description="Interviews, one for each person", max_length=5000)


class CoverageParameters(Parameters):
    """How long an interview counts."""

    months: Count


@rule(
    "track.needs.discovery",
    title="Discovery coverage",
    spec=("NEED-14",),
    summary="Layers of the customer that were interviewed of late, % of three.",
    revision=2,
)
def discovery(given: Interviews, p: CoverageParameters, as_of: date) -> Finding:
    """An account is understood from all three layers: executives, functional leads and end users. Each with an interview in
    the window counts a third.

    Source: NEED-14.
    """
    since = months_before(as_of, p.months)
    newest = {
        layer: max(
            (one.on for one in given.interviews if one.layer == layer and since <= one.on <= as_of), default=None
        )
        for layer in LAYERS
    }
    each = HUNDRED / len(LAYERS)
    parts = tuple(
        Part(key, label, newest[key], contribution=each if newest[key] else HUNDRED * 0)
        for key, label in LAYERS.items()
    )
    lacks = [key for key in LAYERS if newest[key] is None]
    value = HUNDRED * (len(LAYERS) - len(lacks)) / len(LAYERS)
    return Finding(value, parts=parts, details={"lacks": lacks})


class Voices(Inputs):
    """What the same person said in an interview and answered in a survey."""

    sentiment: Tone | None = Field(None, description="Tone of the last interview, -1 to 1")
    talked_on: Day | None = Field(None, description="When that was")
    rating: Rating | None = Field(None, description="Recommendation in the last survey, 0 to 10")
    answered_on: Day | None = Field(None, description="When that was")


class ConflictParameters(Parameters):
    """When the two contradict each other."""

    detractor_to: Count
    promoter_from: Count
    window_days: Count


@rule(
    "track.needs.conflict",
    title="Interview against survey",
    spec=("NEED-13",),
    summary="Whether somebody speaks well of us and answers badly, or the other way round.",
)
def conflict(given: Voices, p: ConflictParameters) -> Finding:
    """A friendly interview beside a low recommendation, or a bad interview beside a high one, within the window: one of the
    two is not the truth, so somebody digs deeper.

    Source: NEED-13.
    """
    if given.sentiment is None or given.rating is None or given.talked_on is None or given.answered_on is None:
        lacking = absent(given, "sentiment", "talked_on", "rating", "answered_on")
        return insufficient(*lacking, details={"kind": None})
    near = abs((given.talked_on - given.answered_on).days) <= p.window_days
    better = near and given.sentiment > 0 and given.rating <= p.detractor_to
    worse = near and given.sentiment < 0 and given.rating >= p.promoter_from
    return Finding(int(better or worse), details={"kind": "talk_better" if better else "talk_worse" if worse else None})


class PilotMetrics(Inputs):
    """What decides a pilot, and what its pain points are measured by."""

    pilot: list[str] = Field(description="Keys of the metrics that decide the pilot", max_length=100)
    canvas: list[str] = Field(description="Keys of the metrics of its pain points", max_length=100)


@rule(
    "track.needs.pilot_match",
    title="Pilot measured by the problem",
    spec=("NEED-09",),
    summary="Metrics of a pilot that its pain points are measured by, %.",
)
def pilot_match(given: PilotMetrics) -> Finding:
    """A pilot proves something only where it is measured by what the problem is measured by: each of its metrics stands in
    the canvas of one of its pain points.

    Source: NEED-09.
    """
    asked, known = sorted(set(given.pilot)), set(given.canvas)
    stray = [key for key in asked if key not in known]
    if not asked:
        return insufficient("pilot", details={"stray": [], "matches": False})
    value = HUNDRED * (len(asked) - len(stray)) / len(asked)
    return Finding(value, details={"stray": stray, "matches": not stray})


class SourceFacts(Inputs):
    """What is known of a source."""

    owned: Flag = Field(description="Somebody keeps it")
    refresh_days: Quantity | None = Field(None, description="Days between two refreshes")
    max_age_days: Quantity | None = Field(None, description="Days after which it is old, where agreed on")
    last_on: Day | None = Field(None, description="Last refreshed")
    priority: Flag = Field(description="Decisions rest on it")
    high_stakes: Flag = Field(description="Share of wallet, value or spend")
    independent: Count = Field(description="Independent sources that say it")
    failures: Count = Field(description="Times it was found wrong")


class SourceParameters(Parameters):
    """How old a source may be, how many say it, and how often it may be wrong."""

    age_factor: Number
    high_stakes_sources: Count
    retire_from: Count


@rule(
    "track.needs.source",
    title="What a source is good for",
    spec=("NEED-01", "NEED-02"),
    summary="What is open on a source of insight: nobody keeps it, it is old, it stands alone, it was wrong twice.",
)
def source(given: SourceFacts, p: SourceParameters, as_of: date) -> Finding:
    """A source that decisions rest on has an owner and a rhythm. It is old after its rhythm and a half, or after the days
    agreed on. A figure with high stakes needs two sources that do not know of each other, else it stays unverified. A
    source that was found wrong twice is better given up. The value counts what is open.

    Source: NEED-01, NEED-02.
    """
    limit = given.max_age_days
    if limit is None and given.refresh_days is not None:
        limit = given.refresh_days * p.age_factor
    age = None if given.last_on is None else (as_of - given.last_on).days
    details = {
        "gap": given.priority and not (given.owned and given.refresh_days is not None),
        "stale": limit is not None and (age is None or age > limit),
        "unverified": given.high_stakes and given.independent < p.high_stakes_sources,
        "retire": given.failures >= p.retire_from,
    }
    missing = tuple(absent(given, "refresh_days", "last_on"))
    return Finding(sum(details.values()), missing=missing, details=details | {"limit_days": limit, "age_days": age})
