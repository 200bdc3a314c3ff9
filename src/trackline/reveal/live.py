"""Inputs of the room's rules out of value outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from django.db.models import Q

from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.sources import lacking, origin
from trackline.core.playbook.feeds import file_feeds
from trackline.reveal.models import ValueOutcome
from trackline.reveal.proof import is_verified, verified_worth
from trackline.reveal.rules.value import value_realization

FEEDS = Path(__file__).parent / "rules" / "feeds.yaml"
ALIVE = Q(deleted_at__isnull=True)


def collect_realization(ids: Sequence[int], on: date, _batch: Batch) -> Mapping[int, Collected]:
    """Return what was committed and what is verified of each outcome, in one query.

    What nobody has verified counts 0 of its commitment. An outcome without a committed worth says so in `missing`, as
    does an account without outcomes.
    """
    found: dict[int, Collected] = {pk: Collected() for pk in ids}
    rows = ValueOutcome.objects.filter(ALIVE, account__in=ids).order_by("account", "-on", "pk")
    for pk, outcome, title, money, committed, verified_on, as_of in rows.values_list(
        "account", "pk", "title", "money", "committed", "verified_on", "on"
    ):
        one = found[pk]
        verified = verified_worth(money, verified_on, on)
        one.values.setdefault("outcomes", []).append({"committed": committed, "verified": verified})
        day = verified_on if is_verified(verified_on, on) else as_of
        one.sources.setdefault("outcomes", []).append(origin("value_outcome", outcome, title, day, on))
        lacks = [words for words, value in (("committed worth", committed), ("worth", verified)) if value is None]
        if lacks:
            one.missing.append(lacking("outcomes", "value_outcome", outcome, title, lacks))
    for one in found.values():
        if not one.values:
            one.values["outcomes"] = None
            one.missing.append({"input": "outcomes", "last_on": None})
    return found


def register_all() -> None:
    """Have the rules of this room computed on live data."""
    feeds = file_feeds(FEEDS)[value_realization.id]
    register(LiveRule(value_realization, collect_realization, feeds, lambda event: event.rtype.name == "value_outcome"))
