"""Conditions that a playbook may name: which facts each reads, and which rows of them count. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

BANDS = ("red", "amber", "green")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a condition looks at: rows by kind (see `Condition.reads`), from when things count, and the day."""

    rows: Mapping[str, Sequence[Row]]
    since: date
    on: date

    def of(self, kind: str) -> Sequence[Row]:
        """Return the rows of a kind."""
        return self.rows.get(kind, ())


Read = Callable[[Seen, Mapping[str, Any]], Iterable[Row]]


@dataclass(frozen=True)
class Condition:
    """A condition: the kinds of facts it reads, the options it takes, the rows that count towards it.

    `noun` names one and several of what is counted. A condition with `none` holds where nothing is counted; one with
    `happens` counts what happened since the play began, and takes `near`: only from so many days before the step.
    """

    reads: tuple[str, ...]
    noun: tuple[str, str]
    count: Read
    options: Mapping[str, type] = field(default_factory=dict)
    least: int = 1
    none: bool = False
    happens: bool = False

    @property
    def taken(self) -> Mapping[str, type]:
        """The options that a check may give."""
        found = dict(self.options) if self.none else {"least": int, **self.options}
        return found | ({"near": int} if self.happens else {})


LEVELS: Mapping[str, str] = {
    "c_suite": "C-suite", "vp": "vice president", "director": "director", "manager": "manager",
    "practitioner": "practitioner",
}  # fmt: skip


def _people(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    levels = check.get("levels")
    return (row for row in seen.of("contacts") if not levels or row["level"] in levels)


def _new(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in _people(seen, check) if row["since"] >= seen.since)


def _levels(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    known = {row["level"] for row in seen.of("contacts")}
    return ({"label": label} for level, label in LEVELS.items() if level in known)


def _champions(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("contacts") if row["role"] == "champion" and row["sentiment"] == "positive")


def _unowned(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("contacts") if row["influence"] >= 4 and not row["owned"])


def _sponsors(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("account") if row["kind"] == "sponsor")


def _touches(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    people = {row["id"]: row for row in seen.of("contacts")}
    levels, roles, kinds = (check.get(name) for name in ("levels", "roles", "kinds"))
    for row in seen.of("touches"):
        there = [people[pk] for pk in row["people"] if pk in people]
        if row["on"] < seen.since or (kinds and row["kind"] not in kinds):
            continue
        if levels and not any(one["level"] in levels for one in there):
            continue
        if roles and not any(one["role"] in roles for one in there):
            continue
        yield row


def _sponsor_touches(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    sponsors = {row["id"] for row in seen.of("contacts") if row["sponsor"]}
    return (row for row in seen.of("touches") if row["on"] >= seen.since and sponsors & set(row["people"]))


def _verified(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    first = seen.on - timedelta(days=check.get("within_days", 365))
    return (row for row in seen.of("outcomes") if row["on"] >= first)


def _goals(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("goals") if not check.get("new") or row["since"] >= seen.since)


def _readings(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    first = seen.on - timedelta(days=check.get("within_days", 92))
    wanted = check.get("metric", "")
    first = max(first, seen.since) if "near" in check else first
    return (row for row in seen.of("readings") if row["metric"] == wanted and first <= row["on"] <= seen.on)


def _routes(*states: str) -> Read:
    def count(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
        types = check.get("types")
        for row in seen.of("routes"):
            fresh = row["state"] != "won" or (row["closed"] is not None and row["closed"] >= seen.since)
            if row["state"] in states and fresh and (not types or row["type"] in types):
                yield row

    return count


def _renewals(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("renewals") if row["state"] in check.get("states", ("signed",)))


def _health(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    lowest = BANDS.index(check.get("band", "green"))
    return (row for row in seen.of("health") if row["band"] in BANDS and BANDS.index(row["band"]) >= lowest)


def _held(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    for row in seen.of("meetings"):
        if row["status"] == "held" and row["on"] >= seen.since and (row["review"] or not check.get("review")):
            yield row


def _ahead(passes: Callable[[Row, Mapping[str, Any]], bool]) -> Read:
    def count(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
        """The next review that is not over, where it passes."""
        ahead = [row for row in seen.of("meetings") if row["review"] and row["status"] == "scheduled"]
        ahead = sorted((row for row in ahead if row["on"] >= seen.on), key=lambda row: row["on"])
        return [row for row in ahead[:1] if passes(row, check)]

    return count


def _attended(row: Row, check: Mapping[str, Any]) -> bool:
    roles = set(check.get("roles", ()))
    return roles <= set(row["roles"]) and (row["sponsor"] or not check.get("sponsor"))


def _actions(seen: Seen, _check: Mapping[str, Any]) -> Iterable[Row]:
    return (row for row in seen.of("actions") if row["since"] >= seen.since)


def _rhythms(seen: Seen, check: Mapping[str, Any]) -> Iterable[Row]:
    types = check.get("types")
    return (row for row in seen.of("cadences") if not types or row["type"] in types)


def _all(kind: str) -> Read:
    return lambda seen, _check: seen.of(kind)


_LEVELLED: Mapping[str, type] = {"levels": list}
CONDITIONS: Mapping[str, Condition] = {
    "contacts_known": Condition(("contacts",), ("contact", "contacts"), _people, _LEVELLED, 3),
    "new_contacts": Condition(("contacts",), ("new contact", "new contacts"), _new, _LEVELLED, happens=True),
    "levels_covered": Condition(("contacts",), ("level", "levels"), _levels, {}, 3),
    "champions": Condition(("contacts",), ("champion who is positive", "champions who are positive"), _champions),
    "contacts_owned": Condition(
        ("contacts",), ("influential contact without an owner of ours", "influential contacts without an owner of ours"),
        _unowned, none=True,
    ),
    "sponsors_named": Condition(("account",), ("sponsor", "sponsors"), _sponsors, {}, 2),
    "contact_made": Condition(
        ("contacts", "touches"), ("two-way contact", "two-way contacts"), _touches,
        {"levels": list, "roles": list, "kinds": list}, happens=True,
    ),
    "sponsor_contact": Condition(
        ("contacts", "touches"), ("conversation with their sponsor", "conversations with their sponsor"), _sponsor_touches, happens=True,
    ),
    "priorities_known": Condition(("priorities",), ("priority", "priorities"), _all("priorities"), {}, 3),
    "value_verified": Condition(
        ("outcomes",), ("verified value outcome", "verified value outcomes"), _verified, {"within_days": int}
    ),
    "goals_measured": Condition(
        ("goals",), ("dated goal", "dated goals"), _goals, {"new": bool}, happens=True
    ),
    "kpis_measured": Condition(
        ("kpis",), ("KPI with baseline and target", "KPIs with baseline and target"), _all("kpis")
    ),
    "reading": Condition(("readings",), ("reading", "readings"), _readings, {"metric": str, "within_days": int}, happens=True),
    "route_open": Condition(
        ("routes",), ("open route", "open routes"), _routes("identified", "qualifying", "pursuing"), {"types": list}
    ),
    "route_won": Condition(("routes",), ("won route", "won routes"), _routes("won"), {"types": list}),
    "renewal_state": Condition(("renewals",), ("renewal", "renewals"), _renewals, {"states": list}),
    "issues_owned": Condition(
        ("issues",), ("severe issue without owner or date", "severe issues without owner or date"), _all("issues"),
        none=True,
    ),
    "health_at_least": Condition(("health",), ("colour of health that is good enough", "colour of health that is good enough"), _health, {"band": str}),
    "meeting_held": Condition(("meetings",), ("held meeting", "held meetings"), _held, {"review": bool}, happens=True),
    "review_set": Condition(("meetings",), ("review ahead", "reviews ahead"), _ahead(lambda _row, _check: True)),
    "review_agenda": Condition(
        ("meetings",), ("review ahead with an agenda", "reviews ahead with an agenda"),
        _ahead(lambda row, _check: bool(row["agenda"])),
    ),
    "review_pre_read": Condition(
        ("meetings",), ("review ahead with its pre-read sent", "reviews ahead with their pre-read sent"),
        _ahead(lambda row, _check: bool(row["pre_read"])),
    ),
    "review_attended_by": Condition(
        ("meetings",), ("review ahead", "reviews ahead"), _ahead(_attended), {"roles": list, "sponsor": bool}
    ),
    "actions_dated": Condition(
        ("actions",), ("action with owner and date", "actions with owner and date"), _actions, happens=True
    ),
    "rhythm_set": Condition(("cadences",), ("active cadence", "active cadences"), _rhythms, {"types": list}),
}  # fmt: skip
"""Every condition that a playbook may name."""
