"""What the records answer about a step: conditions by name, each over facts of one kind. Pure.

A playbook names a condition in its data, `{"name": "new_contacts", "least": 2, "levels": ["c_suite"]}`. The answer says
whether it holds and what was found, so that a step that is not done says what it lacks.
"""

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


@dataclass(frozen=True)
class Answer:
    """Whether a condition holds, what was found of what is wanted, and both in words."""

    met: bool
    found: int
    wanted: int
    says: str


def counts_since(check: Mapping[str, Any], started: date, due: date | None) -> date:
    """Return the day from which things count for a step: the start of its play, or `near` days before its own day."""
    near = check.get("near")
    if near is None or due is None:
        return started
    return max(started, due - timedelta(days=near))


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


def answer(check: Mapping[str, Any], seen: Seen) -> Answer:
    """Answer a check that `problem` finds nothing wrong with."""
    condition = CONDITIONS[check["name"]]
    counted = list(condition.count(seen, check))
    if condition.none:
        return Answer(not counted, len(counted), 0, _without(condition, counted))
    wanted = int(check.get("least", condition.least))
    return Answer(len(counted) >= wanted, len(counted), wanted, _said(condition, check, counted, wanted))


def problem(check: Any) -> str:
    """Say what is wrong with a check as it is written, or "" where it can be answered."""
    if not isinstance(check, Mapping):
        return "A check like {name, least} is expected."
    condition = CONDITIONS.get(check["name"]) if isinstance(check.get("name"), str) else None
    if condition is None:
        return f"One of {', '.join(sorted(CONDITIONS))} is expected as its name."
    for name, value in check.items():
        if name == "name":
            continue
        kind = condition.taken.get(str(name))
        if kind is None:
            return f"{check['name']} takes no {name}."
        fits = type(value) is kind and (not isinstance(value, list) or all(isinstance(one, str) for one in value))
        if not fits or (kind is int and not (name != "near") <= value <= 1000):
            return f"{name}: {_EXPECTED[kind]} is expected."
        if name == "band" and value not in BANDS:
            return f"band: one of {', '.join(BANDS)} is expected."
    return ""


def reads(checks: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the kinds of facts that some checks read."""
    return {kind for check in checks for kind in CONDITIONS[check["name"]].reads}


_EXPECTED: Mapping[type, str] = {
    int: "a whole number up to 1000", str: "text", list: "a list of words", bool: "true or false",
}  # fmt: skip


def _said(condition: Condition, check: Mapping[str, Any], counted: Sequence[Row], wanted: int) -> str:
    one, several = condition.noun
    narrowed = _narrowed(check)
    names = _names(counted)
    if len(counted) >= wanted:
        told = f"{len(counted)} {one if len(counted) == 1 else several}{narrowed}"
        return f"{told}: {names}." if names else f"{told}."
    lacks = wanted - len(counted)
    have = f"has {names}" if names else f"has {len(counted)} of {wanted}" if counted else "has none"
    return f"{lacks} {one if lacks == 1 else several}{narrowed} missing; {have}."


def _without(condition: Condition, counted: Sequence[Row]) -> str:
    one, several = condition.noun
    if not counted:
        return f"No {one}."
    names = _names(counted)
    more = f" and {len(counted) - 3} more" if len(counted) > 3 else ""
    return f"{len(counted)} {one if len(counted) == 1 else several}: {names}{more}."


def _names(counted: Sequence[Row]) -> str:
    return ", ".join(str(row["label"]).rstrip(" .") for row in counted[:3] if row.get("label"))


def _either(words: Iterable[str]) -> str:
    *others, last = [word.replace("_", " ") for word in words]
    return f"{', '.join(others)} or {last}" if others else last


def _narrowed(check: Mapping[str, Any]) -> str:
    words = []
    if levels := check.get("levels"):
        words.append(" in " + _either(LEVELS.get(level, level) for level in levels))
    if roles := check.get("roles"):
        words.append(" with " + _either(roles))
    if check.get("sponsor"):
        words.append(" with their sponsor")
    for name, word in (("types", "of type"), ("states", "at the stage"), ("kinds", "of kind")):
        if chosen := check.get(name):
            words.append(f" {word} {_either(chosen)}")
    if metric := check.get("metric"):
        words.append(f" of {metric.upper() if len(metric) < 5 else metric.replace('_', ' ')}")
    if days := check.get("within_days"):
        words.append(f" within {days} days")
    return "".join(words)


# -- what counts ----------------------------------------------------------------------------------------------------


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
        ("goals",), ("dated goal", "dated goals"), _goals, {"new": bool}
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
