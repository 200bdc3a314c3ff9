"""Check: what the import would do, row by row, with the rejected rows and their fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.connectors import sessions, storage
from trackline.connectors.engine.references import NO_ACCOUNT
from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.views.frame import frame, labels_of
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records.facts import Facts
from trackline.workspace.records.labels import labels
from trackline.workspace.records.words import words_of
from trackline.workspace.web import page

_GROUPS = 100
_SHOWN_DIFFERENCES = 50
_STATES = ("identified", "qualifying", "pursuing", "won", "lost", "parked")


@page("GET", "HEAD", "POST", permission=WRITE)
def check(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """POST finds out what the import would do; GET shows it, or how far finding out has come."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    if request.method == "POST":
        if not sessions.is_busy(session.run):
            session.check(ctx)
        return htmx.redirect(request, f"/import/{pk}/check")
    found = session.checked()
    if found is None:
        if sessions.is_busy(session.run):
            return _waiting(request, session)
        return htmx.redirect(request, f"/import/{pk}/columns")
    return _draw(request, ctx, session, found, request.GET.get("file", ""))


@page("POST", permission=WRITE)
def fix(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Say what one or several rejected cells mean, and check again."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    posted = request.POST
    given = zip(
        posted.getlist("file"), posted.getlist("column"), posted.getlist("value"), posted.getlist("meant"), strict=False
    )
    for name, heading, value, meant in given:
        if meant.strip():
            session.fix(name, heading, value, meant.strip())
    if posted.get("create_accounts") == "on":
        session.set_options(session.plan.mode, True)
    session.check(ctx)
    return htmx.redirect(request, f"/import/{pk}/check")


@page("POST", permission=WRITE)
def run(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Import what was checked."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    session.import_now(ctx)
    return htmx.redirect(request, f"/import/{pk}")


@page(permission=WRITE)
def progress(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """How far a look or a run is; asks the browser to go on once it is done."""
    found = sessions.open_run(ctx, pk)
    told = storage.read_progress(found.folder)
    if told.get("finished") or not sessions.is_busy(found):
        target = f"/import/{pk}/check" if found.state == found.State.PLANNED else f"/import/{pk}"
        return htmx.redirect(request, target)
    return render(request, "connectors/waiting.html#progress", {"progress": told, "run": found})


def _waiting(request: HttpRequest, session: sessions.Session) -> HttpResponse:
    context = {
        **frame(session.run, 3),
        "title": "Comparing your files with what Trackline holds",
        "progress": storage.read_progress(session.run.folder),
    }
    return render(request, "connectors/waiting.html", context)


def _draw(
    request: HttpRequest, ctx: Context, session: sessions.Session, found: dict[str, Any], shown: str
) -> HttpResponse:
    changes = sum(found["created"].values()) + sum(found["updated"].values())
    rejected = found["rejected_count"]
    groups = _groups(session, found["rejected"])
    files = [file_row(file) for file in found["files"]]
    chosen = next((file for file in found["files"] if file["file"] == shown), None)
    if chosen is None and found["files"]:
        chosen = max(found["files"], key=lambda file: (file["updated"], file["created"]))
    context = {
        **frame(session.run, 3),
        "title": _title(changes, rejected),
        "files": files,
        "found": found,
        "groups": groups[:_GROUPS],
        "unknown_accounts": sum(group["count"] for group in groups if group["reason"].startswith(NO_ACCOUNT)),
        "more_groups": max(0, len(groups) - _GROUPS),
        "rejected": rejected,
        "changes": changes,
        "created": sum(found["created"].values()),
        "updated": sum(found["updated"].values()),
        "unchanged": sum(found["unchanged"].values()),
        "made": made_besides(found),
        "chosen": _differences(ctx, chosen) if chosen else None,
        "failed": found["failed"],
        "questions": found["questions"],
        "fixable": any(group["fixable"] for group in groups),
    }
    return render(request, "connectors/check.html", context)


def _title(changes: int, rejected: int) -> str:
    ready = f"{changes:,} change{'' if changes == 1 else 's'} ready" if changes else "Nothing would change"
    return f"{ready}, {rejected:,} row{'' if rejected == 1 else 's'} rejected" if rejected else ready


def file_row(file: dict[str, Any]) -> dict[str, Any]:
    """A file with the shares of its bar."""
    total = max(1, file["created"] + file["updated"] + file["unchanged"] + file["rejected"])
    parts = [("s1", file["created"]), ("s2", file["updated"]), ("s4", file["unchanged"]), ("red", file["rejected"])]
    return {
        **file,
        "labels": labels_of(file["type"]),
        "bar": [(css, 100 * count / total) for css, count in parts],
        "bar_label": (
            f"{file['created']:,} new, {file['updated']:,} changed, {file['unchanged']:,} the same, "
            f"{file['rejected']:,} rejected"
        ),
        "left_out_rows": sum(file["left_out"].values()),
    }


def made_besides(found: Mapping[str, Any]) -> list[str]:
    """What an import adds besides its rows, because they name it: people, products, accounts."""
    return [
        f"{file['file']}: {note}"
        for file in found.get("files", ())
        for note in file["notes"]
        if "because rows name them" in note
    ]


def _groups(session: sessions.Session, rejected: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rejected rows that one fix answers, together."""
    tables = {table.name: table for table in session.plan.tables if not table.embedded}
    groups: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for each in rejected:
        key = (each["file"], each.get("column", ""), each.get("value", ""), each["reason"])
        group = groups.get(key)
        if group is None:
            group = groups[key] = {
                "file": each["file"],
                "column": key[1],
                "value": key[2],
                "reason": each["reason"],
                "hint": each.get("hint", ""),
                "rows": [],
                "count": 0,
                **_how_to_fix(tables.get(each["file"]), key[1], key[2]),
            }
        group["count"] += 1
        if len(group["rows"]) < 5:
            group["rows"].append(each["row"])
    return sorted(groups.values(), key=lambda group: (-bool(group["fixable"]), group["file"], -group["count"]))


def _how_to_fix(table: TablePlan | None, heading: str, value: str) -> dict[str, Any]:
    """Whether a cell can be answered here, and by a choice of which words."""
    if table is None or not heading or not value:
        return {"fixable": False, "choices": []}
    column = next((each for each in table.columns if each.heading == heading), None)
    if column is None:
        return {"fixable": False, "choices": []}
    if column.kind == "stage":
        return {"fixable": True, "choices": [(state, state.capitalize()) for state in _STATES]}
    spec = registry.get(table.type).specs.get(column.field_target.field) if table.type else None
    choices = [(str(key), label) for key, label in spec.choices] if spec and spec.kind == "choice" else []
    return {"fixable": True, "choices": choices}


def _differences(ctx: Context, file: dict[str, Any]) -> dict[str, Any]:
    """What rows of a file would change, field by field."""
    rtype = registry.find(file["type"])
    if rtype is None:
        raise NotFound("There is no such file.")
    shown = file["differences"][:_SHOWN_DIFFERENCES]
    facts = _facts(ctx, rtype, shown)
    rows = []
    for each in shown:
        changes = [
            {
                "label": rtype.specs[name].label if name in rtype.specs else _plain(name),
                "before": _said(rtype, name, pair[0], facts),
                "after": _said(rtype, name, pair[1], facts),
            }
            for name, pair in each["changes"].items()
        ]
        rows.append({**each, "fields": changes})
    most = list(file["changed_fields"].items())[:4]
    named = ", ".join(
        f"{(rtype.specs[name].label if name in rtype.specs else _plain(name)).lower()} ({count:,})"
        for name, count in most
    )
    return {
        "file": file["file"],
        "labels": rtype.labels,
        "rows": rows,
        "more": max(0, file["created"] + file["updated"] - len(rows)),
        "most": named,
        "updated": file["updated"],
        "left_out": file["left_out"],
        "notes": file["notes"],
    }


def _facts(ctx: Context, rtype: RecordType, shown: list[dict[str, Any]]) -> Facts:
    """What changed values need to be put into words: the names of the records they point to."""
    wanted: dict[str, set[Any]] = {}
    for each in shown:
        for name, pair in each["changes"].items():
            spec = rtype.specs.get(name)
            if spec is not None and spec.target:
                for value in pair:
                    keys = value if isinstance(value, list) else [value]
                    wanted.setdefault(spec.target, set()).update(key for key in keys if not isinstance(key, str))
    return Facts(rtype, ctx.today, ctx.actor.user_id, labels(ctx, wanted), {}, {})


def _said(rtype: RecordType, name: str, value: Any, facts: Facts) -> str:
    """A value of the ledger in words; a record that the import itself adds has no name yet."""
    spec = rtype.specs.get(name)
    if spec is None or (spec.target and isinstance(value, str)):
        return "" if value is None else str(value)
    if spec.target and any(isinstance(pk, int) and pk < 0 for pk in (value if isinstance(value, list) else [value])):
        return "added by this import"
    return words_of(spec, spec.from_ledger(value), {"id": 0}, facts)


def _plain(name: str) -> str:
    return name.removeprefix("custom.").replace("_", " ").capitalize()
