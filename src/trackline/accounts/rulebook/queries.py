"""Reads of scores: the newest, the line over time, the ledger, and the difference between two."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from trackline.accounts.models import Score, ScoreChange
from trackline.accounts.rulebook.ledger import explained, parameters_of
from trackline.core.playbook import Difference, compare


def latest(
    account_ids: Iterable[int], rule: str | None = None, preset: str = "", *, on: date | None = None
) -> dict[tuple[int, str, str], Score]:
    """Return the newest scores of accounts by (account, rule, preset), not after a day where one is named; one query.

    Without a rule those of all rules and presets.
    """
    rows = Score.objects.filter(account__in=list(account_ids))
    if rule is not None:
        rows = rows.filter(rule=rule, preset=preset)
    return {row.key: row for row in newest(rows, on)}


def newest(rows: QuerySet[Score], on: date | None = None) -> QuerySet[Score]:
    """Return the newest score of each line among the scores of a query, not after a day where one is named."""
    same = Score.objects.filter(account=OuterRef("account"), rule=OuterRef("rule"), preset=OuterRef("preset"))
    if on is not None:
        rows, same = rows.filter(on__lte=on), same.filter(on__lte=on)
    return rows.filter(on=Subquery(same.order_by("-on").values("on")[:1]))


def trend(account_id: int, rule: str, preset: str = "", since: date | None = None) -> list[Score]:
    """Return the scores of a line, oldest first; one query."""
    rows = Score.objects.filter(account=account_id, rule=rule, preset=preset)
    return list((rows.filter(on__gte=since) if since else rows).order_by("on"))


class Point(NamedTuple):
    """What a line over time needs of a score."""

    pk: int
    on: date
    value: Decimal | None
    text: str
    band: str


def points(account_id: int, rule: str, preset: str = "") -> list[Point]:
    """Return the line of a score without what explains it, oldest first; one query."""
    rows = Score.objects.filter(account=account_id, rule=rule, preset=preset)
    return [Point(*row) for row in rows.order_by("on").values_list("pk", "on", "value", "text", "band")]


def ledger(
    account_id: int, rule: str, preset: str | None = None, *, before: int | None = None, limit: int = 50
) -> list[ScoreChange]:
    """Return changes of a score, newest first, after a line already seen where one is named; one query."""
    rows = ScoreChange.objects.filter(account=account_id, rule=rule).select_related("by")
    if preset is not None:
        rows = rows.filter(preset=preset)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def difference(before: Score, after: Score) -> Difference:
    """Return what changed from one score to another of the same rule and preset; one query.

    Raises `ValueError` for scores that are not alike: of another rule or preset.
    """
    if (before.rule, before.preset) != (after.rule, after.preset):
        raise ValueError("Scores of different rules or presets cannot be compared.")
    parameters: dict[str, Any] = parameters_of({before.version, after.version})
    first, second = (explained(score, parameters.get(score.version, {})) for score in (before, after))
    return compare(first, second)
