"""Currencies as exports name them: by code, by sign, by name, or by name and code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from trackline.connectors.values.data import read_data
from trackline.connectors.values.numbers import NotANumber, parse_number
from trackline.connectors.values.words import fold

_BRACKETS = re.compile(r"^(?P<before>[^()]*)\((?P<inside>[^()]*)\)\s*$")


def parse_currency(text: str) -> str:
    """The code of a currency: `EUR`, `€`, `Euro`, `US Dollar (USD)`. Raises `ValueError`."""
    code = text.strip().upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    named = _names().get(fold(text))
    if named:
        return named
    try:
        found = parse_number(f"{code} 1").currency
    except NotANumber:
        found = ""
    if len(found) == 3:
        return found
    both = _BRACKETS.match(text)
    if both:
        # The name and the code: either one will do.
        for part in (both["inside"], both["before"]):
            try:
                return parse_currency(part)
            except ValueError:
                continue
    raise ValueError(text)


@cache
def _names() -> Mapping[str, str]:
    data = read_data(Path(__file__).parent / "currencies.yaml")
    return {fold(name): code for code, names in data.items() for name in names}
