"""The risk of losing the accounts of a group, side by side with the money that hangs on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.models import Score
from trackline.accounts.rulebook.queries import newest
from trackline.watch.rules.churn import churn_risk
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class ChurnLine:
    """The churn risk of one account; `value` None without a score, `arr` in the group's currency or None."""

    name: str
    url: str
    value: Decimal | None
    band: str
    alerts: int
    arr: Decimal | None


def group_churn(head: Head) -> Sequence[ChurnLine]:
    """Return the churn risk of the accounts that a page shows, the gravest first, in one query. Source: SIG-47."""
    judged = newest(Score.objects.filter(account__in=head.ids, rule=churn_risk.id, preset=""))
    scores = {score.account_id: score for score in judged}
    lines = []
    for pk, member in head.members.items():
        score = scores.get(pk)
        worth = head.worth(member.arr, member.currency)
        given = (score.inputs.get("open_signals") or {}).get("value") if score else None
        lines.append(
            ChurnLine(
                member.name, f"{member.url}/track/issues", score.value if score else None,
                (score.band if score else "") or "unknown", len(given or ()), worth,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda one: (one.value is None, -(one.value or 0), one.name.casefold()))
