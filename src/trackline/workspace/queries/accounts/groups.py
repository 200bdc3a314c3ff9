"""Groups of the Accounts list: what it can be grouped by, the order that makes, and what each group adds up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from django.db.models import Sum as SumOf

from trackline.accounts.rates import Rates, Sum
from trackline.kit.policy import Context
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.filters import ACCOUNT, soon
from trackline.workspace.records.labels import labels

BANDS = ("red", "amber", "green")
"""Colours of health, what needs somebody first."""


@dataclass(frozen=True)
class Grouping:
    """A way to group accounts: what it is called, the column that makes the groups, the field that rows need for it."""

    name: str
    label: str
    column: str
    needs: str


GROUPINGS: Mapping[str, Grouping] = {
    grouping.name: grouping
    for grouping in (
        Grouping("owner", "Owner", "owner_id", "owner"),
        Grouping("tier", "Tier", "tier", "tier"),
        Grouping("band", "Health", "health__band", "health"),
        Grouping("status", "Status", "status", "status"),
        Grouping("region", "Region", "region", "region"),
        Grouping("industry", "Industry", "industry", "industry"),
        Grouping("segment", "Segment", "segment", "segment"),
    )
}


@dataclass(frozen=True)
class Group:
    """One group of what matches: how many accounts, their ARR in one currency, how many renew soon.

    `url` asks for this group alone.
    """

    value: Any
    label: str
    count: int
    arr: Sum
    without_arr: int
    soon: int
    url: str


def grouping_of(asked: Asked) -> Grouping | None:
    """Return the grouping that is asked for, or None where there is none or a word that means nothing."""
    return GROUPINGS.get(asked.group) if not asked.mode else None


def terms(grouping: Grouping) -> list[Any]:
    """Return the order that keeps groups together: owners by name, colours from red, what has no value last."""
    if grouping.name == "owner":
        return [F("owner__name").asc(nulls_last=True), F("owner_id").asc(nulls_last=True)]
    if grouping.name == "band":
        ranks = [When(health__band=band, then=Value(rank)) for rank, band in enumerate(BANDS)]
        return [Case(*ranks, default=Value(len(BANDS)), output_field=IntegerField())]
    if grouping.name == "tier":
        return [F("tier").asc(nulls_last=True)]
    empty = Case(When(**{grouping.column: ""}, then=Value(1)), default=Value(0), output_field=IntegerField())
    return [empty, F(grouping.column).asc()]


def value_of(grouping: Grouping, item: Mapping[str, Any]) -> Any:
    """Return the group that a row belongs to."""
    if grouping.name == "band":
        return _band((item["health"] or {}).get("band"))
    value = item[grouping.needs]
    return None if value in (None, "") else int(value) if grouping.name == "owner" else value


def groups_of(
    ctx: Context, asked: Asked, grouping: Grouping, query: QuerySet[Any], rates: Rates
) -> Mapping[Any, Group]:
    """Add up each group of what matches, by its value, in one query and one for names."""
    rows = query.order_by().values(grouping.column, "currency").annotate(
        n=Count("pk"), amount=SumOf("arr"), known=Count("arr"), soon=Count("pk", filter=soon(ctx.today))
    )  # fmt: skip
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        value = row[grouping.column] or None
        found.setdefault(_band(value) if grouping.name == "band" else value, []).append(row)
    words = _words(ctx, grouping, found)
    several = len({row["currency"] or rates.book for part in found.values() for row in part}) > 1
    add = rates.in_book if several else rates.total
    return {
        value: Group(
            value=value,
            label=words[value],
            count=sum(row["n"] for row in part),
            arr=add((row["amount"], row["currency"]) for row in part),
            without_arr=sum(row["n"] - row["known"] for row in part),
            soon=sum(row["soon"] for row in part),
            url=_alone(asked, grouping, value),
        )
        for value, part in found.items()
    }


def _words(ctx: Context, grouping: Grouping, values: Iterable[Any]) -> dict[Any, str]:
    """What each group is called."""
    if grouping.name == "owner":
        known = labels(ctx, {"user": {str(value) for value in values if value is not None}})
        return {
            value: "No owner" if value is None else found.text if (found := known.get(("user", value))) else str(value)
            for value in values
        }
    if grouping.name == "band":
        return {value: "No score" if value is None else str(value).capitalize() for value in values}
    choices = {key: str(label) for key, label in ACCOUNT.specs[grouping.name].choices}
    return {
        value: f"No {grouping.label.lower()}" if value is None else choices.get(value, str(value)) for value in values
    }


def _band(band: str | None) -> str | None:
    """The colour of health; without one there is no score, whether none was computed or too little is measured."""
    return band if band in BANDS else None


def _alone(asked: Asked, grouping: Grouping, value: Any) -> str:
    return asked.having(**{grouping.name: "null" if value is None else str(value)}).ungrouped().url
