"""What the dialogs around plays show: starting a playbook, moving an anchor date."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Account, User
from trackline.align.models import RenewalCycle, Route
from trackline.choose import starting
from trackline.choose.models import Playbook
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.services import playbook_for
from trackline.workspace.records import addresses
from trackline.workspace.records.steps import spoken

FROM = ("renewal", "route", "alert")
"""What a play may be started from, beside the account."""


@dataclass(frozen=True)
class Asked:
    """What was entered in the form of a start; `step` are the keys that stay, None before anybody chose."""

    account: Account
    renewal: RenewalCycle | None
    route: Route | None
    alert: Alert | None
    playbook: Playbook | None
    anchor_on: date | None
    owner: int | None
    owners: Mapping[str, int]
    step: Collection[str] | None

    @property
    def origin(self) -> tuple[str, Any] | None:
        """What the play is started from, with the name of its type."""
        pairs = (("renewal", self.renewal), ("route", self.route), ("alert", self.alert))
        return next(((name, record) for name, record in pairs if record is not None), None)


@dataclass(frozen=True)
class StartRow:
    """A planned step with the name of its owner."""

    step: starting.PlannedStep
    owner: str
    role: str
    says: str


@dataclass(frozen=True)
class StartForm:
    """Everything `workspace/records/start.html` prints; without a chosen playbook only the list of them."""

    asked: Asked
    books: Sequence[Playbook]
    suggested: str
    anchors: Sequence[starting.AnchorDate]
    plan: starting.Plan | None
    rows: Sequence[StartRow]
    owner: FormField | None
    roles: Sequence[FormField]
    today: date

    @property
    def met(self) -> int:
        """Steps that the records meet already."""
        return sum(row.step.met for row in self.rows)

    @property
    def off(self) -> int:
        """Steps that fall on a weekend or a holiday."""
        return sum(bool({"weekend", "holiday"} & set(row.step.conflicts)) for row in self.rows)


def start_form(ctx: Context, asked: Asked) -> StartForm:
    """Return the form with the plan that the entries give."""
    books = list(Playbook.objects.filter(deleted_at__isnull=True, active=True).order_by("title"))
    suggested = _suggested(ctx, asked)
    books.sort(key=lambda book: book.key != suggested)
    if asked.playbook is None:
        return StartForm(asked, books, suggested, (), None, (), None, (), ctx.today)
    anchors = starting.anchors(asked.playbook, asked.account, ctx.today)
    owner = asked.owner or asked.account.owner_id or ctx.actor.user_id
    plan = starting.plan(
        asked.playbook, asked.account, ctx.today, anchor_on=anchor_of(asked, anchors, ctx.today), owner=owner,
        owners=asked.owners, left_out=left_out(asked),
    )  # fmt: skip
    ids = {step.owner for step in plan.steps} | {one.user for one in plan.roles} | {owner}
    names = dict(User.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", "name"))
    rows = [
        StartRow(step, names.get(step.owner or 0, ""), spoken(step.role), step.answer.says if step.answer else "")
        for step in plan.steps
    ]
    roles = [
        _person(
            f"owner_{one.role}", spoken(one.role).capitalize(), one.user, names,
            "" if one.named else "The account names nobody; the play's owner stands in.",
        )
        for one in plan.roles
        if one.role != "account_manager"
    ]  # fmt: skip
    return StartForm(
        asked, books, suggested, anchors, plan, rows, _person("owner", "Owner", owner, names), roles, ctx.today
    )


def anchor_of(asked: Asked, anchors: Sequence[starting.AnchorDate], today: date) -> date:
    """Return the anchor date that was entered, else that of the renewal at hand, else the likeliest."""
    if asked.anchor_on:
        return asked.anchor_on
    if asked.renewal and asked.playbook and asked.playbook.counts_from == Playbook.CountsFrom.RENEWAL:
        return asked.renewal.renewal_date
    return anchors[0].on if anchors else today


def left_out(asked: Asked) -> list[str]:
    """Return the keys of the steps that were taken off."""
    if asked.step is None or asked.playbook is None:
        return []
    return [step["key"] for step in asked.playbook.steps if step["key"] not in asked.step]


def start_url(name: str, pk: Any) -> str:
    """Address of the dialog that starts a playbook from a record."""
    return f"/r/play/start?{name}={pk}"


def origin_of(ctx: Context, name: str, pk: Any) -> Any:
    """Return what a play is started from, within the actor's accounts."""
    return get(ctx, registry.get({"renewal": "renewal_cycle"}.get(name, name)), pk)


def _suggested(ctx: Context, asked: Asked) -> str:
    if asked.alert is not None:
        book = playbook_for(ctx, asked.alert)
        return book.key if book else ""
    if asked.renewal is not None or (asked.route is not None and asked.route.type == Route.Type.RENEWAL):
        return starting.renewal_playbook(asked.account, ctx.today)
    if asked.route is not None:
        return "up-sell" if asked.route.type == Route.Type.UPSELL else "cross-sell"
    health = (asked.account.health or {}).get("band")
    if health in ("red", "amber"):
        return "save" if health == "red" else "relationship-recovery"
    return "onboarding" if asked.account.status == Account.Status.ONBOARDING else ""


def _person(name: str, label: str, pk: int | None, names: Mapping[int, str], help_text: str = "") -> FormField:
    chosen = [{"value": str(pk), "label": names[pk]}] if pk is not None and pk in names else []
    return FormField(
        name=name, kind="ref", label=label, required=True, value=str(pk) if chosen else None, selected=chosen,
        help=help_text, options_url=addresses.options(registry.get("user")),
    )  # fmt: skip
