"""What the ledger contributes to the story of an account: which changes are worth telling, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from trackline.kit.history.models import Change
from trackline.kit.history.queries import changes_of_account, readable
from trackline.kit.policy import Context
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses
from trackline.workspace.records.history import Entry as Described
from trackline.workspace.records.history import Moved, describe
from trackline.workspace.records.labels import in_sentence

SPOKEN_FOR = ("note", "interaction", "meeting", "issue", "check_in", "health_snapshot")
"""Records that stand in the stream themselves: that they were made is not told twice."""

UNSPOKEN = (
    "observation",
    "step",
    "contract_item",
    "execution_reading",
    "metric",
    "key_result",
    "qualification",
    "whitespace_cell",
)
"""Records that come in numbers or with others: their making is not news."""

IMPORTED = Q(via=Change.Via.IMPORT, batch__isnull=False)
"""Changes of import runs: told as one entry a run, not one by one."""

LINES = 4
"""So many changed fields of one write are listed."""

FOLLOWING = ("done_on", "completed_on", "decided_on", "resolved_at", "status_on", "state_since", "closed_on", "held_at")

BAD = frozenset(
    {"off_track", "missed", "lost", "blocked", "churned", "lapsed", "departed", "detractor", "red", "critical"}
)
WARNING = frozenset({"at_risk", "parked", "amber", "cancelled"})


@dataclass(frozen=True)
class Told:
    """One change as an entry of the stream."""

    noun: str
    fact: str
    tone: str
    second: str
    by: str
    panel: str
    url: str
    lines: Sequence[Moved]


def told(ctx: Context, account_id: int, types: frozenset[str] | None) -> QuerySet[Any]:
    """Return the changes of an account that belong into its story, of some record types or of all (None)."""
    rows = Change.objects.filter(readable(ctx), account_id=account_id)
    if types is not None:
        rows = rows.filter(record_type__in=types)
    made = Q(action=Change.Action.CREATE, record_type__in=(*SPOKEN_FOR, *UNSPOKEN))
    # A check-in sets the current value of its goal; the check-in itself tells it better.
    return rows.exclude(made).exclude(record_type="observation").exclude(IMPORTED)


def runs(ctx: Context, account_id: int, types: frozenset[str] | None) -> QuerySet[Any]:
    """Return what import runs wrote, one row a run and record type: `last, at, count, record_type, action, who`."""
    rows = Change.objects.filter(IMPORTED, readable(ctx), account_id=account_id)
    if types is not None:
        rows = rows.filter(record_type__in=types)
    grouped = rows.order_by().values("batch", "record_type", "action")
    return grouped.annotate(last=Max("id"), at=Max("at"), count=Count("id"), who=Max("actor__name"), title=Min("title"))


def tell_run(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return noun and fact of what an import run wrote: "Import", "200 contacts created"."""
    rtype = registry.get(row["record_type"])
    done = dict(Change.Action.choices)[row["action"]]
    if row["count"] == 1:
        return "Import", f"{in_sentence(rtype)} {row['title']} {done}"
    return "Import", f"{row['count']} {in_sentence(rtype, plural=True)} {done}"


def tell(ctx: Context, changes: Sequence[Change]) -> list[Told]:
    """Put changes into words, in their order."""
    described: Mapping[int, Described] = {entry.change.pk: entry for entry in describe(ctx, changes)}
    return [_tell(change, described.get(change.pk)) for change in changes]


def _tell(change: Change, entry: Described | None) -> Told:
    if entry is None:
        return Told(change.get_action_display().capitalize(), change.title, "", "", "", "", "", ())
    rtype, title = entry.rtype, change.title
    gone = change.action == Change.Action.DELETE
    panel = "" if gone or rtype.is_account else addresses.panel(rtype, change.record_id)
    url = "" if gone or rtype.is_account else entry.url
    if change.action != Change.Action.UPDATE:
        noun = f"{rtype.label} {change.get_action_display()}"
        return Told(noun, "" if rtype.is_account else title, "", "", entry.by, panel, url, ())
    tone = _tone(change)
    of = "" if rtype.is_account else f"{rtype.label} {title}" if title else rtype.label
    if rtype.name == "route" and "state" in change.changes:
        to = next(line.after for line in entry.changes if line.label == rtype.specs["state"].label)
        return Told(f"{title} moved to {to}", "", tone, "", entry.by, panel, url, ())
    lines = [line for line in entry.changes if line.label not in _following(rtype)] or list(entry.changes)
    state = next((line for line in lines if line.label == _status_label(rtype)), None)
    if state is not None and len(lines) == 1 and not rtype.is_account:
        return Told(f"{rtype.label} {_lower(state.after)}", title, tone, "", entry.by, panel, url, ())
    if len(entry.changes) == 1 and len(entry.changes[0].before) + len(entry.changes[0].after) < 60:
        line = entry.changes[0]
        return Told(
            line.label, f"{line.before or 'not set'} → {line.after or 'not set'}", tone, of, entry.by, panel, url, ()
        )
    more = len(lines) - LINES
    second = f"and {more} more" if more > 0 else ""
    noun = rtype.label if rtype.label[:2].isupper() else in_sentence(rtype).capitalize()
    return Told(f"{noun} changed", "" if rtype.is_account else title, tone, second, entry.by, panel, url, lines[:LINES])


def _following(rtype: RecordType) -> set[str]:
    """The labels of fields that follow a status by themselves: the day on which it was reached."""
    return {rtype.specs[name].label for name in FOLLOWING if name in rtype.specs}


def _status_label(rtype: RecordType) -> str:
    return rtype.specs["status"].label if "status" in rtype.specs else ""


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _tone(change: Change) -> str:
    values = {pair[1] for name, pair in change.changes.items() if name in _TONED and isinstance(pair[1], str)}
    return "red" if values & BAD else "amber" if values & WARNING else ""


_TONED = frozenset({"status", "state", "sentiment", "relationship", "delivery", "delivery_rag", "severity"})


@dataclass(frozen=True)
class HistoryPage:
    """Changes of all records of an account, newest first; `older` is the cursor of the next page, or empty."""

    entries: Sequence[Described]
    older: str


def history_page(
    ctx: Context, account_id: int, *, before: str = "", limit: int = 50, readings: bool = False
) -> HistoryPage:
    """Return a page of the ledger of an account, each change with its way back where it still has one.

    Readings of metrics come by the hundred and stay out unless `readings` asks for them.
    """
    rows = changes_of_account(ctx, account_id)
    if not readings:
        rows = rows.exclude(record_type="observation")
    if before.isdecimal() and len(before) < 19:
        last = Change.objects.filter(pk=int(before), account_id=account_id).first()
        if last is not None:
            rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    listed = list(rows[: limit + 1])
    shown = listed[:limit]
    entries = describe(ctx, shown, undoable=_undoable(shown))
    return HistoryPage(entries, str(shown[-1].pk) if len(listed) > limit else "")


def _undoable(changes: Sequence[Change]) -> set[int]:
    """Return the changes that nothing has overtaken: no later write of the record touched one of their fields."""
    if not changes:
        return set()
    newer: dict[tuple[str, int], list[tuple[int, set[str]]]] = {}
    rows = Change.objects.filter(
        record_type__in={change.record_type for change in changes},
        record_id__in={change.record_id for change in changes},
        pk__gt=min(change.pk for change in changes),
    )
    for pk, name, record, fields in rows.values_list("pk", "record_type", "record_id", "changes"):
        newer.setdefault((name, record), []).append((pk, set(fields)))
    found = set()
    for change in changes:
        later = [fields for pk, fields in newer.get((change.record_type, change.record_id), ()) if pk > change.pk]
        if change.action == Change.Action.UPDATE:
            overtaken = any(fields & set(change.changes) for fields in later)
        else:
            overtaken = bool(later) or change.action == Change.Action.RESTORE
        if not overtaken:
            found.add(change.pk)
    return found
