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
from trackline.track.models import PainPoint, PainPointVote
from trackline.track.rules import needs as rules

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
