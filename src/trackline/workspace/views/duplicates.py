"""Book, Data quality, Duplicates: pairs that may be one, two records side by side, merging, telling apart."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.duplicates import KINDS, kind_of, tell_apart
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records.merging import merge
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.queries.quality.duplicates import PATH, Beside, Pairs, address, beside, page_address, pairs_of
from trackline.workspace.records import addresses
from trackline.workspace.views.quality import frame_of
from trackline.workspace.web import page


@page()
def pairs(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Pairs of accounts, or of contacts within an account, that may be one."""
    kind = request.GET.get("type", "")
    rtype = registry.get(kind if kind in KINDS else KINDS[0])
    text = request.GET.get("page", "")
    found = pairs_of(ctx, rtype, max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1)
    context = frame_of(PATH, ("Duplicates", PATH)) | {
        "d": found,
        "kinds": [(registry.get(one).labels, f"{PATH}?type={one}", one == rtype.name) for one in KINDS],
        "finding": _finding(found),
        "can_write": ctx.actor.may(WRITE),
        "previous_url": f"{PATH}?type={rtype.name}&page={found.page - 1}" if found.page > 1 else "",
        "next_url": f"{PATH}?type={rtype.name}&page={found.page + 1}" if found.last < found.count else "",
    }
    return htmx.render_partial(request, "workspace/quality/duplicates.html", "list", context)


@page("GET", "HEAD", "POST", permission=WRITE)
def two(request: HttpRequest, ctx: Context, name: str, kept: int, gone: int) -> HttpResponse:
    """GET shows two records side by side; POST makes one of them, with the value chosen for each field."""
    rtype = _kind(name)
    if request.method == "POST":
        return _merge(request, ctx, rtype, kept, gone)
    return _show(request, beside(ctx, rtype, kept, gone))


@page("POST", permission=WRITE)
def apart(request: HttpRequest, ctx: Context, name: str, one: int, other: int) -> HttpResponse:
    """Remember that two records are not the same; with `forget` show them as a pair again."""
    rtype = _kind(name)
    forget = "forget" in request.POST
    tell_apart(ctx, rtype, one, other, apart=not forget)
    back = None if forget else f"{PATH}/{rtype.name}/{one}/{other}/again"
    return htmx.changed(
        htmx.toast(htmx.done(), "Shown as a pair again" if forget else "Not the same: remembered", back)
    )


@page("POST", permission=WRITE)
def again(request: HttpRequest, ctx: Context, name: str, one: int, other: int) -> HttpResponse:
    """Show two records as a pair again."""
    tell_apart(ctx, _kind(name), one, other, apart=False)
    return htmx.changed(htmx.toast(htmx.done(), "Shown as a pair again"))


def _merge(request: HttpRequest, ctx: Context, rtype: RecordType, kept: int, gone: int) -> HttpResponse:
    found = beside(ctx, rtype, kept, gone)
    take = [line.name for line in found.differing if request.POST.get(f"take-{line.name}") == "merged"]
    try:
        done = merge(ctx, rtype, found.kept.pk, found.gone.pk, take)
    except Problem as problem:
        return _show(request, found, problem, set(take), status=problem.status)
    count = sum(done.moved.values())
    context = frame_of(PATH, ("Duplicates", PATH), ("Merged", "")) | {
        "m": done,
        "count": count,
        "gone": found.gone,
        "url": page_address(rtype, done.survivor),
        "back_url": f"{PATH}?type={rtype.name}",
        "undo_url": addresses.undo_batch(done.batch),
        "left_out": [(registry.get(one["type"]), one["title"]) for one in done.left_out],
    }
    return render(request, "workspace/quality/merged.html", context)


def _show(
    request: HttpRequest,
    found: Beside,
    problem: Problem | None = None,
    taken: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rtype = found.rtype
    context = frame_of(PATH, ("Duplicates", PATH), ("Side by side", "")) | {
        "b": found,
        "taken": taken or set(),
        "problem": problem,
        "url": address(rtype, found.kept.pk, found.gone.pk),
        "turned_url": address(rtype, found.gone.pk, found.kept.pk),
        "kept_url": page_address(rtype, found.kept),
        "gone_url": page_address(rtype, found.gone),
        "list_url": f"{PATH}?type={rtype.name}",
        "apart_url": f"{address(rtype, found.kept.pk, found.gone.pk)}/apart",
    }
    return render(request, "workspace/quality/beside.html", context, status=status)


def _kind(name: str) -> RecordType:
    if name not in KINDS:
        raise NotFound("Accounts and contacts are merged, nothing else.")
    return kind_of(name)


def _finding(found: Pairs) -> str:
    noun = found.rtype.labels.lower()
    if not found.count:
        return f"No two {noun} seem to be one"
    return f"{found.count} {'pair' if found.count == 1 else 'pairs'} of {noun} may be one"
