"""Stakeholders: the cell of a contact in the power grid, and how well an account's contacts cover it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Count, FivePoint, Flag

Sentiment = Literal["detractor", "neutral", "positive", "advocate"]
FAVOURABLE = ("positive", "advocate")

_CELLS = {
    "sentiment": {
        (True, False): "mobilize",
        (True, True): "protect_and_grow",
        (False, False): "monitor",
        (False, True): "leverage",
    },
    "interest": {
        (True, True): "champions",
        (True, False): "keep_satisfied",
        (False, True): "keep_informed",
        (False, False): "silent_risks",
    },
}
"""Cell by (high influence, favourable sentiment or high interest)."""


class Standing(Inputs):
    """How a contact stands towards us."""

    influence: FivePoint | None = Field(description="Influence on the decision, 1 to 5")
    sentiment: Sentiment | None = Field(None, description="Attitude towards us")
    interest: FivePoint | None = Field(None, description="Interest in what we do, 1 to 5")
    preset: Literal["sentiment", "interest"] | None = Field(
        None, description="The second axis; sentiment where not given"
    )


class GridParameters(Parameters):
    """Where high begins."""

    high_from: FivePoint


@rule(
    "accounts.stakeholders.grid",
    title="Power grid",
    spec=("STK-04", "STK-05"),
    summary="The cell of a contact by influence and sentiment, or by influence and interest.",
)
def grid(given: Standing, p: GridParameters) -> Finding:
    """Place a contact by influence (4 and 5 are high) and sentiment: mobilize, protect and grow, monitor, leverage. The
    other preset places by influence and interest: champions, keep satisfied, keep informed, silent risks. Without the
    second axis the contact has no cell.

    Source: STK-04, STK-05.
    """
    axis = given.preset or "sentiment"
    missing = absent(given, "influence", axis)
    if missing:
        return insufficient(*missing)
    assert given.influence is not None
    if axis == "sentiment":
        second = given.sentiment in FAVOURABLE
    else:
        assert given.interest is not None
        second = q6(given.interest) >= q6(p.high_from)
    return Finding(_CELLS[axis][q6(given.influence) >= q6(p.high_from), second])


Level = Literal["individual", "director", "executive"]
Area = Literal["buying", "using", "adjacent"]
Role = Literal[
    "champion",
    "economic_buyer",
    "technical_gatekeeper",
    "user_influencer",
    "potential_detractor",
    "exec_sponsor",
]
CELLS = tuple(
    f"{level}/{area}" for level in ("individual", "director", "executive") for area in ("buying", "using", "adjacent")
)
NEEDED_ROLES = ("champion", "economic_buyer", "exec_sponsor", "user_influencer")


class Person(Inputs):
    """A contact as coverage sees it."""

    level: Level | None = Field(description="Seniority in three levels")
    area: Area | None = Field(description="Functional area")
    active: Flag | None = Field(description="Active, with a two-way touch of late")
    c_suite: Flag | None = Field(None, description="Sits in the C-suite")
    roles: list[Role] | None = Field(None, description="Buying roles")


class Map(Inputs):
    """The contacts of an account."""

    contacts: list[Person] | None = Field(description="All contacts; only active ones count")


class CoverageParameters(Parameters):
    """Bands by the number of cells covered, and how many contacts make a sound thread."""

    bands: BandCuts
    thread_contacts: Count
    thread_levels: Count


@rule(
    "accounts.stakeholders.coverage",
    title="Stakeholder coverage",
    spec=("STK-06", "STK-07", "STK-08", "STK-09"),
    summary="How many of nine cells of seniority and area hold an active contact, and what hangs by one person.",
)
def coverage(given: Map, p: CoverageParameters) -> Finding:
    """Three levels by three areas make nine cells; a cell is covered by one active contact. Cells with a single contact are
    listed: one departure empties them. The thread is sound with three contacts over two levels, thin with fewer or on one
    level, single with one or none. A missing C-level contact and missing roles are told.

    Source: STK-06, STK-07, STK-08, STK-09.
    """
    if given.contacts is None:
        return insufficient("contacts")
    people = [person for person in given.contacts if person.active]
    held = Counter(f"{person.level}/{person.area}" for person in people if person.level and person.area)
    cells = {cell: held[cell] for cell in CELLS}
    covered = sum(count > 0 for count in cells.values())
    solo = [cell for cell, count in cells.items() if count == 1]
    roles = {role for person in people for role in person.roles or ()}
    details: dict[str, Any] = {
        "covered": covered,
        "cells": cells,
        "solo_cells": solo,
        "redundancy_min": covered - (1 if solo else 0),
        "thread": _thread(people, p),
        "c_level_gap": not any(person.c_suite for person in people),
        "missing_roles": [role for role in NEEDED_ROLES if role not in roles],
    }
    unknown = any(None in (person.level, person.area, person.active) for person in given.contacts)
    return Finding(
        Decimal(covered) * 100 / len(CELLS),
        p.bands.of(covered),
        missing=("contacts",) if unknown else (),
        details=details,
    )


def _thread(people: list[Person], p: CoverageParameters) -> str:
    if len(people) <= 1:
        return "single_threaded"
    levels = {person.level for person in people if person.level}
    return "ok" if len(people) >= p.thread_contacts and len(levels) >= p.thread_levels else "thin"
