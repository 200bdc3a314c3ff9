"""The page of renewals: windows, forecast, late starts, filters, files, retention."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.factories import NOW, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account
from trackline.accounts.services import change_setting
from trackline.book.queries.renewals import renewals
from trackline.choose.models import Playbook
from trackline.workspace.queries.book.renewing import lines, renewing

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def renews(name: str, days: int, **more: Any) -> Any:
    """An account that renews in so many days."""
    band = more.pop("band", None)
    account = make_account(name, arr=100, currency="EUR", renewal_date=TODAY + timedelta(days=days), **more)
    Account.objects.filter(pk=account.pk).update(health={"band": band} if band else {})
    return account


def test_windows_end_on_their_day_and_late_starts_below_90() -> None:
    for days in (-1, 0, 30, 31, 89, 90, 91, 180, 181):
        renews(f"In {days}", days)
    found = renewing(system(), TODAY, {})
    assert {row.facts["days"]: row.window for row in found.rows} == {
        -1: "late", 0: "30", 30: "30", 31: "90", 89: "90", 90: "90", 91: "180", 180: "180", 181: "later",
    }  # fmt: skip
    assert [row.facts["days"] for row in found.rows if row.late_start] == [-1, 0, 30, 31, 89]
    change_setting(system(), "renewal.late_alert", 31)
    assert [row.facts["days"] for row in renewing(system(), TODAY, {}).rows if row.late_start] == [-1, 0, 30]


def test_people_forecast_else_health_and_all_agrees_with_the_command() -> None:
    said = renews("Said", 20, band="green", tier=1)
    make("renewal_cycle", account=said, renewal_date=said.renewal_date, arr_up=70, forecast="at_risk")
    renews("Red", 20, band="red")
    renews("Amber", 40, band="amber")
    renews("Dark", 40)
    found = renewing(system(), TODAY, {})
    assert {row.facts["name"]: (row.category, row.said, row.late_start) for row in found.rows} == {
        "Said": ("at_risk", True, False), "Red": ("at_risk", False, True),
        "Amber": ("best_case", False, True), "Dark": ("unknown", False, True),
    }  # fmt: skip
    assert [(key, total.count, total.arr) for key, _, _, _, total in found.grid] == [
        ("commit", 0, 0), ("best_case", 1, 100), ("at_risk", 2, Decimal(170)), ("unknown", 1, 100),
    ]  # fmt: skip
    assert found.total.arr == renewals(system(), TODAY)["arr"] == 370
    narrowed = renewing(system(), TODAY, {"tier": "1", "window": "30"})
    assert [row[2] for row in list(lines(narrowed))[1:]] == ["Said"]


def test_risk_class_filters_and_the_board_by_risk() -> None:
    green = renews("Green", 20, band="green", region="EMEA", owner=make_user("paula", name="Paula"))
    alert = renews("Alarmed", 20, band="green", region="EMEA")
    make("alert", account=alert, title="Usage down", rule="watch.signal.usage_decline", severity="high")
    thin = renews("Thin", 40, band="green", region="APAC")
    make("alert", account=thin, title="One contact", rule="watch.signal.single_thread", severity="critical")
    late, very = renews("Late", 40, band="green"), renews("Very late", 40, band="green")
    book = Playbook.objects.get(key="am_90")
    for account, days in ((late, 4), (very, 15)):
        ctx = system(NOW - timedelta(days=60))
        play = make(
            "play", ctx=ctx, account=account, playbook=book, anchor_on=TODAY - timedelta(days=days) + timedelta(days=30)
        )
        play.steps.exclude(key="T-30").update(status="skipped")
    renews("Dark", 40)
    rows = {row.facts["name"]: (row.risk, row.category, row.against) for row in renewing(system(), TODAY, {}).rows}
    assert rows == {
        "Green": ("green", "commit", ""), "Alarmed": ("amber", "best_case", "grave alert open"),
        "Thin": ("red", "at_risk", "one active contact, grave alert open"),
        "Late": ("amber", "best_case", "milestone late"),
        "Very late": ("red", "at_risk", "milestone more than 14 d late"), "Dark": ("unknown", "unknown", ""),
    }  # fmt: skip
    found = renewing(system(), TODAY, {"region": "EMEA"})
    assert [(key, total.count) for key, _, _, _, total in found.risks] == [
        ("green", 1), ("amber", 1), ("red", 0), ("unknown", 0),
    ]  # fmt: skip
    assert [row.facts["name"] for row in renewing(system(), TODAY, {"risk": "red"}).rows] == ["Thin", "Very late"]
    assert {row["key"] for row in renewals(system(), TODAY, filters={"owner": "paula"})["rows"]} == {green.key}


def test_the_page_says_what_is_wrong_with_a_period() -> None:
    cast = make_cast()
    browser = Client()
    browser.force_login(cast.owner)
    assert "lies after the last" in browser.get("/book/renewals?from=2026-05-01&to=2026-04-01").content.decode()
    assert "YYYY-MM-DD is expected" in browser.get("/book/renewals?from=soon").content.decode()


def test_the_page_tells_why_revenue_went() -> None:
    cast = make_cast()
    for name, reason in (("Rival", "no_budget"), ("Silent", "")):
        account = make_account(name, owner=cast.owner)
        make(
            "contract",
            account=account,
            ref=name,
            start_on=TODAY - timedelta(days=500),
            end_on=TODAY - timedelta(days=9),
            arr=90,
        )
        if reason:
            route = make("route", account=account, title="Renewal", type="renewal")
            type(route).objects.filter(pk=route.pk).update(
                state="lost", close_reason=reason, closed_on=TODAY - timedelta(days=9)
            )
    client = Client()
    client.force_login(cast.owner)
    page = client.get("/book/renewals").content.decode()
    said = page[page.index("Why revenue went") :]
    assert said.index("No budget") < said.index("Rival") < said.index("nobody said") < said.index("Silent")
