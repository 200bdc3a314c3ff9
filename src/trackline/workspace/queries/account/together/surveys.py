"""What surveys say of a group: the newest wave of each account side by side, and all their answers taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.track.surveys.results import Pooled, WaveResult, pooled
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.surveys import CaseRow, open_cases


@dataclass(frozen=True)
class SurveyLine:
    """The newest wave of one account, None where nobody answered one."""

    name: str
    url: str
    result: WaveResult | None


@dataclass(frozen=True)
class GroupSurveys:
    """The answers of all accounts taken together, each account, and the open cases of all."""

    pool: Pooled
    lines: Sequence[SurveyLine]
    cases: Sequence[CaseRow]
    in_time_pct: Decimal | None

    @property
    def without(self) -> Sequence[str]:
        """Accounts without an answer."""
        return [line.name for line in self.lines if line.result is None]

    @property
    def finding(self) -> str:
        """The answers in a sentence."""
        found = self.pool.scores.nps
        if not self.pool.answered:
            return "no answers yet"
        value = "no recommendation asked" if found.value is None else f"NPS {formats.number(found.value, 0)}"
        accounts = formats.counted(len(self.pool.results), "account")
        return f"{value} over {formats.counted(self.pool.answered, 'answer')} of {accounts}"


def group_surveys(ctx: Context, head: Head) -> GroupSurveys:
    """Return surveys of the accounts that a page shows, in a fixed number of queries. Source: SUR-06 to SUR-10."""
    pool = pooled(head.accounts, head.today, head.account)
    lines = [
        SurveyLine(member.name, f"{member.url}/track/surveys", pool.results.get(pk))
        for pk, member in head.members.items()
    ]
    return GroupSurveys(pool, sorted(lines, key=_lowest_first), *open_cases(head.ids, ctx.now))


def _lowest_first(line: SurveyLine) -> tuple[bool, Decimal, str]:
    value = line.result.scores.nps.value if line.result else None
    return value is None, Decimal(value or 0), line.name.casefold()
