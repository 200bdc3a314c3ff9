"""Lists of one type: a page of its own, a table in place, and type-aheads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import ListParams, get
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, options, tables
from trackline.workspace.records.labels import in_sentence, labels
from trackline.workspace.records.views.common import type_of
from trackline.workspace.web import page

OWN = ("as", "of", "columns", "panel")
"""Parameters of the address that are no filters."""


@page("GET")
def listing(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """All records of a type that the actor may see, searched, filtered and ordered by the address."""
    rtype = type_of(name)
    if rtype.is_account:
        return htmx.redirect(request, "/accounts")
    query = {key: value for key, value in request.GET.dict().items() if key not in OWN and value}
    params = ListParams.of(query)
    narrowing = _narrowing(ctx, rtype, params)
    columns = tuple(rtype.columns)
    if rtype.account == "account" and "account" not in params.filters:
        columns = (columns[0], "account", *columns[1:])
    table = tables.build(
        ctx,
        rtype,
        params=params,
        columns=columns,
        given={key: value for key, value in params.filters.items() if key in rtype.specs},
        name="list",
        url=request.get_full_path(),
        add_key="n",
        selectable=False,
    )
    context = {
        "t": table,
        "rtype": rtype,
        "q": params.q,
        "params": [(key, value) for key, value in query.items() if key not in ("q", "cursor")],
        "search_label": f"Search {in_sentence(rtype, plural=True)}",
        "active": narrowing,
        "crumbs": [{"label": rtype.labels, "url": ""}],
        "nav_key": "accounts" if rtype.account else "",
    }
    return htmx.render_partial(request, "workspace/records/list.html", "list", context)


@page("GET")
def table(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """A table alone: what sorting and paging in place answer."""
    rtype = type_of(name)
    query = request.GET.dict()
    of = query.get("of", "")
    given = {key.removeprefix("given."): value for key, value in query.items() if key.startswith("given.")}
    filters = {key: value for key, value in query.items() if key not in OWN and not key.startswith("given.")}
    account = _account(ctx, of)
    built = tables.build(
        ctx,
        rtype,
        params=ListParams.of(filters),
        columns=tuple(column for column in query.get("columns", "").split(",") if column),
        account=account,
        given={key: value for key, value in given.items() if key in rtype.specs},
        name=_safe_id(query.get("as", "")) or rtype.resource,
        inset=query.get("inset") == "1",
    )
    return render(request, "workspace/records/table.html", {"t": built})


@page("GET")
def type_ahead(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """Up to twenty records, or words in use (`field`), that match what was typed."""
    rtype = type_of(name)
    query = request.GET.get("q", "").replace("\x00", "")
    if field := request.GET.get("field", ""):
        found = options.words_in_use(ctx, rtype, field, query)
    else:
        found = options.records(ctx, rtype, query, _account(ctx, request.GET.get("account", "")))
    return render(request, "kit/c/options.html", {"options": found.options, "more": found.more, "query": query})


def _account(ctx: Context, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise NotFound("There is no such account.")
    return int(get(ctx, registry.get("account"), text).pk)


def _narrowing(ctx: Context, rtype: RecordType, params: ListParams) -> list[dict[str, str]]:
    """The filters in force as chips, each with the address without it."""
    wanted: dict[str, list[str]] = {}
    for name, value in params.filters.items():
        spec = rtype.specs.get(name)
        if spec is not None and spec.target and value.isdecimal():
            wanted.setdefault(spec.target, []).append(value)
    known = labels(ctx, wanted)
    chips = []
    for name, value in params.filters.items():
        spec = rtype.specs.get(name)
        text = value
        if spec is not None and spec.target and value.isdecimal():
            label = known.get((spec.target, int(value)))
            text = label.text if label else value
        rest = {key: other for key, other in params.filters.items() if key != name}
        words = f"{spec.label if spec else name}: {text}"
        chips.append({"label": words, "url": addresses.listing(rtype, rest | {"q": params.q, "order": params.order})})
    return chips


def _safe_id(text: str) -> str:
    return text if text.replace("-", "").replace("_", "").isalnum() else ""
