"""Currencies in use and what they are worth."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.accounts import services
from trackline.accounts.models import ExchangeRate
from trackline.accounts.settings import setting
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Problem
from trackline.kit.records.values import BadValue, parse_day, parse_number
from trackline.workspace.queries.currencies import currencies_in_use, without_rate
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog, tool
from trackline.workspace.web import page

MONTHS_SHOWN = 6
STALE_DAYS = 62
"""A newest rate older than two month-ends is named as old."""


@page()
def currencies(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show each currency with its rates at the last month-ends and where it is used."""
    book = str(setting("book.currency"))
    rates: dict[str, dict[date, Any]] = {}
    for rate in ExchangeRate.objects.order_by("-on"):
        rates.setdefault(rate.currency, {})[rate.on] = rate
    used = currencies_in_use()
    days = sorted({on for held in rates.values() for on in held}, reverse=True)[:MONTHS_SHOWN]
    rows = [
        {
            "code": code,
            "used": used.get(code, {}),
            "cells": [{"on": on, "rate": rates.get(code, {}).get(on)} for on in days],
            "newest": max(rates[code]) if code in rates else None,
            "old": code in rates and (ctx.today - max(rates[code])).days > STALE_DAYS,
        }
        for code in sorted({*rates, *used} - {book})
    ]
    unrated = [str(row["code"]) for row in rows if row["newest"] is None and row["used"]]
    context = {
        "book": book,
        "days": days,
        "rows": rows,
        "unrated": unrated,
        "unrated_text": without_rate(unrated),
        "own_use": used.get(book, {}),
        "tool": tool(ctx, "Add a rate", "/settings/currencies/rate"),
    }
    return draw(request, ctx, "currencies", "workspace/settings/currencies.html", context)


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Add or change the rate of a currency at a month-end."""
    sent = request.POST if request.method == "POST" else request.GET
    book = str(setting("book.currency"))
    code, on = sent.get("currency", "").strip().upper(), sent.get("on", "")
    held = _held(code, on)
    dialog = Dialog(
        title=f"Rate of {code}" if held else "Add a rate",
        action="/settings/currencies/rate",
        confirm="Save rate",
        fields=[
            FormField(
                name="currency",
                label="Currency",
                required=True,
                value=code,
                max_length=3,
                autofocus=not code,
                help="Three letters, for example USD.",
            ),
            FormField(
                name="on",
                kind="date",
                label="Month end",
                required=True,
                value=on or _last_month_end(ctx.today).isoformat(),
            ),
            FormField(
                name="rate",
                kind="decimal",
                label=f"One unit is worth, in {book}",
                required=True,
                value=sent.get("rate") or (f"{held.rate.normalize():f}" if held else ""),
                unit=book,
                autofocus=bool(code),
            ),
        ],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        day, rate = _parsed(on, sent.get("rate", ""))
        services.set_exchange_rate(ctx, code, day, rate)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"{code} at {formats.day(day)}: {formats.number(rate, 4)} {book}")


@page("POST", permission=ADMIN)
def delete(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Forget a rate."""
    code, (day, _rate) = request.POST.get("currency", ""), _parsed(request.POST.get("on", ""), "1")
    services.delete_exchange_rate(ctx, code, day)
    return saved(ctx, f"Rate of {code} at {formats.day(day)} removed")


def _parsed(on: str, rate: str) -> tuple[date, Any]:
    errors = {}
    day, worth = None, None
    try:
        day = parse_day(on.strip())
    except BadValue as error:
        errors["on"] = str(error)
    try:
        worth = round(parse_number(rate), 8)
    except (BadValue, ArithmeticError):
        errors["rate"] = "A number like 0.92 is expected."
    if day is None or worth is None:
        raise Invalid.fields(errors)
    return day, worth


def _held(code: str, on: str) -> ExchangeRate | None:
    try:
        return ExchangeRate.objects.filter(currency=code, on=date.fromisoformat(on)).first()
    except ValueError:
        return None


def _last_month_end(today: date) -> date:
    year, month = (today.year - 1, 12) if today.month == 1 else (today.year, today.month - 1)
    return date(year, month, monthrange(year, month)[1])
