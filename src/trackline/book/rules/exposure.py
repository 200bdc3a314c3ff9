"""How much of the book hangs on single accounts."""

from __future__ import annotations

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, Part, insufficient, rule
from trackline.core.playbook.fields import Money, Text

TOP = (1, 3, 5, 10)


class Holding(Inputs):
    """An account and what it brings in."""

    key: Text = Field(description="Name of the account")
    value: Money | None = Field(description="Its revenue")


class Holdings(Inputs):
    """Accounts of a book."""

    accounts: list[Holding] | None = Field(description="Accounts with their revenue")


class ExposureParameters(Parameters):
    """From which share an account, and from which index the book, hangs on too few."""

    share_bands: BandCuts
    index_bands: BandCuts


@rule(
    "book.exposure",
    title="Concentration of the book",
    spec=("PF-28",),
    summary="Sum of the squared shares of all accounts (HHI), 0 to 1, and each account's share of revenue.",
)
def exposure(given: Holdings, p: ExposureParameters) -> Finding:
    """Square each account's share of revenue and add them up: 1 is one account alone, 0 an endless number of equal ones. An
    account is judged by its share, the book by the sum. Accounts whose revenue is not known are left out and counted.

    Source: PF-28.
    """
    rows = [(one.key, one.value) for one in given.accounts or () if one.value is not None]
    total = sum((value for _, value in rows), ZERO)
    if not total:
        return insufficient("accounts", details={"accounts": [], "top": {}, "total": ZERO, "unknown": 0})
    shares = sorted(((key, value * HUNDRED / total) for key, value in rows), key=lambda one: (-one[1], one[0]))
    index = sum(((share / HUNDRED) ** 2 for _, share in shares), ZERO)
    unknown = len(given.accounts or ()) - len(rows)
    return Finding(
        index,
        p.index_bands.of(index),
        parts=tuple(
            Part(str(at), key, q6(share), band=p.share_bands.of(share), contribution=(share / HUNDRED) ** 2)
            for at, (key, share) in enumerate(shares[: TOP[-1]], 1)
        ),
        missing=("accounts",) if unknown else (),
        details={
            "accounts": [
                {"key": key, "share_pct": q6(share), "band": p.share_bands.of(share)} for key, share in shares
            ],
            "top": {str(count): q6(sum((share for _, share in shares[:count]), ZERO)) for count in TOP},
            "total": total,
            "unknown": unknown,
        },
    )
