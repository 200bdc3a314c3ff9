"""A higher price beside what was proven: what the increase is, what it is of the value documented, what is new.

Source: account:VAL-16.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.align.models import RenewalCycle, Route, RouteState
from trackline.core.decimals import HUNDRED
from trackline.documents.briefs.value import TOP, fresh_since
from trackline.documents.briefs.words import money, multiple, outcome_table, shortened
from trackline.documents.decks.slides import Block, Figure, Slide, Text
from trackline.documents.decks.words import day
from trackline.documents.gathering import Facts
from trackline.kit import formats
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.reveal.rules.increase import value_increase

AHEAD = ("preparing", "proposal", "negotiation")


def next_renewal(facts: Facts) -> dict[str, Any] | None:
    """Return the nearest renewal that is not decided."""
    return next((one for one in facts["renewals"] if one["state"]["value"] in AHEAD), None)


def increase_facts(ctx: Context, account: Account, facts: Facts) -> dict[str, Any]:
    """Return the increase that the next renewal proposes, in its currency; None where it proposes none.

    `blocked` says why it must not be announced yet. `delivered` is what was won since the contract began, beyond renewals;
    None where nobody knows when it began.
    """
    first = next_renewal(facts)
    up, proposed = (Decimal(str(first[name] or 0)) if first else Decimal(0) for name in ("arr_up", "proposed_arr"))
    if first is None or not up or proposed <= up:
        return {"increase": None}
    book = rates_in_force(ctx.today).book
    in_, ours = (one["currency"] or book for one in (first, facts["account"]))
    same = in_ == ours
    pct, value = (proposed - up) * HUNDRED / up, facts["value"]["verified_12m"]
    given = {"arr": up, "uplift_pct": pct, "value": value if same else None}
    found = value_increase(given, as_of=date.fromisoformat(facts["as_of"]))
    foreign = f"The renewal is in {in_}, the value in {ours}: put both into one currency first."
    told = {
        "renewal": first["id"], "currency": in_, "arr": up, "proposed": proposed, "uplift_pct": pct,
        "uplift": found.details["uplift"], "value": given["value"], "of_value_pct": found.details["of_value_pct"],
        "multiple": found.value, "blocked": (found.notes[0] if same else foreign) if found.value is None else None,
        **_delivered(ctx, account, first["id"]),
    }  # fmt: skip
    made: dict[str, Any] = msgspec.json.decode(encode({"increase": told}))
    return made


def _delivered(ctx: Context, account: Account, renewal: str) -> dict[str, Any]:
    cycle = RenewalCycle.objects.select_related("contract").get(pk=renewal)
    since = cycle.contract.start_on if cycle.contract else None
    if since is None:
        return {"since": None, "delivered": None}
    won = scoped(ctx, registry.get("route")).filter(account=account, state=RouteState.WON, closed_on__gte=since)
    rows = won.exclude(type=Route.Type.RENEWAL).select_related("product").order_by("-closed_on", "-pk")
    names = dict.fromkeys(one.product.name if one.product else one.title for one in rows)
    return {"since": since, "delivered": list(names)}


def increase_slides(facts: Facts, few: int) -> list[Slide]:
    """The increase beside the value, or why it is not announced yet; none where no increase is proposed."""
    told = facts["renewal"]["increase"]
    if told is None:
        return []
    title = "The new price and what it stands against"
    if told["blocked"]:
        return [Slide(title, "Not to be announced yet.", left=[Text([told["blocked"]], bullets=False)], key="increase")]
    in_ = told["currency"]
    figures = [
        Figure("Increase", formats.percent(told["uplift_pct"]), f"to {formats.money(told['proposed'], in_)} a year"),
        Figure("In money, a year", formats.money(told["uplift"], in_), f"on {formats.money(told['arr'], in_)}"),
        Figure("Of documented value", formats.percent(told["of_value_pct"]), f"{money(facts, told['value'])} in 12 months"),
        Figure("Value to increase", multiple(told["multiple"])),
    ]  # fmt: skip
    since = fresh_since(facts)
    verified = [one for one in facts["value"]["outcomes"] if one["verified"] and one["verified_on"] >= since]
    largest = sorted(verified, key=lambda one: -(one["worth"] or 0))[: min(few, TOP)]
    right: list[Block] = [
        Text(_new(told, few), heading="New since the contract began"),
        Text(
            [f"A term of several years at {formats.money(told['proposed'], in_)} a year: the price is held for all of it."],
            heading="Option: price protection",
        ),
    ]  # fmt: skip
    said = (
        f"An increase of {formats.percent(told['uplift_pct'])} on {formats.money(told['arr'], in_)} is "
        f"{formats.money(told['uplift'], in_)}, against {money(facts, told['value'])} of documented value."
    )
    return [Slide(title, said, figures=figures, left=[outcome_table(facts, largest, "What was proven", few)], right=right,
                  notes=["Increase: proposed ARR less ARR up for renewal. Value: verified in 365 days (VAL-13, VAL-16)."],
                  key="increase")]  # fmt: skip


def _new(told: dict[str, Any], few: int) -> list[str]:
    if told["delivered"] is None:
        return ["The renewal names no contract with a start, so that nobody can tell what came since."]
    names = [shortened(name, few) for name in told["delivered"][:few]]
    return names or [f"Nothing is recorded as won since {day(told['since'])}."]
