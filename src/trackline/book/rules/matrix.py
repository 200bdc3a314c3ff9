"""The matrix that a book is scored by: criteria with weights, accounts with values, checked and normalised."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Inputs, refuse
from trackline.core.playbook.fields import Number, Quantity, Text
from trackline.core.scoring import Normaliser, Scale, Standing, scale_of, settled, shares, standing


class Criterion(Inputs):
    """A criterion of the model."""

    key: Text = Field(description="Key of the criterion")
    weight: Quantity | None = Field(description="Weight; all are scaled to sum to 1")
    direction: Literal["up", "down"] | None = Field(description="Whether more is better (up) or worse (down)")


class Account(Inputs):
    """An account's raw values."""

    key: Text = Field(description="Key of the account")
    values: dict[str, Number | None] = Field(description="Value by criterion; null or absent where not known")


class Book(Inputs):
    """A scoring model and the accounts that it is run over."""

    criteria: list[Criterion] | None = Field(description="Criteria with weights")
    accounts: list[Account] | None = Field(description="Accounts with their values")
    normaliser: Literal["minmax", "zcdf"] | None = Field(
        None, description="How values become 0 to 1; minmax if not given"
    )


@dataclass(frozen=True)
class Row:
    """One account: its normalised values and what each adds to the score."""

    key: str
    normalised: list[Decimal]
    contributions: list[Decimal]
    imputed: list[str]
    imputed_pct: Decimal
    score: Decimal


@dataclass(frozen=True)
class Matrix:
    """The book, scored. `coverage_pct` is the weight of the criteria that any account has a value of."""

    keys: list[str]
    weights: list[Decimal]
    scales: list[Scale]
    rows: list[Row]
    coverage_pct: Decimal
    complete: bool

    @property
    def standing(self) -> Standing:
        """Ranks and percentiles by settled scores."""
        return standing([settled(row.score) for row in self.rows])


def scored(given: Book) -> Matrix:
    """Score a book. Raises `RunRefused` where its keys or weights contradict themselves."""
    criteria, accounts = given.criteria or [], given.accounts or []
    _check(given.criteria, accounts)
    judged = _judged(criteria, accounts, given.normaliser or "minmax")
    asked = sum((item.weight for item in criteria if item.weight is not None), ZERO)
    present = sum((weight for _, weight, _ in judged), ZERO)
    keys, scales = [key for key, _, _ in judged], [scale for _, _, scale in judged]
    weights = shares([weight for _, weight, _ in judged]) if present else []
    return Matrix(
        keys,
        weights,
        scales,
        [_row(account, keys, weights, scales) for account in accounts] if present else [],
        present * HUNDRED / asked if asked else ZERO,
        len(keys) == len(criteria) and all(account.values.get(key) is not None for account in accounts for key in keys),
    )


def _judged(
    criteria: list[Criterion], accounts: list[Account], normaliser: Normaliser
) -> list[tuple[str, Decimal, Scale]]:
    """The criteria that can be judged: with weight and direction, and a value of some account."""
    found = []
    for item in criteria:
        if item.weight is None or item.direction is None:
            continue
        scale = scale_of([row.values.get(item.key) for row in accounts], normaliser, down=item.direction == "down")
        if scale is not None:
            found.append((item.key, item.weight, scale))
    return found


def _row(account: Account, keys: list[str], weights: list[Decimal], scales: list[Scale]) -> Row:
    raw = [account.values.get(key) for key in keys]
    normalised = [
        scale.norm(scale.median if value is None else value) for value, scale in zip(raw, scales, strict=True)
    ]
    contributions = [weight * value for weight, value in zip(weights, normalised, strict=True)]
    imputed = [at for at, value in enumerate(raw) if value is None]
    return Row(
        account.key,
        normalised,
        contributions,
        [keys[at] for at in imputed],
        sum((weights[at] for at in imputed), ZERO) * HUNDRED,
        sum(contributions, ZERO),
    )


def _check(criteria: list[Criterion] | None, accounts: list[Account]) -> None:
    _distinct("accounts", [item.key for item in accounts])
    if criteria is None:
        return  # whether a value names one is not known
    _distinct("criteria", [item.key for item in criteria])
    known = {item.key for item in criteria}
    for at, account in enumerate(accounts):
        for key in account.values:
            if key not in known:
                raise refuse(("accounts", at, "values", key), "There is no such criterion.")
    if criteria and not any(item.weight or item.weight is None for item in criteria):
        raise refuse("criteria", "At least one weight above 0 is expected.")


def _distinct(name: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for at, key in enumerate(keys):
        if key in seen:
            raise refuse((name, at, "key"), "A key of its own is expected.")
        seen.add(key)
