"""Numbers as the world writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.connectors.values.numbers import Mark, NotANumber, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("42", "42"),
        ("-5", "-5"),
        ("+7", "7"),
        ("−5", "-5"),
        ("3.5E8", "350000000"),
        ("1,5e+3", "1500"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234", "1234"),
        ("1'234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,34,567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("0,5", "0.5"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("1234,567", "1234.567"),
        ("(1200)", "-1200"),
        ("($1,200.50)", "-1200.50"),
        ("1200-", "-1200"),
        ("-€5.00", "-5.00"),
        ("€1.2m", "1200000"),
        ("5k", "5000"),
        ("1,2 Mrd.", "1200000000"),
        ("USD 5 Mio", "5000000"),
        ("5 million", "5000000"),
        ("12 %", "12"),
        ("$1,200", "1200"),
        ("€ 1.200", "1200"),
        ("R$ 5,50", "5.50"),
        ("1.200,00 €", "1200.00"),
    ],
)
def test_reads(text: str, value: str) -> None:
    number = parse_number(text)
    assert not number.ambiguous
    assert number.value == Decimal(value)


@pytest.mark.parametrize("text", ["1,234", "1.234", "(1,200)", "1,200-", "123.456"])
def test_three_digits_behind_one_mark_are_ambiguous(text: str) -> None:
    number = parse_number(text)
    assert number.ambiguous
    assert number.read(Mark.POINT) != number.read(Mark.COMMA)


def test_both_readings_are_given() -> None:
    assert parse_number("1,234").read(Mark.POINT) == 1234
    assert parse_number("1,234").read(Mark.COMMA) == Decimal("1.234")
    assert parse_number("1.234").read(Mark.POINT) == Decimal("1.234")
    assert parse_number("1.234").read(Mark.COMMA) == 1234


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1,234.56", Mark.POINT),
        ("1.234,56", Mark.COMMA),
        ("12,5", Mark.COMMA),
        ("12.5", Mark.POINT),
        ("1.234.567", Mark.COMMA),
    ],
)
def test_form_proves_the_mark(text: str, mark: Mark) -> None:
    assert parse_number(text).mark is mark


@pytest.mark.parametrize(
    ("text", "currency"), [("€5", "EUR"), ("5 CHF", "CHF"), ("US$ 5", "USD"), ("$5", "$"), ("5 zł", "PLN")]
)
def test_currency_is_told(text: str, currency: str) -> None:
    assert parse_number(text).currency == currency


@pytest.mark.parametrize(
    "text", ["", "-", "abc", "1.2.3", "1,23,4", "12-5", "1e400", "$", "1,234,567.8.9", "1 2 a", "٣,٣,", "9" * 60]
)
def test_refuses(text: str) -> None:
    with pytest.raises(NotANumber):
        parse_number(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_grouped_and_plain_forms_agree(value: Decimal) -> None:
    assert parse_number(f"{value:,.2f}").read(Mark.POINT) == value
    german = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    assert parse_number(german).read(Mark.COMMA) == value


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        number = parse_number(text)
    except NotANumber:
        return
    assert number.value.is_finite()
