"""How tiers are kept over the whole book: biases, overrides, promises kept, and what hangs on single accounts.

Source: PF-15, PF-27, PF-28, PF-08.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Score
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.queries import newest
from trackline.book.models import TierDecision, TierOverride
from trackline.book.queries.register import Register, Row
from trackline.book.rules.bias import bias
from trackline.book.rules.exposure import exposure
from trackline.book.rules.freshness import freshness
from trackline.book.rules.promises import Promise, promised
from trackline.book.rules.service import service
from trackline.book.tiers.ages import ages_by
from trackline.book.tiers.scores import cycle_days
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Explained, Rule
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.history.models import Change

ALIVE = Q(deleted_at__isnull=True)
CYCLES = 4
"""So many formal cycles a ratchet is looked for in. Source: PF-27."""


@dataclass(frozen=True)
class Practice:
    """What the monitors found: the two rules, the moves they counted, the log of overrides, newest first, and the accounts
    with a tier that no decision can be made on, those with an open one first."""

    bias: Explained
    exposure: Explained
    since: date
    moves: Sequence[Move]
    overrides: Sequence[TierOverride]
    waived: Sequence[TierDecision]
    blocked: Sequence[Blocked]


@dataclass(frozen=True)
class Blocked:
    """An account on which nothing can be decided, since a figure is too old or not known; days by kind of figure. An open
    decision waits for it."""

    row: Row
    stale: Sequence[str]
    days: Mapping[str, int | None]


@dataclass(frozen=True)
class Move:
    """A change of an account's tier, as the ledger has it; no tier counts as the lowest."""

    account: int
    on: date
    before: int | None
    after: int | None
    who: str
    note: str

    @property
    def up(self) -> bool:
        """Whether it was a promotion."""
        return (self.after or 4) < (self.before or 4)


@dataclass(frozen=True)
class Kept:
    """One promise to one account: owed, got, and how much of it that is; None where it is not known or not owed yet."""

    promise: Promise
    owed: Decimal | None
    got: Decimal | None
    pct: Decimal | None
    band: str


@dataclass(frozen=True)
class Served:
    """What an account was promised and got. `score` is None where nothing has been computed yet."""

    row: Row
    score: Score | None
    kept: Sequence[Kept]

    @property
    def pct(self) -> Decimal | None:
        """How much of it all was delivered."""
        return self.score.value if self.score else None


def practice(found: Register) -> Practice:
    """Run the monitors over the accounts of a register. Ten queries."""
    ids = {row.pk for row in found.rows}
    since = cycle_days(found.on, CYCLES)[0]
    moves = [move for move in _moves(since) if move.account in ids]
    overrides = list(
        TierOverride.objects.filter(ALIVE, account__in=ids).select_related("account", "approver", "requested_by")
        .order_by("-granted_on", "-pk")
    )  # fmt: skip
    waived = TierDecision.objects.filter(ALIVE, account__in=ids).exclude(waiver="").exclude(submitted_on=None)
    laid = Overrides.load(found.on)
    kept = {
        score.account_id: score for score in newest(Score.objects.filter(rule=service.id, account__in=ids), found.on)
    }
    waiting = _waiting([row.pk for row in found.rows if row.facts["exit_candidate"]], found.on)
    given = {
        "promotions": sum(move.up for move in moves),
        "demotions": sum(not move.up for move in moves),
        "overrides": sum(one.state == "active" for one in overrides),
        "tiered": sum(row.tier is not None for row in found.rows),
        "accounts": [
            {
                "key": row.facts["key"],
                "adherence_pct": _lowest(kept.get(row.pk)),
                "quarter_scores": list(row.scored.quarters),
                "exit_cycles": waiting.get(row.pk),
            }
            for row in found.rows
        ],
    }
    revenue = [{"key": row.facts["key"], "value": row.arr} for row in found.rows]
    return Practice(
        _run(bias, given, laid, found.on),
        _run(exposure, {"accounts": revenue}, laid, found.on),
        since,
        moves,
        overrides,
        list(waived.select_related("account").order_by("-submitted_on", "-pk")),
        _blocked(found, laid),
    )


def served(found: Register, rows: Sequence[Row]) -> list[Served]:
    """Return what accounts were promised and got, as computed last; one query."""
    ids = [row.pk for row in rows]
    scores = {
        score.account_id: score for score in newest(Score.objects.filter(rule=service.id, account__in=ids), found.on)
    }
    return [Served(row, scores.get(row.pk), _kept(row.tier, scores.get(row.pk))) for row in rows]


def shares(found: Register) -> Mapping[str, Mapping[str, Any]]:
    """Return each account's share of revenue and its colour, by key; one query."""
    revenue = [{"key": row.facts["key"], "value": row.arr} for row in found.rows]
    result = _run(exposure, {"accounts": revenue}, Overrides.load(found.on), found.on)
    return {one["key"]: one for one in result.details["accounts"]}


# -- inside --------------------------------------------------------------------------------------------------------


def _run(rule: Rule, given: Mapping[str, Any], laid: Overrides, on: date) -> Explained:
    result: Explained = rule.explain(read_inputs(rule.inputs, dict(given)), laid.in_force(rule, on), on)
    return result


def _blocked(found: Register, laid: Overrides) -> list[Blocked]:
    """Source: PF-13."""
    rows = [row for row in found.rows if row.tier is not None or row.decision is not None]
    ages = ages_by([row.pk for row in rows], found.on)
    judged = []
    for row in rows:
        in_force = laid.in_force(freshness, found.on, tier=row.tier, account_id=row.pk)
        result: Explained = freshness.explain(read_inputs(freshness.inputs, dict(ages[row.pk])), in_force, found.on)
        if not result.details["passed"]:
            days = {part.key: ages[row.pk][f"{part.key}_days"] for part in result.parts}
            judged.append(Blocked(row, result.details["stale"], days))
    return sorted(judged, key=lambda one: (one.row.decision is None, one.row.tier or 4, one.row.facts["name"]))


def _moves(since: date) -> list[Move]:
    rows = Change.objects.filter(record_type="account", action=Change.Action.UPDATE, changes__has_key="tier")
    found = []
    for pk, at, changes, who, note in rows.order_by("-pk").values_list(
        "record_id", "at", "changes", "actor__name", "note"
    ):
        before, after = changes["tier"]
        on = timezone.localtime(at).date()
        if on >= since and before != after:
            found.append(Move(pk, on, before, after, who or "", note))
    return found


def _waiting(ids: Sequence[int], today: date) -> Mapping[int, int]:
    """Formal cycles that began since accounts became candidates for an exit."""
    if not ids:
        return {}
    cycles = cycle_days(today, CYCLES * 2)
    rows = Change.objects.filter(record_type="account", record_id__in=list(ids), changes__has_key="exit_candidate")
    since = {pk: timezone.localtime(at).date() for pk, at in rows.order_by("pk").values_list("record_id", "at")}
    return {pk: sum(day > on for day in cycles) for pk, on in since.items()}


def _lowest(score: Score | None) -> Decimal | None:
    """The lower of what was delivered of everything, and of what comes round: reviews, conversations, touches."""
    if score is None or score.value is None:
        return None
    rhythm = score.details.get("rhythm_pct")
    return score.value if rhythm is None else min(score.value, Decimal(str(rhythm)))


def _kept(tier: int | None, score: Score | None) -> list[Kept]:
    parts = {part["key"]: part for part in score.parts} if score else {}
    found = []
    for promise in promised(tier):
        part = parts.get(promise.key)
        if part is None:
            found.append(Kept(promise, None, None, None, "unknown"))
        else:
            owed, got, pct = (Decimal(str(part[name])) for name in ("weight", "input", "points"))
            found.append(Kept(promise, owed, got, min(pct, HUNDRED), part["band"] or "unknown"))
    return found


def mean_of(found: Sequence[Served]) -> Decimal | None:
    """Return what was delivered on average, None where nothing is known."""
    known = [one.pct for one in found if one.pct is not None]
    return sum(known, ZERO) / len(known) if known else None
