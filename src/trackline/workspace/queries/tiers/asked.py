"""What an address of the segmentation register asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from trackline.book.queries.narrowing import FILTERS
from trackline.book.queries.register import SHOWS

PATH = "/book/tiers"
PAGE_SIZE = 50
ORDERS = ("rank", "name", "tier", "score", "gap", "arr")


@dataclass(frozen=True)
class Asked:
    """Search text, filters of accounts, which of them (`show`), order (with `-` falling), page from 1; of one of the pages."""

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    show: str = ""
    order: str = "rank"
    page: int = 1
    path: str = PATH

    @classmethod
    def of(cls, query: QueryDict, path: str = PATH) -> Asked:
        """Read a query string; what means nothing is left out."""

        def text(name: str) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:120]

        order, page = text("order"), text("page")
        return cls(
            text("q"),
            {name: text(name) for name in FILTERS if text(name)},
            text("show") if text("show") in SHOWS else "",
            order if order.removeprefix("-") in ORDERS else "rank",
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
            path,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.filters or self.show)

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs = {
            "q": self.q,
            **self.filters,
            "show": self.show,
            "order": "" if self.order == "rank" else self.order,
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def but(self, **changes: Any) -> str:
        """Return the address of the same with some things changed, from its first page."""
        return replace(self, page=1, **changes).url

    def at(self, page: int) -> str:
        """Return the address of another page of the same."""
        return replace(self, page=page).url
