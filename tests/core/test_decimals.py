"""Decimal arithmetic and its way into JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from trackline.core.decimals import plain, q6


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (D("79.9999994"), D("79.999999")),
        (D("79.9999995"), D(80)),
        (D("-10.0000005"), D("-10.000001")),
        (D(1) / 3, D("0.333333")),
        (7, D(7)),
    ],
)
def test_half_up_on_six_decimals(value: D | int, expected: D) -> None:
    assert q6(value) == expected


def test_values_beyond_fifty_digits_stay_as_they_are() -> None:
    assert q6(D("1e60")) == D("1e60")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (D("15.0"), 15),
        (D("67.5"), 67.5),
        (D("1e30"), 1e30),
        (D("-0"), 0),
        ({"a": [D("0.1"), None, True]}, {"a": [0.1, None, True]}),
        (date(2026, 6, 30), "2026-06-30"),
    ],
)
def test_plain_values(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
