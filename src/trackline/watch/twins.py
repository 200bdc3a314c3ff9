"""Signals judged over arrays: which of many sights fire, as their rule would say of each.

A twin says for each sight 1 (fires), 0 (silent) or −1: where its floats cannot tell, the rule itself is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.series import charts_ending, falling_twice
from trackline.core.playbook.parameters import Parameters
from trackline.watch.evidence.series import CHART, USAGE
from trackline.watch.evidence.sight import Sight
from trackline.watch.rules.signals import MONTHS, ChartParameters, DeclineParameters

ASK_THE_RULE = -1
LARGEST = 1e9
"""Up to here floats hold six decimals exactly."""
Said = NDArray[np.int8]
Twin = Callable[[Sequence[Sight], Parameters], Said]


def _charts(sights: Sequence[Sight], p: Parameters) -> Said:
    """Whether the newest point of each series fires."""
    assert isinstance(p, ChartParameters)
    values = _aligned(sights)
    return _decided(charts_ending(values, p.k, p.run, p.min_baseline).astype(np.int8), values)


def _declines(sights: Sequence[Sight], p: Parameters) -> Said:
    assert isinstance(p, DeclineParameters)
    values = _aligned(sights)[:, -MONTHS:]
    said = _decided(falling_twice(values, p.fall_pct), values)
    said[(values < 0).any(axis=1)] = ASK_THE_RULE  # which refuses them
    return said


TWINS: Mapping[str, Twin] = {CHART: _charts, USAGE: _declines}
"""Of rules that look at series; the others do less than what it takes to gather their inputs."""


def _aligned(sights: Sequence[Sight]) -> NDArray[np.float64]:
    """A row for each series, its newest point last; what a shorter one lacks is a gap before it."""
    listed = [sight.series.floats for sight in sights if sight.series is not None]
    width = max(MONTHS, *map(len, listed))
    rows = np.full((len(listed), width), np.nan)
    for row, values in zip(rows, listed, strict=True):
        row[width - len(values) :] = values
    return rows


def _decided(said: Said, values: NDArray[np.float64]) -> Said:
    with np.errstate(invalid="ignore"):
        said[(np.abs(values) > LARGEST).any(axis=1)] = ASK_THE_RULE
    return said
