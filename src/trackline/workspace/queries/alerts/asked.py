"""What an address of the Alerts list asks for. Everything the list shows is in the query string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

PATH = "/alerts"
FILTERS = ("severity", "state", "clock", "owner", "account", "rule")
LATE = "late"


@dataclass(frozen=True)
class Asked:
    """Search text, filters by parameter, page from 1. `view` names the tab that is current; it changes nothing shown.

    Without a `state` the alerts that are not settled are shown.
    """

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 1
    view: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read a query string; what it does not know is left out."""
        filters = {}
        for name in FILTERS:
            values = [found for value in query.getlist(name) if (found := value.replace("\x00", "").strip()[:120])]
            if values:
                filters[name] = ",".join(dict.fromkeys(values))
        page = query.get("page", "")
        return cls(
            query.get("q", "").replace("\x00", "").strip()[:200],
            filters,
            max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
            query.get("view", "")[:20],
        )

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs = [("q", self.q), *sorted(self.filters.items()), ("page", str(self.page) if self.page > 1 else "")]
        return urlencode([(name, value) for name, value in [*pairs, ("view", self.view)] if value], safe=",")

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    @property
    def saved_query(self) -> str:
        """What a saved view keeps: neither page nor its own name."""
        return replace(self, page=1, view="").query

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out beyond what is settled."""
        return bool(self.q or self.filters)

    def viewed_as(self, key: str) -> Asked:
        """Return the same under the tab of a view."""
        return replace(self, view=key)
