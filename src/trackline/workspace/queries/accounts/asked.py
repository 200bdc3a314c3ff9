"""What an address of the Accounts list asks for, and addresses that ask for a little more or less.

Everything the list shows is in the query string, so an address can be kept, sent and saved as a view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

PATH = "/accounts"
PAGE_SIZE = 50
FLAT, TREE = "", "tree"

_OWN = ("q", "order", "columns", "mode", "group", "closed", "page", "view")
_IGNORED = ("panel", "csrfmiddlewaretoken", "ids", "_")


@dataclass(frozen=True)
class Asked:
    """Search text, filters by parameter, order, columns (empty: the user's), page from 1, mode, closed branches, grouping.

    `view` names the saved view whose tab is current; it changes nothing in what is shown.
    """

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    columns: tuple[str, ...] = ()
    mode: str = FLAT
    group: str = ""
    closed: frozenset[int] = frozenset()
    page: int = 1
    view: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read a query string; a parameter that comes several times is a list."""
        filters = {}
        for name in query:
            values = [found for value in query.getlist(name) if (found := value.replace("\x00", "").strip())]
            if values and name not in _OWN and name not in _IGNORED:
                filters[name] = ",".join(dict.fromkeys(values))
        page = query.get("page", "")
        return cls(
            q=query.get("q", "").replace("\x00", "").strip()[:200],
            filters=filters,
            order=query.get("order", "").strip()[:120],
            columns=tuple(dict.fromkeys(name for name in query.get("columns", "").split(",") if name))[:40],
            mode=TREE if query.get("mode") == TREE else FLAT,
            group=query.get("group", "").strip()[:40] if query.get("mode") != TREE else "",
            closed=frozenset(int(pk) for pk in query.get("closed", "").split(",") if pk.isdecimal() and len(pk) < 19),
            page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
            view=query.get("view", "")[:20],
        )

    @classmethod
    def of_text(cls, text: str) -> Asked:
        """Read a query string as text, with or without what stands before the question mark."""
        return cls.of(QueryDict(text.rpartition("?")[2]))

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.filters)

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs: list[tuple[str, str]] = [("q", self.q), *sorted(self.filters.items()), ("order", self.order)]
        pairs += [("columns", ",".join(self.columns)), ("mode", self.mode), ("group", self.group)]
        pairs += [("closed", ",".join(str(pk) for pk in sorted(self.closed)))]
        pairs += [("page", str(self.page) if self.page > 1 else ""), ("view", self.view)]
        return urlencode([(name, value) for name, value in pairs if value], safe=",")

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    @property
    def saved_query(self) -> str:
        """What a saved view keeps: neither page nor branches, nor its own name."""
        return replace(self, page=1, view="", closed=frozenset()).query

    def viewed_as(self, key: str) -> Asked:
        """Return the same under the tab of a view."""
        return replace(self, view=key)

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Return name and value of each parameter, for a form that changes some of them."""
        first = replace(self, page=1)
        return [(name, value) for name, value in parse_qsl(first.query) if name not in without]

    def having(self, **changes: str) -> Asked:
        """Return the same with filters set, or taken off with an empty value; from the first page."""
        filters = {name: value for name, value in {**self.filters, **changes}.items() if value}
        return replace(self, filters=filters, page=1)

    def without(self, names: Iterable[str]) -> Asked:
        """Return the same without some filters, from the first page."""
        gone = set(names)
        return replace(self, filters={k: v for k, v in self.filters.items() if k not in gone}, page=1)

    def ungrouped(self) -> Asked:
        """Return the same as one list, from the first page."""
        return replace(self, group="", page=1, view="")

    def plain(self) -> Asked:
        """Return the same without search and filters."""
        return replace(self, q="", filters={}, page=1, view="")
