"""What the open risks of accounts tell of their finances, of compliance and of what they hang on. Source: PF-17."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackline.book.rules.risk_flags import risk_flags
from trackline.track.models import Risk
from trackline.track.rules.standing import risk_band

WORST = ("red", "amber", "green")


@dataclass(frozen=True)
class Flags:
    """The colour of the worst open risk of each kind, `unknown` where none is kept: that nobody wrote one down does not say
    that there is none. `dependencies` are the red ones that an account hangs on, by title."""

    financial: str = "unknown"
    compliance: str = "unknown"
    dependencies: Sequence[str] = ()


def flags_of(ids: Sequence[int]) -> Mapping[int, Flags]:
    """Return the flags of accounts; one query."""
    kinds = {word.casefold(): name for name, flag in risk_flags().items() for word in flag.categories}
    rows = Risk.objects.filter(deleted_at__isnull=True, account__in=ids, status__in=("open", "mitigating"))
    worst: dict[tuple[int, str], str] = {}
    hangs: dict[int, list[str]] = {}
    for pk, category, likelihood, impact, title in rows.order_by("pk").values_list(
        "account", "category", "likelihood", "impact", "title"
    ):
        kind, band = kinds.get((category or "").casefold()), risk_band(likelihood, impact)
        if kind == "dependencies":
            if band == "red":
                hangs.setdefault(pk, []).append(title)
        elif kind is not None:
            worst[pk, kind] = min(worst.get((pk, kind), band), band, key=WORST.index)
    return {
        pk: Flags(worst.get((pk, "financial"), "unknown"), worst.get((pk, "compliance"), "unknown"), hangs.get(pk, ()))
        for pk in ids
    }
