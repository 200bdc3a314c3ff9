"""Who covers a group: the nine cells of each account side by side, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.queries import newest
from trackline.accounts.rules.stakeholder_map import wiring
from trackline.workspace.queries.account.cards.coverage import RULE, THREADS
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class CoverageLine:
    """The coverage of one account: cells of nine, what its tier asks for, its thread; `value` None without a score."""

    name: str
    url: str
    value: Decimal | None
    band: str
    covered: int | None
    target: int | None
    thread: tuple[str, str]
    c_level_gap: bool
    missing_roles: int


def group_coverage(head: Head) -> Sequence[CoverageLine]:
    """Return the coverage of the accounts that a page shows, the thinnest first, in one query beside that of the accounts. Source: STK-07."""
    scores = {one.account_id: one for one in newest(Score.objects.filter(account__in=head.ids, rule=RULE, preset=""))}
    lines = [_line(account, scores.get(account.pk)) for account in head.accounts]
    return sorted(lines, key=lambda one: (one.value is None, one.value or 0, one.name))


def _line(account: Account, score: Score | None) -> CoverageLine:
    url = f"/accounts/{account.key}/track/contacts"
    target = wiring().targets.get(account.tier) if account.tier else None
    if score is None or score.value is None:
        return CoverageLine(account.name, url, None, "unknown", None, target, ("unknown", "not computed"), False, 0)
    details = score.details
    return CoverageLine(
        account.name, url, score.value, score.band, details["covered"], target, THREADS[details["thread"]],
        details["c_level_gap"], len(details["missing_roles"]),
    )  # fmt: skip
