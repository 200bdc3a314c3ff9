"""Numbers of inputs and parameters: exact, in range, and never so fine that they turn into another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from trackline.core.playbook.fields import Count, Positive, Quantity, Share


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        (Quantity, 0.1, Decimal("0.1")),
        (Quantity, 1e-40, Decimal(0)),
        (Quantity, 10**18, Decimal(10**18)),
        (Positive, 1e-30, Decimal("1e-30")),
        (Share, Decimal(100), Decimal(100)),
        (Count, 3.0, 3),
    ],
)
def test_read(kind: Any, given: Any, read: Decimal | int) -> None:
    assert TypeAdapter(kind).validate_python(given) == read


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Positive, 0),
        (Positive, 1e-40),  # cut to thirty decimals it would be 0, and divide by it
        (Positive, Decimal("1e-400")),
        (Quantity, -1e-40),
        (Quantity, 10**18 + 1),
        (Share, Decimal("100.0000000000000000000000000000000000001")),
        (Quantity, Decimal("NaN")),
        (Quantity, float("inf")),
        (Quantity, True),
        (Quantity, "1"),
        (Count, 2.5),
        (Count, 1e-40),
    ],
)
def test_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)
