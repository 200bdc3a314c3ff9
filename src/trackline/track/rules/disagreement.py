"""Where the score of an account's health and its money part: healthy but shrinking, ailing but growing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

SHRINKING, GROWING = "healthy_shrinking", "ailing_growing"
WORDS = {SHRINKING: "Healthy but shrinking", GROWING: "Ailing but growing"}


def way_of(change_pct: Decimal | None, limit: Decimal) -> int:
    """Tell which way money moved: −1 down, 1 up, 0 where it held or is not known. A move on the limit counts."""
    if change_pct is None or abs(change_pct) < limit:
        return 0
    return 1 if change_pct > 0 else -1


def disagreement(band: str | None, ways: Iterable[int]) -> str:
    """Return how health and money part, by the colour of the score itself and the ways that signs of money point; "" where
    they agree or say nothing.

    Anything that points down counts against a green score. Amber and red are contradicted where signs point up and none down.
    """
    seen = set(ways)
    if band == "green" and -1 in seen:
        return SHRINKING
    if band in ("amber", "red") and 1 in seen and -1 not in seen:
        return GROWING
    return ""
