"""Starting a playbook on an account: what it would make, and making it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from trackline.accounts.models import Account, TeamMember, User
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.workdays import workdays
from trackline.align.models import OPEN_CYCLES, Contract, RenewalCycle
from trackline.align.rules.renewal import Renewal, RenewalParameters, chosen, timeline
from trackline.choose import evidence
from trackline.choose.models import Playbook
from trackline.choose.rules import checks, roles, schedule
from trackline.choose.rules.checks import Answer
from trackline.choose.rules.conditions import Seen
from trackline.core.workdays import Workdays
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

LEFT_OUT = "Left out at the start."


@dataclass(frozen=True)
class PlannedStep:
    """A step as starting makes it: its day, what speaks against it (`past`, `weekend`, `holiday`), and what the records say already."""

    key: str
    title: str
    description: str
    role: str
    offset_days: int | None
    due_on: date | None
    owner: int | None
    conflicts: Sequence[str]
    answer: Answer | None
    condition: Mapping[str, Any]
    left_out: bool

    @property
    def met(self) -> bool:
        """Whether the records meet it already."""
        return self.answer is not None and self.answer.met


@dataclass(frozen=True)
class RoleHolder:
    """A role that steps name, who takes it, and whether the account names somebody for it."""

    role: str
    user: int | None
    named: bool


@dataclass(frozen=True)
class AnchorDate:
    """A date that an anchor may be taken from, and where it stands."""

    on: date
    label: str
    renewal: int | None = None


@dataclass(frozen=True)
class Plan:
    """What starting a playbook on an account would make."""

    playbook: Playbook
    anchor_on: date
    due_on: date | None
    steps: Sequence[PlannedStep]
    roles: Sequence[RoleHolder]

    @property
    def past(self) -> int:
        """Steps that would lie in the past: they are due at once, and never late (RNW-04)."""
        return sum("past" in one.conflicts and not one.left_out and not one.met for one in self.steps)


def plan(
    playbook: Playbook,
    account: Account,
    today: date,
    *,
    anchor_on: date,
    owner: int | None = None,
    owners: Mapping[str, Any] | None = None,
    left_out: Collection[str] = (),
    start_on: date | None = None,
) -> Plan:
    """Return the dated, owned steps of a playbook on an account; writes nothing. A query a kind of fact that checks read."""
    people = people_of(account)
    given = {role: int(pk) for role, pk in (owners or {}).items() if pk}
    named = list(dict.fromkeys(step.get("owner_role", "") for step in playbook.steps))
    holders = {role: given.get(role) or roles.holder(role, people) for role in named}
    fallback = owner or people.owner
    asked = [step["condition"] for step in playbook.steps if step.get("condition")]
    since = start_on or today
    rows = evidence.facts([account.pk], checks.reads(asked), since, today)[account.pk] if account.pk else {}
    seen, business = Seen(rows, since, today), workdays()
    steps = [
        _planned(step, anchor_on, holders.get(step.get("owner_role", "")) or fallback, seen, left_out, business)
        for step in playbook.steps
    ]
    days = [one.due_on for one in steps if one.due_on and not one.left_out]
    found = [RoleHolder(role, holders[role] or fallback, holders[role] is not None) for role in named if role]
    return Plan(playbook, anchor_on, max(days, default=None), steps, found)


def anchors(playbook: Playbook, account: Account, today: date) -> Sequence[AnchorDate]:
    """Return the dates of the account that an anchor may be taken from, the likeliest first; today where it has none."""
    found: list[AnchorDate] = []
    if playbook.counts_from == Playbook.CountsFrom.RENEWAL:
        cycles = RenewalCycle.objects.filter(account=account, deleted_at__isnull=True, state__in=OPEN_CYCLES)
        for cycle in cycles.order_by("renewal_date", "pk")[:5]:
            found.append(AnchorDate(cycle.renewal_date, "renewal at hand", cycle.pk))
        if account.renewal_date:
            found.append(AnchorDate(account.renewal_date, "renewal date of the account"))
        rows = Contract.objects.filter(account=account, deleted_at__isnull=True, end_on__gte=today)
        for contract in rows.order_by("end_on", "pk")[:5]:
            found.append(AnchorDate(contract.end_on, f"end of {contract.ref}"))
            if contract.notice_days:
                day = schedule.due_on(contract.end_on, contract.notice_days)
                found += [AnchorDate(day, f"notice on {contract.ref}")] if day and day >= today else []
    elif playbook.counts_from == Playbook.CountsFrom.REVIEW:
        meetings = evidence.facts([account.pk], ["meetings"], today, today)[account.pk]["meetings"]
        ahead = [row for row in meetings if row["review"] and row["status"] == "scheduled" and row["on"] >= today]
        found += [AnchorDate(row["on"], row["label"]) for row in ahead[:5]]
    else:
        days = [int(step.get("offset_days") or 0) for step in playbook.steps]
        if days and max(days) > 0:
            day = schedule.due_on(today, -max(days))
            found += [AnchorDate(day, f"leaves {max(days)} days to prepare")] if day else []
        found.append(AnchorDate(today, "today"))
    distinct: dict[date, AnchorDate] = {}
    for one in found:
        distinct.setdefault(one.on, one)
    return list(distinct.values())


def renewal_playbook(account: Account, today: date) -> str:
    """Return the key of the playbook that runs the renewal of an account. Source: RNW-02."""
    in_force = Overrides.load(today).in_force(timeline, today, tier=account.tier, account_id=account.pk)
    arr = rates_in_force(today).convert(account.arr, account.currency)
    given = Renewal(renewal_date=None, tier=account.tier, arr=arr, enterprise=account.enterprise)
    return chosen(given, cast(RenewalParameters, in_force.parameters))


def people_of(account: Account) -> roles.People:
    """Return whom an account names, in one query."""
    rows = TeamMember.objects.filter(account_id=account.pk, deleted_at__isnull=True).order_by("pk")
    team: dict[str, int] = {}
    for job, user in rows.values_list("job_role", "user"):
        team.setdefault(job, user)
    return roles.People(account.owner_id, account.exec_sponsor_id, team)


def prepare(play: Any) -> None:
    """Take over what a playbook gives to a new play: title, version, anchor date and the day of its last step."""
    if play.playbook_id is None:
        return
    book = play.playbook
    play.title = play.title or book.title
    play.playbook_version = book.version
    if play.anchor_on is None and play.renewal_id:
        play.anchor_on = play.renewal.renewal_date
    play.anchor_on = play.anchor_on or play.start_on
    if play.renewal_id is None and book.counts_from == Playbook.CountsFrom.RENEWAL:
        cycles = RenewalCycle.objects.filter(
            account_id=play.account_id, deleted_at__isnull=True, state__in=OPEN_CYCLES, renewal_date=play.anchor_on
        )
        play.renewal_id = cycles.order_by("pk").values_list("pk", flat=True).first()
    _check_given(play)
    if play.due_on is None and play.horizon is None:
        days = [
            schedule.due_on(play.anchor_on, step.get("offset_days"))
            for step in book.steps
            if step["key"] not in play.left_out
        ]
        last = max(filter(None, days), default=None)
        play.due_on = last if last and last >= play.start_on else None


def make_steps(ctx: Context, play: Any) -> None:
    """Make the dated, owned steps of a play that starts from a playbook; what the records already meet is done."""
    if play.playbook_id is None:
        return
    rtype = registry.get("step")
    found = plan(
        play.playbook, play.account, ctx.today, anchor_on=play.anchor_on, owner=play.owner_id, owners=play.owners,
        left_out=play.left_out, start_on=play.start_on,
    )  # fmt: skip
    for position, one in enumerate(found.steps):
        data: dict[str, Any] = {
            "play": play.pk,
            "key": one.key,
            "title": one.title,
            "description": one.description,
            "offset_days": one.offset_days,
            "due_on": one.due_on,
            "owner": one.owner or play.owner_id,
            "owner_role": one.role,
            "condition": dict(one.condition),
            "position": position,
        }
        if one.left_out:
            data |= {"status": "skipped", "evidence": LEFT_OUT}
        elif one.answer and one.met:
            data |= {"status": "done", "evidence": one.answer.says}
        records.create(ctx, rtype, data)


def _planned(
    step: Mapping[str, Any], anchor: date, owner: int | None, seen: Seen, left_out: Collection[str], business: Workdays
) -> PlannedStep:
    due = schedule.due_on(anchor, step.get("offset_days"))
    condition = step.get("condition") or {}
    return PlannedStep(
        key=step["key"],
        title=step["title"],
        description=step.get("description", ""),
        role=step.get("owner_role", ""),
        offset_days=step.get("offset_days"),
        due_on=due,
        owner=owner,
        conflicts=schedule.conflicts(due, seen.on, business),
        answer=checks.answer(condition, replace(seen, since=checks.counts_since(condition, seen.since, due)))
        if condition
        else None,
        condition=condition,
        left_out=step["key"] in left_out,
    )


def _check_given(play: Any) -> None:
    errors: dict[str, str] = {}
    owners, left_out = play.owners or {}, play.left_out or []
    if not isinstance(owners, dict):
        errors["owners"] = "A person for each role is expected, like {sponsor: 7}."
    else:
        ids = {str(pk) for pk in owners.values() if pk not in (None, "")}
        known = {pk for pk in ids if pk.isdecimal() and len(pk) < 19}
        there = User.objects.alive().filter(pk__in=[int(pk) for pk in known], active=True).count()
        if there < len(ids):
            errors["owners"] = "Each role takes the id of an active user."
        play.owners = {str(role): str(pk) for role, pk in owners.items() if pk not in (None, "")}
    if not isinstance(left_out, list) or not all(isinstance(key, str) for key in left_out):
        errors["left_out"] = "A list of keys of steps is expected."
    elif strange := sorted(set(left_out) - {step["key"] for step in play.playbook.steps}):
        errors["left_out"] = f"Not steps of this playbook: {', '.join(strange)[:200]}."
    if errors:
        raise Invalid.fields(errors)
