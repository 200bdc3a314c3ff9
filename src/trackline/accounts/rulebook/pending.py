"""Scores that are to be computed anew: noted durably with what made it necessary, computed in chunks, never forgotten.

A write that reaches many accounts notes them in its own transaction (`mark`) and answers; whoever comes next computes a
chunk at a time (`settle`): the page that shows the progress, `trackline refresh`, a write on one of the accounts. A chunk and
the note that it is done are one transaction, so work that was stopped goes on where it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q

from trackline.accounts import completeness, upkeep
from trackline.accounts.gathering import gathering
from trackline.accounts.models import PendingScore, Recomputation, RuleOverride
from trackline.accounts.rulebook.book import EVERY_ACCOUNT, nobody_watches, reach_of
from trackline.accounts.rulebook.carried import CarriedRule, carried_rule
from trackline.accounts.rulebook.ledger import Cause, Occasion
from trackline.accounts.rulebook.live import LiveRule, live_rule, live_rules
from trackline.accounts.rulebook.overrides import slot_of
from trackline.accounts.rulebook.refresh import Pair, refresh_scores
from trackline.accounts.rulebook.tally import Tally
from trackline.accounts.rulebook.watched import WatchedRule, watched_rule
from trackline.kit.garbage import few_collections
from trackline.kit.many import instance, upsert
from trackline.kit.policy import Actor, Context, system_context

EVERYTHING = ""
"""Stands for all that rooms keep of an account: every rule, completeness, and what `upkeep` holds."""
AT_ONCE = 250
"""So many scores are computed within a request: half a second of work."""
CHUNK = 1000
"""So many where nobody waits for an answer."""


def mark(account_ids: Iterable[int], rule_ids: Sequence[str], occasion: Occasion, *, on: date) -> Recomputation:
    """Note that rules are to be computed on accounts; what is pending there already has the new cause from now on."""
    ids = list(account_ids)
    made = _recomputation(rule_ids[0] if len(rule_ids) == 1 else "", occasion, on, accounts=len(ids))
    _note(made, ids, rule_ids)
    return made


def mark_accounts(account_ids: Iterable[int], occasion: Occasion, *, on: date) -> None:
    """Note that all that is computed of accounts is to be computed anew, signals included."""
    if ids := sorted(set(account_ids)):
        mark(ids, (EVERYTHING,), occasion, on=on)


def mark_book(rule_id: str, occasion: Occasion, *, on: date, today: date, override: RuleOverride | None = None) -> None:
    """Note that a rule is to be computed on all accounts, or on those that a version of its figures is for: now, or, where
    the day from which that counts is to come, when it has come."""
    made = _recomputation(rule_id, occasion, on, override=override)
    if on <= today:
        _begin(made)


def begin(today: date) -> int:
    """Note what has become necessary because a day has come; returns for how many causes. One query where for none."""
    due = Recomputation.objects.filter(finished_at=None, accounts=None, due_on__lte=today).select_related("override")
    with transaction.atomic():
        begun = list(due.select_for_update(of=("self",)).order_by("due_on", "pk"))
        for one in begun:
            _begin(one)
    return len(begun)


def settle(now: datetime, today: date, *, accounts: Sequence[int] | None = None, most: int = AT_ONCE) -> int:
    """Compute at most so many pending scores, of some accounts or of all, the oldest cause first; returns how many."""
    found = PendingScore.objects.select_for_update(skip_locked=True)
    if accounts is not None:
        found = found.filter(account__in=accounts)
    with few_collections(), transaction.atomic():
        rows = list(found.order_by("recomputation", "account", "rule")[:most])
        by_cause: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in rows:
            by_cause[row.recomputation_id][row.account_id].add(row.rule)
        for one in Recomputation.objects.filter(pk__in=by_cause).select_related("by", "override").order_by("pk"):
            _compute(one, by_cause[one.pk], now, today)
        # Writes of the last parts find nothing pending any more.
        PendingScore.objects.filter(pk__in=[row.pk for row in rows]).delete()
        if whole := sorted({row.account_id for row in rows if row.rule == EVERYTHING}):
            upkeep.keep_after(system_context(now), whole)
        _finish(now)
    return len(rows)


def bring_up(ctx: Context, account_ids: Sequence[int]) -> None:
    """Compute all that rooms keep of accounts anew, at once, signals included."""
    _before_scores(ctx, account_ids)
    refresh_scores(account_ids, ctx.today, by=ctx.actor.user_id, at=ctx.now)
    upkeep.keep_after(ctx, account_ids)


def settle_all(now: datetime, today: date, advance: Callable[[int], None] = nobody_watches) -> int:
    """Compute all that is pending; returns how many scores."""
    done = 0
    while found := settle(now, today, most=CHUNK):
        done += found
        advance(found)
    return done


def count() -> int:
    """Return how many scores are pending."""
    return PendingScore.objects.count()


@dataclass(frozen=True)
class Progress:
    """How far a cause has come: what it is, accounts it reached, and those left."""

    label: str
    accounts: int
    left: int

    @property
    def done(self) -> int:
        """Accounts that are computed."""
        return self.accounts - self.left

    @property
    def done_pct(self) -> int:
        """The same in %, rounded down."""
        return self.done * 100 // self.accounts if self.accounts else 0


def progress_of(rule_id: str, today: date) -> Progress | None:
    """Return how far a rule's scores have come, None where nothing is pending; one query."""
    waiting = Q(rule=rule_id, accounts=None, due_on__lte=today)
    rows = Recomputation.objects.filter(Q(pending__rule=rule_id) | waiting, finished_at=None)
    found = rows.annotate(left=Count("pending")).order_by("pk").first()
    if found is None:
        return None
    label = found.cause.get("label", "")
    return Progress(label, found.accounts or 0, found.left)


# -- steps -------------------------------------------------------------------------------------------------------------


def _recomputation(
    rule_id: str, occasion: Occasion, on: date, *, override: RuleOverride | None = None, accounts: int | None = None
) -> Recomputation:
    made: Recomputation = Recomputation.objects.create(
        rule=rule_id,
        override=override,
        cause=occasion.cause.to_json() if occasion.cause else {},
        by_id=occasion.by,
        at=occasion.at,
        due_on=on,
        accounts=accounts,
    )
    return made


def _begin(one: Recomputation) -> None:
    ids = reach_of(slot_of(one.override) if one.override else EVERY_ACCOUNT)
    _note(one, ids, [one.rule])
    one.accounts = len(ids)
    one.save(update_fields=["accounts"])


def _note(made: Recomputation, account_ids: Sequence[int], rule_ids: Sequence[str]) -> None:
    rows = [
        instance(PendingScore, {"id": None, "account_id": pk, "rule": rule, "recomputation_id": made.pk})
        for pk in account_ids
        for rule in rule_ids
    ]
    upsert(rows, ("account", "rule"))


def _compute(one: Recomputation, rules_of: dict[int, set[str]], now: datetime, today: date) -> None:
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for account, rules in rules_of.items():
        alike[tuple(sorted(rules))].append(account)
    tally = Tally.read(one.effect)
    for named, ids in alike.items():
        live = [found for rule in named if (found := live_rule(rule))]
        if EVERYTHING in named:
            live = live_rules()
            _before_scores(system_context(now), ids)
        tally.accounts += len(ids)
        if live:
            _refresh(one, live, ids, now, today, tally)
        for rule in named:
            if carried := carried_rule(rule):
                _renew(one, carried, ids, now, tally)
            if watched := watched_rule(rule):
                _watch(watched, ids, now, tally)
    one.effect = tally.to_json()
    one.save(update_fields=["effect"])


def _before_scores(ctx: Context, ids: Sequence[int]) -> None:
    with gathering():  # scores follow anyway
        upkeep.keep_before(ctx, ids)
    completeness.store(ids, ctx.today)


def _refresh(
    one: Recomputation, live: list[LiveRule], ids: list[int], now: datetime, today: date, tally: Tally
) -> None:
    def tell(pairs: Sequence[Pair]) -> None:
        for before, after in pairs:
            if before is not None:
                tally.note((before.value, before.text, before.band), (after.value, after.text, after.band))

    cause = Cause.read(one.cause) if one.cause else None
    refresh_scores(ids, today, rules=live, cause=cause, by=one.by_id, at=now, tell=tell)


def _renew(one: Recomputation, carried: CarriedRule, ids: list[int], now: datetime, tally: Tally) -> None:
    actor = system_context(now).actor
    if one.by is not None:
        actor = Actor(one.by_id, one.by.name, actor.permissions)
    ctx: Context = replace(system_context(now), actor=actor, note=str(one.cause.get("label", "")))
    before = carried.held(ids)
    carried.renew(ctx, ids)
    after = carried.held(ids)
    tally.record_type, tally.records = carried.record_type, tally.records + len(after)
    for pk, (said, band) in after.items():
        was = before.get(pk, (said, band))
        tally.note((*was, was[1]), (said, band, band))


def _watch(watched: WatchedRule, ids: list[int], now: datetime, tally: Tally) -> None:
    fired, over = watched.run(system_context(now), ids)
    tally.signal, tally.changed, tally.fires = True, tally.changed + fired + over, tally.fires + fired


def _finish(now: datetime) -> None:
    """Close what has nothing pending any more, and say on its version what it did to the book."""
    open_ = Recomputation.objects.filter(finished_at=None, accounts__isnull=False, pending=None)
    for one in open_:
        one.finished_at = now
        one.save(update_fields=["finished_at"])
        if one.override_id:
            tally = Tally.read(one.effect)
            RuleOverride.objects.filter(pk=one.override_id).update(effect=tally.to_json())
