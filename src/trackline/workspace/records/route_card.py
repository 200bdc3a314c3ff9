"""What the panel of a route says beyond its fields: its qualification, how long it stands, whose probability it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.ageing import Stood, stood_of
from trackline.align.models import Route
from trackline.align.qualification import Gap, findings_of, standing
from trackline.align.rules.gate import OPEN
from trackline.align.rules.norms import norms
from trackline.align.services import default_probability
from trackline.kit import formats
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses

CHANGES = 5
"""So many changes of the probability are told."""


@dataclass(frozen=True)
class Row:
    """A dimension of the qualification, with the form that records a finding and the panel of the newest one."""

    gap: Gap
    new: str
    new_panel: str
    panel: str
    url: str


@dataclass(frozen=True)
class Chance:
    """A route's probability beside that of its stage; `changes` are (day, from, to, who, why), newest first."""

    own: Decimal | None
    stage: Decimal
    reason: str
    points: Decimal
    review: bool
    changes: Sequence[tuple[date, str, str, str, str]]

    @property
    def overridden(self) -> bool:
        """Whether somebody set it."""
        return self.own is not None and self.own != self.stage


def card_of(ctx: Context, pk: int) -> Mapping[str, Any]:
    """Return the facts of a route's card, in at most ten queries."""
    route = Route.objects.select_related("account", "pipeline").get(pk=pk)
    overrides = Overrides.load(ctx.today)
    tier, account = route.account.tier, route.account_id
    found = standing(findings_of([pk]).get(pk, {}), overrides, ctx.today, tier=tier, account_id=account)
    opened = route.state in OPEN
    return {
        "open": opened,
        "qualification": found,
        "rows": [_row(gap, pk) for gap in found.gaps],
        "stood": stood_of([route], ctx.today, overrides, tier=tier, account_id=account).get(pk),
        "place": route.get_state_display(),
        "chance": _chance(route) if opened else None,
        "review_hours": norms().review_hours,
        "today": ctx.today,
    }


def words_of(stood: Stood) -> str:
    """How long a route has stood, in words: `92 d, usually 45 d`."""
    return f"{stood.days} d, usually {formats.number(stood.usual)} d"


def _row(gap: Gap, route: int) -> Row:
    rtype = registry.get("qualification")
    given = {"route": route, "dimension": gap.key, "back": addresses.panel(registry.get("route"), route)}
    pk = gap.finding.pk if gap.finding else 0
    return Row(
        gap,
        addresses.new(rtype, given),
        addresses.new_panel(rtype, given),
        addresses.panel(rtype, pk) if pk else "",
        addresses.page(rtype, pk) if pk else "",
    )


def _chance(route: Any) -> Chance:
    stage = default_probability(route)
    points = (route.probability if route.probability is not None else stage) - stage
    return Chance(
        route.probability,
        stage,
        route.probability_override_reason,
        points,
        abs(points) >= norms().review_points,
        _changes(route.pk),
    )


def _changes(pk: int) -> list[tuple[date, str, str, str, str]]:
    rows = Change.objects.filter(record_type="route", record_id=pk, changes__has_key="probability")
    told = []
    for change in rows.select_related("actor").order_by("-pk")[:CHANGES]:
        before, after = change.changes["probability"]
        _, reason = change.changes.get("probability_override_reason", ("", ""))
        who = change.actor.name if change.actor else "Trackline"
        told.append(
            (timezone.localdate(change.at), _percent(before), _percent(after), who, str(reason or change.note or ""))
        )
    return told


def _percent(value: Any) -> str:
    return "not set" if value in (None, "") else formats.percent(Decimal(str(value)), 0)
