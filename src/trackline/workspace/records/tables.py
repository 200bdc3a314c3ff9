"""Tables of records of any type: `build` gathers a frozen `Table`, `workspace/records/table.html` prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db.models import Q
from django.utils.safestring import SafeString

from trackline.kit.policy import Context
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import ListParams, filtered, list_page
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, cells, display
from trackline.workspace.records.facts import Facts, Item, facts_for, specs_of
from trackline.workspace.records.labels import in_sentence, with_article
from trackline.workspace.records.rows import ON_PHONES, Computed, Drawing, prepared

__all__ = ["Adding", "Computed", "Header", "Row", "Table", "adding", "build"]

UNSORTED = ("refs", "tags", "object", "ref")
"""Kinds that a list cannot be ordered by in a way people expect."""


@dataclass(frozen=True)
class Header:
    """A column's head. `url` sorts by it, `state` is its `aria-sort`."""

    name: str
    label: str
    css: str = ""
    url: str = ""
    state: str = "none"


@dataclass(frozen=True)
class Row:
    """A drawn row; `item` is the record's JSON row for pages that need more of it."""

    pk: int
    html: SafeString
    item: Item


@dataclass(frozen=True)
class Adding:
    """How a table offers a new record: a button that opens the form, or a line where a name is enough (`field`)."""

    id: str
    label: str
    panel: str
    url: str
    key: str = ""
    field: str = ""
    field_label: str = ""
    max_length: int | None = None
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Table:
    """Everything `workspace/records/table.html` prints. `rows` is empty where nothing is there or nothing matches."""

    id: str
    rtype: RecordType
    headers: Sequence[Header]
    rows: Sequence[Row]
    label: str
    url: str
    push: bool
    total: int | None = None
    next_url: str = ""
    first_url: str = ""
    all_url: str = ""
    narrowed: bool = False
    clear_url: str = ""
    selectable: bool = False
    inset: bool = False
    can_edit: bool = False
    add: Adding | None = None
    empty_title: str = ""
    empty_text: str = ""
    second: Mapping[str, Any] | None = None
    files: Sequence[tuple[str, str]] = ()

    @property
    def width(self) -> int:
        """Number of columns, the extra ones included."""
        return len(self.headers) + self.selectable + self.can_edit

    @property
    def items(self) -> list[Item]:
        """The JSON rows of what is shown."""
        return [row.item for row in self.rows]


def build(
    ctx: Context,
    rtype: RecordType,
    *,
    params: ListParams | None = None,
    only: Q | None = None,
    columns: Sequence[str | Computed] = (),
    account: int | None = None,
    given: Mapping[str, Any] | None = None,
    name: str = "",
    label: str = "",
    url: str = "",
    all_url: str = "",
    can_edit: bool | None = None,
    selectable: bool = False,
    inset: bool = False,
    add: bool = True,
    add_key: str = "",
    back: str = "",
    removable: bool = True,
    total: bool = True,
    empty_title: str = "",
    empty_text: str = "",
    second: Mapping[str, Any] | None = None,
    row_css: Callable[[Item], str] | None = None,
    title_css: Callable[[Item], str] | None = None,
    title_second: Callable[[Item, Facts], SafeString | str] | None = None,
    actions: Callable[[Item], SafeString | str] | None = None,
) -> Table:
    """Read and draw a table of records; the number of queries does not depend on the rows.

    * `params`: filters, search, order, cursor and size (`ListParams`); `only`: a condition filters cannot say.
    * `columns`: field names, `custom.key` and `Computed`; default the type's own. The account is left out with `account`.
    * `account`: id of the account all rows belong to; rows are narrowed to it, new records start with it.
    * `given`: values a new record starts with (`{"play": 4}`), beside the account.
    * `name`: id of the table on its page, default the type's resource.
    * `url`: the page's own address with its query; sorting and paging then change the page's address. Without it the
      table sorts and pages in place.
    * `can_edit`: default by the actor's rights. `add`: offer to create; `add_key`: the key that does (`n`); `back`: the
      record whose panel follows (`goal/12`). `removable`: rows can be deleted here.
    * `inset`: for panels and narrow columns; `j` and `k` pass over its rows.
    * `row_css`, `title_css`: class of a row, of its name's cell (`tree-1`); `title_second`: a second line under the
      name; `actions`: buttons at the end of a row, before Delete.

    Raises `BadRequest` for filters, order or cursor that cannot be read.
    """
    asked = params or ListParams()
    scope = _of_account(rtype, account)
    condition = only if scope is None else scope if only is None else only & scope
    shown = columns or tuple(column for column in rtype.columns if not (account and column == "account"))
    plan = _plan(rtype, shown)
    # Fields are stored; computed values show in what is drawn of a whole row.
    drawn = (row_css, title_css, title_second, actions, *(one for one in plan if isinstance(one, Computed)))
    page = list_page(ctx, rtype, asked, condition, external=False, extra=any(drawn))
    needs = [need for column in plan if isinstance(column, Computed) for need in column.needs]
    facts = facts_for(ctx, rtype, page.items, [*_specs(plan), *specs_of(rtype, needs)])
    edit = cells.may_edit(ctx, rtype) if can_edit is None else can_edit
    draw = Drawing(
        rtype,
        facts,
        prepared(rtype, plan, edit=edit),
        edit=edit,
        selectable=selectable,
        removable=removable,
        stepping=not inset,
        row_css=row_css,
        title_css=title_css,
        title_second=title_second,
        actions=actions,
    )
    rows = [Row(int(item["id"]), draw.row(item), item) for item in page.items]

    table_id = name or rtype.resource
    names = ",".join(column if isinstance(column, str) else column.name for column in shown)
    address = url or _own_address(rtype, asked, account, given, table_id, names, only)
    start = dict(given or {}) | ({"account": account} if account else {})
    narrowed = bool(asked.q or any(key not in start for key in asked.filters))
    count = None
    if total and (page.next or asked.cursor):
        count = filtered(ctx, rtype, asked, condition).count()
    elif total:
        count = len(rows)
    return Table(
        id=table_id,
        rtype=rtype,
        headers=[_header(rtype, column, asked.order, address, position) for position, column in enumerate(plan)],
        rows=rows,
        label=label or rtype.labels,
        url=address,
        push=bool(url),
        total=count,
        next_url=_with(address, cursor=page.next) if page.next and address else "",
        first_url=_with(address, cursor=None) if asked.cursor and address else "",
        all_url=all_url,
        narrowed=narrowed,
        clear_url=urlsplit(address).path if url else "",
        selectable=selectable and edit,
        inset=inset,
        can_edit=edit,
        add=adding(rtype, start, table_id=table_id, key=add_key, back=back) if add and edit else None,
        empty_title=empty_title or f"No {in_sentence(rtype, plural=True)} yet",
        empty_text=empty_text or rtype.about,
        second=second,
        files=[] if inset or only is not None else _files(rtype, asked, account, forms=("csv", "json") if url else ()),
    )


def _files(rtype: RecordType, asked: ListParams, account: int | None, *, forms: Sequence[str]) -> list[tuple[str, str]]:
    """What the table holds, all pages of it, as files: name and address of each."""
    query = {**asked.filters, "q": asked.q, "order": asked.order, "of": account}
    found = [("Excel", "xlsx"), *((form.upper(), form) for form in forms)]
    if rtype.name == "meeting":
        found.append(("Calendar", "ics"))
    return [(name, addresses.export(rtype, ending, query)) for name, ending in found]


def adding(rtype: RecordType, given: Mapping[str, Any], *, table_id: str, key: str = "", back: str = "") -> Adding:
    """Return how a new record is offered; `back` is the record whose panel follows the form (`goal/12`)."""
    start = {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in given.items()
    }
    entry = _entry_field(rtype, start)
    return Adding(
        id=f"add-{table_id}",
        label=f"Add {with_article(rtype)}",
        panel=addresses.new_panel(rtype, start | {"back": back}),
        url=addresses.new(rtype, start | {"back": back}),
        key=key,
        field=entry.name if entry else "",
        field_label=f"Name of the new {in_sentence(rtype)}",
        max_length=entry.max_length if entry else None,
        hidden=tuple(start.items()),
    )


def _entry_field(rtype: RecordType, given: Mapping[str, Any]) -> FieldSpec | None:
    """The only field that a new record still needs, where it is its name."""
    missing = [
        spec
        for spec in rtype.specs.values()
        if spec.required and not spec.read_only and spec.name not in given and spec.name not in rtype.defaults
    ]
    named = len(missing) == 1 and missing[0].name == rtype.title and missing[0].kind == "text"
    return missing[0] if named else None


def _plan(rtype: RecordType, columns: Sequence[str | Computed]) -> list[FieldSpec | Computed]:
    known = {spec.name: spec for spec in specs_of(rtype, [name for name in columns if isinstance(name, str)])}
    return [
        column if isinstance(column, Computed) else known[column]
        for column in columns
        if isinstance(column, Computed) or column in known
    ]


def _specs(plan: Iterable[FieldSpec | Computed]) -> list[FieldSpec]:
    return [column for column in plan if isinstance(column, FieldSpec)]


def _of_account(rtype: RecordType, account: int | None) -> Q | None:
    return Q(**{rtype.account_pk_path: account}) if account and rtype.account_pk_path else None


def _header(rtype: RecordType, column: FieldSpec | Computed, order: str, address: str, position: int) -> Header:
    extra = " hide-phone" if position >= ON_PHONES else ""
    if isinstance(column, Computed):
        by, css = column.order, column.css
    else:
        by = "" if column.kind in UNSORTED or column.custom else column.name
        css = "right" if display.is_right(column) else ""
    first = (order or rtype.order).split(",")[0]
    state = {by: "ascending", f"-{by}": "descending"}.get(first, "none") if by else "none"
    url = _with(address, order=f"-{by}" if state == "ascending" else by, cursor=None) if by and address else ""
    return Header(column.name, column.label, (css + extra).strip(), url, state)


def _own_address(
    rtype: RecordType,
    asked: ListParams,
    account: int | None,
    given: Mapping[str, Any] | None,
    table_id: str,
    columns: str,
    only: Q | None,
) -> str:
    """The address that gives this table alone; a table narrowed by a condition has none, and does not sort or page."""
    if only is not None:
        return ""
    query: dict[str, Any] = dict(asked.filters) | {"q": asked.q, "order": asked.order, "limit": asked.limit}
    query |= {"of": account, "as": table_id, "columns": columns}
    query |= {f"given.{key}": value for key, value in (given or {}).items()}
    return addresses.table(rtype, query)


def _with(address: str, **changes: Any) -> str:
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | changes
    kept = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{parts.path}?{urlencode(kept)}" if kept else parts.path
