"""What an address of the ranking asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

PATH = "/book"
PAGE_SIZE = 50
FILTERS = ("owner", "tier", "proposed", "region", "industry")
NONE = "none"
"""Stands for an account without tier, owner, region or industry."""
ORDERS = ("rank", "name", "score", "tier", "change", "arr")


@dataclass(frozen=True)
class Asked:
    """Search text, filters, order (with `-` falling), page from 1."""

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = "rank"
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read a query string; what means nothing is left out."""
        filters = {name: query.get(name, "").replace("\x00", "").strip()[:120] for name in FILTERS}
        order, page = query.get("order", ""), query.get("page", "")
        return cls(
            q=query.get("q", "").replace("\x00", "").strip()[:200],
            filters={name: value for name, value in filters.items() if value},
            order=order if order.removeprefix("-") in ORDERS else "rank",
            page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.filters)

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs = [("q", self.q), *self.filters.items(), ("order", "" if self.order == "rank" else self.order)]
        return urlencode([(name, value) for name, value in (*pairs, ("page", self._page)) if value])

    @property
    def _page(self) -> str:
        return str(self.page) if self.page > 1 else ""

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    def at(self, page: int) -> Asked:
        """Return another page of the same."""
        return replace(self, page=page)

    def by(self, order: str) -> Asked:
        """Return the same in another order."""
        return replace(self, order=order, page=1)
