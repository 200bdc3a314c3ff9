"""Exchange rates: what one unit of a currency is worth in the book's, at the end of a month."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.db import transaction

from trackline.accounts.models import ExchangeRate
from trackline.accounts.services.audit import RATE, note_change
from trackline.accounts.settings import setting
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound

MOST = Decimal(10) ** 9


def set_exchange_rate(ctx: Context, currency: str, on: date, rate: Decimal) -> ExchangeRate:
    """Keep what one unit of a currency is worth in the book's currency on a day."""
    ctx.require(ADMIN)
    errors = {}
    if not re.fullmatch(r"[A-Z]{3}", currency):
        errors["currency"] = "A currency code of three letters is expected, for example USD."
    elif currency == setting("book.currency"):
        errors["currency"] = f"{currency} is the book's own currency: one is worth one."
    if not 0 < rate <= MOST:
        errors["rate"] = "More than 0 is expected." if rate <= 0 else "The rate is too large."
    if errors:
        raise Invalid.fields(errors)
    with transaction.atomic():
        before = ExchangeRate.objects.filter(currency=currency, on=on).values_list("rate", flat=True).first()
        found, made = ExchangeRate.objects.update_or_create(currency=currency, on=on, defaults={"rate": rate})
        if before != rate:
            action = Change.Action.CREATE if made else Change.Action.UPDATE
            note_change(ctx, RATE, found.pk, _title(currency, on), {"rate": [before, rate]}, action)
    return found


def delete_exchange_rate(ctx: Context, currency: str, on: date) -> Change:
    """Forget a rate; sums then use the one before it."""
    ctx.require(ADMIN)
    found = ExchangeRate.objects.filter(currency=currency, on=on).first()
    if found is None:
        raise NotFound(f"There is no rate for {currency} on {on}.")
    with transaction.atomic():
        change = note_change(
            ctx, RATE, found.pk, _title(currency, on), {"rate": [found.rate, None]}, Change.Action.DELETE
        )
        found.delete()
    return change


def _title(currency: str, on: date) -> str:
    return f"{currency} {on.isoformat()}"
