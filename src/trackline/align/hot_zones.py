"""Hot zones: white spaces that signals speak for and that are worth as much as others of their account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Route, WhitespaceCell
from trackline.align.rules.gate import OPEN
from trackline.align.rules.whitespace import whitespace_hot
from trackline.align.whitespace import GridCell, Place
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.track.models import PainPoint


@dataclass(frozen=True)
class Sign:
    """A pain point or a note that speaks for a white space: the name of its type, its id, and the day it was told last."""

    record: str
    pk: int
    title: str
    on: date


@dataclass(frozen=True)
class Zone:
    """A white space with what speaks for it, the newest first, and what the rule says of it."""

    cell: GridCell
    signs: Sequence[Sign]
    result: Explained

    @property
    def hot(self) -> bool | None:
        """Whether signals meet money; None where the money is not known. Source: WS-05."""
        found: bool | None = self.result.details["hot"]
        return found

    @property
    def intensity(self) -> int:
        """How many recent signals speak for it."""
        return int(self.result.value) if isinstance(self.result.value, int | Decimal) else 0

    @property
    def last(self) -> date | None:
        """When the newest signal was told."""
        return self.signs[0].on if self.signs else None


Zones = Mapping[Place, Zone]
"""By the place of the cell; those without a sign are left out, for they cannot be hot."""


def zones_of(cells: Iterable[GridCell], accounts: Sequence[int] | QuerySet[Any], on: date) -> Zones:
    """Return what speaks for the open cells of accounts; five queries. All cells of an account make its median.

    Source: WS-05.
    """
    open_ones = [cell for cell in cells if cell.is_open]
    worth: dict[int, list[Decimal]] = {}
    for cell in open_ones:
        if cell.value:
            worth.setdefault(cell.unit.account_id, []).append(cell.value)
    signs, overrides = _signs(accounts, on), Overrides.load(on)
    found: dict[Place, Zone] = {}
    for cell in open_ones:
        place = (cell.unit.pk, cell.product.pk)
        mine = sorted(signs.get(place, {}).values(), key=lambda sign: (sign.on, sign.record, sign.pk), reverse=True)
        if not mine:
            continue
        account = cell.unit.account
        middle = median(worth[account.pk]) if account.pk in worth else None
        given = {"ages": [(on - sign.on).days for sign in mine], "value": cell.value, "median": middle}
        in_force = overrides.in_force(whitespace_hot, on, tier=account.tier, account_id=account.pk)
        found[place] = Zone(cell, mine, whitespace_hot.explain(read_inputs(whitespace_hot.inputs, given), in_force, on))
    return found


def hottest(zones: Zones) -> list[Zone]:
    """Return the hot ones: the most signals first, then the most money."""
    hot = [zone for zone in zones.values() if zone.hot]
    return sorted(
        hot, key=lambda zone: (-zone.intensity, -(zone.cell.value or 0), zone.cell.unit.name, zone.cell.product.name)
    )


def zone_json(cell: GridCell, zone: Zone | None) -> dict[str, Any]:
    """Return how many recent signals speak for a cell, whether it is hot, and who answers for it, as JSON has it."""
    owner = cell.record.owner if cell.record else None
    return {
        "signals": zone.intensity if zone else 0,
        "hot": zone.hot if zone else False,
        "owner": owner.username if owner else None,
    }


def _signs(accounts: Sequence[int] | QuerySet[Any], on: date) -> Mapping[Place, Mapping[tuple[str, int], Sign]]:
    """What people tied to cells, and the pain points that open routes of them answer; nothing that is told later."""
    found: dict[Place, dict[tuple[str, int], Sign]] = {}

    def add(place: Place, sign: Sign) -> None:
        if sign.on <= on:
            found.setdefault(place, {})[sign.record, sign.pk] = sign

    cells = Q(whitespacecell__deleted_at__isnull=True, whitespacecell__business_unit__account__in=accounts)
    notes = WhitespaceCell.notes.through.objects.filter(cells, note__deleted_at__isnull=True)
    place = ("whitespacecell__business_unit", "whitespacecell__product")
    for unit, product, pk, title, day in notes.values_list(*place, "note", "note__title", "note__on"):
        add((unit, product), Sign("note", pk, title, day))
    pains = list(
        WhitespaceCell.pain_points.through.objects.filter(cells).values_list(*place, "painpoint")
    ) + list(
        Route.pain_points.through.objects.filter(
            route__deleted_at__isnull=True, route__account__in=accounts, route__state__in=OPEN,
            route__business_unit__isnull=False, route__product__isnull=False,
        ).values_list("route__business_unit", "route__product", "painpoint")
    )  # fmt: skip
    told = {sign.pk: sign for sign in _pains({pk for _, _, pk in pains})} if pains else {}
    for unit, product, pk in pains:
        if pk in told:
            add((unit, product), told[pk])
    return found


def _pains(ids: set[int]) -> Iterable[Sign]:
    """Open pain points with the day they were written down or weighed last."""
    rows = PainPoint.objects.filter(deleted_at__isnull=True, status=PainPoint.Status.OPEN, pk__in=ids)
    newest = Max("votes__on", filter=Q(votes__deleted_at__isnull=True))
    for pk, title, made, voted in rows.annotate(voted=newest).values_list("pk", "title", "created_at", "voted"):
        day = timezone.localdate(made)
        yield Sign("pain_point", pk, title, max(day, voted) if voted else day)
