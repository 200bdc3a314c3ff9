"""One stream of what happened on an account, newest first, drawn from several kinds of records and from the ledger.

Each source gives its newest entries below the cursor; they are merged by day, then by instant. So a page costs one
query a source, however long the story is.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from trackline.accounts.models import Account
from trackline.kickoff.models import Meeting
from trackline.kit import formats
from trackline.kit.days import day_start
from trackline.kit.formats import measure
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.reveal.models import CheckIn
from trackline.track.models import HealthSnapshot, Interaction, Issue, Note
from trackline.workspace.queries import changes as ledger
from trackline.workspace.queries.counting import count_all
from trackline.workspace.records.history import Moved

ALIVE = Q(deleted_at__isnull=True)
PAGE = 50
QUOTED = 220
"""Characters of a text that stand in the stream."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `tone` colours its ring: red bad, amber warning, accent ours, none neutral."""

    key: tuple[date, datetime, int, int]
    noun: str
    fact: str
    when: date | datetime
    tone: str = ""
    second: str = ""
    quote: str = ""
    by: str = ""
    panel: str = ""
    url: str = ""
    lines: Sequence[Moved] = ()
    undo_url: str = ""


@dataclass(frozen=True)
class Stream:
    """A page of entries with the cursor of the next one, or an empty text at the end."""

    entries: Sequence[Entry]
    next: str


@dataclass(frozen=True)
class Filter:
    """What a reader picks: which sources, and of the ledger which record types (None: all) or account fields."""

    key: str
    label: str
    sources: frozenset[str]
    changed: frozenset[str] | None = field(default=frozenset())


PEOPLE = Filter(
    "people", "People", frozenset({"note", "interaction", "meeting", "change"}), frozenset({"contact", "team_member"})
)
PLAN = Filter(
    "plan",
    "Plan",
    frozenset({"issue", "check_in", "snapshot", "change"}),
    frozenset(
        {
            "goal", "customer_priority", "play", "step", "action", "decision", "risk", "issue", "kpi", "cadence",
            "journey_score",
        }
    ),
)  # fmt: skip
MONEY = Filter(
    "money",
    "Money",
    frozenset({"change"}),
    frozenset(
        {
            "route",
            "contract",
            "contract_item",
            "renewal_cycle",
            "value_outcome",
            "business_case",
            "project",
            "qualification",
            "whitespace_cell",
        }
    ),
)
CHANGES = Filter("changes", "Changes", frozenset({"change"}), None)
EVERYTHING = Filter(
    "", "Everything",
    frozenset({"note", "interaction", "meeting", "issue", "check_in", "snapshot", "change"}), None,
)  # fmt: skip
FILTERS = (EVERYTHING, PEOPLE, PLAN, MONEY, CHANGES)


@dataclass(frozen=True)
class Cursor:
    """The key of the last entry shown."""

    day: date
    moment: datetime
    rank: int
    pk: int

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Read a cursor, or raise `BadRequest`."""
        try:
            day, moment, rank, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return cls(date.fromisoformat(day), datetime.fromisoformat(moment), int(rank), int(pk))
        except (ValueError, TypeError, binascii.Error, UnicodeDecodeError):
            raise BadRequest("cursor: not a cursor of this list.") from None

    @staticmethod
    def write(key: tuple[date, datetime, int, int]) -> str:
        """Return the text of a cursor."""
        day, moment, rank, pk = key
        plain = json.dumps([day.isoformat(), moment.isoformat(), rank, pk], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def filter_of(key: str) -> Filter:
    """Return the filter of a key; an unknown one shows everything."""
    return next((found for found in FILTERS if found.key == key), EVERYTHING)


def stream(
    ctx: Context, account: Account, wanted: Filter = EVERYTHING, *, cursor: str = "", limit: int = PAGE
) -> Stream:
    """Return a page of the stream of an account, newest first."""
    at = Cursor.read(cursor) if cursor else None
    entries: list[Entry] = []
    for rank, (name, source) in enumerate(_SOURCES.items()):
        if ("change" if name == "run" else name) in wanted.sources:
            entries += source(ctx, account.pk, wanted, rank, at, limit + 1)
    entries.sort(key=lambda entry: entry.key, reverse=True)
    shown = entries[:limit]
    return Stream(shown, Cursor.write(shown[-1].key) if len(entries) > limit and shown else "")


def entry_count(ctx: Context, account_id: int) -> int:
    """Return how many entries the whole stream has, in two queries."""
    before = day_start(ctx.today + timedelta(days=1))
    counted = count_all(
        account_id,
        {
            "note": Note.objects.filter(ALIVE, account_id=account_id),
            "interaction": Interaction.objects.filter(ALIVE, account_id=account_id),
            "meeting": Meeting.objects.filter(ALIVE, account_id=account_id, at__lt=before),
            "issue": Issue.objects.filter(ALIVE, account_id=account_id),
            "check_in": CheckIn.objects.filter(ALIVE, goal__account_id=account_id),
            "snapshot": HealthSnapshot.objects.filter(ALIVE, account_id=account_id),
            "change": ledger.told(ctx, account_id, EVERYTHING.changed),
        },
    )
    return sum(counted.values()) + int(ledger.runs(ctx, account_id, None).count())


# -- sources -------------------------------------------------------------------------------------------------------


def _dated(rows: QuerySet[Any], on: str, rank: int, at: Cursor | None, limit: int) -> Iterable[Any]:
    """Take the newest rows of a source that knows days only; within a day the moment of writing orders them."""
    if at is not None:
        same = Q(created_at__lt=at.moment)
        if rank < at.rank:
            same |= Q(created_at=at.moment)
        elif rank == at.rank:
            same |= Q(created_at=at.moment, pk__lt=at.pk)
        rows = rows.filter(Q(**{f"{on}__lt": at.day}) | (Q(**{on: at.day}) & same))
    return rows.order_by(f"-{on}", "-created_at", "-pk")[:limit]


def _timed(rows: QuerySet[Any], rank: int, at: Cursor | None, limit: int) -> Iterable[Any]:
    """Take the newest rows of a source that knows instants."""
    if at is not None:
        rows = rows.filter(_below(at, rank, "pk"))
    return rows.order_by("-at", "-pk")[:limit]


def _below(at: Cursor, rank: int, last: str) -> Q:
    """The rows of a source of instants that stand below a cursor; `last` breaks ties within the source."""
    start, end = day_start(at.day), day_start(at.day + timedelta(days=1))
    bound = min(max(at.moment, start), end)
    below = Q(at__lt=bound)
    if bound == at.moment:
        if rank < at.rank:
            below |= Q(at=bound)
        elif rank == at.rank:
            below |= Q(at=bound, **{f"{last}__lt": at.pk})
    return below


def _key(row: Any, day: date | datetime, rank: int) -> tuple[date, datetime, int, int]:
    if isinstance(day, datetime):
        return (timezone.localtime(day).date(), day, rank, row.pk)
    return (day, row.created_at, rank, row.pk)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= QUOTED else plain[: QUOTED - 1].rstrip() + "…"


def _name(person: Any) -> str:
    return person.name if person is not None else ""


Source = Callable[[Context, int, Filter, int, Cursor | None, int], Iterable[Entry]]


def _changes(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = list(_timed(ledger.told(ctx, pk, wanted.changed).select_related("actor"), rank, at, limit))
    for change, told in zip(rows, ledger.tell(ctx, rows), strict=True):
        yield Entry(
            _key(change, change.at, rank), told.noun, told.fact, change.at, told.tone, told.second,
            by=told.by, panel=told.panel, url=told.url, lines=told.lines,
        )  # fmt: skip


def _runs(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = ledger.runs(ctx, pk, wanted.changed)
    if at is not None:
        rows = rows.filter(_below(at, rank, "last"))
    for row in rows.order_by("-at", "-last")[:limit]:
        noun, fact = ledger.tell_run(row)
        day = timezone.localtime(row["at"]).date()
        yield Entry((day, row["at"], rank, row["last"]), noun, fact, row["at"], by=row["who"] or "")


def _notes(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = Note.objects.filter(ALIVE, account_id=pk).select_related("author")
    for row in _dated(rows, "on", rank, at, limit):
        yield Entry(
            _key(row, row.on, rank), "Note", row.title, row.on, "accent" if row.pinned else "", _short(row.body),
            by=_name(row.author), panel=f"note/{row.pk}", url=f"/r/note/{row.pk}",
        )  # fmt: skip


def _interactions(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = Interaction.objects.filter(ALIVE, account_id=pk).select_related("author").prefetch_related("contacts")
    for row in _dated(rows, "on", rank, at, limit):
        people = [contact.name for contact in row.contacts.all()]
        more = f" and {len(people) - 2} more" if len(people) > 2 else ""
        fact = f"with {', '.join(people[:2])}{more}" if people else "" if row.two_way else "one-way"
        yield Entry(
            _key(row, row.on, rank), row.get_kind_display(), fact, row.on,
            "amber" if row.sentiment == -1 else "", _short(row.summary),
            by=_name(row.author), panel=f"interaction/{row.pk}", url=f"/r/interaction/{row.pk}",
        )  # fmt: skip


def _meetings(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = Meeting.objects.filter(ALIVE, account_id=pk, at__lte=ctx.now)
    for row in _timed(rows, rank, at, limit):
        unconfirmed = row.status == "scheduled"
        tone = "amber" if row.status in ("no_show", "cancelled_by_customer") or unconfirmed else ""
        state = "not yet confirmed as held" if unconfirmed else row.get_status_display().lower()
        noun = row.get_review_display() or "Meeting"
        fact = row.title if row.title != noun else ""
        yield Entry(
            _key(row, row.at, rank), noun, fact, row.at, tone,
            state if row.status != "held" or not row.notes else _short(row.notes),
            panel=f"meeting/{row.pk}", url=f"/r/meeting/{row.pk}",
        )  # fmt: skip


def _issues(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = Issue.objects.filter(ALIVE, account_id=pk, opened_on__isnull=False).select_related("assignee")
    for row in _dated(rows, "opened_on", rank, at, limit):
        still = row.status in ("open", "in_progress")
        tone = {"critical": "red", "high": "red", "medium": "amber"}.get(row.severity, "") if still else ""
        due = f", due {formats.day(row.due_on)}" if still and row.due_on else ""
        yield Entry(
            _key(row, row.opened_on, rank), "Issue", row.title, row.opened_on, tone,
            f"{row.get_severity_display()}, {row.get_status_display().lower()}{due}",
            by=_name(row.assignee), panel=f"issue/{row.pk}", url=f"/r/issue/{row.pk}",
        )  # fmt: skip


def _check_ins(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = CheckIn.objects.filter(ALIVE, goal__account_id=pk, goal__deleted_at__isnull=True)
    for row in _dated(rows.select_related("goal", "author"), "on", rank, at, limit):
        value = measure(row.value, row.goal.unit) if row.value is not None else ""
        sure = f"confidence {row.confidence} of 5" if row.confidence else ""
        tone = {"off_track": "red", "at_risk": "amber", "missed": "red"}.get(row.status, "")
        yield Entry(
            _key(row, row.on, rank), "Check-in", row.goal.title, row.on, tone,
            ", ".join(part for part in (value, sure) if part), _short(row.comment),
            by=_name(row.author), panel=f"check_in/{row.pk}", url=f"/r/check_in/{row.pk}",
        )  # fmt: skip


def _snapshots(ctx: Context, pk: int, wanted: Filter, rank: int, at: Cursor | None, limit: int) -> Iterable[Entry]:
    rows = HealthSnapshot.objects.filter(ALIVE, account_id=pk).select_related("author")
    for row in _dated(rows, "on", rank, at, limit):
        bands = {row.delivery, row.relationship}
        tone = "red" if "red" in bands else "amber" if "amber" in bands else ""
        yield Entry(
            _key(row, row.on, rank), "Health view", f"delivery {row.delivery}, relationship {row.relationship}", row.on,
            tone, _short(row.note), by=_name(row.author), panel=f"health_snapshot/{row.pk}",
            url=f"/r/health_snapshot/{row.pk}",
        )  # fmt: skip


_SOURCES: Mapping[str, Source] = {
    "change": _changes,
    "run": _runs,
    "snapshot": _snapshots,
    "issue": _issues,
    "check_in": _check_ins,
    "meeting": _meetings,
    "interaction": _interactions,
    "note": _notes,
}
