"""The price waterfall: from list price to what stays in the pocket."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Finding, Inputs, Part, insufficient, rule
from trackline.core.playbook.fields import Flag, Money, Number, Text

BPS = 10_000
"""Basis points of a whole."""


class Element(Inputs):
    """A step of the waterfall."""

    key: Text = Field(description="Key of the element")
    amount: Number | None = Field(description="What it takes off the price; negative adds to it")
    before_net: Flag | None = Field(description="Whether it comes before the net invoice")


class Waterfall(Inputs):
    """A list price and what lowers it."""

    list_price: Money | None = Field(alias="list", description="List price")
    elements: list[Element] | None = Field(description="Elements in their order")


@rule(
    "commercial.price.waterfall",
    title="Price waterfall",
    spec=("PRC-11", "PRC-12"),
    summary="From list price over net invoice to pocket price, each element in basis points of list.",
)
def waterfall(given: Waterfall) -> Finding:
    """Take the elements before the invoice off the list price: what is left is the net price, its share of list the price
    realisation. Take off the rest: what is left is the pocket price. Every element must be known.

    Source: PRC-11, PRC-12.
    """
    nothing = {"net": None, "realization_pct": None, "pocket_pct": None}
    missing = [
        name
        for name, known in (("list", given.list_price is not None), ("elements", _known(given.elements)))
        if not known
    ]
    if given.list_price is None or given.elements is None or missing:
        return insufficient(*missing, details=nothing)
    base = given.list_price
    net = base - sum((item.amount for item in given.elements if item.before_net and item.amount is not None), ZERO)
    pocket = net - sum(
        (item.amount for item in given.elements if not item.before_net and item.amount is not None), ZERO
    )
    parts = tuple(_part(item, base) for item in given.elements)
    details = {"net": net, "realization_pct": _share(net, base), "pocket_pct": _share(pocket, base)}
    return Finding(pocket, parts=parts, notes=() if base else ("The list price is zero.",), details=details)


def _known(elements: list[Element] | None) -> bool:
    return elements is not None and all(item.amount is not None and item.before_net is not None for item in elements)


def _part(item: Element, base: Decimal) -> Part:
    assert item.amount is not None
    points = item.amount * BPS / base if base else None
    return Part(item.key, item.key, item.amount, points=points, contribution=-item.amount)


def _share(amount: Decimal, base: Decimal) -> Decimal | None:
    return amount * HUNDRED / base if base else None
