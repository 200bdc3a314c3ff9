"""Inputs of many runs of a rule as columns, for rules judged over arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import numpy as np

from trackline.core.analytics.scales import Flags, Floats, Words, on_six, unsure
from trackline.core.playbook.fields import Numeric
from trackline.core.playbook.inputs import Inputs
from trackline.core.playbook.parameters import Parameters

Judged = tuple[Decimal | None, str] | None
"""Value on six decimals and band; None where the rule has to be asked."""
Twin = Callable[[Sequence[Mapping[str, Any]], Parameters], list[Judged]]
"""A rule over many inputs under the same parameters."""


class Columns:
    """Columns of inputs as they were collected; `odd` marks those that the rule itself must read.

    These are inputs of another kind or outside the range of their field, and numbers whose sixth decimal a float cannot tell.
    """

    def __init__(self, model: type[Inputs], given: Sequence[Mapping[str, Any]]) -> None:
        self._model, self._given = model, given
        self.odd: Flags = np.zeros(len(given), np.bool_)

    def numbers(self, name: str) -> Floats:
        """Return a column of numbers, NaN where there is none."""
        kind = _range(self._model, name)
        listed = [one.get(name) for one in self._given]
        strange = [type(value) is not Decimal and type(value) is not int and value is not None for value in listed]
        if any(strange):
            self.odd |= np.array(strange)
            listed = [None if is_odd else value for value, is_odd in zip(listed, strange, strict=True)]
        found = np.array([np.nan if value is None else float(value) for value in listed])
        with np.errstate(invalid="ignore"):
            self.odd |= (found < kind.ge) | (found > kind.le) | unsure(found)
            if kind.whole:
                self.odd |= ~np.isnan(found) & (found % 1 != 0)
        return found

    def least(self, name: str) -> Floats:
        """Return the least of each list of counts, infinite of an empty one; −1 where one of them is not known, NaN without."""
        found = np.full(len(self._given), np.nan)
        for at, one in enumerate(self._given):
            listed = one.get(name)
            if listed is None:
                continue
            if not isinstance(listed, list) or any(
                type(value) is not int or value < 0 for value in listed if value is not None
            ):
                self.odd[at] = True
            else:
                found[at] = -1 if None in listed else min(listed, default=np.inf)
        return found

    def flags(self, name: str) -> Flags:
        """Return where an input is true."""
        listed = [one.get(name) for one in self._given]
        self.odd |= np.array([value is not None and value is not True and value is not False for value in listed], bool)
        return np.array([value is True for value in listed], bool)

    def words(self, name: str, known: Collection[str]) -> Words:
        """Return a column of words out of a choice, None where there is none."""
        listed = [one.get(name) for one in self._given]
        self.odd |= np.array([value is not None and value not in known for value in listed], bool)
        return np.array(listed, object)


def judged(values: Floats, bands: Words, ask: Flags) -> list[Judged]:
    """Return values on six decimals with their bands; None where the rule has to be asked."""
    millionths = np.nan_to_num(on_six(values)).astype(np.int64)
    lines = zip(millionths.tolist(), np.isnan(values).tolist(), bands.tolist(), ask.tolist(), strict=True)
    return [
        None if is_asked else (None if is_unknown else Decimal(value).scaleb(-6), band)
        for value, is_unknown, band, is_asked in lines
    ]


@cache
def _range(model: type[Inputs], name: str) -> Numeric:
    """The range of a field of numbers."""
    for kind in (model.model_fields[name].annotation, *get_args(model.model_fields[name].annotation)):
        for one in getattr(kind, "__metadata__", ()):
            if isinstance(one, Numeric):
                return one
    raise TypeError(f"{model.__name__}.{name} is no number")
