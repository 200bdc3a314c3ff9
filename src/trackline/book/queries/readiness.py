"""Who is ready for more, and who wants it: the five conditions of an expansion and the signals of growth, account by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Score
from trackline.accounts.rulebook.queries import newest
from trackline.align.contracts import Use
from trackline.align.growth_signals import signals_of
from trackline.align.rules.expansion import readiness
from trackline.align.rules.growth_signals import limits
from trackline.book.queries.narrowing import Narrowing, accounts_in, narrowing
from trackline.book.queries.quadrants import quadrant_json, quadrants_of
from trackline.book.queries.renewals import GONE
from trackline.core.playbook import Explained
from trackline.kit.policy import Context

CONDITIONS: Mapping[str, str] = {
    "roi": "Return documented",
    "champion": "Champion active and satisfied",
    "economic_buyer": "Economic buyer aware",
    "use_case": "New use case",
    "renewal": "Renewal far enough",
}
"""The parts of the rule of readiness, in its order. Source: EXP-05."""
INPUTS = {
    "roi_documented": "roi", "champion_rating": "champion", "champion_active": "champion",
    "economic_buyer_aware": "economic_buyer", "new_use_case": "use_case", "days_to_renewal": "renewal",
}  # fmt: skip
SHOWS = ("ready", "blocked", "unscored", "wanting", "secure")


@dataclass(frozen=True)
class Row:
    """An account: which conditions it meets, which are not known, and its signals. `score` None: nothing was judged yet."""

    account: Mapping[str, Any]
    score: Score | None
    met: Mapping[str, bool]
    unknown: frozenset[str]
    signals: Sequence[str]
    quadrants: Explained | None = None

    @property
    def first(self) -> str | None:
        """What comes first for it, by its quadrants: to secure it, to offer more, to remove what blocks, to watch, to keep it up. Source: KPI-128."""
        told: str | None = self.quadrants.details["next"] if self.quadrants else None
        return told

    @property
    def ready(self) -> bool:
        """Whether all five conditions hold. Source: EXP-05."""
        return self.score is not None and all(self.met.values())

    @property
    def held(self) -> int:
        """How many of the five conditions hold."""
        return sum(self.met.values())

    @property
    def points(self) -> Decimal | None:
        """The readiness, 20 for each condition. Source: EXP-04."""
        return None if self.score is None else Decimal(20 * self.held)

    @property
    def blocked_by(self) -> list[str]:
        """The conditions that do not hold."""
        return [key for key, holds in self.met.items() if not holds]

    @property
    def wanting(self) -> bool:
        """Whether it shows so many signals that it wants more. Source: EXP-02."""
        return len(self.signals) >= limits().strong_from

    def shows(self, show: str) -> bool:
        """Whether it is one of those that a name of `SHOWS` stands for."""
        if show == "wanting":
            return self.wanting
        if show == "secure":
            return self.first == "secure"
        if self.score is None:
            return show == "unscored"
        return show == ("ready" if self.ready else "blocked")


@dataclass(frozen=True)
class Readiness:
    """The accounts that `show` keeps, the readiest first; `blocks` tells how many each condition holds up."""

    narrowed: Narrowing
    rows: Sequence[Row]
    total: int
    counts: Mapping[str, int]
    blocks: Mapping[str, int]


def readiness_of(ctx: Context, filters: Mapping[str, str] | None = None, show: str = "") -> Readiness:
    """Return the accounts the actor sees, without those that have left; twenty queries, one more where a group is asked for."""
    narrowed = narrowing(ctx, filters or {})
    accounts = accounts_in(ctx, narrowed.filters).exclude(status__in=GONE)
    shown = accounts.order_by("pk").values_list("pk", flat=True)
    ids = accounts.values("pk")
    every = rows_among(ids, [narrowed.accounts[pk] for pk in shown], ctx.today)
    growth = {row.account["pk"]: (row.points, not row.ready, len(row.signals)) for row in every}
    judged = quadrants_of(ctx, ids, growth, dict(accounts.values_list("pk", "tier")))
    every = [replace(row, quadrants=judged[row.account["pk"]]) for row in every]
    return Readiness(
        narrowed,
        [row for row in every if not show or row.shows(show)],
        len(every),
        {name: sum(row.shows(name) for row in every) for name in SHOWS},
        {key: sum(key in row.blocked_by for row in every if row.score) for key in CONDITIONS},
    )


def rows_among(
    ids: Any, accounts: Sequence[Mapping[str, Any]], on: date, used: Mapping[int, Sequence[Use]] | None = None
) -> list[Row]:
    """Return how ready accounts are (each with `pk`, `key` and `name`), the readiest first; `ids` are theirs, or a query.

    `used`: the use of their running contracts, where it was read already.
    """
    judged = newest(Score.objects.filter(rule=readiness.id, preset="", account__in=ids), on)
    scores = {score.account_id: score for score in judged}
    signals = signals_of(ids, on, used)
    rows = [_row(one, scores.get(one["pk"]), signals.get(one["pk"], ())) for one in accounts]
    return sorted(
        rows,
        key=lambda row: (
            -(row.points if row.points is not None else Decimal(-1)), -len(row.signals), row.account["name"].casefold(),
            row.account["pk"],
        ),
    )  # fmt: skip


def readiness_json(ctx: Context, filters: Mapping[str, str] | None = None, show: str = "") -> dict[str, Any]:
    """Return the same as JSON has it."""
    found = readiness_of(ctx, filters, show)
    return {
        "as_of": ctx.today,
        "total": found.total,
        "counts": dict(found.counts),
        "blocks": dict(found.blocks),
        "rows": [row_json(row) for row in found.rows],
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return an account with its conditions and signals as JSON has it."""
    return {
        "key": row.account["key"],
        "name": row.account["name"],
        "owner": row.account.get("owner__username"),
        "readiness": row.points,
        "ready": row.ready if row.score else None,
        "blocked_by": row.blocked_by,
        "not_known": [key for key in CONDITIONS if key in row.unknown],
        "as_of": row.score.on if row.score else None,
        "signals": list(row.signals),
        "wanting": row.wanting,
        "quadrants": quadrant_json(row.quadrants) if row.quadrants else None,
    }


def _row(account: Mapping[str, Any], score: Score | None, signals: Sequence[str]) -> Row:
    if score is None:
        return Row(account, None, {}, frozenset(), signals)
    told = {part["key"]: Decimal(str(part["contribution"])) > 0 for part in score.parts}
    met = {key: told.get(key, False) for key in CONDITIONS}
    unknown = {INPUTS[name] for one in score.missing if (name := _input(one)) in INPUTS}
    return Row(account, score, met, frozenset(key for key in unknown if not met[key]), signals)


def _input(missing: Any) -> str:
    return str(missing["input"] if isinstance(missing, Mapping) else missing)
