"""Answering the checklists of an account, a click an item."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import get, resolve
from trackline.kit.records.types import registry
from trackline.track.answering import give_answer
from trackline.track.models import ChecklistAnswer
from trackline.workspace.records.views.common import said
from trackline.workspace.web import page


@page("POST", permission=WRITE)
def answer(request: HttpRequest, ctx: Context, key: str, checklist: str, item: str) -> HttpResponse:
    """Answer an item with `yes`, `no` or `na`; an empty text takes the answer back."""
    account = get(ctx, registry.get("account"), resolve(ctx, registry.get("account"), key))
    given = request.POST.get("answer", "")
    if given and given not in ChecklistAnswer.Answer.values:
        raise Invalid.fields({"answer": "Yes, no or does not apply is expected."})
    change = give_answer(ctx, account.pk, checklist, item, given)
    return htmx.changed(said(htmx.done(), "Answered" if given else "Answer taken back", change))
