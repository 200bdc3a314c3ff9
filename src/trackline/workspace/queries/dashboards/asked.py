"""What an address of a dashboard asks for: the accounts that count, one part of a picture, a page of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from trackline.book.queries.narrowing import FILTERS

PATH = "/book/dashboards"
OWN = "only"
"""The parameter that says: these filters and no others, instead of those the dashboard keeps."""


@dataclass(frozen=True)
class Asked:
    """`filters` is None where the dashboard's own hold."""

    pk: int
    filters: Mapping[str, str] | None = None
    part: str = ""
    page: int = 1

    @classmethod
    def of(cls, pk: int, query: QueryDict) -> Asked:
        """Read a query string; what means nothing is left out."""

        def text(name: str) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:120]

        filters = {name: text(name) for name in FILTERS if text(name)}
        page = text("page")
        return cls(
            pk,
            filters if filters or query.get(OWN) else None,
            text("part"),
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def query(self) -> str:
        """The query string that asks for the same accounts."""
        return "" if self.filters is None else urlencode({**self.filters, OWN: "1"})

    def url(self, rest: str = "", **more: str) -> str:
        """Return an address below the dashboard, of the same accounts."""
        query = urlencode({name: value for name, value in more.items() if value})
        asked = "&".join(filter(None, [query, self.query]))
        path = f"{PATH}/{self.pk}{rest}"
        return f"{path}?{asked}" if asked else path
