"""Tending people: how long a contact may go without a touch, and what the loss of a champion means."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Count, Day, Flag

Role = Literal["champion", "economic_buyer", "technical_gatekeeper", "user_influencer", "potential_detractor"]
Seniority = Literal["c_suite", "vp", "director", "manager", "practitioner"]


class Touches(Inputs):
    """A contact and its touches."""

    last_touch_on: Day | None = Field(None, description="Last two-way touch")
    known_since: Day | None = Field(None, description="Since when the contact is on record")
    buying_role: Role | None = Field(None, description="Buying role")
    exec_sponsor: Flag | None = Field(None, description="Executive sponsor")
    seniority: Seniority | None = Field(None, description="Seniority")
    own_days: Count | None = Field(None, description="Days agreed for this contact alone")
    preset: Literal["role", "flat", "level"] | None = Field(
        None, description="What sets the limit; role where not given"
    )


class TouchParameters(Parameters):
    """Days that may pass without a touch, and how many more until the account's owner is asked."""

    champion_days: Count
    other_days: Count
    flat_days: Count
    level_days: dict[str, Count]
    escalate_days: Count


@rule(
    "accounts.stakeholders.touch",
    title="Touch threshold",
    spec=("STK-11",),
    summary="How many days a contact is past the limit without a two-way touch.",
)
def touch(given: Touches, p: TouchParameters, as_of: date) -> Finding:
    """Count the days since the last two-way touch, or since the contact is on record where there was none, beyond the
    limit. A limit agreed for the contact counts first. By role champions and executive sponsors have the short limit; flat
    is one limit for everybody; by level each seniority has its own. Past the limit is amber and a matter of who looks
    after the contact; well past it is red and a matter of the account's owner.

    Source: STK-11.
    """
    for name, day in (("last_touch_on", given.last_touch_on), ("known_since", given.known_since)):
        if day is not None and day > as_of:
            raise refuse(name, "A day that has come is expected.")
    since = given.last_touch_on or given.known_since
    if since is None:
        return insufficient("last_touch_on")
    limit = _limit(given, p)
    if limit is None:
        return insufficient("seniority")
    days = (as_of - since).days
    over = days - limit
    band = "green" if over <= 0 else "red" if over > p.escalate_days else "amber"
    details = {"days": days, "limit": limit, "overdue": over > 0, "touched": given.last_touch_on is not None}
    return Finding(over, band, missing=tuple(absent(given, "last_touch_on")), details=details)


def _limit(given: Touches, p: TouchParameters) -> int | None:
    if given.own_days:
        return given.own_days
    if given.preset == "flat":
        return p.flat_days
    if given.preset == "level":
        return p.level_days.get(given.seniority or "")
    return p.champion_days if given.buying_role == "champion" or given.exec_sponsor else p.other_days


class Champions(Inputs):
    """How many champions an account has and has lost."""

    active: Count | None = Field(description="Active champions and executive sponsors who favour us")
    lost: Count | None = Field(None, description="Champions and sponsors who moved or left of late")


class ChampionParameters(Parameters):
    """How many champions are safe, and by when a loss is answered."""

    safe: Count
    backup_days: Count
    replacement_days: Count


@rule(
    "accounts.stakeholders.champions",
    title="Champion loss",
    spec=("STK-20", "TRK-08"),
    summary="How many champions an account has left, and what the loss of one means.",
)
def champions(given: Champions, p: ChampionParameters) -> Finding:
    """Count the champions who are left. None after a loss is a high risk of churn. Fewer than two at any time leave no
    backup. After a loss the successor is to be reached and a backup briefed within days, and the map refreshed at once.

    Source: STK-20, TRK-08.
    """
    if given.active is None:
        return insufficient("active")
    band = "green" if given.active >= p.safe else "amber" if given.active else "red"
    details = {
        "churn_risk": bool(given.lost) and given.active == 0,
        "no_backup": given.active < p.safe,
        "backup_days": p.backup_days,
        "replacement_days": p.replacement_days,
    }
    return Finding(given.active, band, missing=tuple(absent(given, "lost")), details=details)
