"""Book, Data quality: five dimensions by domain, what fails, and the records behind each check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.book.quality.checks import Check
from trackline.book.quality.measuring import Quality, Scored, failing, measure, notes_of, worst_first
from trackline.book.quality.stewards import stewards
from trackline.book.queries.narrowing import FILTERS
from trackline.book.rules.quality import DIMENSIONS
from trackline.core.decimals import HUNDRED
from trackline.kit import htmx
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.workbooks import Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.records import addresses, tables
from trackline.workspace.records.cells import may_edit
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.labels import in_sentence, with_article
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

PATH = "/book/quality"
PARTS = (
    ("Scores", PATH), ("Feeds", f"{PATH}/feeds"), ("Owners", f"{PATH}/owners"), ("Duplicates", f"{PATH}/duplicates"),
)  # fmt: skip
PAGE_SIZE = "100"


def parts(current: str) -> list[dict[str, Any]]:
    """Return the pages about the quality of data."""
    return [{"label": label, "url": url, "current": url == current} for label, url in PARTS]


def frame_of(current: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """Return what every page about the quality of data shows around its content; `crumbs` are label and address of each."""
    trail = [("Book", "/book"), ("Data quality", PATH), *crumbs]
    last = len(trail) - 1
    return {
        "nav_key": "book",
        "crumbs": [{"label": label, "url": "" if at == last else url} for at, (label, url) in enumerate(trail)],
        "tabs": tabs(PATH),
        "parts": parts(current),
    }


def filters_of(request: HttpRequest) -> dict[str, str]:
    """Return the filters of accounts that an address asks for."""
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:120] for name in FILTERS}
    return {name: value for name, value in asked.items() if value}


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Domains by dimension, and the checks that most records fail."""
    filters, only = filters_of(request), _only(request)
    found = measure(ctx, filters)
    people = stewards()
    query = urlencode(filters)
    rtype = registry.get("data_steward")
    admin = ctx.actor.may(ADMIN)
    shown = [
        one
        for one in worst_first(found.counted)
        if one.failed and all(getattr(one.check, name) == value for name, value in only.items())
    ]
    frame = frame_of(PATH) | {
        "r": found,
        "finding": _finding(found),
        "asked": filters,
        "filters": account_filters(found.narrowed.choices, filters),
        "query": query,
        "dimensions": list(DIMENSIONS.items()),
        "domains": [
            {
                "scored": one,
                "cells": [_cell(found, one, key, filters) for key in DIMENSIONS],
                "steward": people.get(one.domain.key),
                "appoint": addresses.new_panel(rtype, {"domain": one.domain.key}) if admin else "",
                "appoint_url": addresses.new(rtype, {"domain": one.domain.key}),
            }
            for one in found.domains
        ],
        "checks": [(one, registry.get(one.check.record), _check_url(one.check, filters)) for one in shown],
        "only": _only_words(found, only),
        "all_url": f"{PATH}?{query}" if query else PATH,
        "passing": sum(not one.failed and bool(one.checked) for one in found.counted),
        "notes": notes_of(found),
        "today": ctx.today,
    }
    return render(request, "workspace/quality/scores.html", frame)


@page()
def rows(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """The records that fail a check, to be mended in place, one by one or several at once."""
    filters = filters_of(request)
    check, failed = failing(ctx, key, filters)
    rtype = registry.get(check.record)
    query = {name: value for name, value in request.GET.dict().items() if name in ("order", "cursor") and value}
    edit = may_edit(ctx, rtype)
    table = tables.build(
        ctx,
        rtype,
        params=ListParams.of({**query, "limit": PAGE_SIZE}),
        only=Q(pk__in=failed.values("pk")),
        columns=(*_columns(rtype, check), *([_mending(check)] if edit and check.adds else [])),
        name="list",
        url=request.get_full_path(),
        add=False,
        selectable=bool(check.fields) and edit,
        empty_title="Nothing fails",
        empty_text="Every record that this check applies to passes it.",
    )
    frame = frame_of(PATH, (check.fails, "")) | {
        "t": table,
        "rtype": rtype,
        "check": check,
        "said": _said(rtype, check, table),
        "bulk": [
            {"label": f"{rtype.stored[name].label}…", "icon": "pencil", "get": f"/bulk/{rtype.name}/{name}"}
            for name in check.fields
        ]
        if edit and check.test != "duplicate"
        else [],
        "query": urlencode(filters),
        "back": f"{PATH}?{urlencode(filters)}" if filters else PATH,
        "duplicates": f"{PATH}/duplicates?type={rtype.name}" if check.test == "duplicate" else "",
        "today": ctx.today,
    }
    return htmx.render_partial(request, "workspace/quality/check.html", "list", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download every check with its counts as `csv` or `xlsx`."""
    found = measure(ctx, filters_of(request))
    domains = {one.domain.key: one.domain.label for one in found.domains}
    lines = [
        [
            ctx.today, domains[one.check.domain], DIMENSIONS[one.check.dimension], registry.get(one.check.record).labels,
            one.check.fails, one.failed, one.checked, None if one.pct is None else round(one.pct, 1), one.check.source,
        ]
        for one in worst_first(found.counted)
    ]  # fmt: skip
    heading = ["As of", "Domain", "Dimension", "Records", "What fails", "Failed", "Checked", "Passed %", "Source"]
    return file_of(ending, "Data quality", f"data-quality-{ctx.today.isoformat()}", heading, lines)


@page()
def export_rows(request: HttpRequest, ctx: Context, key: str, ending: str) -> HttpResponse:
    """Download the records that fail a check as `csv` or `xlsx`."""
    check, failed = failing(ctx, key, filters_of(request))
    rtype = registry.get(check.record)
    account = ("account__name",) if rtype.account == "account" else ()
    owner = ("owner__name",) if "owner" in rtype.stored else ()
    told = failed.order_by("pk").values_list("pk", rtype.title, *account, *owner)
    heading = ["Id", rtype.label, *["Account" for _ in account], *["Owner" for _ in owner], "What fails"]
    lines = [[*line, check.fails] for line in told]
    return file_of(ending, rtype.labels, f"{check.key}-{ctx.today.isoformat()}", heading, lines)


def file_of(ending: str, sheet: str, name: str, heading: list[str], lines: list[list[Any]]) -> HttpResponse:
    """Answer lines under a heading as the file of an ending. Raises `NotFound` for any but `csv` and `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    if ending == "csv":
        return csv_download(csv_of([heading, *lines]), name)
    return workbook_download(workbook_of(Sheet(sheet, columns_of(heading), iter(lines))), name)


def _only(request: HttpRequest) -> dict[str, str]:
    """The domain and dimension whose checks are listed."""
    asked = {name: request.GET.get(name, "") for name in ("domain", "dimension")}
    return {name: value for name, value in asked.items() if value}


def _only_words(found: Quality, only: Mapping[str, str]) -> str:
    labels = {one.domain.key: one.domain.label for one in found.domains} | DIMENSIONS
    return ", ".join(labels.get(value, value) for value in only.values())


def _cell(found: Quality, one: Scored, dimension: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """A dimension of a domain as the table shows it. `state` is good, low, amber (low for too long), or none (not checked)."""
    failed, checked = one.sums[dimension]
    if not checked:
        return {"state": "none"}
    details = one.result.details
    amber, below = dimension in details["amber"], dimension in details["below"]
    return {
        "state": "amber" if amber else "low" if below else "good",
        "pct": HUNDRED * (checked - failed) / checked,
        "failed": failed,
        "checked": checked,
        "days": one.days[dimension],
        "url": f"{PATH}?{urlencode({**filters, 'domain': one.domain.key, 'dimension': dimension})}#checks",
    }


def _check_url(check: Check, filters: Mapping[str, str]) -> str:
    if check.test == "duplicate":
        return f"{PATH}/duplicates?type={check.record}"
    return f"{PATH}/checks/{check.key}" + (f"?{urlencode(filters)}" if filters else "")


def _said(rtype: RecordType, check: Check, table: tables.Table) -> str:
    """How many fail, what can be done about them here, and why it is checked."""
    count = table.total or 0
    said = f"{count:,} {in_sentence(rtype, plural=count != 1)}"
    if table.selectable and count:
        said += "; change a value where it stands, or select several"
    return f"{said}. {check.why[0].upper()}{check.why[1:]}." if check.why else f"{said}."


def _columns(rtype: RecordType, check: Check) -> tuple[str, ...]:
    account = ("account",) if rtype.account == "account" else ()
    owner = tuple(name for name in ("owner",) if name in rtype.stored)
    return tuple(dict.fromkeys((rtype.title, *check.fields, *check.shows, *account, *owner)))


def _mending(check: Check) -> tables.Computed:
    """The column with what mends a record by adding another one: a health view, a reading, a check-in."""
    adds = registry.get(check.adds)

    def drawn(item: Item, _facts: Facts) -> SafeString:
        given: dict[str, Any] = {check.record: item["id"]} if check.record in adds.specs else {}
        if "account" in adds.specs and item.get("account"):
            given["account"] = item["account"]
        if "metric" in adds.specs and item.get("metric"):
            given["metric"] = item["metric"]
        return format_html(
            '<a class="btn small" href="{}" data-panel="{}">Add {}</a>',
            addresses.new(adds, given),
            addresses.new_panel(adds, given),
            with_article(adds),
        )

    return tables.Computed("mend", "Mend", drawn, css="right")


def _finding(found: Quality) -> str:
    """Say in one sentence what the page found."""
    judged = [one for one in found.domains if one.result.value is not None]
    if not judged:
        return "There is nothing to check yet"
    low = sum(len(one.result.details["below"]) for one in judged)
    many = sum(len(one.result.parts) for one in judged)
    if not low:
        return f"All {many} dimensions reach {found.p.min_pct:.0f} %"
    return f"{low} of {many} dimensions {'is' if low == 1 else 'are'} below {found.p.min_pct:.0f} %"
