"""Pain points of an account: what a write of theirs means, and how they rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import plain
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.track.models import DataSource, PainPoint, PainPointVote, Pilot, ValueGap
from trackline.track.rules import discovery
from trackline.track.rules import needs as rules
from trackline.track.rules import value_gap as worth

ALIVE = Q(deleted_at__isnull=True)


def prepare_vote(ctx: Context, vote: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Refuse votes of tomorrow, and a second one of the same person (NEED-04)."""
    if vote.on > ctx.today:
        raise Invalid.fields({"on": "This has not happened yet."})
    same = PainPointVote.objects.filter(ALIVE, pain_point=vote.pain_point_id, contact=vote.contact_id)
    if same.exclude(pk=vote.pk).exists():
        raise Invalid.fields({"contact": f"{vote.contact.name} has voted on this. Change that vote."})


def add_rank(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to pain points what their votes make of them, and how much of the canvas is filled; four queries."""
    points = PainPoint.objects.filter(pk__in=[row["id"] for row in rows]).select_related("account")
    found = {one.record.pk: one for one in ranked(list(points), ctx.today)}
    for row in rows:
        one = found[int(row["id"])]
        row["rank_value"] = plain(one.rank.value)
        row["quadrant"] = one.quadrant
        for name in ("impact", "urgency"):
            row[name] = plain(one.rank.details[name])
        row["voters"] = one.rank.details["voters"]
        row["canvas_pct"] = plain(one.canvas.value)


@dataclass(frozen=True)
class Need:
    """A pain point with what its votes make of it, and what is known of it."""

    record: PainPoint
    rank: Explained
    canvas: Explained

    @property
    def quadrant(self) -> str | None:
        """`priority`, `later` or `parked`; None without votes."""
        found: str | None = self.rank.details["quadrant"]
        return found


def ranked(points: Sequence[PainPoint], on: date) -> list[Need]:
    """Return pain points by quadrant, rank and money, the first to be worked on first; three queries.

    The rows come with their accounts. Source: NEED-05.
    """
    overrides = Overrides.load(on)
    votes: dict[int, list[dict[str, int]]] = {}
    rows = PainPointVote.objects.filter(ALIVE, pain_point__in=points, on__lte=on, contact__deleted_at__isnull=True)
    for point, impact, urgency in rows.order_by("pk").values_list("pain_point", "impact", "urgency"):
        votes.setdefault(point, []).append({"impact": impact, "urgency": urgency})
    named = set(
        PainPoint.contacts.through.objects.filter(painpoint__in=points).values_list("painpoint", flat=True).distinct()
    )
    found = [_need(one, votes.get(one.pk, []), one.pk in named, overrides, on) for one in points]
    order = {"priority": 0, "later": 1, "parked": 2, None: 3}
    return sorted(
        found,
        key=lambda one: (
            order[one.quadrant],
            -Decimal(one.rank.value or 0),
            -(one.record.money_impact or 0),
            one.record.title,
        ),
    )


def _need(point: PainPoint, votes: list[dict[str, int]], people: bool, overrides: Overrides, on: date) -> Need:
    def explain(rule: Any, **inputs: Any) -> Explained:
        figures = overrides.in_force(rule, on, tier=point.account.tier, account_id=point.account_id)
        found: Explained = rule.explain(read_inputs(rule.inputs, inputs), figures, on)
        return found

    filled = explain(
        rules.canvas,
        problem=bool(point.title.strip()),
        baseline=point.metric_id is not None and point.baseline is not None,
        outcome=bool(point.desired_outcome.strip()) or point.target is not None,
        causes=bool(point.root_causes.strip()),
        people=people,
        cost=point.money_impact is not None or point.hours_impact is not None,
        time=bool(point.time_driver) and (point.time_driver == PainPoint.Driver.NONE or point.deadline is not None),
    )
    return Need(point, explain(rules.rank, votes=votes), filled)


# -- what a gap is worth, what a pilot proves, what a source is good for ---------------------------------------------


def gap_of(one: ValueGap, overrides: Overrides, on: date) -> Explained:
    """Return what closing a gap is worth, explained; its pain point and account come with it. Source: NEED-06."""
    account = one.pain_point.account
    given = {name: getattr(one, name) for name in worth.Gap.model_fields}
    given["figures_from"] = given["figures_from"] or None
    figures = overrides.in_force(worth.value_gap, on, tier=account.tier, account_id=account.pk)
    found: Explained = worth.value_gap.explain(read_inputs(worth.Gap, given), figures, on)
    return found


def prepare_gap(_ctx: Context, one: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Refuse a saving that lasts no time."""
    if one.method == ValueGap.Method.TCO and one.years == 0:
        raise Invalid.fields({"years": "More than 0 is expected."})


def add_value(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to value gaps the money they are worth, and what is missing; two queries."""
    found = ValueGap.objects.filter(pk__in=[row["id"] for row in rows]).select_related("pain_point__account")
    gaps, overrides = {one.pk: one for one in found}, Overrides.load(ctx.today)
    for row in rows:
        told = gap_of(gaps[int(row["id"])], overrides, ctx.today)
        row["value"] = plain(told.value)
        row["missing"] = list(told.missing)
        row["notes"] = list(told.notes)
        row["rpn_before"], row["rpn_after"] = told.details["rpn_before"], told.details["rpn_after"]


def gaps_of(points: Sequence[PainPoint], on: date) -> dict[int, list[tuple[ValueGap, Explained]]]:
    """Return the value gaps of pain points, each with what it is worth; two queries."""
    overrides = Overrides.load(on)
    found: dict[int, list[tuple[ValueGap, Explained]]] = {}
    rows = ValueGap.objects.filter(ALIVE, pain_point__in=points).select_related("pain_point__account")
    for one in rows.order_by("pk"):
        found.setdefault(one.pain_point_id, []).append((one, gap_of(one, overrides, on)))
    return found


def add_match(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to pilots how far they are measured by what their problems are; three queries."""
    ids = [int(row["id"]) for row in rows]
    found = matches(ids, ctx.today)
    for row in rows:
        told = found[int(row["id"])]
        row["match_pct"], row["stray"] = plain(told.value), list(told.details["stray"])


def matches(pilots: Sequence[int], on: date) -> dict[int, Explained]:
    """Return the match of each pilot; three queries."""
    asked: dict[int, list[str]] = {pk: [] for pk in pilots}
    canvas: dict[int, list[str]] = {pk: [] for pk in pilots}
    own = Pilot.objects.filter(pk__in=pilots, metrics__deleted_at__isnull=True, metrics__isnull=False)
    for pk, key in own.values_list("pk", "metrics__key"):
        asked[pk].append(key)
    theirs = Pilot.objects.filter(
        pk__in=pilots, pain_points__deleted_at__isnull=True, pain_points__metric__isnull=False
    )
    for pk, key in theirs.values_list("pk", "pain_points__metric__key"):
        canvas[pk].append(key)
    overrides = Overrides.load(on)
    rule = discovery.pilot_match
    figures = overrides.in_force(rule, on)
    return {
        pk: rule.explain(read_inputs(rule.inputs, {"pilot": asked[pk], "canvas": canvas[pk]}), figures, on)
        for pk in pilots
    }


def prepare_pilot(_ctx: Context, pilot: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """A pilot ends after it starts, and one that is decided says what came of it."""
    if pilot.start_on and pilot.due_on and pilot.due_on < pilot.start_on:
        raise Invalid.fields({"due_on": "A pilot is decided after it starts."})
    if pilot.status in (Pilot.Status.PASSED, Pilot.Status.FAILED) and not pilot.outcome.strip():
        raise Invalid.fields({"outcome": "Say what came of it."})


def source_of(one: DataSource, overrides: Overrides, on: date) -> Explained:
    """Return what is open on a source, explained. Source: NEED-01, NEED-02."""
    rule = discovery.source
    given = {
        "owned": one.owner_id is not None, "refresh_days": one.refresh, "max_age_days": one.max_age_days,
        "last_on": one.last_refreshed_on, "priority": one.priority, "high_stakes": one.high_stakes,
        "independent": one.independent, "failures": one.failures,
    }  # fmt: skip
    return rule.explain(read_inputs(rule.inputs, given), overrides.in_force(rule, on), on)


def prepare_source(ctx: Context, one: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Nothing was refreshed in the future."""
    if one.last_refreshed_on and one.last_refreshed_on > ctx.today:
        raise Invalid.fields({"last_refreshed_on": "This has not happened yet."})


def add_worth(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to sources what is open on them; two queries."""
    overrides = Overrides.load(ctx.today)
    sources = {one.pk: one for one in DataSource.objects.filter(pk__in=[row["id"] for row in rows])}
    for row in rows:
        told = source_of(sources[int(row["id"])], overrides, ctx.today).details
        row["gap"], row["stale"], row["unverified"], row["retire"] = (
            told[name] for name in ("gap", "stale", "unverified", "retire")
        )


def sources_of(account: int, on: date) -> list[tuple[DataSource, Explained]]:
    """Return the sources in use that serve an account, its own and those of the book, each with what is open on it."""
    overrides = Overrides.load(on)
    rows = DataSource.objects.filter(ALIVE, Q(account=account) | Q(account__isnull=True), active=True)
    return [(one, source_of(one, overrides, on)) for one in rows.select_related("owner").order_by("title", "pk")]
