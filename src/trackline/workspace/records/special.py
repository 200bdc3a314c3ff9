"""What only some types have in their panel: a goal's way, an objective's accounts, a play's steps, an alert's why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from trackline.accounts.models import Kpi
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align import whitespace
from trackline.align.contracts import uses_of
from trackline.align.hot_zones import zones_of
from trackline.align.rules.whitespace import whitespace_priority
from trackline.book.queries.trust import trust_of
from trackline.choose import checking, versions
from trackline.choose.models import Play, Playbook, Step
from trackline.choose.rules import states
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.documents.models import ShareSecret
from trackline.documents.sharing import services as sharing
from trackline.documents.sharing.plan import standing_on
from trackline.kickoff.models import Action, Meeting
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import RecordType, registry
from trackline.reveal.cases import results_of
from trackline.reveal.contributions import contributions
from trackline.reveal.models import BusinessCase, CheckIn, Goal
from trackline.reveal.rules import progress
from trackline.track import needs
from trackline.track.rules.competition import DIMENSIONS
from trackline.track.rules.value_gap import BESIDE
from trackline.track.surveys import answers, waves
from trackline.track.surveys.limits import limits
from trackline.track.surveys.results import results_of as results_of_waves
from trackline.workspace.queries.account.business_case import case_page
from trackline.workspace.queries.account.competition import row_of
from trackline.workspace.queries.account.contracts import notice_of
from trackline.workspace.queries.account.goals import BANDS
from trackline.workspace.queries.account.needs import strays_of
from trackline.workspace.queries.account.surveys import instrument_of
from trackline.workspace.queries.account.trajectory import trajectory_of
from trackline.workspace.queries.tiers.decision import card_of
from trackline.workspace.records import (
    addresses,
    alerts,
    checking_in,
    persons,
    route_card,
    route_moves,
    steps,
    tables,
)
from trackline.workspace.records.cash_flows import sheet_of
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.words import words

SHARED = {"open": "opens", "expired": "over", "revoked": "revoked", "no_address": "none yet"}
"""What the address of a shared page does, in words."""
VISITS = 20


@dataclass(frozen=True)
class Special:
    """A part of a panel with a template of its own, which reads it as `s`."""

    template: str
    facts: Mapping[str, Any]

    @property
    def page(self) -> str:
        """The file of its template."""
        return f"workspace/records/special/{self.template}.html"


@dataclass(frozen=True)
class Verb:
    """One thing that is done to a record with one click: sets a field, from some states only.

    What cannot be taken back `asks` first.
    """

    label: str
    field: str
    value: str
    before: tuple[str | bool, ...]
    asks: str = ""

    @property
    def vals(self) -> str:
        """What the button sends."""
        return f'{{"{self.field}": "{self.value}"}}'


VERBS: Mapping[str, tuple[Verb, ...]] = {
    "action": (Verb("Mark as done", "status", "done", ("open",)), Verb("Reopen", "status", "open", ("done",))),
    "step": (Verb("Mark as done", "status", "done", ("open",)), Verb("Reopen", "status", "open", ("done", "skipped"))),
    "issue": (
        Verb("Start", "status", "in_progress", ("open",)),
        Verb("Resolve", "status", "resolved", ("open", "in_progress")),
    ),
    "meeting": (Verb("Held", "status", "held", ("scheduled",)),),
    "decision": (Verb("Decided", "status", "decided", ("open", "deferred")),),
    "assignment": (
        Verb("Start", "status", "in_progress", ("assigned",)),
        Verb("Complete", "status", "completed", ("assigned", "in_progress")),
    ),
    "play": (
        Verb("Start", "status", "in_progress", ("planned", "blocked")),
        Verb("Mark as done", "status", "done", ("in_progress",)),
    ),
    "renewal_cycle": (
        Verb("Proposal is out", "state", "proposal", ("preparing",)),
        Verb("In negotiation", "state", "negotiation", ("proposal",)),
    ),
    "wave": (
        Verb("Open for answers", "status", "open", ("draft", "closed")),
        Verb("Close", "status", "closed", ("open",)),
    ),
    "survey_case": (
        Verb("Contacted", "status", "contacted", ("open",)),
        Verb("Planned", "status", "planned", ("contacted", "reopened")),
        Verb("Verify", "status", "verifying", ("planned", "reopened")),
        Verb("Resolved", "status", "resolved", ("verifying",)),
    ),
    "risk": (Verb("Close", "status", "closed", ("open", "mitigating")),),
    "plan_suggestion": (
        Verb("Take it over", "state", "taken", ("open",)),
        Verb("Decline", "state", "declined", ("open",)),
    ),
    "share_link": (
        Verb("Revoke", "revoked", "true", (False,), "Its address opens nothing any more, for good. Revoke the page?"),
    ),
    "tier_override": (
        Verb("Grant", "state", "active", ("requested",)),
        Verb("Revoke", "state", "revoked", ("requested", "active")),
    ),
}


def verbs(rtype: RecordType, item: Item) -> list[Verb]:
    """Return what can be done to a record in its state."""
    return [verb for verb in VERBS.get(rtype.name, ()) if item.get(verb.field) in verb.before]


def special(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special | None:
    """Return the part that only this type has, or None."""
    make = _SPECIAL.get(rtype.name)
    return make(ctx, rtype, item, facts) if make else None


def _goal(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special:
    goal = Goal.objects.select_related("account").get(pk=item["id"])
    check_ins = CheckIn.objects.filter(goal=goal, deleted_at__isnull=True).order_by("-on", "-pk")
    baseline, current, target = (words(rtype.specs[name], item, facts) for name in ("baseline", "current", "target"))
    elapsed = progress.elapsed_pct(goal.start_on, goal.due_on, ctx.today) if goal.start_on and goal.due_on else None
    still_open = goal.status not in progress.CLOSED
    currency = facts.currency(item) or goal.account.currency
    return Special(
        "goal",
        {
            "baseline": baseline,
            "current": None if item["current"] is None else current,
            "target": target,
            "progress": goal.progress_pct,
            "elapsed": elapsed,
            "entry": checking_in.entry_of(goal.pk, goal.progress_mode, goal.unit, currency) if still_open else None,
            "chart": trajectory_of(goal, list(check_ins), ctx.today, currency),
            "finding": f"{goal.title}: from {baseline} to {target}, now {current}",
        },
    )


def _objective(ctx: Context, _rtype: RecordType, item: Item, _facts: Facts) -> Special:
    facts = {
        "found": contributions(ctx, int(item["id"])),
        "statuses": {str(key): str(label) for key, label in Goal.Status.choices},
        "bands": BANDS,
    }
    return Special("objective", facts)


def _business_case(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    case = BusinessCase.objects.select_related("account").get(pk=item["id"])
    shown = {"case": case_page(case, results_of([case], ctx.today)[case.pk]), "sheet": sheet_of(ctx, case)}
    return Special("business_case", shown | {"panel": addresses.panel(rtype, case.pk)})


def _kpi(ctx: Context, _rtype: RecordType, item: Item, facts: Facts) -> Special:
    account = facts.label("account", item["account"])
    kpi = Kpi.objects.select_related("metric").get(pk=item["id"])
    result = trust_of(ctx, [kpi])[kpi.pk]
    shown = {"url": f"{account.url}/metrics/{item['metric']}" if account else "", "trust": result}
    return Special("kpi", shown | {"signs": [(part.label, bool(part.contribution)) for part in result.parts]})


def _play(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special:
    step_type = registry.get("step")
    play = Play.objects.select_related("renewal", "playbook").get(pk=item["id"])
    found = Step.objects.filter(play=play, deleted_at__isnull=True).select_related("owner", "play")
    rows = list(found.order_by(F("due_on").asc(nulls_last=True), "position", "id"))
    answers = checking.answers([step for step in rows if step.status == "open"], ctx.today)
    steps = [
        {
            "id": step.pk,
            "title": step.title,
            "owner": step.owner.name if step.owner else "",
            "me": step.owner_id == ctx.actor.user_id,
            "done": step.status == "done",
            "skipped": step.status == "skipped",
            "due": formats.due(step.due_on, ctx.today)
            if step.status == "open"
            else formats.day(step.done_on or step.due_on, ctx.today),
            "late": states.step_state(step.due_on, step.status, ctx.today, timezone.localdate(step.created_at))
            == "late",
            "url": addresses.act(step_type, step.pk, "set"),
            "says": answers[step.pk].says if step.pk in answers else step.evidence if step.condition else "",
        }
        for step in rows
    ]
    back = addresses.panel(rtype, item["id"])
    adding = tables.adding(step_type, {"play": item["id"]}, table_id=f"step-of-play-{item['id']}", back=back)
    moved = play.renewal and play.anchor_on and play.renewal.renewal_date != play.anchor_on
    return Special(
        "play",
        {
            "steps": steps,
            "done": sum(step["done"] for step in steps),
            "add": adding,
            "anchor": play.anchor_on,
            "open": play.status in OPEN_PLAYS,
            "follow": play.renewal.renewal_date if moved and play.renewal and play.status in OPEN_PLAYS else None,
            "move_url": addresses.act(rtype, play.pk, "move"),
            "differs": versions.since_start(play),
            "version": play.playbook_version,
            "newest": play.playbook.version if play.playbook else None,
        },
    )


def _playbook(_ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    found = [
        {
            "when": steps.when(step.get("offset_days")),
            "title": step["title"],
            "role": steps.spoken(step.get("owner_role", "")),
            "description": step.get("description", ""),
            "check": steps.check_words(step.get("condition")),
        }
        for step in item["steps"] or ()
    ]
    kept = versions.versions(Playbook.objects.get(pk=item["id"]))
    return Special("playbook", {"steps": found, "url": addresses.act(rtype, item["id"], "steps"), "versions": kept})


def _route(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special:
    acting = {"moves": route_moves.moves(item), "url": addresses.act(rtype, item["id"], "advance"), "id": item["id"]}
    return Special("route", {**acting, **route_card.card_of(ctx, int(item["id"]))})


def _whitespace_cell(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    record = get(ctx, rtype, item["id"])
    cell = whitespace.cell_of(record.business_unit, record.product, ctx.today, rates_in_force(ctx.today))
    account = record.business_unit.account
    in_force = Overrides.load(ctx.today).in_force(
        whitespace_priority, ctx.today, tier=account.tier, account_id=account.pk
    )
    priority = whitespace.priority_of(record, in_force, ctx.today)
    grid = whitespace.grid_of([account.pk], ctx.today, rates_in_force(ctx.today), account.currency)
    zones = zones_of((one for row in grid.rows for one in row.cells), [account.pk], ctx.today)
    zone = zones.get((record.business_unit_id, record.product_id))
    return Special("whitespace_cell", {"cell": cell, "priority": priority, "currency": account.currency, "zone": zone})


def _contract(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    contract = get(ctx, rtype, item["id"])
    running = contract.end_on is None or contract.end_on >= ctx.today
    cycle = contract.renewal_cycles.filter(deleted_at__isnull=True).select_related("owner").order_by("-renewal_date")
    start = addresses.new_panel(
        registry.get("renewal_cycle"), {"account": contract.account_id, "contract": contract.pk}
    )
    return Special(
        "contract",
        {
            "contract": contract,
            "notice": notice_of(contract, ctx.today) if running else None,
            "running": running,
            "left": (contract.end_on - ctx.today).days if contract.end_on else None,
            "uses": uses_of([contract.pk], ctx.today).get(contract.pk, ()),
            "cycle": cycle.first(),
            "start": start,
            "today": ctx.today,
        },
    )


def _cadence(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special:
    ahead = Meeting.objects.filter(cadence_id=item["id"], deleted_at__isnull=True, at__gte=ctx.now)
    following = ahead.filter(status="scheduled").order_by("at").first()
    return Special(
        "cadence",
        {
            "next": following,
            "today": ctx.today,
            "can_schedule": item["active"] and item["frequency"] != "ad_hoc" and item["anchor_on"] is not None,
            "url": addresses.act(rtype, item["id"], "schedule"),
        },
    )


def _meeting(ctx: Context, _rtype: RecordType, item: Item, _facts: Facts) -> Special:
    return Special("meeting", {"id": item["id"]})


def _wave(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    wave = get(ctx, rtype, item["id"])
    people = waves.asked_of(ctx, wave)
    result = next(iter(results_of_waves(wave.account, ctx.today, wave)), None)
    return Special(
        "wave",
        {
            "wave": wave,
            "people": people,
            "open": wave.status == "open",
            "chase": waves.chase(wave, people, ctx.today),
            "instrument": instrument_of(wave),
            "result": result if result and result.answered else None,
        },
    )


def _survey_round(_ctx: Context, _rtype: RecordType, item: Item, _facts: Facts) -> Special:
    return Special("survey_round", {"url": f"/book/surveys/{item['id']}", "item": item})


def _value_gap(ctx: Context, rtype: RecordType, item: Item, facts: Facts) -> Special:
    gap = get(ctx, rtype, item["id"])
    worth = needs.gap_of(gap, Overrides.load(ctx.today), ctx.today)
    lacks = [rtype.specs[name].label for name in worth.missing if name not in BESIDE]
    beside = [rtype.specs[name].label for name in worth.missing if name in BESIDE]
    currency = gap.pain_point.account.currency
    return Special("value_gap", {"worth": worth, "lacks": lacks, "beside": beside, "currency": currency})


def _pilot(ctx: Context, _rtype: RecordType, item: Item, _facts: Facts) -> Special:
    pk = int(item["id"])
    found = needs.matches([pk], ctx.today)
    return Special("pilot", {"match": found[pk], "stray": strays_of(found)[pk]})


def _data_source(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    found = needs.source_of(get(ctx, rtype, item["id"]), Overrides.load(ctx.today), ctx.today)
    return Special("data_source", {"found": found})


def _survey_case(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    case = get(ctx, rtype, item["id"])
    again = {"account": case.account_id, "survey": "micro", "title": f"After: {case.title}"[:200]}
    micro = addresses.new_panel(registry.get("wave"), again) if case.status in ("planned", "verifying") else ""
    return Special(
        "survey_case", {"steps": answers.steps_of(case, limits(), ctx.now), "today": ctx.today, "micro": micro}
    )


def _share_link(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    link = get(ctx, rtype, item["id"])
    secret = ShareSecret.objects.filter(link=link).first()
    state = sharing.state_of(link.revoked, link.expires_on, secret is not None, ctx)
    open_actions = Action.objects.filter(account_id=link.account_id, status="open", deleted_at__isnull=True)
    joint = open_actions.filter(joint=True).count()
    return Special(
        "share_link",
        {
            "link": link,
            "secret": secret,
            "usable": state in ("open", "no_address"),
            "says": SHARED[state],
            "joint": joint,
            "not_joint": open_actions.count() - joint,
            "visits": list(sharing.trail(ctx, link.pk)[:VISITS]),
            "counts": sharing.counts_of(ctx, link.pk),
            "plan": standing_on(link),
            "today": ctx.today,
        },
    )


def _tier_decision(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    people = ("account", "account__owner", "monitor_owner", "kam_leader", "finance_head", "exec_sponsor")
    decision = scoped(ctx, rtype).select_related(*people).get(pk=item["id"])
    return Special("tier_decision", {"c": card_of(ctx, decision)})


def _alert(ctx: Context, _rtype: RecordType, item: Item, _facts: Facts) -> Special:
    return Special("alert", alerts.part_of(ctx, int(item["id"])))


def _competitor(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    return Special("competitor", {"row": row_of(get(ctx, rtype, item["id"]), ctx.today)})


def _competitive_position(_ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    weights = [(f"weight_{key}", label, item[f"weight_{key}"]) for key, label in DIMENSIONS.items()]
    url = addresses.act(rtype, item["id"], "set")
    return Special("competitive_position", {"weights": weights, "url": url, "version": item["version"]})


def _contact(ctx: Context, rtype: RecordType, item: Item, _facts: Facts) -> Special:
    return Special("contact", {"person": persons.parts_of(ctx, get(ctx, rtype, item["id"]))})


_SPECIAL: Mapping[str, Callable[[Context, RecordType, Item, Facts], Special]] = {
    "contact": _contact,
    "goal": _goal,
    "objective": _objective,
    "business_case": _business_case,
    "kpi": _kpi,
    "play": _play,
    "playbook": _playbook,
    "route": _route,
    "cadence": _cadence,
    "contract": _contract,
    "whitespace_cell": _whitespace_cell,
    "meeting": _meeting,
    "alert": _alert,
    "wave": _wave,
    "survey_round": _survey_round,
    "value_gap": _value_gap,
    "pilot": _pilot,
    "data_source": _data_source,
    "competitor": _competitor,
    "competitive_position": _competitive_position,
    "survey_case": _survey_case,
    "share_link": _share_link,
    "tier_decision": _tier_decision,
}
