"""What people type and programs send, as the kernel reads it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue, parse_day, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1,234", "1234"),
        ("12,345,678", "12345678"),
        ("1 234,5", None),
        ("1 234.5", "1234.5"),
        ("2,5", "2.5"),
        ("1.234,56", "1234.56"),
        ("-2,50", "-2.5"),
        ("0,1234", "0.1234"),
        ("420k", "420000"),
        ("2.84m", "2840000"),
        ("1.2bn", "1200000000"),
        ("78 %", "78"),
        ("\u22125", "-5"),
        ("3.5E8", "350000000"),
        ("", None),
        ("abc", None),
        ("1,2,3", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_numbers(text: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(BadValue):
            parse_number(text)
    else:
        assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["2027-03-31", "31 Mar 2027", "31 March 2027", "31.03.2027", "2027/03/31"])
def test_days(text: str) -> None:
    assert parse_day(text) == date(2027, 3, 31)


@pytest.mark.parametrize("text", ["2027-02-31", "03/04/2027", "tomorrow", "31.02.2027"])
def test_days_that_cannot_be_read(text: str) -> None:
    with pytest.raises(BadValue):
        parse_day(text)


@pytest.mark.parametrize("value", ["", "2027-02-30", "0001-01-01", "9999-12-31", "31.03.2027", 20270331, True])
def test_days_that_programs_may_not_send(value: object) -> None:
    with pytest.raises(BadValue):
        registry.get("action").specs["due_on"].parse_json(value)


@pytest.mark.parametrize("value", ["", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", 5])
def test_moments_that_programs_may_not_send(value: object) -> None:
    with pytest.raises(BadValue):
        registry.get("meeting").specs["at"].parse_json(value)


@pytest.mark.parametrize("text", ["9999-12-31", "0999-12-31", "31.12.9999", "2027-02-30"])
def test_days_nobody_means(text: str) -> None:
    with pytest.raises(BadValue):
        parse_day(text)
