"""Accounts at risk as the page shows them, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from trackline.book.queries.narrowing import FILTERS

PATH = "/book/at-risk"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Asked:
    """What an address asks for: filters of accounts, and the page from 1."""

    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read a query string; what means nothing is left out."""
        given = {name: query.get(name, "").replace("\x00", "").strip()[:120] for name in FILTERS}
        page = query.get("page", "")
        return cls(
            {name: value for name, value in given.items() if value},
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        return urlencode({**self.filters, **({"page": str(self.page)} if self.page > 1 else {})})

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    def at(self, page: int) -> str:
        """Return the address of another page of the same."""
        return replace(self, page=page).url

    def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the rows of the page."""
        return rows[(self.page - 1) * PAGE_SIZE : self.page * PAGE_SIZE]


def lines(found: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the heading and one line an account, for a file."""
    yield [
        "As of", "Key", "Account", "Owner", "Tier", "Health", "Colour", "Churn risk", "Why", f"ARR at stake {found['currency']}",
        "Renews", "Days", "Renewal forecast", "Recovery", "Steps done", "Steps", "Steps overdue", "Score and money",
        "Since last week", "Discussed this week", "What was said",
    ]  # fmt: skip
    for row in found["rows"]:
        plan, told, parted = row["recovery"] or {}, row["discussed"], row["disagreement"]
        yield [
            found["as_of"], row["key"], row["name"], row["owner_name"], row["tier"], row["health"], row["band"],
            row["churn_risk"], row["why"], row["arr"], row["renewal_date"], row["days"], row["forecast"],
            plan.get("state", "none"), plan.get("done"), plan.get("total"), plan.get("overdue"),
            f"{parted['words']}: {', '.join(parted['signs'])}" if parted else "", "; ".join(row["changes"]),
            "yes" if told else "no", told["note"] if told else "",
        ]  # fmt: skip
