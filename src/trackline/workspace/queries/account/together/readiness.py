"""How ready the accounts of a group are for more: five conditions each, side by side. Nothing is averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackline.align.contracts import Use
from trackline.book.queries.readiness import CONDITIONS, Row, rows_among
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class GroupReadiness:
    """The accounts, the readiest first; `marks` are those of each row: label, whether it holds, whether it is known."""

    rows: Sequence[Row]
    conditions: Mapping[str, str]

    @property
    def marked(self) -> Sequence[tuple[Row, Sequence[tuple[str, bool, bool]]]]:
        """Each row with its conditions: what it says, whether it holds, whether it is known."""
        return [
            (
                row,
                [
                    (said, row.met.get(key, False), bool(row.score) and key not in row.unknown)
                    for key, said in CONDITIONS.items()
                ],
            )
            for row in self.rows
        ]

    @property
    def finding(self) -> str:
        """The readiness in a sentence."""
        ready, judged = sum(row.ready for row in self.rows), sum(row.score is not None for row in self.rows)
        said = f"{ready} of {formats.counted(judged, 'account')} ready"
        return said if judged == len(self.rows) else f"{said}, {len(self.rows) - judged} not judged yet"


def group_readiness(head: Head, used: Mapping[int, Sequence[Use]] | None = None) -> GroupReadiness:
    """Return the readiness of the accounts that a page shows, in a fixed number of queries.

    `used`: the use of their running contracts, where it was read already. Source: EXP-04, EXP-05.
    """
    accounts = [
        {"pk": pk, "key": row.key, "name": row.name, "url": f"{row.url}/align/forecast#readiness"}
        for pk, row in head.members.items()
    ]
    return GroupReadiness(rows_among(head.ids, accounts, head.today, used), CONDITIONS)
