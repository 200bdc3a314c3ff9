"""How a group keeps its rhythm: each execution metric over all accounts, and account by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.core.decimals import ZERO
from trackline.core.playbook import Explained
from trackline.kickoff.rules.execution import execution_metric
from trackline.workspace.queries.account.execution import JUDGED, ExecutionRow, execution_rows
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class Together:
    """A metric over the accounts that keep it: all that was done of all that was due, against the rule's target."""

    label: str
    found: Explained
    done: Decimal
    due: Decimal
    accounts: int
    silent: int

    @property
    def target(self) -> Decimal | None:
        """The rule's target in %."""
        target: Decimal | None = self.found.details["target"]
        return target


@dataclass(frozen=True)
class GroupExecution:
    """Metrics over all accounts, and the rows of each; `without` accounts keep none."""

    sums: Sequence[Together]
    rows: Sequence[ExecutionRow]
    without: Sequence[str]


def group_execution(head: Head) -> GroupExecution:
    """Return the execution metrics of the accounts that a page shows, in a fixed number of queries. Source: KCK-08."""
    rows = execution_rows(head)
    alike: dict[tuple[str, str], list[ExecutionRow]] = {}
    for row in rows:
        if row.metric.formula_key in JUDGED:
            alike.setdefault((row.metric.formula_key, row.metric.period), []).append(row)
    sums = [_together(head, key, listed) for (key, _period), listed in alike.items()]
    kept = {row.metric.account_id for row in rows}
    return GroupExecution(sums, rows, [member.name for pk, member in head.members.items() if pk not in kept])


def _together(head: Head, key: str, rows: Sequence[ExecutionRow]) -> Together:
    counted = [row for row in rows if row.done is not None and row.due is not None]
    done = sum((row.done for row in counted if row.done is not None), ZERO)
    due = sum((row.due for row in counted if row.due is not None), ZERO)
    found = execution_metric({"formula_key": key, "numerator": done, "denominator": due}, as_of=head.today)
    period = rows[0].metric.get_period_display().lower()
    label = f"{rows[0].metric.get_formula_key_display()}, by {period}"
    return Together(label, found, done, due, len(rows), len(rows) - len(counted))
