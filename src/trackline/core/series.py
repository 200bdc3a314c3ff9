"""What a series of dated numbers says: control limits, trends, falls. Gaps (None) keep their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.core.decimals import HUNDRED, ZERO, q6

Series = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean and deviation of a baseline, and the band that they span."""

    mean: Decimal
    sd: Decimal
    lower: Decimal
    upper: Decimal


def limits(baseline: Series, k: Decimal) -> Limits | None:
    """Return the mean ± `k` sample deviations (n − 1) of the known points, None of fewer than two."""
    points = [point for point in baseline if point is not None]
    if len(points) < 2:
        return None
    middle = sum(points, ZERO) / len(points)
    sd = (sum(((point - middle) ** 2 for point in points), ZERO) / (len(points) - 1)).sqrt()
    return Limits(middle, sd, middle - k * sd, middle + k * sd)


def beyond(series: Series, band: Limits) -> list[int]:
    """Return where a series lies strictly outside its limits, compared on six decimals."""
    lower, upper = q6(band.lower), q6(band.upper)
    return [at for at, point in enumerate(series) if point is not None and not lower <= q6(point) <= upper]


def trend_ends(series: Series, run: int) -> list[int]:
    """Return each place that ends `run` points in a row, all above or all below the one before. A gap breaks the row."""
    found, rising, falling = [], 1, 1
    for at in range(1, len(series)):
        before, point = series[at - 1], series[at]
        known = before is not None and point is not None
        rising = rising + 1 if known and point > before else 1  # type: ignore[operator]
        falling = falling + 1 if known and point < before else 1  # type: ignore[operator]
        if rising >= run or falling >= run:
            found.append(at)
    return found


def change_pct(before: Decimal, after: Decimal) -> Decimal | None:
    """Return the change in percent of what was before, None where that was 0."""
    return (after - before) * HUNDRED / before if before else None


def thinned(values: Sequence[Decimal], most: int) -> list[int]:
    """Return the places to draw where a series has more points than a picture shows: first, last, and of each equal stretch
    its lowest and its highest, so that no peak is lost. About `most` places; all of a shorter series.
    """
    if len(values) <= most:
        return list(range(len(values)))
    stretches = max(most // 2, 1)
    kept = {0, len(values) - 1}
    for number in range(stretches):
        stretch = range(number * len(values) // stretches, (number + 1) * len(values) // stretches)
        kept |= {min(stretch, key=values.__getitem__), max(stretch, key=values.__getitem__)}
    return sorted(kept)
