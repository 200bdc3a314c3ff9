"""When a signal fires: what happened lately, what fell silent, what hangs by one person, how health moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, known, rule
from trackline.core.playbook.fields import Count, Flag, Number, Quantity

Band = Literal["green", "amber", "red", "unknown"]
WORSE = {"green": 0, "amber": 1, "red": 2}


class Happenings(Inputs):
    """How long ago something happened."""

    days_ago: list[Quantity | None] | None = Field(description="Days since each time it happened")


class Lately(Parameters):
    """How long it counts, and how often it must have happened."""

    days: Count
    times: Count


def happened(given: Happenings, p: Lately) -> Finding:
    """The signal fires (1) when it happened often enough within the days that count, the last of them included, else 0."""
    if given.days_ago is None:
        return insufficient("days_ago", details={"times": None})
    times = sum(1 for days in known(given.days_ago) if q6(days) <= p.days)
    missing = ("days_ago",) if None in given.days_ago else ()
    return Finding(int(times >= p.times), missing=missing, details={"times": times})


def _happening(key: str, title: str, spec: str, summary: str) -> Callable[[Callable[..., Finding]], object]:
    return rule(f"watch.signal.{key}", title=title, spec=(spec,), summary=summary)


sponsor_exit = _happening(
    "sponsor_exit", "Executive sponsor leaves", "SIG-01", "Fires when a sponsor or senior buyer has moved or left."
)(happened)
champion_exit = _happening("champion_exit", "Champion leaves", "STK-20", "Fires when a champion has moved or left.")(
    happened
)
vendor_rationalisation = _happening(
    "vendor_rationalisation", "Vendor rationalisation", "SIG-04", "Fires when an entry tells of suppliers being cut."
)(happened)
competitor_evaluation = _happening(
    "competitor_evaluation", "Customer evaluates competitors", "SIG-07", "Fires when an entry tells of an evaluation."
)(happened)
budget_removed = _happening(
    "budget_removed", "Budget reassigned", "SIG-12", "Fires when an entry tells that our budget was taken away."
)(happened)
customer_cancels = _happening(
    "customer_cancels", "Customer cancels meetings", "SIG-03", "Fires when the customer cancelled or missed meetings."
)(happened)
review_skipped = _happening(
    "review_skipped",
    "Customer skips a review",
    "SIG-03",
    "Fires when the customer cancelled or missed the last review.",
)(happened)


low_answer = _happening("low_answer", "Low survey answer", "SIG-40", "Fires while a low answer of late is not mended.")(
    happened
)


class Unusual(Parameters):
    """How long a request counts, and how long there was none before."""

    days: Count
    quiet_days: Count


@rule(
    "watch.signal.data_export",
    title="Unusual request for data or interfaces",
    spec=("SIG-05",),
    summary="Fires on a request for an export or interface documents after a year without one.",
)
def data_export(given: Happenings, p: Unusual) -> Finding:
    """The signal fires (1) when such a request came within the days that count and none in the quiet time before the first
    of them, else 0.

    Source: SIG-05.
    """
    if given.days_ago is None:
        return insufficient("days_ago")
    times = sorted(known(given.days_ago))
    late = [days for days in times if q6(days) <= p.days]
    before = [days for days in times if late and late[-1] < days <= late[-1] + p.quiet_days]
    return Finding(int(bool(late) and not before), missing=("days_ago",) if None in given.days_ago else ())


class Due(Inputs):
    """A review that was to be held."""

    days: Quantity | None = Field(description="Days since the review was due")
    held: Flag | None = Field(description="Held, or cancelled by us")


class Grace(Parameters):
    """So long a review may be overdue."""

    days: Count


@rule(
    "watch.signal.review_overdue",
    title="Review overdue",
    spec=("SIG-03", "QBR-08"),
    summary="Fires when a review was not held 30 days after it was due.",
)
def review_overdue(given: Due, p: Grace) -> Finding:
    """The signal fires (1) when a review that was planned is not held and its day lies more days back than the limit.

    Source: SIG-03, QBR-08.
    """
    if given.days is None or given.held is None:
        return insufficient(*absent(given, "days", "held"))
    return Finding(int(not given.held and q6(given.days) > p.days))


class Lateness(Inputs):
    """The step of a survey case that is due next."""

    hours: Quantity | None = Field(description="Hours since it was due; 0 where it is not late")


class Patience(Parameters):
    """So long a step may be late."""

    over_hours: Count


def late(given: Lateness, p: Patience) -> Finding:
    """The signal fires (1) when the next step of a case is late by more hours than the limit, else 0."""
    if given.hours is None:
        return insufficient("hours")
    return Finding(int(q6(given.hours) > p.over_hours))


case_late = rule(
    "watch.signal.case_late",
    title="Follow-up of a survey answer late",
    spec=("SUR-13",),
    summary="Fires when a step of a survey case is late.",
)(late)
case_stuck = rule(
    "watch.signal.case_stuck",
    title="Follow-up of a survey answer late by a day",
    spec=("SUR-13",),
    summary="Fires for the manager when a step of a survey case is late by more than a day.",
)(late)


class Silence(Inputs):
    """How long nothing has happened."""

    days: Quantity | None = Field(description="Days since the last time")


class Limit(Parameters):
    """So many days may pass."""

    over_days: Count


@rule(
    "watch.signal.executive_rhythm",
    title="Executive rhythm slips",
    spec=("SIG-31",),
    summary="Fires when no executive was met for longer than a quarter and two weeks.",
)
def executive_rhythm(given: Silence, p: Limit) -> Finding:
    """The signal fires (1) when the last meeting with an executive lies more days back than the limit, else 0.

    Source: SIG-31.
    """
    if given.days is None:
        return insufficient("days")
    return Finding(int(q6(given.days) > p.over_days))


class Touch(Silence):
    """A contact's silence, and who it is."""

    champion: Flag | None = Field(description="Champion or executive sponsor")
    influence: Number | None = Field(description="Influence on the decision, 1 to 5")
    every_days: Count | None = Field(None, description="The contact's own limit, where it has one")


class TouchLimits(Parameters):
    """How long a contact may go without a touch, and from which influence that is a signal."""

    champion_days: Count
    other_days: Count
    influence_from: Number


@rule(
    "watch.signal.touch_overdue",
    title="Touch overdue",
    spec=("SIG-39", "STK-11"),
    summary="Fires when an influential contact was not in touch within its limit.",
)
def touch_overdue(given: Touch, p: TouchLimits) -> Finding:
    """The limit is the contact's own, else 30 days for champions and sponsors and 60 for others. The signal fires (1) for
    contacts of high influence past it, else 0.

    Source: SIG-39, STK-11.
    """
    missing = absent(given, "days", "champion", "influence")
    if missing or given.days is None or given.influence is None:
        return insufficient(*missing, details={"limit": None})
    limit = given.every_days or (p.champion_days if given.champion else p.other_days)
    fires = q6(given.influence) >= q6(p.influence_from) and q6(given.days) > limit
    return Finding(int(fires), details={"limit": limit})


class Velocity(Inputs):
    """Champions won and lost over the window."""

    gained: Count | None = Field(description="Champions won")
    lost: Count | None = Field(description="Champions lost")


class Window(Parameters):
    """How far back champions are counted, and the velocity from which it is no signal."""

    days: Count
    at_least: Number


@rule(
    "watch.signal.champion_velocity",
    title="More champions lost than won",
    spec=("SIG-30", "STK-13"),
    summary="Fires when more champions were lost than won over 90 days.",
)
def champion_velocity(given: Velocity, p: Window) -> Finding:
    """Champions won less champions lost over the window. The signal fires (1) below the limit, else 0.

    Source: SIG-30, STK-13.
    """
    if given.gained is None or given.lost is None:
        return insufficient(*absent(given, "gained", "lost"), details={"velocity": None})
    velocity = given.gained - given.lost
    return Finding(int(velocity < p.at_least), details={"velocity": velocity})


class Thread(Inputs):
    """Who holds the account."""

    active_contacts: Count | None = Field(description="Contacts with a two-way touch of late")


class Single(Parameters):
    """The number of active contacts that is still a single thread."""

    at_most: Count


@rule(
    "watch.signal.single_thread",
    title="Account hangs by one contact",
    spec=("SIG-35", "STK-08"),
    summary="Fires when one contact or none is active.",
)
def single_thread(given: Thread, p: Single) -> Finding:
    """The signal fires (1) when at most one contact is active, else 0.

    Source: SIG-35, STK-08.
    """
    if given.active_contacts is None:
        return insufficient("active_contacts")
    return Finding(int(given.active_contacts <= p.at_most))


class HealthBand(Inputs):
    """The headline health."""

    band: Band | None = Field(description="Colour of the headline")


@rule(
    "watch.signal.red_health",
    title="Red health",
    spec=("SIG-37",),
    summary="Fires when the headline health is red.",
)
def red_health(given: HealthBand) -> Finding:
    """The signal fires (1) when the headline is red, else 0.

    Source: SIG-37.
    """
    if given.band in (None, "unknown"):
        return insufficient("band")
    return Finding(int(given.band == "red"))


class HealthMove(Inputs):
    """The headline health now and then."""

    before: Number | None = Field(description="Score when the span began")
    now: Number | None = Field(description="Score now")
    band_before: Band | None = Field(None, description="Colour when the span began")
    band_now: Band | None = Field(None, description="Colour now")


class Fall(Parameters):
    """The fall that counts, and the span it is looked for in."""

    points: Quantity
    days: Count


@rule(
    "watch.signal.health_fall",
    title="Health falls",
    spec=("SIG-36", "HLT-17"),
    summary="Fires when health fell by 10 points in 60 days, or its colour worsened.",
)
def health_fall(given: HealthMove, p: Fall) -> Finding:
    """The signal fires (1) when the score fell by the points or more over the span, or when its colour is worse than it was,
    else 0.

    Source: SIG-36, HLT-17.
    """
    if given.before is None or given.now is None:
        return insufficient(*absent(given, "before", "now"), details={"fall": None})
    fall = given.before - given.now
    worse = WORSE.get(given.band_now or "", 0) > WORSE.get(given.band_before or "", 2)
    missing = absent(given, "band_before", "band_now")
    return Finding(int(worse or q6(fall) >= q6(p.points)), missing=tuple(missing), details={"fall": fall})


class Clock(Inputs):
    """How an alert was answered."""

    acknowledged_min: Quantity | None = Field(None, description="Minutes until it was acknowledged, or so far")
    diagnosed_min: Quantity | None = Field(None, description="Minutes until it was diagnosed, or so far")
    amount: Quantity | None = Field(None, description="Money at risk, in the book's currency")


class Clocks(Parameters):
    """The clocks of an alert, and the money from which the sponsor is asked."""

    acknowledge_min: Count
    diagnose_hours: Count
    escalate_above: Quantity


@rule(
    "watch.alert.response",
    title="Response to an alert",
    spec=("SIG-42", "SIG-43"),
    summary="How many of an alert's two clocks ran out, and whether the sponsor is asked.",
)
def response(given: Clock, p: Clocks) -> Finding:
    """Acknowledging takes at most 30 minutes, diagnosing 24 hours, around the clock. The value counts the clocks that ran
    out. With more money at risk than the limit the alert goes to the sponsor.

    Source: SIG-42, SIG-43.
    """
    late = {
        "acknowledge_late": given.acknowledged_min is not None and q6(given.acknowledged_min) > p.acknowledge_min,
        "diagnose_late": given.diagnosed_min is not None and q6(given.diagnosed_min) > p.diagnose_hours * 60,
    }
    escalate = given.amount is not None and q6(given.amount) > q6(p.escalate_above)
    missing = absent(given, "acknowledged_min", "diagnosed_min", "amount")
    return Finding(sum(late.values()), missing=tuple(missing), details={**late, "escalate": escalate})
