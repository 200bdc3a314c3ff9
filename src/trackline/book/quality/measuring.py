"""How much of the data passes its checks, by domain and dimension, and which records fail one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from trackline.book.quality.checks import Check, Domain, catalogue
from trackline.book.quality.conditions import Against, condition, population
from trackline.book.quality.keeping import Kept, days_below, keep, kept_of
from trackline.book.quality.stewards import stewards
from trackline.book.queries.narrowing import Narrowing, accounts_in, narrowing
from trackline.book.rules.quality import DIMENSIONS, QualityParameters, quality
from trackline.core.decimals import HUNDRED
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Counted:
    """A check with how many records it applied to, and how many of them failed; `on` is the day of it, None for now."""

    check: Check
    checked: int
    failed: int
    on: date | None = None

    @property
    def pct(self) -> Any:
        """Share of the records that pass, %."""
        return HUNDRED * (self.checked - self.failed) / self.checked if self.checked else None


@dataclass(frozen=True)
class Scored:
    """A domain with its result, and by dimension how many checks failed of how many, and since how many days it is too low
    (None where that is not known)."""

    domain: Domain
    result: Explained
    sums: Mapping[str, tuple[int, int]]
    days: Mapping[str, int | None]


@dataclass(frozen=True)
class Quality:
    """All domains and checks. `kept` holds what nights found of the whole book, None where the actor asks for less of it."""

    p: QualityParameters
    narrowed: Narrowing
    domains: Sequence[Scored]
    counted: Sequence[Counted]
    kept: Kept | None


def measure(ctx: Context, filters: Mapping[str, str] | None = None) -> Quality:
    """Return the quality of the data of the accounts that the filters keep; a query for each type of records and a few more.

    Source: DQ-04, DQ-05, DQ-06.
    """
    narrowed = narrowing(ctx, filters or {})
    against = _against(ctx, narrowed.filters)
    whole = ctx.actor.visible is None and not narrowed.filters
    kept = kept_of(ctx.today) if whole else None
    counted = count(against, kept)
    domains = []
    for domain in catalogue().domains.values():
        sums = sums_of(counted, domain.key)
        days = {
            key: None if kept is None else days_below(kept, domain.key, key, sums[key], against.p.min_pct)
            for key in sums
        }
        domains.append(Scored(domain, result_of(against, sums, days), sums, days))
    return Quality(against.p, narrowed, domains, counted, kept)


def count(against: Against, kept: Kept | None = None) -> list[Counted]:
    """Return every check with its counts: one query for each type of records. Looking for duplicates goes through every pair
    of names that resemble each other, so where `kept` knows what the last night found that stands."""
    by_type: dict[str, list[Check]] = {}
    found = []
    for check in catalogue().having(against.p.mandatory).values():
        night = kept.last_night(check.domain, check.dimension) if kept and check.test == "duplicate" else None
        if night:
            found.append(Counted(check, night.checked, night.failed, night.on))
        else:
            by_type.setdefault(check.record, []).append(check)
    for name, checks in by_type.items():
        asked: dict[str, Any] = {}
        for number, check in enumerate(checks):
            test = condition(against, check)
            asked[f"checked_{number}"] = Count("pk", filter=test.applies) if test.applies else Count("pk")
            asked[f"failed_{number}"] = Count("pk", filter=test.fails)
        told = population(against, registry.get(name)).aggregate(**asked)
        found += [Counted(check, told[f"checked_{n}"], told[f"failed_{n}"]) for n, check in enumerate(checks)]
    return found


def failing(ctx: Context, key: str, filters: Mapping[str, str] | None = None) -> tuple[Check, QuerySet[Any]]:
    """Return a check and the records that fail it. Raises `NotFound` for a check that there is not."""
    against = _against(ctx, filters)
    check = catalogue().having(against.p.mandatory).get(key)
    if check is None:
        raise NotFound("There is no such check of data quality.")
    rows = population(against, registry.get(check.record))
    return check, rows.filter(condition(against, check).fails)


def sums_of(counted: Sequence[Counted], domain: str) -> dict[str, tuple[int, int]]:
    """Return by dimension how many checks of a domain failed, and how many there were."""
    sums = dict.fromkeys(DIMENSIONS, (0, 0))
    for one in counted:
        if one.check.domain == domain:
            failed, checked = sums[one.check.dimension]
            sums[one.check.dimension] = (failed + one.failed, checked + one.checked)
    return sums


def result_of(
    against: Against, sums: Mapping[str, tuple[int, int]], days: Mapping[str, int | None] | None = None
) -> Explained:
    """Return what the rule says of sums by dimension."""
    given = [
        {"key": key, "passed": checked - failed, "checked": checked, "days_below": (days or {}).get(key)}
        for key, (failed, checked) in sums.items()
    ]
    inputs = read_inputs(quality.inputs, {"dimensions": given})
    found: Explained = quality.explain(inputs, against.in_force, against.today)
    return found


def _against(ctx: Context, filters: Mapping[str, str] | None) -> Against:
    return Against(ctx, accounts_in(ctx, filters).order_by().values("pk") if filters else None)


def quality_json(ctx: Context, filters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the same as JSON has it."""
    found, people = measure(ctx, filters), stewards()
    return {
        "as_of": ctx.today,
        "min_pct": found.p.min_pct,
        "domains": [
            {
                "key": one.domain.key,
                "label": one.domain.label,
                "score": one.result.value,
                "band": one.result.band,
                "steward": people[one.domain.key].person.username if one.domain.key in people else None,
                "below": one.result.details["below"],
                "amber": one.result.details["amber"],
                "dimensions": {
                    key: {
                        "pct": HUNDRED * (checked - failed) / checked if checked else None,
                        "failed": failed,
                        "checked": checked,
                        "days_below": one.days[key],
                    }
                    for key, (failed, checked) in one.sums.items()
                },
            }
            for one in found.domains
        ],
        "checks": [
            {
                "key": one.check.key, "domain": one.check.domain, "dimension": one.check.dimension,
                "record": one.check.record, "fields": list(one.check.fields), "fails": one.check.fails,
                "failed": one.failed, "checked": one.checked, "pct": one.pct,
            }
            for one in worst_first(found.counted)
        ],
        "notes": notes_of(found),
    }  # fmt: skip


def failing_json(ctx: Context, key: str, filters: Mapping[str, str], limit: int) -> dict[str, Any]:
    """Return the records that fail a check as JSON has it, at most `limit` of them. Raises `NotFound` for an unknown check."""
    check, rows = failing(ctx, key, filters)
    rtype = registry.get(check.record)
    path = {"account": "account__key", "self": "key"}.get(rtype.account, "")
    told = rows.order_by("pk").values_list("pk", rtype.title, *([path] if path else []))[:limit]
    return {
        "as_of": ctx.today,
        "key": check.key,
        "record": check.record,
        "fails": check.fails,
        "fields": list(check.fields),
        "count": rows.count(),
        "items": [
            {"id": str(pk), "title": str(title), "account": more[0] if more else None} for pk, title, *more in told
        ],
    }


def worst_first(counted: Sequence[Counted]) -> list[Counted]:
    """Return checks with those that most records fail first; those that nothing could be held against come last."""
    return sorted(counted, key=lambda one: (-one.failed, not one.checked, one.check.key))


def notes_of(found: Quality) -> list[str]:
    """Say what is not known."""
    notes = []
    if found.kept is None:
        notes.append("Since when a dimension is too low is kept for the whole book; here only part of it counts.")
    elif found.kept.since is None:
        notes.append("No night has kept these figures yet: since when a dimension is too low is not known.")
    if nights := {one.on for one in found.counted if one.on}:
        notes.append(
            f"Duplicates of accounts and contacts are as the last night found them, on {formats.day(max(nights))}."
        )
    unchecked = sum(not one.checked for one in found.counted)
    if unchecked:
        notes.append(f"{unchecked} of {len(found.counted)} checks found nothing to be held against.")
    return notes


def keep_quality(ctx: Context) -> int:
    """Measure the whole book and keep what was found as the reading of the day; returns how many readings."""
    counted = count(Against(ctx))
    return keep(ctx.today, {key: sums_of(counted, key) for key in catalogue().domains})
