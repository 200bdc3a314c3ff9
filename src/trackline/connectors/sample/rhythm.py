"""In which rhythm a plan runs: cadences, meetings with decisions and actions, execution metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.series import line
from trackline.connectors.sample.situation import add_interaction
from trackline.connectors.sample.timeline import add_months, off_weekend, spread

_STEP_DAYS = {"weekly": 7, "bi_weekly": 14}
_STEP_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6}
_PAST = {"weekly": 6, "bi_weekly": 6, "monthly": 6, "quarterly": 4, "semiannual": 2}
_AHEAD = {"weekly": 2, "bi_weekly": 2, "monthly": 2, "quarterly": 1, "semiannual": 1}
_FORGOTTEN_AFTER = 14
"""An action of a meeting that is due longer ago than this, in days, has been done unless its story says otherwise."""
_EXECUTION = {
    "qbr_completion": ("Reviews held of those due", 100), "actions_closed": ("Actions closed", 80),
    "actions_on_time": ("Actions closed on time", 90), "meeting_adherence": ("Meetings held of those planned", 95),
    "preread_on_time": ("Pre-reads sent in time", 90), "checkins_on_time": ("Goals with a check-in in time", 100),
    "plays_on_time": ("Plays done in time", 80), "decision_to_action": ("Hours from decision to action", 48),
}  # fmt: skip


@dataclass(frozen=True)
class _Sitting:
    """One date of a cadence; `back` counts from the latest past one, negative for those to come."""

    back: int
    day: date


def add_cadences(book: Book, story: Story) -> None:
    """Draft cadences with their meetings."""
    when = story.when
    for row in story.rows("cadences"):
        sittings = list(_sittings(story, row))
        first = min((item.day for item in sittings), default=when.today)
        opened = min(when.offset(first) - 6, -2)
        key = f"cadence:{story.key}/{row['id']}"
        data = slim(
            account=story.account,
            name=row["name"],
            type=row["type"],
            frequency=row["freq"],
            anchor_on=first,
            at_time=row["time"],
            duration_min=row["min"],
            chair=story.user(row["chair"]),
            participants=story.users(row["members"]),
            client_participants=story.contacts(
                [name for name in row.get("clients", []) if story.gone_on(name) is None]
            ),
            purpose=row["purpose"],
            active=row.get("active", True),
        )
        book.add(Draft(key, when.written(opened, key), story.user(row["chair"]), data))
        for sitting in sittings:
            _add_meeting(book, story, key, row, sitting)


def _sittings(story: Story, row: dict[str, Any]) -> Iterator[_Sitting]:
    freq = row["freq"]
    past, ahead = row.get("past", _PAST[freq]), row.get("ahead", _AHEAD[freq])
    if "next" in row:
        anchor, latest = story.when.workday(row["next"]), -1
    else:
        anchor, latest = story.when.workday(row["last"]), 0
    for number in range(-past + (1 if latest == 0 else 0), ahead if latest == -1 else 1):
        if freq in _STEP_DAYS:
            day = anchor + timedelta(days=_STEP_DAYS[freq] * number)
        else:
            day = add_months(anchor, _STEP_MONTHS[freq] * number)
        day = off_weekend(day, forward=day > story.when.today)
        if story.when.offset(day) >= story.since + 8:
            yield _Sitting(latest - number if latest == -1 else -number, day)


def _add_meeting(book: Book, story: Story, cadence: str, row: dict[str, Any], sitting: _Sitting) -> None:
    when = story.when
    key = f"meeting:{story.key}/{row['id']}/{sitting.day.isoformat()}"
    chair = story.user(row["chair"])
    log = _minutes(story, row, sitting.back)
    day = when.offset(sitting.day)
    begins = when.at(sitting.day, row["time"])
    held = sitting.back >= 0 and sitting.back not in row.get("missed", {})
    missing = [name for name in row.get("clients", []) if (left := story.gone_on(name)) is not None and left < day]
    invited = [name for name in row.get("clients", []) if name not in missing]
    came = [name for name in invited if name not in log.get("absent", [])]
    data = slim(
        account=story.account,
        cadence=cadence,
        title=row["name"],
        at=begins,
        duration_min=row["min"],
        review="qbr" if row["type"] == "qbr" else None,
        attendees=story.users(row["members"]),
        contacts=story.contacts(invited),
        notes=log.get("notes"),
    )
    if sitting.back < 0:
        book.add(Draft(key, when.written(min(day - 60, -2), key), chair, data))
        return
    data["status"] = "held" if held else row["missed"][sitting.back]
    if held and row["type"] in ("qbr", "exec_sponsor"):
        data |= _papers(key, begins, row["type"] == "qbr")
    absent = story.contacts([name for name in invited if name not in came])
    after = begins + timedelta(minutes=row["min"] + 20)
    book.add(Draft(key, after, chair, data, {"absent": absent}))
    if held and came:
        _add_touch(book, story, row, sitting, came, log)
    if held:
        _add_outcomes(book, story, key, log, sitting.day, after, joint=bool(came))


def _minutes(story: Story, row: dict[str, Any], back: int) -> dict[str, Any]:
    """Return what was written down at a meeting: with its cadence, or among the minutes of the story."""
    found = dict(row.get("log", {}).get(back, {}))
    for item in story.rows("minutes"):
        if (item["cadence"], item["back"]) == (row["id"], back):
            found = item | found
    return found


def _papers(key: str, begins: datetime, review: bool) -> dict[str, Any]:
    """Most pre-reads go out in time, one in five does not."""
    late = spread(key, 5) == 0
    hours = (20 if review else 40) if late else 52 + spread(key, 40)
    found: dict[str, Any] = {"pre_read_sent_at": begins - timedelta(hours=hours)}
    found["summary_sent_at"] = begins + timedelta(hours=3 if review else 2)
    if review:
        found["effectiveness"] = 5 + spread(key, 9) / 2
    return found


def _add_touch(
    book: Book, story: Story, row: dict[str, Any], sitting: _Sitting, came: list[str], log: dict[str, Any]
) -> None:
    """A meeting that was held is a contact that happened."""
    add_interaction(
        book,
        story,
        f"interaction:{story.key}/{row['id']}/{sitting.day.isoformat()}",
        on=sitting.day,
        kind="meeting",
        contacts=story.contacts(came),
        users=story.users(row["members"]),
        summary=log.get("notes") or f"{row['name']}: {row['purpose']}",
        channel="in_person" if row["type"] == "qbr" else "video",
    )


def _add_outcomes(
    book: Book, story: Story, meeting: str, log: dict[str, Any], day: date, after: datetime, joint: bool
) -> None:
    """`joint` is what was promised in front of the customer."""
    when, name = story.when, meeting.partition(":")[2]
    for number, (title, code, measure) in enumerate(log.get("decisions", []), 1):
        data = {"account": story.account, "meeting": meeting, "title": title, "owner": story.user(code)}
        data |= {"status": "decided", "decided_on": day, "success_metric": measure}
        book.add(Draft(f"decision:{name}/{number}", after, story.user(code), data))
    for number, (title, code, due, *ending) in enumerate(log.get("actions", []), 1):
        key = f"action:{name}/{number}"
        theirs = code.startswith("c:")
        owner = None if theirs else story.user(code)
        data = slim(
            account=story.account,
            meeting=meeting,
            title=title,
            joint=joint,
            side="customer" if theirs else "us",
            owner=owner,
            client_owner=story.local("contact", code[2:]) if theirs else None,
            due_on=when.day(due),
            origin="meeting",
        )
        writer = owner or story.owner
        book.add(Draft(key, after, writer, data))
        finished = None
        if not ending and due < -_FORGOTTEN_AFTER:
            finished = due + spread(key, 4) - 1
        elif ending and ending[0] != "open":
            finished = ending[0]
        if finished is not None:
            at = max(when.written(finished, key), after)
            book.amend(key, at, writer, status="done")


def add_sponsorships(book: Book, story: Story) -> None:
    """Draft the pairings of executives."""
    for number, row in enumerate(story.rows("sponsorships")):
        key = f"sponsorship:{story.key}/{number}"
        begun = story.when.today + timedelta(days=row["from"])
        data = slim(
            account=story.account,
            sponsor=story.user(row["sponsor"]),
            contact=story.contacts([row["with"]])[0],
            purpose=row["purpose"],
            authority_gap=row.get("gap"),
            domain_fit=row.get("domain"),
            culture_fit=row.get("culture"),
            hours_month=row.get("hours"),
            charter_signed_on=begun if row.get("signed", True) else None,
            active_from=begun,
        )
        book.add(Draft(key, story.when.written(row["from"], key), story.owner, data))


def add_execution(book: Book, story: Story) -> None:
    """Draft execution metrics with the readings of the last four quarters."""
    when = story.when
    if not story.facts.get("execution"):
        return
    quality = line(story.facts["metrics"]["quality"])
    quarter = when.today.replace(month=(when.today.month - 1) // 3 * 3 + 1, day=1)
    for formula in story.facts["execution"]:
        key = f"execution_metric:{story.key}/{formula}"
        name, target = _EXECUTION[formula]
        opened = max(story.since + 20, -400)
        data: dict[str, Any] = {"account": story.account, "name": name, "formula_key": formula, "target": target}
        if formula == "decision_to_action":
            data |= {"unit": "hours", "direction": "decrease"}
        book.add(Draft(key, when.written(opened, key), story.owner, data))
        for back in range(4, 0, -1):
            start = add_months(quarter, -3 * back)
            if when.offset(start) < opened:
                continue
            q = quality(-3 * back + 1.5)
            due = 1 if formula == "qbr_completion" else 8 + spread(f"{key}/{back}", 6)
            done = min(due, round(due * (0.45 + 0.6 * q)))
            row: dict[str, Any] = {"metric": key, "period_start": start, "numerator": done, "denominator": due}
            row["value"] = (
                round(30 + 60 * (1 - q), 1) if formula == "decision_to_action" else round(100 * done / due, 1)
            )
            if formula == "decision_to_action":
                del row["numerator"], row["denominator"]
            frozen = when.offset(add_months(start, 3)) + 5
            reading = f"execution_reading:{story.key}/{formula}/{back}"
            book.add(Draft(reading, when.written(min(frozen, -1), reading), story.owner, row))
