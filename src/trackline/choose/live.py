"""Inputs of the renewal timeline: the next renewal that is prepared, and the steps done in the plays that run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.sources import origin
from trackline.align.models import OPEN_CYCLES, RenewalCycle
from trackline.align.rules.renewal import timeline
from trackline.choose.models import Play, Step
from trackline.core.playbook.feeds import file_feeds
from trackline.kit.records.services import WriteEvent

FEEDS = Path(__file__).parent / "rules" / "feeds.yaml"
ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class _Run:
    """A play that runs a renewal: which timeline it follows, since when, and the keys of what is done."""

    id: int
    title: str
    preset: str
    start_on: date
    done: Sequence[str]


def collect_renewal(ids: Sequence[int], on: date, _batch: Batch) -> Mapping[int, Collected]:
    """Return the next open renewal of each account, in six queries; one that nobody prepares is missing.

    Where a play follows one of the timelines towards that date, its timeline, start and finished steps count.
    """
    cycles: dict[int, Any] = {}
    rows = RenewalCycle.objects.filter(ALIVE, account__in=ids, state__in=OPEN_CYCLES).order_by("-renewal_date", "-pk")
    for cycle in rows:
        cycles[cycle.account_id] = cycle
    runs = _runs(list(cycles), on)
    rates, found = rates_in_force(on), {}
    for pk, tier, arr, currency, enterprise in Account.objects.filter(pk__in=ids).values_list(
        "pk", "tier", "arr", "currency", "enterprise"
    ):
        own = {"tier": tier, "arr": rates.convert(arr, currency), "enterprise": enterprise}
        one = found[pk] = Collected({name: value for name, value in own.items() if value is not None})
        cycle = cycles.get(pk)
        if cycle is None:
            one.values["renewal_date"] = None
            one.missing.append({"input": "renewal_date", "last_on": None})
            continue
        one.values |= {"renewal_date": cycle.renewal_date, "created_on": timezone.localdate(cycle.created_at)}
        one.sources["renewal_date"] = origin(
            "renewal_cycle", cycle.pk, str(cycle), timezone.localdate(cycle.created_at), on
        )
        run = runs.get((pk, cycle.renewal_date))
        if run:
            one.values |= {"preset": run.preset, "created_on": run.start_on, "done": list(run.done)}
            one.sources["done"] = origin("play", run.id, run.title, run.start_on, on)
    return found


def _runs(ids: Sequence[int], on: date) -> dict[tuple[int, date], _Run]:
    presets = list(timeline.in_force(on).echo["offsets"])
    plays = Play.objects.filter(ALIVE, account__in=ids, playbook__key__in=presets, anchor_on__isnull=False)
    rows = list(
        plays.exclude(status="cancelled")
        .order_by("pk")
        .values_list("pk", "account", "title", "playbook__key", "anchor_on", "start_on")
    )
    done: dict[int, list[str]] = {}
    steps = Step.objects.filter(ALIVE, play__in=[row[0] for row in rows], status__in=("done", "skipped"))
    for play, offset in steps.filter(offset_days__isnull=False).order_by("pk").values_list("play", "offset_days"):
        done.setdefault(play, []).append(f"T{'+' if offset < 0 else '-'}{abs(offset)}")
    return {
        (account, anchor): _Run(pk, title, preset, start, done.get(pk, ()))
        for pk, account, title, preset, anchor, start in rows
    }


def moves_renewal(event: WriteEvent) -> bool:
    """Say whether a write may change the next renewal or what is done for it."""
    if event.rtype.name == "account":
        return bool(event.changed & {"tier", "arr", "currency", "enterprise"})
    return event.rtype.name in ("renewal_cycle", "play", "step")


def register_all() -> None:
    """Have the timeline computed on live data. It belongs to routes; its steps stand in plays."""
    register(LiveRule(timeline, collect_renewal, file_feeds(FEEDS)[timeline.id], moves_renewal))
