"""Map columns: what each file is, where its columns go, and what has to be asked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.connectors import sessions
from trackline.connectors.known import known_types, types_of
from trackline.connectors.mapping.columns import missing_needs
from trackline.connectors.mapping.plan import ColumnPlan, TablePlan
from trackline.connectors.mapping.recognise import LEAVE_OUT
from trackline.connectors.profiles import OWN, TypeWords
from trackline.connectors.views.frame import format_of, frame, labels_of
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.types import registry
from trackline.workspace.web import page

_LABELS = {
    "external_id": "External id",
    "reference": "Reference in the file",
    "account_owner": "Owner of an account that is added",
    "first_name": "First name",
    "last_name": "Last name",
    "mrr": "Monthly amount",
    "is_won": "Won, yes or no",
    "is_closed": "Closed, yes or no",
    "forecast": "Forecast category",
    "outcome": "Won or lost",
    "resolved_at": "Resolved",
}
_BY = {"id": "by id", "email": "by e-mail", "domain": "by web domain"}
_MODES = [("both", "Create new, update existing"), ("create", "Only create new"), ("update", "Only update existing")]


@page(permission=WRITE)
def columns(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """The files of the import and the mapping of one of them."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    return _draw(request, session, request.GET.get("file", ""))


@page("POST", permission=WRITE)
def decide(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """One decision: type of a file, target of a column, answer to a question, options of the run."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    posted = request.POST
    name = posted.get("file", "")
    kind = posted.get("what", "")
    if kind == "type":
        session.set_type(name, posted.get("type", ""))
    elif kind == "column":
        session.set_column(name, posted.get("heading", ""), posted.get("target", "skip") or "skip")
    elif kind == "question":
        session.answer(name, posted.get("question", ""), posted.get("answer", ""))
    elif kind == "options":
        session.set_options(posted.get("mode", "both"), posted.get("create_accounts") == "on")
    else:
        raise NotFound("There is no such decision.")
    return _draw(request, session, posted.get("shown", name))


@page("POST", permission=WRITE)
def keep_map(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Keep the decisions for the next export."""
    session = sessions.Session(sessions.open_run(ctx, pk))
    try:
        kept = session.keep_map(ctx, request.POST.get("name", ""))
    except Invalid as problem:
        return htmx.toast(htmx.done(), problem.errors[0]["msg"])
    return htmx.toast(htmx.done(), f"Kept as “{kept.name}”. Choose it with the next upload.")


@page("POST", permission=WRITE)
def discard(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Drop the uploads."""
    sessions.Session(sessions.open_run(ctx, pk)).discard()
    return htmx.redirect(request, "/import")


def _draw(request: HttpRequest, session: sessions.Session, shown: str) -> HttpResponse:
    tables = [table for table in session.plan.tables if not table.embedded]
    chosen = next((table for table in tables if table.name == shown), None)
    if chosen is None:
        chosen = next((table for table in tables if table.open_questions), None)
        chosen = chosen or next((table for table in tables if table.type), tables[0] if tables else None)
    open_questions = sum(len(table.open_questions) for table in tables)
    ready = [table for table in tables if table.recognised and not table.open_questions]
    context = {
        **frame(session.run, 2),
        "title": _title(len(tables), len(ready), open_questions),
        "files": [_file(table, table is chosen) for table in tables],
        "unread": session.plan.unread,
        "questions": [question for table in tables for question in _questions(table)],
        "chosen": _mapping(chosen) if chosen else None,
        "modes": _MODES,
        "mode": session.plan.mode,
        "create_accounts": session.plan.create_accounts,
        "ready": bool(ready),
        "rows": session.rows,
    }
    return render(request, "connectors/columns.html", context)


def _title(files: int, ready: int, questions: int) -> str:
    if questions:
        return f"{questions} question{'' if questions == 1 else 's'} before this can be imported"
    if not ready:
        return "None of the files was recognised"
    if ready == files:
        return "1 file is ready" if files == 1 else f"All {files} files are ready"
    return f"{ready} of {files} files are ready"


def _file(table: TablePlan, chosen: bool) -> dict[str, Any]:
    mapped = sum(1 for column in table.columns if column.target)
    return {
        "name": table.name,
        "type": table.type if table.role == "records" else "",
        "labels": labels_of(table.type) or ("Completes other files" if table.recognised else "Not imported"),
        "types": _types(table),
        "rows": table.rows,
        "columns": len(table.columns),
        "mapped": mapped,
        "reason": table.reason,
        "questions": len(table.open_questions),
        "left_out": table.reason.startswith("Left out"),
        "chosen": chosen,
    }


def _types(table: TablePlan) -> list[tuple[str, str]]:
    """What a file may be said to hold: our own exports hold whatever a book does."""
    names = types_of(OWN) if table.source == OWN else known_types()
    return [("", "Find out"), *((name, labels_of(name)) for name in names), (LEAVE_OUT, "Leave out")]


def _questions(table: TablePlan) -> list[dict[str, Any]]:
    return [
        {
            "file": table.name,
            "id": question.id,
            "text": question.text,
            "options": question.options,
            "blocking": question.blocking,
            "examples": ", ".join(question.examples),
        }
        for question in table.questions
        if not question.answer
    ]


def _mapping(table: TablePlan) -> dict[str, Any]:
    words = types_of(table.source).get(table.type)
    targets = _targets(words) if words else []
    fields = {column.field_target.field for column in table.columns if column.target}
    missing = missing_needs(fields, words) if words else []
    return {
        "name": table.name,
        "format": format_of(table),
        "notes": table.notes,
        "reason": table.reason,
        "type": table.type,
        "mapped": sum(1 for column in table.columns if column.target),
        "columns": [_column(column, targets) for column in table.columns],
        "missing": [" or ".join(_label(table.type, name) for name in group) for group in missing],
        "stages": table.stages,
        "source": table.source,
    }


def _column(column: ColumnPlan, targets: list[tuple[str, str]]) -> dict[str, Any]:
    value = "custom" if column.is_custom else column.target or "skip"
    options = list(targets)
    if value not in ("custom", "skip") and value not in dict(options):
        options.insert(0, (value, value.replace("_", " ").capitalize()))
    return {
        "heading": column.heading,
        "sample": ", ".join(column.samples) or "empty",
        "value": value,
        "options": options,
        "notes": column.notes,
        "skipped": value == "skip",
        "guessed": column.how == "heading",
    }


def _targets(words: TypeWords) -> list[tuple[str, str]]:
    """Every target a column of a file may have, with what people call it."""
    found = []
    for name, facts in words.fields.items():
        label = _label(words.name, name)
        found.append((name, label))
        if facts.kind in ("ref", "refs"):
            ways = {by for _, by in facts.headings.values() if by}
            found += [(f"{name}#{by}", f"{label}, {_BY[by]}") for by in _BY if by in ways]
    return found


def _label(type_name: str, field_name: str) -> str:
    spec = registry.get(type_name).specs.get(field_name)
    return spec.label if spec else _LABELS.get(field_name, field_name.replace("_", " ").capitalize())
