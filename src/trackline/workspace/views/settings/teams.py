"""Teams: who works on which account, and many memberships at once."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from trackline.accounts.models import TeamMember
from trackline.accounts.settings import setting
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.models import PicklistValue
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, Problem
from trackline.kit.records.bulk import create_many
from trackline.kit.records.queries import ListParams, scoped
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses, tables
from trackline.workspace.records.labels import labels
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog
from trackline.workspace.web import page

MEMBER = registry.get("team_member")
ACCOUNT = registry.get("account")


@page()
def teams(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List memberships, of one person or one account where the address says so."""
    asked = {
        name: value for name in ("user", "account", "order", "cursor", "q") if (value := request.GET.get(name, ""))
    }
    columns = ("user", "account", "job_role")
    table = tables.build(
        ctx, MEMBER, params=ListParams.of(asked), columns=columns, url=request.get_full_path(), name="list", add=False,
        empty_title="Nobody is in a team yet", empty_text="Teams say who works on an account beside its owner.",
    )  # fmt: skip
    bare = scoped(ctx, ACCOUNT).exclude(pk__in=TeamMember.objects.alive().values("account_id"))
    people = (
        scoped(ctx, MEMBER).order_by().values("user_id", "user__name").annotate(n=Count("pk")).order_by("user__name")
    )
    context = {
        "t": table,
        "bare": bare.count(),
        "people": list(people),
        "user": asked.get("user", ""),
        "team_scope": setting("perm.account_scope") == "team",
        "tool": {"label": "Add people to teams", "icon": "plus", "get": "/settings/teams/add", "key": "n"}
        if ctx.actor.may(WRITE)
        else None,
    }
    return draw(request, ctx, "teams", "workspace/settings/teams.html", context)


@page("GET", "POST", permission=WRITE)
def add(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Put several people into the teams of several accounts, in one batch."""
    posted = request.POST if request.method == "POST" else None
    users = _ids(posted, "users")
    accounts = _ids(posted, "accounts")
    role = posted.get("job_role", "") if posted is not None else ""
    dialog = Dialog(
        title="Add people to teams",
        text="Each person chosen joins the team of each account chosen. Who is in it already stays as they are.",
        action="/settings/teams/add",
        confirm="Add to teams",
        fields=[
            _refs(ctx, "users", "user", "People", users),
            _refs(ctx, "accounts", "account", "Accounts", accounts),
            FormField(
                name="job_role",
                kind="picklist",
                label="Job role",
                choices=[
                    (word, word)
                    for word in PicklistValue.objects.filter(picklist="job_role").values_list("value", flat=True)
                ],
                value=role,
            ),
        ],
    )
    if posted is None:
        return show_dialog(request, dialog)
    try:
        if not users or not accounts:
            raise Invalid.fields(
                {name: "Choose at least one." for name, ids in (("users", users), ("accounts", accounts)) if not ids}
            )
        there = set(
            TeamMember.objects.alive()
            .filter(Q(user__in=users) & Q(account__in=accounts))
            .values_list("user_id", "account_id")
        )
        rows = [
            {"account": account, "user": user, "job_role": role}
            for account in accounts
            for user in users
            if (user, account) not in there
        ]
        result = create_many(ctx, MEMBER, rows)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    text = f"{len(result.changed)} team member{'' if len(result.changed) == 1 else 's'} added"
    if there:
        text += f", {len(there)} were there already"
    if result.refused:
        text += f", {len(result.refused)} refused: {result.refused[0].reason}"
    response = saved(ctx, text, undo=False)
    return htmx.toast(response, text, f"/bulk/undo/{result.batch}") if result.changed else response


def _ids(posted: Any, name: str) -> list[int]:
    if posted is None:
        return []
    return [int(pk) for pk in posted.getlist(name) if pk.isdecimal() and len(pk) < 19]


def _refs(ctx: Context, name: str, target: str, label: str, chosen: list[int]) -> FormField:
    known = labels(ctx, {target: chosen})
    return FormField(
        name=name,
        kind="refs",
        label=label,
        required=True,
        selected=[{"value": str(pk), "label": known[target, pk].text} for pk in chosen if (target, pk) in known],
        options_url=addresses.options(registry.get(target)),
    )
