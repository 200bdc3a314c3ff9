"""Deeds on a plan: move it on, keep a version, sign."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.documents.models import AccountPlan, PlanSignOff, PlanVersion
from trackline.documents.plans import services
from trackline.documents.plans.standing import newest_version
from trackline.documents.plans.states import ALLOWED, NOTED
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records import services as records
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.plan import SIDES, VERBS
from trackline.workspace.views.settings.frame import Dialog, show_dialog
from trackline.workspace.web import page

State, Side = AccountPlan.State, PlanSignOff.Side
PLAN, VERSION, SIGN_OFF = "account_plan", "plan_version", "plan_sign_off"
NOTE = FormField(
    name="note", kind="longtext", label="Change note", help="What changed against the version before, and why.",
    required=True, max_length=900, autofocus=True, wide=True,
)  # fmt: skip


@page("GET", "POST", permission=WRITE)
def move(request: HttpRequest, ctx: Context, pk: int, to: str) -> HttpResponse:
    """Show what a move needs, and make it."""
    plan: AccountPlan = get(ctx, registry.get(PLAN), pk)
    if to not in ALLOWED[plan.state]:
        raise NotFound(f"{plan} cannot go there from {plan.get_state_display()}.")
    note = request.POST.get("note", "")
    problem = None
    if request.method == "POST":
        try:
            services.move(ctx, pk, to, note, override=bool(request.POST.get("override")))
        except Problem as refused:
            problem = refused
        else:
            said = f"{plan}: {State(to).label.lower()}"
            return htmx.close_dialog(htmx.changed(htmx.toast(htmx.done(), said)))
    checks = services.gate_of(ctx, plan, to)
    wrong = next((str(one["msg"]) for one in problem.errors if one["loc"] == ["note"]), "") if problem else ""
    context = {
        "plan": plan,
        "to": to,
        "verb": VERBS[State(to)],
        "label": State(to).label,
        "checks": checks,
        "passed": sum(one.passed for one in checks),
        "stopped": any(not one.passed for one in checks),
        "may_override": ctx.actor.may(ADMIN),
        "problem": problem,
        "field": _note(to, note, wrong),
    }
    return render(request, "workspace/plan/move.html", context, status=problem.status if problem else 200)


@page("GET", "POST", permission=WRITE)
def keep(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Keep a version of a plan."""
    plan: AccountPlan = get(ctx, registry.get(PLAN), pk)
    dialog = Dialog(
        title=f"Keep a version of {plan}",
        text="What the plan says now is kept as it is, to be read again, compared and signed.",
        action=f"/r/account_plan/{pk}/version",
        confirm="Keep it",
        fields=[FormField(**vars(NOTE) | {"value": request.POST.get("note", "")})],
    )

    def work() -> str:
        return f"{records.create(ctx, registry.get(VERSION), {'plan': pk, 'note': request.POST.get('note', '')})} kept"

    return _answer(request, dialog, work)


@page("GET", "POST", permission=WRITE)
def sign(request: HttpRequest, ctx: Context, pk: int, side: str) -> HttpResponse:
    """Sign the newest version for us, or write down what the customer said."""
    if side not in Side.values:
        raise NotFound("There is no such side.")
    plan: AccountPlan = get(ctx, registry.get(PLAN), pk)
    version = newest_version(plan)
    if version is None:
        raise NotFound(f"No version of {plan} was kept yet.")
    posted = {name: request.POST.get(name, "").strip() for name in ("decision", "note", "contact", "evidence_url")}
    dialog = Dialog(
        title=f"{version.title}: {SIDES[side][0].lower()}{SIDES[side][1:]}",
        text="Your name stands beside your word, and both stay."
        if side == Side.US
        else "Their word in writing: who said it, and where it is kept.",
        action=f"/r/account_plan/{pk}/sign/{side}",
        confirm="Sign" if side == Side.US else "Write it down",
        fields=_fields(ctx, plan, side, posted),
    )

    def work() -> str:
        data: dict[str, Any] = {"plan_version": str(version.pk), "side": side}
        data |= {
            name: value
            for name, value in posted.items()
            if value and (side == Side.CUSTOMER or name in ("decision", "note"))
        }
        made = records.create(ctx, registry.get(SIGN_OFF), data, parse="text")
        return f"{made.title}: {made.get_decision_display().lower()}"

    return _answer(request, dialog, work)


@page("GET", "POST", permission=WRITE)
def withdraw(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Withdraw a word that was given on a version; it stays, with why."""
    word: PlanSignOff = get(ctx, registry.get(SIGN_OFF), pk)
    reason = request.POST.get("withdrawal", "")
    dialog = Dialog(
        title=f"Withdraw the word of {word.title}",
        text=f"It counts no more on {word.plan_version.title}, and stays in its history. Who is asked may sign again.",
        action=f"/r/plan_sign_off/{pk}/withdraw",
        confirm="Withdraw it",
        fields=[
            FormField(
                name="withdrawal", kind="longtext", label="Why", required=True, max_length=900, value=reason,
                autofocus=True, wide=True,
            )
        ],
    )  # fmt: skip

    def work() -> str:
        return f"Word of {records.update(ctx, registry.get(SIGN_OFF), pk, {'withdrawal': reason}).title} withdrawn"

    return _answer(request, dialog, work)


@page("POST", permission=WRITE)
def given(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Note that the customer got a version today."""
    found: PlanVersion = records.update(ctx, registry.get(VERSION), pk, {"shared_on": ctx.today})
    return htmx.changed(htmx.toast(htmx.done(), f"{found.title}: given to the customer"))


def _answer(request: HttpRequest, dialog: Dialog, work: Any) -> HttpResponse:
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        said = work()
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return htmx.close_dialog(htmx.changed(htmx.toast(htmx.done(), said)))


def _note(to: str, value: str, wrong: str) -> FormField:
    change = to == State.CUSTOMER_REVIEW
    return FormField(
        name="note", kind="longtext", label="Change note" if change else "Why",
        help="A version is kept under it: what changed against the one before, and why." if change else "",
        required=to in NOTED, max_length=900, value=value, wide=True, errors=(wrong,) if wrong else (),
    )  # fmt: skip


def _fields(ctx: Context, plan: AccountPlan, side: str, posted: dict[str, str]) -> list[FormField]:
    rtype = registry.get(SIGN_OFF)
    theirs = []
    if side == Side.CUSTOMER:
        people = scoped(ctx, registry.get("contact")).filter(account=plan.account, status="active")
        sponsor = plan.account.customer_sponsor_id
        names = [(str(pk), name) for pk, name in people.order_by("-influence", "name").values_list("pk", "name")]
        chosen = posted["contact"] or (str(sponsor) if sponsor else "")
        theirs = [
            FormField(
                name="contact",
                kind="choice",
                label="Who signed",
                required=True,
                choices=names,
                value=chosen,
                widget="list",
            ),
            FormField.of(rtype.specs["evidence_url"], posted["evidence_url"]),
        ]
    return [
        FormField.of(rtype.specs["decision"], posted["decision"]),
        *theirs,
        FormField.of(rtype.specs["note"], posted["note"]),
    ]
