"""A new account: a name is enough; its page then shows the way from left to right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.records import creating, forms
from trackline.workspace.web import page


@page("GET", "POST")
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The form; a saved account opens its workspace."""
    rtype = registry.get("account")
    ctx.require(rtype.write_permission)
    given = creating.given_of(rtype, request.GET.dict())
    if request.method != "POST":
        return _form(request, creating.form(ctx, rtype, given))
    typed = forms.posted(request.POST, creating.specs_for_new(rtype).values())
    try:
        account = services.create(ctx, rtype, typed, parse="text")
    except (Invalid, Refused) as problem:
        errors = forms.errors_of(problem)
        form = creating.form(ctx, rtype, given, typed=typed, errors=errors, detail=problem.detail)
        return _form(request, form, problem.status)
    return htmx.redirect(request, f"/accounts/{account.key}")


def _form(request: HttpRequest, form: creating.NewForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "nav_key": "accounts",
        "crumbs": [{"label": "Accounts", "url": "/accounts"}, {"label": "New account", "url": ""}],
    }
    return render(request, "workspace/account/new.html", context, status=status)
