"""Take a whole import back: what it created goes, what it changed goes back, unless somebody has touched it since."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.db import transaction
from django.db.models import Max

from trackline.accounts.models import Account, User
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.pending import bring_up
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services.accounts import settle_paths
from trackline.align.contracted import followed_since
from trackline.align.models import Route, RouteTransition
from trackline.connectors.engine import raised
from trackline.connectors.engine.order import ORDER
from trackline.connectors.engine.sql import Inserter, Updater, attname, in_chunks
from trackline.kit.history.models import Change
from trackline.kit.models import ExternalId
from trackline.kit.policy import WRITE, Context
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType, registry
from trackline.watch.models import Alert
from trackline.watch.rules.churn import churn_risk

_CHUNK = 900
_MAX_LISTED = 1_000
_ACCOUNTS_AT_ONCE = 1_000


@dataclass(slots=True)
class Undone:
    """What was taken back, and what was left because of later work."""

    removed: Counter[str] = field(default_factory=Counter)
    restored: Counter[str] = field(default_factory=Counter)
    left: list[dict[str, Any]] = field(default_factory=list)
    left_count: int = 0

    def leave(self, rtype: RecordType, pk: int, title: str, reason: str) -> None:
        """Note something that stays."""
        self.left_count += 1
        if len(self.left) < _MAX_LISTED:
            self.left.append({"type": rtype.name, "id": str(pk), "title": title, "reason": reason})

    def to_json(self) -> dict[str, Any]:
        """As `trackline import undo --json` prints it."""
        return {
            "removed": dict(self.removed),
            "restored": dict(self.restored),
            "left": self.left,
            "left_count": self.left_count,
        }


def undo_batch(ctx: Context, batch: uuid.UUID) -> Undone:
    """Take back all changes of a batch, in one transaction. Raises `Forbidden`."""
    ctx.require(WRITE)
    ctx = replace(ctx, batch=uuid.uuid4(), via="import", note="Import undone")
    undone = Undone()
    # No savepoint inside the caller's transaction: SQLite gets slow with many changes within one.
    with transaction.atomic(savepoint=False):
        job = _Undo(ctx, batch, undone)
        # Records that point to others go first.
        for rtype in sorted(job.types(), key=_rank, reverse=True):
            job.restore(rtype)
            job.remove(rtype)
        job.bring_up()
    return undone


def a_record(rtype: RecordType) -> str:
    """`An account`, `A note`."""
    noun = rtype.label.lower() if rtype.label[1:2].islower() else rtype.label
    return f"An {noun}" if noun[0].lower() in "aeiou" else f"A {noun}"


def _rank(rtype: RecordType) -> int:
    if rtype.name in ("pipeline", "stage"):
        return -2 if rtype.name == "pipeline" else -1
    return ORDER.index(rtype.name) if rtype.name in ORDER else len(ORDER)


class _Undo:
    """The work of one undo."""

    def __init__(self, ctx: Context, batch: uuid.UUID, undone: Undone) -> None:
        self._ctx = ctx
        self._batch = batch
        self._undone = undone
        self.accounts: set[int] = set()

    def types(self) -> list[RecordType]:
        """The record types the batch touched."""
        names = Change.objects.filter(batch=self._batch).values_list("record_type", flat=True).distinct().order_by()
        # Fields that administrators add are no records and stay: other imports may fill them.
        return [found for name in names if (found := registry.find(name)) is not None]

    def _changes(self, rtype: RecordType, action: str) -> Any:
        return Change.objects.filter(batch=self._batch, record_type=rtype.name, action=action)

    def bring_up(self) -> None:
        """Bring what is kept of the touched accounts in step; alerts that are over by that were the import's."""
        ctx = self._ctx
        for chunk in in_chunks(sorted(self.accounts), _ACCOUNTS_AT_ONCE):
            living = list(Account.objects.filter(pk__in=chunk, deleted_at__isnull=True).values_list("pk", flat=True))
            held = raised.held_since(self._batch, living)
            bring_up(ctx, living)
            gone = raised.over(held)
            if gone and (risk := live_rule(churn_risk.id)):
                self._delete(registry.get("alert"), gone)
                refresh_scores(living, ctx.today, rules=[risk], by=ctx.actor.user_id, at=ctx.now)

    # -- created records -------------------------------------------------------------------------------------------

    def remove(self, rtype: RecordType) -> None:
        """Delete what the batch created, unless it was changed since or something living points to it."""
        created = list(self._changes(rtype, Change.Action.CREATE).values_list("record_id", flat=True))
        free: list[int] = []
        for chunk in in_chunks(created, _CHUNK):
            free.extend(self._untouched(rtype, chunk))
        waiting = free
        while waiting:
            # Records of the type may point to each other: those nobody points to go first, then the next.
            pointed = self._pointed_at(rtype, waiting)
            going = [pk for pk in waiting if pk not in pointed]
            if not going:
                for pk in waiting:
                    self._undone.leave(rtype, pk, self._title(rtype, pk), f"{pointed[pk]} still refers to it")
                break
            if rtype.is_account:
                self._delete(registry.get("alert"), raised.alerts_of(going))
            self._delete(rtype, going)
            waiting = [pk for pk in waiting if pk in pointed]

    def _untouched(self, rtype: RecordType, keys: list[int]) -> Iterator[int]:
        versions = dict(
            Change.objects.filter(batch=self._batch, record_type=rtype.name, record_id__in=keys)
            .values_list("record_id")
            .annotate(newest=Max("version"))
        )
        rows = rtype.model.objects.filter(pk__in=keys, deleted_at__isnull=True).values_list(
            "pk", "version", rtype.title
        )
        of_itself = followed_since(versions) if rtype.is_account else {}
        for pk, version, title in rows:
            if version != versions[pk] + of_itself.get(pk, 0):
                self._undone.leave(rtype, pk, str(title), "Changed since the import")
            elif rtype.model is User and self._can_sign_in(pk):
                self._undone.leave(rtype, pk, str(title), "Has been given sign-in since")
            else:
                yield pk

    @staticmethod
    def _can_sign_in(pk: int) -> bool:
        user: User = User.objects.get(pk=pk)
        return bool(user.has_usable_password() or user.roles.exists())

    def _pointed_at(self, rtype: RecordType, keys: list[int]) -> dict[int, str]:
        """Which of the records living ones point to, and what kind those are."""
        pointed: dict[int, str] = {}
        for other in registry.all():
            for name, spec in other.stored.items():
                if spec.kind != "ref" or spec.target != rtype.name:
                    continue
                column = attname(other.model, name)
                for chunk in in_chunks(keys, _CHUNK):
                    found = other.model.objects.filter(**{f"{column}__in": chunk}, deleted_at__isnull=True)
                    if other.model is Alert:
                        found = found.exclude(raised.OF_ITSELF)
                    for pk in found.values_list(column, flat=True).distinct().order_by():
                        pointed.setdefault(pk, a_record(other))
        if rtype.name == "stage":
            pointed.update(self._stages_in_use(keys))
        return pointed

    @staticmethod
    def _stages_in_use(keys: list[int]) -> dict[int, str]:
        stages = registry.get("stage").model.objects.filter(pk__in=keys).values_list("pk", "pipeline_id", "key")
        used = set(Route.objects.filter(deleted_at__isnull=True).values_list("pipeline_id", "stage").distinct())
        return {pk: "A route" for pk, pipeline, key in stages if (pipeline, key) in used}

    def _delete(self, rtype: RecordType, keys: list[int]) -> None:
        ctx = self._ctx
        history = self._history(rtype)
        updater = Updater(rtype.model)
        account = "id" if rtype.is_account else "account_id" if rtype.account == "account" else ""
        for chunk in in_chunks(keys, _CHUNK):
            wanted = ["pk", "version", rtype.title, *([account] if account else [])]
            for row in rtype.model.objects.filter(pk__in=chunk).values_list(*wanted):
                pk, version, title = row[:3]
                owner = row[3] if account else None
                stamp = {"version": version + 1, "deleted_at": ctx.now, "deletion": ctx.batch}
                updater.add(pk, {**stamp, "updated_at": ctx.now, "updated_by_id": ctx.actor.user_id})
                history.add([Change.Action.DELETE.value, pk, owner, version + 1, str(title)[:250], {}])
                if owner is not None:
                    self.accounts.add(owner)
                self._undone.removed[rtype.resource] += 1
        updater.flush()
        history.flush()

    def _history(self, rtype: RecordType) -> Inserter:
        ctx = self._ctx
        return Inserter(
            Change,
            ["action", "record_id", "account_id", "version", "title", "changes"],
            {
                "at": ctx.now,
                "actor_id": ctx.actor.user_id,
                "via": ctx.via,
                "record_type": rtype.name,
                "batch": ctx.batch,
                "note": ctx.note,
            },
        )

    @staticmethod
    def _title(rtype: RecordType, pk: int) -> str:
        return str(rtype.model.objects.filter(pk=pk).values_list(rtype.title, flat=True).first() or "")

    # -- changed records -------------------------------------------------------------------------------------------

    def restore(self, rtype: RecordType) -> None:
        """Give changed records their former values back, field by field, unless a field was changed again since."""
        created = set(self._changes(rtype, Change.Action.CREATE).values_list("record_id", flat=True))
        changed = self._changes(rtype, Change.Action.UPDATE).values_list("record_id", flat=True).distinct().order_by()
        moved: set[int] = set()
        for chunk in in_chunks([pk for pk in changed if pk not in created], _CHUNK):
            moved |= self._restore(rtype, chunk)
        if moved:
            settle_paths(moved)

    def _restore(self, rtype: RecordType, keys: list[int]) -> set[int]:
        moved: set[int] = set()
        before, later = self._what_happened(rtype, keys)
        rows = {row["id"]: row for row in rtype.model.objects.filter(pk__in=keys, deleted_at__isnull=True).values()}
        history, updater = self._history(rtype), Updater(rtype.model)
        for pk, row in rows.items():
            kept = {name: value for name, value in before[pk].items() if name not in later.get(pk, ())}
            lost = set(before[pk]) & later.get(pk, set())
            title = str(row[rtype.title])
            if lost:
                listed = ", ".join(sorted(lost))
                self._undone.leave(rtype, pk, title, f"Changed again since the import: {listed}")
            if not kept:
                continue
            values, diff = self._former(rtype, row, kept)
            version = row["version"] + 1
            stamp = {"version": version, "updated_at": self._ctx.now, "updated_by_id": self._ctx.actor.user_id}
            updater.add(pk, {**values, **stamp})
            account = pk if rtype.is_account else row.get("account_id")
            history.add([Change.Action.UPDATE.value, pk, account, version, title[:250], diff])
            if account is not None:
                self.accounts.add(account)
            if rtype.is_account and "parent_id" in values:
                moved.add(pk)
            if rtype.name == "route" and "state" in values:
                self._note_move(row, values)
            self._undone.restored[rtype.resource] += 1
        updater.flush()
        history.flush()
        return moved

    def _what_happened(
        self, rtype: RecordType, keys: list[int]
    ) -> tuple[dict[int, dict[str, list[Any]]], dict[int, set[str]]]:
        """For each record: the batch's changes by field, and the fields that others changed later."""
        before: dict[int, dict[str, list[Any]]] = {pk: {} for pk in keys}
        reached: set[int] = set()
        later: dict[int, set[str]] = {}
        rows = Change.objects.filter(record_type=rtype.name, record_id__in=keys).order_by("record_id", "id")
        for pk, batch, changes in rows.values_list("record_id", "batch", "changes"):
            if batch == self._batch:
                reached.add(pk)
                for name, pair in changes.items():
                    first = before[pk].setdefault(name, list(pair))
                    first[1] = pair[1]
            elif pk in reached:
                later.setdefault(pk, set()).update(changes)
        return before, later

    def _former(
        self, rtype: RecordType, row: dict[str, Any], kept: dict[str, list[Any]]
    ) -> tuple[dict[str, Any], dict[str, list[Any]]]:
        """Stored values as they were, and the ledger's view of going back."""
        values: dict[str, Any] = {}
        diff: dict[str, list[Any]] = {}
        custom = dict(row["custom"])
        for name, (old, new) in kept.items():
            diff[name] = [new, old]
            if name.startswith("custom."):
                custom[name[7:]] = old
            elif name == "external_ids":
                ids = ExternalId.objects.filter(record_type=rtype.name, record_id=row["id"], system__in=list(new))
                ids.exclude(system__in=list(old)).delete()
            else:
                spec = rtype.specs.get(name)
                if spec is not None and spec.many:
                    living = registry.get(spec.target).model.objects.filter(pk__in=old, deleted_at__isnull=True)
                    getattr(cast(Any, rtype.model)(pk=row["id"]), name).set(living)
                    continue
                values[attname(rtype.model, name)] = spec.from_ledger(old) if spec else old
        if custom != row["custom"]:
            values["custom"] = {key: value for key, value in custom.items() if value is not None}
        if any(name in values for name in rtype.search):
            whole = {**row, **values}
            values["search_text"] = normalise(" ".join(str(whole.get(name) or "") for name in rtype.search))[:4000]
        return values, diff

    def _note_move(self, row: dict[str, Any], values: dict[str, Any]) -> None:
        RouteTransition.objects.create(
            route_id=row["id"],
            from_state=row["state"],
            to_state=values["state"],
            from_stage=row["stage"],
            to_stage=values.get("stage", row["stage"]),
            at=self._ctx.now,
            by_id=self._ctx.actor.user_id,
            reason=self._ctx.note,
            probability_before=row["probability"],
            probability_after=values.get("probability", row["probability"]),
        )
