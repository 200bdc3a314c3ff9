"""Book, Data quality, Owners: who answers for what, and handing it over from one person to another."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render

from trackline.accounts.models import User
from trackline.book.quality.handover import Handover, hand_over, open_accounts, planned
from trackline.book.quality.owning import Holding, Owned, held_kinds, kinds, owning
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses
from trackline.workspace.views.quality import PATH as ROOM
from trackline.workspace.views.quality import file_of, frame_of
from trackline.workspace.web import page

PATH = f"{ROOM}/owners"
NOBODY = "nobody"
NAMED = 8
"""So many records of a type are named before a handover; all of them change hands."""


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """People by what they answer for, those first who are no longer active."""
    found = owning(ctx)
    columns = held_kinds(found)
    frame = frame_of(PATH, ("Owners", "")) | {
        "finding": _finding(found),
        "columns": columns,
        "people": [
            (
                one,
                f"{PATH}/{one.person.pk if one.person else NOBODY}/hand-over",
                [(one.counts.get(kind.rtype.name, 0), list_url(kind, one.person)) for kind in columns],
            )
            for one in found
        ],
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    return render(request, "workspace/quality/owners.html", frame)


@page("GET", "HEAD", "POST", permission=WRITE)
def handing(request: HttpRequest, ctx: Context, who: str) -> HttpResponse:
    """GET asks to whom, and shows what would change hands; POST does it."""
    giver = _giver(ctx, who)
    sent = request.POST if request.method == "POST" else request.GET
    taker, errors, plan = _taker(ctx, sent), [], None
    if sent.get("to"):
        try:
            plan = planned(ctx, giver, taker, sent.getlist("types"), _numbers(sent, "accounts"))
        except Invalid as problem:
            errors = [str(error["msg"]) for error in problem.errors]
    elif request.method == "POST":
        errors = ["Choose who takes over."]
    if request.method == "POST" and plan is not None:
        return _done(request, ctx, plan)
    return _ask(request, ctx, giver, who, sent, taker, plan, errors)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download who answers for how much, as `csv` or `xlsx`."""
    found = owning(ctx)
    columns = held_kinds(found)
    heading = ["As of", "Person", "User name", "Active", "Total", *(kind.rtype.labels for kind in columns)]
    lines = [
        [
            ctx.today, one.person.name if one.person else "", one.person.username if one.person else "",
            "" if one.person is None else "no" if one.gone else "yes", one.total,
            *(one.counts.get(kind.rtype.name, 0) for kind in columns),
        ]
        for one in found
    ]  # fmt: skip
    return file_of(ending, "Owners", f"owners-{ctx.today.isoformat()}", heading, lines)


def list_url(kind: Owned, person: User | None) -> str:
    """Return the list of what a person, or nobody, answers for of a type."""
    query = {kind.field: str(person.pk) if person else "null", **kind.query}
    if kind.rtype.is_account:
        return f"/accounts?{urlencode(query)}"
    return addresses.listing(kind.rtype, query)


def _ask(
    request: HttpRequest,
    ctx: Context,
    giver: User | None,
    who: str,
    sent: QueryDict,
    taker: User | None,
    plan: Handover | None,
    errors: Sequence[str],
) -> HttpResponse:
    types, accounts = sent.getlist("types"), _numbers(sent, "accounts")
    mine = next((one for one in owning(ctx) if one.person == giver), Holding(giver, {}))
    field = FormField(
        name="to", kind="ref", label="Who takes over", required=True, errors=errors, autofocus=plan is None,
        selected=[{"value": taker.pk, "label": taker.name}] if taker else [],
        options_url=addresses.options(registry.get("user")),
    )  # fmt: skip
    whose = f"{giver.name}" if giver else "Nobody's"
    frame = frame_of(PATH, ("Owners", PATH), ("Hand over", "")) | {
        "giver": giver,
        "title": f"Hand over what {whose} answers for" if giver else "Give what nobody answers for to somebody",
        "url": f"{PATH}/{who}/hand-over",
        "field": field,
        "kinds": [
            (kind, mine.counts[name], not types or name in types)
            for name, kind in kinds().items()
            if name in mine.counts
        ],
        "accounts": [(pk, name, count, pk in accounts) for pk, name, count in open_accounts(ctx, giver)],
        "picked": len(accounts),
        "plan": plan,
        "shown": [(part, part.rows[:NAMED], len(part.rows) - NAMED) for part in plan.parts] if plan else [],
        "sent": [(name, value) for name in ("types", "accounts") for value in sent.getlist(name)],
        "back": PATH,
    }
    return render(request, "workspace/quality/handover.html", frame, status=422 if errors else 200)


def _done(request: HttpRequest, ctx: Context, plan: Handover) -> HttpResponse:
    done = hand_over(ctx, plan)
    frame = frame_of(PATH, ("Owners", PATH), ("Handed over", "")) | {
        "done": done,
        "plan": plan,
        "counts": [(kinds()[name], count, list_url(kinds()[name], plan.taker)) for name, count in done.counts.items()],
        "undo_url": addresses.undo_batch(done.batch),
        "back": PATH,
    }
    return htmx.vary(render(request, "workspace/quality/handed.html", frame))


def _giver(ctx: Context, who: str) -> User | None:
    if who == NOBODY:
        return None
    found = scoped(ctx, registry.get("user")).filter(pk=int(who)).first() if who.isdecimal() and len(who) < 19 else None
    if found is None:
        raise NotFound("There is no such person.")
    return found  # type: ignore[no-any-return]


def _taker(ctx: Context, sent: QueryDict) -> User | None:
    text = sent.get("to", "")
    if not text.isdecimal() or len(text) > 18:
        return None
    return scoped(ctx, registry.get("user")).filter(pk=int(text)).first()


def _numbers(sent: QueryDict, name: str) -> list[int]:
    return [int(text) for text in sent.getlist(name) if text.isdecimal() and len(text) < 19]


def _finding(found: Sequence[Holding]) -> str:
    """Say in one sentence what the page found."""
    if not found:
        return "Nobody answers for anything yet"
    gone = [one for one in found if one.gone]
    nobody = sum(one.total for one in found if one.person is None)
    if gone:
        count = sum(one.total for one in gone)
        people = "somebody who is" if len(gone) == 1 else f"{len(gone)} people who are"
        return f"{count:,} open records are owned by {people} no longer active"
    if nobody:
        return f"{nobody:,} open records are owned by nobody" if nobody > 1 else "1 open record is owned by nobody"
    return "Every open record is owned by somebody active"
