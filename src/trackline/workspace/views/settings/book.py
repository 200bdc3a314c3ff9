"""The book: its name, currency, time zone and fiscal year, the numbers its rules go by, and who sees which accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.accounts import services
from trackline.accounts.models import Account, ExchangeRate, Setting, TeamMember
from trackline.accounts.settings import AMOUNTS, setting, settings_in_force
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound, Problem
from trackline.kit.records.values import BadValue, parse_number
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog
from trackline.workspace.views.settings.me import time_zone_field
from trackline.workspace.web import page

MONTHS = [(str(month), f"{date(2026, month, 1):%B}") for month in range(1, 13)]


@dataclass(frozen=True)
class Known:
    """A setting as the page shows it: name, help, unit."""

    key: str
    label: str
    help: str = ""
    unit: str = ""


BOOK = (
    Known("book.name", "Name", "Shown beside the product's name; usually your company."),
    Known("book.currency", "Currency", "Sums over accounts in several currencies are shown in it, at stored rates."),
    Known("book.time_zone", "Time zone", "Decides which day today is, for everybody who has not chosen their own."),
    Known("book.fiscal_year_start_month", "Fiscal year starts in", "Quarters in reports and forecasts follow it."),
    Known(
        "book.holidays", "Public holidays of", "Countries or regions, for example DE-BY, JP. They are no business days."
    ),
    Known("book.days_off", "Further days off", "Days like 2026-12-24, separated by commas."),
)
RULES = {
    "Goals": ("At risk and off track: the rule of progress", "/rulebook/reveal.goal.progress"),
    "Cost of service": ("People and operating money that each tier grants", "/rulebook/book.tier.budget"),
}
"""Numbers that rules of the rulebook hold, by the group in which one would look for them here."""
NUMBERS: Sequence[tuple[str, Sequence[Known]]] = (
    (
        "Goals",
        (
            Known("goals.warn_min", "Too few active goals below", "Completeness of R asks for at least so many."),
            Known("goals.warn_max", "Many active goals above", "A warning; nothing is refused."),
            Known("goals.hard_max", "Active goals at most", "More are refused."),
            Known("goal.checkin_days", "Check-in every", "Goals with a leading KPI, or without any.", "days"),
            Known("goal.checkin_lagging_days", "Check-in every", "Goals whose KPIs are all lagging.", "days"),
        ),
    ),
    (
        "Situation",
        (
            Known("snapshot.max_age_days", "A health snapshot is fresh for", "", "days"),
            Known("journey.max_age_days", "Journey scores are fresh for", "", "days"),
        ),
    ),
    (
        "Routes, plays, priorities",
        (
            Known("route.park_max_days", "A route is parked for at most", "", "days"),
            Known(
                "renewal.late_alert", "A renewal starts late with fewer than", "And nobody has begun it.", "days left"
            ),
            Known(
                "tier.cycle_months",
                "Tiers are decided formally every",
                "Counted from the start of the fiscal year.",
                "months",
            ),
            Known(
                "scoring.signers",
                "A scoring model is signed by",
                "For finance, strategy and the customer-facing side together; 0: a version counts as it is saved.",
                "different people",
            ),
            Known(
                "growth.capacity_hours",
                "People have for growth initiatives",
                "What the book can carry; 0: not told.",
                "hours a month",
            ),
            Known("plan.stale_days", "A text of a plan is stale after", "Whoever writes it is reminded.", "days"),
            Known("plan.stale_owner_days", "The account's owner is reminded of it after", "", "days"),
            Known(
                "perm.section_owners",
                "Owners alone write their sections",
                "And the account's owner and administrators; others suggest a wording.",
            ),
            Known("plan.share_days", "A plan in force is given to the customer within", "", "days"),
            Known("play.reopen_days", "A done play can be reopened for", "", "days"),
            Known("priority.max", "Customer priorities a year at most"),
        ),
    ),
    (
        "Cost of service",
        (
            Known("service.hour_cost", "An hour of our people costs", "What serving accounts is counted at."),
            Known("service.cost.reviews", "A business review costs", "Beside the hours of our people."),
            Known("service.cost.support.1", "Support around the clock costs", "An account of tier 1.", "a year"),
            Known("service.cost.support.2", "Support in business hours costs", "An account of tier 2.", "a year"),
            Known("service.cost.support.3", "Support when asked costs", "An account of tier 3.", "a year"),
            Known(
                "service.cost.innovation.1",
                "The co-innovation budget is",
                "Set aside for an account of tier 1.",
                "a year",
            ),
        ),
    ),
    (
        "Surveys",
        (
            Known(
                "survey.low_to",
                "A low answer is one up to",
                "On experience (1 to 5) and effort (1 to 7); it opens a case.",
            ),
            Known(
                "survey.detractor_to",
                "A detractor gives up to",
                "Of 10, whether they would recommend us; it opens a case.",
            ),
            Known("survey.contact_hours", "The customer is contacted within", "Of a low answer.", "hours"),
            Known("survey.plan_days", "The recovery is planned within", "", "days"),
            Known("survey.verify_days", "The recovery is verified within", "", "days"),
            Known("survey.open_days", "A wave takes answers for", "Where it names no last day.", "days"),
            Known("survey.reminder_days", "A reminder is due after", "", "days"),
            Known("survey.phone_days", "Silent executives are called after", "", "days"),
            Known(
                "survey.group_min", "Anonymous answers are shown from", "Fewer of one audience stay hidden.", "answers"
            ),
            Known("survey.rate_warn_pct", "Few answers below", "A wave that fewer answered is marked.", "%"),
            Known(
                "need.conflict_actions",
                "Dig deeper where talk and answer differ",
                "Somebody who speaks well of us and answers badly, or the other way round, gives an action.",
            ),
        ),
    ),
    (
        "Rhythm",
        (
            Known(
                "cadence.grace_pct", "A cadence is missed after", "Share of its interval since the last meeting.", "%"
            ),
            Known(
                "rhythm.shift_weekend",
                "Meetings on a day off move to the business day before",
                "Counts for meetings that a cadence sets.",
            ),
        ),
    ),
    (
        "What is done by itself",
        (
            Known("jobs.nightly_hour", "The nightly work begins at", "Hour of the day, in the book's time zone.", "h"),
            Known("digest.weekday", "The weekly letter goes out on day", "1 is Monday, 7 is Sunday.", "of the week"),
            Known("digest.hour", "The weekly letter goes out at", "Hour of the day, in the book's time zone.", "h"),
        ),
    ),
    (
        "What is one's own",
        (
            Known("perm.own_issues", "Whoever reads may resolve issues assigned to them", "State and resolution."),
            Known("perm.own_progress", "Whoever reads may record their own progress", "Of their actions and learning."),
        ),
    ),
    (
        "Shared pages",
        (
            Known("share.days", "A page for the customer opens for", "Where it names no end; a year at most.", "days"),
            Known("share.consent", "What a customer agrees to who signs", "Kept with each signature as it stood."),
        ),
    ),
)
ACCESS = (
    Known("perm.account_scope", "People see"),
    Known("perm.parent_teams_see_children", "Teams of a parent see the accounts below it"),
)


@page()
def book(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show the settings of the book."""
    force = settings_in_force()
    changed = _changed()
    context = {
        "rows": [_row(known, force, changed) for known in BOOK],
        "numbers": [
            {
                "label": label,
                "rows": [_row(known, force, changed) for known in rows if known.key in force],
                "rule": RULES.get(label),
            }
            for label, rows in NUMBERS
        ],
    }
    return draw(request, ctx, "book", "workspace/settings/book.html", context)


@page()
def access(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show who sees which accounts, and what a change would do."""
    context = {
        "scope": setting("perm.account_scope"),
        "children": setting("perm.parent_teams_see_children"),
        "changed": _changed(),
        "facts": _facts(),
    }
    return draw(request, ctx, "access", "workspace/settings/access.html", context)


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Ask for the value of a setting, and keep it."""
    known = _known(key)
    typed = request.POST.get("value") if request.method == "POST" else None
    dialog = Dialog(
        title=known.label if known.key.startswith("perm.") else f"Change {known.label[0].lower()}{known.label[1:]}",
        action=f"/settings/book/{key}",
        confirm="Save",
        text=_effect(known, typed),
        fields=[_field(known, setting(key) if typed is None else typed)],
    )
    if typed is None:
        return show_dialog(request, dialog)
    try:
        value = _value(known, typed)
        services.change_setting(ctx, key, value)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"{known.label}: {_words(known, value)}")


def label_of(key: str) -> str:
    """Return the name of a setting by its key."""
    try:
        return _known(key).label
    except NotFound:
        return key


def _known(key: str) -> Known:
    groups = [*BOOK, *ACCESS, *(known for _label, rows in NUMBERS for known in rows)]
    found = next((known for known in groups if known.key == key), None)
    if found is None:
        raise NotFound("There is no such setting.")
    return found


def _row(known: Known, force: Mapping[str, Any], changed: Mapping[str, Setting]) -> dict[str, Any]:
    return {"known": known, "words": _words(known, force[known.key]), "changed": changed.get(known.key)}


def _changed() -> dict[str, Setting]:
    """The newest row of each setting that was ever changed."""
    rows = Setting.objects.select_related("changed_by").order_by("valid_from")
    return {row.key: row for row in rows}


def _words(known: Known, value: Any) -> str:
    if known.key == "book.fiscal_year_start_month":
        return dict(MONTHS)[str(value)]
    if known.key == "perm.account_scope":
        return "all accounts" if value == "all" else "their own accounts"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if known.key in AMOUNTS:
        return (
            "not told"
            if value == ""
            else f"{formats.money_full(Decimal(value), setting('book.currency'))} {known.unit}".strip()
        )
    if value == "":
        return "none"
    return f"{value} {known.unit}".strip()


def _field(known: Known, value: Any) -> FormField:
    common: dict[str, Any] = {
        "name": "value",
        "label": known.label,
        "help": known.help,
        "required": True,
        "autofocus": True,
    }
    match known.key:
        case "book.currency":
            return FormField(**common, value=value, max_length=3)
        case "book.time_zone":
            field = time_zone_field(str(value), required=True, name="value")
            field.help = known.help
            return field
        case "book.fiscal_year_start_month":
            return FormField(**common, kind="choice", choices=MONTHS, value=str(value), widget="select")
        case "perm.account_scope":
            choices = [("all", "All accounts"), ("team", "Their own accounts only")]
            return FormField(**common, kind="choice", choices=choices, value=value, widget="radio")
        case "book.holidays" | "book.days_off":
            return FormField(**common | {"required": False}, value=value, max_length=400)
    held = setting(known.key)
    if isinstance(held, bool):
        yes = str(value).lower() in ("true", "yes")
        choices = [("yes", "Yes"), ("no", "No")]
        return FormField(**common, kind="choice", choices=choices, value="yes" if yes else "no", widget="segmented")
    if known.key in AMOUNTS:
        unit = f"{setting('book.currency')} {known.unit}".strip()
        return FormField(**common | {"required": False}, kind="decimal", value=value, unit=unit)
    if isinstance(held, int):
        return FormField(**common, kind="integer", value=value, unit=known.unit)
    return FormField(**common, value=value, max_length=80)


def _value(known: Known, typed: str) -> Any:
    held = setting(known.key)
    if isinstance(held, bool):
        return typed == "yes"
    if isinstance(held, int):
        try:
            number = parse_number(typed)
        except BadValue as error:
            raise Invalid.fields({"value": str(error)}) from None
        if number != int(number):
            raise Invalid.fields({"value": "A whole number is expected."})
        return int(number)
    if known.key in AMOUNTS and typed.strip():
        try:
            return f"{parse_number(typed):f}"
        except BadValue as error:
            raise Invalid.fields({"value": str(error)}) from None
    return typed.strip().upper() if known.key == "book.currency" else typed.strip()


def _effect(known: Known, typed: str | None) -> str:
    """What a change does beside the value itself."""
    facts = _facts() if known.key.startswith("perm.") else {}
    if known.key == "perm.account_scope":
        return (
            f"With their own accounts only, people see what they own, sponsor, or work on in a team or a cadence; "
            f"the rest does not exist for them, in pages, API and files. {facts['nobody']} of {facts['accounts']} accounts "
            "have neither owner nor team, and would be seen by administrators alone."
        )
    if known.key == "book.currency":
        count = ExchangeRate.objects.count()
        return (
            f"{count} stored exchange rates are converted with it. Amounts of accounts stay in their own currency."
            if count
            else ("Amounts of accounts stay in their own currency; there are no exchange rates to convert.")
        )
    if known.key == "book.time_zone":
        return "Due dates do not move; what is due today is decided in the new zone."
    return ""


def _facts() -> dict[str, int]:
    alive = Account.objects.alive()
    teams = TeamMember.objects.alive().values("account_id")
    nobody = alive.filter(owner__isnull=True, exec_sponsor__isnull=True).exclude(pk__in=teams)
    return {"accounts": alive.count(), "nobody": nobody.count(), "members": TeamMember.objects.alive().count()}
