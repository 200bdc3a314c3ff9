"""Dates as the world writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.connectors.values.dates import NotADate, Order, parse_date, parse_epoch, parse_excel

MARCH = date(2027, 3, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-31",
        "2027/3/31",
        "20270331",
        "31/03/2027",
        "03/31/2027",
        "31.03.2027",
        "31.3.27",
        "31-03-2027",
        "31 Mar 2027",
        "31-Mar-27",
        "31. März 2027",
        "Mar 31, 2027",
        "March 31st, 2027",
        "31 de marzo de 2027",
        "31 mars 2027",
        "Wed, 31 Mar 2027",
        "2027-03-31T10:00:00.000+0000",
        "2027-03-31 10:00",
        "3/31/2027 3:45 PM",
        "31.03.2027, 15:45 Uhr",
        "31. 3. 2027",
    ],
)
def test_reads(text: str) -> None:
    moment = parse_date(text)
    assert not moment.ambiguous
    assert moment.on == MARCH


def test_two_readings_are_carried_not_guessed() -> None:
    moment = parse_date("03/04/2024")
    assert moment.ambiguous
    assert moment.read(Order.DAY_FIRST) == date(2024, 4, 3)
    assert moment.read(Order.MONTH_FIRST) == date(2024, 3, 4)


@pytest.mark.parametrize("text", ["04/04/2024", "2024-03-04", "3.4.2024", "4 Mar 2024"])
def test_unambiguous_though_small(text: str) -> None:
    assert not parse_date(text).ambiguous


@pytest.mark.parametrize(
    ("text", "order"), [("25/03/2024", Order.DAY_FIRST), ("03/25/2024", Order.MONTH_FIRST), ("03/04/2024", None)]
)
def test_form_proves_the_order(text: str, order: Order | None) -> None:
    assert parse_date(text).order is order


def test_times_and_zones() -> None:
    assert parse_date("2024-01-31T23:30:00-05:00").read_at(Order.DAY_FIRST) == datetime(2024, 2, 1, 4, 30, tzinfo=UTC)
    assert parse_date("1/2/2024 12:05 AM").read_at(Order.MONTH_FIRST) == datetime(2024, 1, 2, 0, 5, tzinfo=UTC)
    assert parse_date("2024-01-31").read_at(Order.DAY_FIRST) == datetime(2024, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31.02.2027", "February 2027 has 28 days."),
        ("30/02/2024", "February 2024 has 29 days."),
        ("32/13/2024", "There is no month 13."),
        ("2024-13-01", "There is no month 13."),
        ("31 Apr 2024", "April 2024 has 30 days."),
        ("01.01.0001", "The year 1 is out of range."),
        ("2024-01-31 25:00", "There is no such time of day."),
        ("soon", "This is no date."),
        ("2024", "This is no date."),
        ("12:30", "This is no date."),
    ],
)
def test_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(NotADate, match=reason.replace(".", r"\.")):
        parse_date(text)


def test_other_calendars() -> None:
    assert parse_excel(45382).on == date(2024, 3, 31)
    assert parse_excel(45382.5).at == datetime(2024, 3, 31, 12)  # noqa: DTZ001
    assert parse_epoch("1575463702000").on == date(2019, 12, 4)
    with pytest.raises(NotADate):
        parse_excel(12)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_in_every_form(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%Y%m%d"):
        assert parse_date(day.strftime(form)).read(Order.DAY_FIRST) == day
    assert parse_date(day.strftime("%d/%m/%Y")).read(Order.DAY_FIRST) == day
    assert parse_date(day.strftime("%m/%d/%Y")).read(Order.MONTH_FIRST) == day


@given(st.text(max_size=70))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_date(text).read_at(Order.DAY_FIRST)
    except NotADate:
        return
