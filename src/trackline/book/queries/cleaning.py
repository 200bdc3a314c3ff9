"""What was done to the figures that the last ranking rests on: which were missing, what stood in, and which stand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.models import ScoringRun, Standing
from trackline.book.rules.outliers import outliers
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Cell:
    """One figure of an account: what it is, and what the criterion adds to its score, in points."""

    key: str
    name: str
    value: Decimal
    contribution: Decimal
    side: str = ""


@dataclass(frozen=True)
class Column:
    """A criterion of the run with its figures: `known` and `imputed` count all accounts, the lists name those the actor sees."""

    key: str
    label: str
    fed_by: str
    unit: str
    share_pct: Decimal | None
    known: int
    imputed: int
    result: Explained
    missing: Sequence[Cell]
    flagged: Sequence[Cell]


@dataclass(frozen=True)
class Cleaning:
    """The run and its criteria; None where the book has not been scored. `provisional` counts accounts that stand on medians
    with too much of the weight."""

    run: ScoringRun | None
    columns: Sequence[Column] = ()
    provisional: int = 0


def cleaning(ctx: Context) -> Cleaning:
    """Return what was done to the figures of the last run, by criterion. Three queries, and the overrides of the rule.

    Source: PF-04.
    """
    run = ScoringRun.objects.select_related("model").first()
    if run is None:
        return Cleaning(None)
    seen = dict(scoped(ctx, registry.get("account")).values_list("pk", "key"))
    rows = list(
        Standing.objects.filter(run=run).values(
            "account_id", "account__key", "account__name", "criteria", "provisional"
        )
    )
    in_force = Overrides.load(run.on).in_force(outliers, run.on)
    columns = []
    for item in run.criteria:
        parts = [(row, part) for row in rows for part in row["criteria"] if part["key"] == item["key"]]
        given = [{"key": row["account__key"], "value": _decimal(part["raw"])} for row, part in parts]
        result: Explained = outliers.explain(read_inputs(outliers.inputs, {"accounts": given}), in_force, run.on)
        sides = {one["key"]: one["side"] for one in result.details["flagged"]}
        mine = [(row, part) for row, part in parts if row["account_id"] in seen]
        columns.append(
            Column(
                item["key"],
                item["label"],
                item["fed_by"] or "",
                item["unit"] or "count",
                _decimal(item["share_pct"]),
                len(parts) - len(result.details["imputed"]),
                len(result.details["imputed"]),
                result,
                [_cell(row, part) for row, part in mine if part["imputed"]],
                [
                    _cell(row, part, sides[row["account__key"]])
                    for row, part in mine
                    if row["account__key"] in sides and not part["imputed"]
                ],
            )
        )
    return Cleaning(run, columns, sum(row["provisional"] for row in rows))


def _cell(row: Mapping[str, Any], part: Mapping[str, Any], side: str = "") -> Cell:
    value, adds = _decimal(part["used"]), _decimal(part["contribution"])
    return Cell(row["account__key"], row["account__name"], value or Decimal(0), adds or Decimal(0), side)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
