"""The competitors of an account: what a write of theirs means, and how each stands against us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.sources import origin
from trackline.core.decimals import plain
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.track.models import CompetitivePosition, Competitor, CompetitorSighting
from trackline.track.rules import competition as rules

ALIVE = Q(deleted_at__isnull=True)
Links = dict[str, list[int]]


# -- writes --------------------------------------------------------------------------------------------------------


def prepare_position(_ctx: Context, position: Any, _changed: set[str], _links: Links) -> None:
    """Hold the weights to 100 together (CMPT-02), and one position to an account."""
    whole = sum(position.weights.values())
    if whole != 100:
        raise Invalid.fields(
            {f"weight_{key}": f"The five weights make {whole}; 100 is expected." for key in rules.DIMENSIONS}
        )
    if position._state.adding and CompetitivePosition.objects.filter(ALIVE, account=position.account_id).exists():
        raise Invalid.fields({"account": "This account has a competitive position. Change that one."})


def prepare_competitor(ctx: Context, competitor: Any, changed: set[str], _links: Links) -> None:
    """A change of scores is an assessment of today (CMPT-08)."""
    if changed & set(rules.DIMENSIONS) and "assessed_on" not in changed:
        competitor.assessed_on = ctx.today


def prepare_sighting(ctx: Context, sighting: Any, _changed: set[str], _links: Links) -> None:
    """Refuse what has not been seen yet."""
    if sighting.on > ctx.today:
        raise Invalid.fields({"on": "This has not happened yet."})


def add_standing(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to competitors their gap, the stance it suggests, their intrusions and what is open; four queries."""
    records = Competitor.objects.filter(pk__in=[row["id"] for row in rows]).select_related("account")
    found = {one.record.pk: one for one in standings(list(records), ctx.today)}
    for row in rows:
        one = found[int(row["id"])]
        row["gap"] = plain(one.gap.value)
        row["suggested_stance"] = one.suggested
        row["intrusions"] = one.intrusions
        row["needs_action"] = one.needs_action
        row["stale"] = one.stale


def add_confidence(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to sightings how well they are known."""
    overrides = Overrides.load(ctx.today)
    for row in rows:
        row["confidence"] = confidence_of(row["sources"], overrides, ctx.today)


# -- reads ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A competitor against us."""

    record: Competitor
    gap: Explained
    seen: Explained
    attention: Explained
    sightings: Sequence[CompetitorSighting]

    @property
    def suggested(self) -> str | None:
        """The stance that the gap suggests; None where too little is scored."""
        found: str | None = self.gap.details["stance"]
        return found

    @property
    def intrusions(self) -> int:
        """Intrusions in the window."""
        return int(self.seen.value or 0)

    @property
    def needs_action(self) -> bool:
        """Whether it is a priority without anything planned."""
        return bool(self.attention.details["needs_action"])

    @property
    def stale(self) -> bool:
        """Whether its assessment is old."""
        return bool(self.attention.details["stale"])


def standings(competitors: Sequence[Competitor], on: date) -> list[Standing]:
    """Return how competitors stand against us in their accounts, the nearest or furthest ahead first; three queries.

    The rows come with their accounts.
    """
    accounts = {one.account_id for one in competitors}
    overrides = Overrides.load(on)
    positions = {one.account_id: one for one in CompetitivePosition.objects.filter(ALIVE, account__in=accounts)}
    seen: dict[int, list[CompetitorSighting]] = {}
    rows = CompetitorSighting.objects.filter(ALIVE, competitor__in=competitors, on__lte=on)
    for sighting in rows.order_by("-on", "-pk"):
        seen.setdefault(sighting.competitor_id, []).append(sighting)
    found = [_standing(one, positions.get(one.account_id), seen.get(one.pk, ()), overrides, on) for one in competitors]
    return sorted(found, key=lambda one: (one.gap.value is None, one.gap.value or 0, one.record.name))


def position_of(account_id: int) -> CompetitivePosition | None:
    """Return what the customer weighs and how it scores us, where somebody wrote it down."""
    return CompetitivePosition.objects.filter(ALIVE, account=account_id).select_related("confirmed_by").first()


def intrusions_of(accounts: Iterable[int], on: date) -> Mapping[int, dict[str, Any]]:
    """Return the intrusions into each account that keeps an eye on competitors, with the sightings behind them.

    Three queries; accounts without competitors are absent, since nobody looked.
    """
    watched = set(Competitor.objects.filter(ALIVE, account__in=list(accounts)).values_list("account", flat=True))
    if not watched:
        return {}
    figures = Overrides.load(on).in_force(rules.intrusion, on)
    assert isinstance(figures.parameters, rules.IntrusionParameters)
    since = on - timedelta(days=figures.parameters.window_days)
    rows = CompetitorSighting.objects.filter(
        ALIVE, competitor__account__in=watched, competitor__deleted_at__isnull=True, kind__in=rules.COUNTED,
        on__range=(since, on),
    )  # fmt: skip
    seen: dict[int, list[tuple[int, str, str, date]]] = {}
    for account, *told in rows.order_by("-on", "-pk").values_list("competitor__account", "pk", "kind", "summary", "on"):
        seen.setdefault(account, []).append((told[0], told[1], told[2], told[3]))
    found = {}
    for account in sorted(watched):
        given = [{"kind": kind, "on": day} for _, kind, _, day in seen.get(account, ())]
        count = _explain(rules.intrusion, figures, on, sightings=given).value
        sources = [origin("competitor_sighting", pk, text, day, on) for pk, _, text, day in seen.get(account, ())]
        found[account] = {"value": count, "sources": sources}
    return found


def confidence_of(sources: int, overrides: Overrides, on: date) -> str:
    """Return how well a sighting is known: rumour, probable or confirmed."""
    return str(_explain(rules.confidence, overrides.in_force(rules.confidence, on), on, sources=sources).value)


def _standing(
    record: Competitor,
    position: CompetitivePosition | None,
    seen: Sequence[CompetitorSighting],
    overrides: Overrides,
    on: date,
) -> Standing:
    def explain(rule: Any, **inputs: Any) -> Explained:
        figures = overrides.in_force(rule, on, tier=record.account.tier, account_id=record.account_id)
        return _explain(rule, figures, on, **inputs)

    gap = explain(
        rules.gap,
        weights=position.weights if position else None,
        ours=position.scores if position else {},
        theirs=record.scores,
    )
    intrusion = explain(rules.intrusion, sightings=[{"kind": one.kind, "on": one.on} for one in seen])
    attention = explain(
        rules.attention,
        gap=gap.value,
        intrusions=intrusion.value,
        planned=bool(record.next_action.strip() and record.next_action_on and record.owner_id),
        assessed_on=record.assessed_on,
    )
    return Standing(record, gap, intrusion, attention, seen)


def _explain(rule: Any, figures: Any, on: date, **inputs: Any) -> Explained:
    found: Explained = rule.explain(read_inputs(rule.inputs, inputs), figures, on)
    return found
