"""Settings of the book."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from trackline.accounts.held import forget
from trackline.accounts.models import ExchangeRate, Setting
from trackline.accounts.services.audit import SETTING, note_change
from trackline.accounts.settings import AMOUNTS, DEFAULTS, amounts, setting
from trackline.accounts.workdays import wrong_days, wrong_regions
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Refused

RATE_STEP = Decimal("0.00000001")
CENT = Decimal("0.01")
SettingListener = Callable[[Context, Setting, Any], None]
setting_listeners: dict[str, SettingListener] = {}
"""Who is told, in the same transaction, that a setting of this key was changed: with its row, and the value before."""


def change_setting(ctx: Context, key: str, value: Any, *, valid_from: date | None = None) -> Setting:
    """Set a setting of the book from a day on. Raises `Invalid` for an unknown key or a value that does not fit.

    Changing the book's currency converts the stored exchange rates; without a rate for the new one it is `Refused`.
    """
    ctx.require(ADMIN)
    _check(key, value)
    before = setting(key)
    with transaction.atomic():
        if key == "book.currency" and value != before:
            _convert_amounts(ctx, value, valid_from)
            _convert_rates(before, value)
        found, _ = Setting.objects.update_or_create(
            key=key,
            valid_from=valid_from or ctx.today,
            defaults={"value": value, "changed_by_id": ctx.actor.user_id, "changed_at": ctx.now},
        )
        forget()
        if before != value:
            note_change(ctx, SETTING, found.pk, key, {"value": [before, value]})
        if listener := setting_listeners.get(key):
            listener(ctx, found, before)
    return found


def _check(key: str, value: Any) -> None:
    if key not in DEFAULTS:
        raise Invalid.fields({"key": f"There is no setting {key!r}."})
    default = DEFAULTS[key]
    if not isinstance(value, type(default)) or (type(default) is int and isinstance(value, bool)):
        raise Invalid.fields({"value": f"A value like {default!r} is expected."})
    test = _TESTS.get(key)
    if test and (complaint := test(value)):
        raise Invalid.fields({"value": complaint})
    if isinstance(default, int) and not isinstance(default, bool) and not -36500 <= value <= 36500:
        raise Invalid.fields({"value": "The number is too large."})


_TESTS: Mapping[str, Callable[[Any], str]] = {
    "book.name": lambda v: "" if 0 < len(v.strip()) <= 80 else "Between 1 and 80 characters are expected.",
    "book.currency": lambda v: (
        "" if re.fullmatch(r"[A-Z]{3}", v) else "A currency code of three letters is expected, for example EUR."
    ),
    "book.time_zone": lambda v: "" if v in available_timezones() else "A time zone like Europe/Berlin is expected.",
    "book.fiscal_year_start_month": lambda v: "" if 1 <= v <= 12 else "A month from 1 to 12 is expected.",
    "book.holidays": wrong_regions,
    "book.days_off": wrong_days,
    "tier.cycle_months": lambda v: (
        "" if v in (1, 2, 3, 4, 6, 12) else "Months that divide a year are expected: 1, 2, 3, 4, 6 or 12."
    ),
    "scoring.signers": lambda v: "" if 0 <= v <= 3 else "People from 0 to 3 are expected.",
    "jobs.nightly_hour": lambda v: "" if 0 <= v <= 23 else "An hour from 0 to 23 is expected.",
    "share.consent": lambda v: "" if 20 <= len(v.strip()) <= 600 else "Between 20 and 600 characters are expected.",
    "digest.hour": lambda v: "" if 0 <= v <= 23 else "An hour from 0 to 23 is expected.",
    "digest.weekday": lambda v: "" if 1 <= v <= 7 else "A day from 1 (Monday) to 7 (Sunday) is expected.",
    "perm.job_roles": lambda v: (
        "" if all(isinstance(code, str) for code in v.values()) else "Codes of roles are expected."
    ),
    "perm.account_scope": lambda v: "" if v in ("all", "team") else "One of all, team is expected.",
    **dict.fromkeys(
        AMOUNTS,
        lambda v: (
            ""
            if re.fullmatch(r"(\d{1,12}(\.\d{1,2})?)?", v)
            else "An amount of 0 or more is expected, like 95 or 60000.50."
        ),
    ),
}
"""What is wrong with a value, or nothing."""


def _convert_amounts(ctx: Context, new: str, valid_from: date | None) -> None:
    """Say the amounts among the settings in the new currency; needs a rate where there are any."""
    told = {key: amount for key, amount in amounts().items() if amount}
    if not told:
        return
    worth = ExchangeRate.objects.filter(currency=new).order_by("-on").values_list("rate", flat=True).first()
    if worth is None:
        raise Refused(
            f"There is no rate for {new} yet, so what service costs cannot be converted. Add what one {new} is worth first.",
            [{"loc": ["value"], "msg": f"Add a rate for {new} first."}],
        )
    for key, amount in told.items():
        change_setting(ctx, key, f"{(amount / worth).quantize(CENT):f}", valid_from=valid_from)


def _convert_rates(old: str, new: str) -> None:
    """Rates say what a currency is worth in the book's; with another book currency each is worth something else."""
    rates = list(ExchangeRate.objects.order_by("on"))
    if not rates:
        return
    by_day = {(rate.currency, rate.on): rate.rate for rate in rates}
    pivots = [(rate.on, rate.rate) for rate in rates if rate.currency == new]
    if not pivots:
        raise Refused(
            f"There is no rate for {new} yet, so the {len(rates)} stored rates cannot be converted. "
            f"Add what one {new} is worth in {old} first.",
            [{"loc": ["value"], "msg": f"Add a rate for {new} first."}],
        )
    converted: dict[tuple[str, date], Decimal] = {}
    for (currency, on), rate in by_day.items():
        pivot = next((worth for day, worth in reversed(pivots) if day <= on), pivots[0][1])
        if currency != new:
            converted[currency, on] = _rate(rate / pivot)
    for on, worth in pivots:
        converted[old, on] = _rate(1 / worth)
    ExchangeRate.objects.all().delete()
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, on=on, rate=rate) for (currency, on), rate in converted.items()
    )


def _rate(value: Decimal) -> Decimal:
    return max(value.quantize(RATE_STEP), RATE_STEP)
