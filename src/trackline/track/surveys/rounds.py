"""A survey of many accounts at once: who is asked, what has to be ready, and sending it (SUR-02, SUR-03, SUR-04, SUR-16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Lower

from trackline.accounts.models import Account, Contact, Metric
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import several
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import Refused
from trackline.kit.records import services as records
from trackline.kit.records.bulk import BulkResult, update_many
from trackline.kit.records.links import hidden
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.models import Invitation, Response, SurveyRound, Wave
from trackline.track.models.surveys import Audience
from trackline.track.rules.checklists import Answered, Run, checklists, run
from trackline.track.rules.survey_rhythm import next_ask
from trackline.track.rules.surveys import surveys
from trackline.track.surveys.scores import Scores

ALIVE = Q(deleted_at__isnull=True)
GONE = (Account.Status.CHURNED, Account.Status.ARCHIVED)
LOCKED = {"survey", "about", "anonymous"}
"""What stays as it was once a round is sent."""
LEFT_OUT = {"without": "account", "left_out": "contact"}
"""Links that name accounts and people who are not asked."""
LEVELS = dict(Audience.choices)


# -- writes ----------------------------------------------------------------------------------------------------------


def prepare_round(ctx: Context, found: Any, changed: set[str], links: dict[str, list[int]]) -> None:
    """Keep the questions of a round that was sent as they were, and what others left out that the actor does not see."""
    for name, target in LEFT_OUT.items():
        if name in links and not found._state.adding:
            links[name] += hidden(ctx, target, getattr(found, name).values_list("pk", flat=True))
    if found._state.adding or not LOCKED & changed or not found.waves.filter(ALIVE).exists():
        return
    before = SurveyRound.objects.values(*LOCKED).get(pk=found.pk)
    if any(before[name] != getattr(found, name) for name in LOCKED):
        raise Refused("The questions of a round stay as they were sent. Make another round.")


def allow_delete_round(_ctx: Context, found: Any) -> None:
    """Keep a round whose waves stand in accounts."""
    if found.waves.filter(ALIVE).exists():
        raise Refused(
            "This round was sent. Its answers stay together: close it, or delete its waves in their accounts."
        )


def add_state(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to rounds how far they are: state, accounts, people asked and answers, as far as the reader sees them."""
    found = waves_in(ctx, [int(row["id"]) for row in rows])
    counted = counts_of([wave for waves in found.values() for wave in waves])
    unseen = {
        name: hidden(ctx, target, {int(pk) for row in rows for pk in row[name]}) for name, target in LEFT_OUT.items()
    }
    for row in rows:
        for name, ids in unseen.items():
            row[name] = [pk for pk in row[name] if int(pk) not in ids]
        waves = found.get(int(row["id"]), [])
        row["state"] = state_of(waves)
        row["accounts"] = len(waves)
        row["asked"] = sum(counted[wave.pk][0] for wave in waves)
        row["answered"] = sum(counted[wave.pk][1] for wave in waves)


def send(ctx: Context, found: SurveyRound, reason: str = "") -> BulkResult:
    """Open a wave in each account that is due and has none of this round; one batch, which can be taken back as a whole.

    Raises `Refused` where nobody is due, and while the checklist is open: administrators may say why it goes out all the
    same.
    """
    ctx.require(WRITE)
    with transaction.atomic():
        plans = [plan for plan in plan_of(ctx, found) if plan.asked and plan.wave is None]
        if not plans:
            raise Refused("Nobody is due in an account that was not asked yet.")
        state = launch(found, plans)
        if not state.passed:
            if not reason.strip():
                lacking = "; ".join(row.item.text for row in state.rows if row.answer not in ("yes", "na"))
                raise Refused(f"Not ready to send: {lacking}.")
            ctx.require(ADMIN)
            ctx = replace(ctx, note=reason.strip()[:250])
        batched = ctx.batched()
        assert batched.batch is not None
        result = BulkResult(batched.batch)
        for plan in plans:
            made = records.create(batched, registry.get("wave"), _wave_data(found, plan))
            result.changed.append(str(made))
    return result


def _wave_data(found: SurveyRound, plan: AccountPlan) -> dict[str, Any]:
    return {
        "account": plan.account.pk,
        "title": found.title,
        "survey": found.survey,
        "about": found.about,
        "anonymous": found.anonymous,
        "contacts": [person.contact.pk for person in plan.asked],
        "status": "open",
        "closes_on": found.closes_on,
        "owner": plan.account.owner_id or found.owner_id,
        "round": found.pk,
    }


def remind(ctx: Context, found: SurveyRound) -> BulkResult:
    """Note that those who are silent were reminded today, in all open waves. Raises `Refused` where none is open."""
    return _each(ctx, found, {"reminded_on": ctx.today})


def close(ctx: Context, found: SurveyRound) -> BulkResult:
    """Close all open waves. Raises `Refused` where none is open."""
    return _each(ctx, found, {"status": "closed"})


def _each(ctx: Context, found: SurveyRound, data: Mapping[str, Any]) -> BulkResult:
    ctx.require(WRITE)
    ids = [wave.pk for wave in waves_of(ctx, found) if wave.status == "open"]
    if not ids:
        raise Refused("No wave of this round is open.")
    return update_many(ctx, registry.get("wave"), ids, data)


# -- the plan --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody of an account: level, whether they are asked, else why not, and from when they may be asked again."""

    contact: Contact
    level: str
    asked: bool
    why: str = ""
    next_on: date | None = None

    @property
    def label(self) -> str:
        """The level in words."""
        return str(LEVELS.get(self.level, "no seniority"))


@dataclass(frozen=True)
class AccountPlan:
    """Who is asked in an account and who is not. `wave` is the one that was sent, if it was."""

    account: Account
    people: Sequence[Person]
    wave: Wave | None = None

    @property
    def asked(self) -> list[Person]:
        """Those who are asked."""
        return [person for person in self.people if person.asked]

    @property
    def resting(self) -> list[Person]:
        """Those who are not, each with the reason."""
        return [person for person in self.people if not person.asked]

    @property
    def lacking(self) -> list[str]:
        """Levels nobody is asked on. Source: SUR-02."""
        there = {person.level for person in self.asked}
        return [str(label) for key, label in Audience.choices if key not in there]

    @property
    def by_level(self) -> list[tuple[str, int]]:
        """How many are asked on each level."""
        return [(str(label), sum(one.level == key for one in self.asked)) for key, label in Audience.choices]


def accounts_of(ctx: Context, found: SurveyRound) -> QuerySet[Any]:
    """Return the accounts of a round that the actor sees, without those that left."""
    rows = scoped(ctx, registry.get("account")).exclude(status__in=GONE)
    if found.group_id:
        top = Account.objects.filter(pk=found.group_id).values_list("path", flat=True).first() or ""
        rows = rows.filter(path__startswith=top) if top else rows.none()
    for name in ("tier", "region", "industry", "segment"):
        if getattr(found, name) not in (None, ""):
            rows = rows.filter(**{name: getattr(found, name)})
    if found.managed_by_id:
        rows = rows.filter(owner=found.managed_by_id)
    return rows.exclude(pk__in=found.without.values("pk"))


def plan_of(ctx: Context, found: SurveyRound) -> list[AccountPlan]:
    """Return who would be asked on each account today, accounts by name, in a fixed number of queries.

    Somebody is due once the months of their level are over, counted from the day they were last asked or answered, as any
    entry of the same person in whichever account. Of more than wanted on a level those asked longest ago come first, then
    those with more influence. Source: SUR-02, SUR-03.
    """
    accounts = list(accounts_of(ctx, found).select_related("owner").order_by("name", "pk"))
    mine = Contact.objects.filter(ALIVE, status=Contact.Status.ACTIVE, account__in=[one.pk for one in accounts])
    people: dict[int, list[Contact]] = {}
    for contact in mine.order_by("name", "pk"):
        people.setdefault(contact.account_id, []).append(contact)
    last = _last_asked(mine)
    out = set(found.left_out.values_list("pk", flat=True))
    sent = {wave.account_id: wave for wave in waves_of(ctx, found)}
    already = _invited(sent.values())
    overrides = Overrides.load(ctx.today)
    preset = {SurveyRound.Rhythm.STAGGERED: "staggered", SurveyRound.Rhythm.PANEL: "panel"}[found.rhythm]  # type: ignore[index]
    plans = []
    for account in accounts:
        figures = overrides.in_force(next_ask, ctx.today, tier=account.tier, account_id=account.pk, preset=preset)
        wave = sent.get(account.pk)
        if wave is not None:
            told = [_person_sent(one, already[wave.pk]) for one in people.get(account.pk, ())]
        else:
            told = _people(people.get(account.pk, ()), found, last, out, figures, ctx.today)
        plans.append(AccountPlan(account, told, wave))
    return plans


def _person_sent(contact: Contact, invited: set[int]) -> Person:
    there = contact.pk in invited
    return Person(contact, surveys().audience_of(contact.seniority), there, "" if there else "was not asked")


def _people(
    contacts: Iterable[Contact],
    found: SurveyRound,
    last: Mapping[int, date],
    out: set[int],
    figures: Any,
    today: date,
) -> list[Person]:
    told: list[Person] = []
    due: dict[str, list[Person]] = {}
    for contact in contacts:
        level = surveys().audience_of(contact.seniority)
        if not level:
            told.append(Person(contact, "", False, "has no seniority"))
            continue
        given = read_inputs(next_ask.inputs, {"audience": level, "last_on": last.get(contact.pk)})
        next_on = next_ask.explain(given, figures, today).details["next_on"]
        why = (
            "left out"
            if contact.pk in out
            else "has no e-mail address"
            if not contact.email
            else "was asked too lately"
            if next_on and next_on > today
            else ""
        )
        person = Person(contact, level, not why, why, next_on)
        if why:
            told.append(person)
        else:
            due.setdefault(level, []).append(person)
    for rows in due.values():
        rows.sort(key=lambda one: (last.get(one.contact.pk) or date.min, -one.contact.influence, one.contact.name))
        most = found.per_level or len(rows)
        told += rows[:most]
        told += [replace(one, asked=False, why="others of the level come first") for one in rows[most:]]
    order = {key: place for place, key in enumerate(LEVELS)}
    return sorted(told, key=lambda one: (not one.asked, order.get(one.level, 9), one.contact.name))


def _last_asked(mine: QuerySet[Any]) -> dict[int, date]:
    """Return when each of the contacts was last asked or answered, in any of their entries; four queries."""
    kept = mine.order_by()
    mail = kept.exclude(email="").annotate(mail=Lower("email")).values("mail")
    entries = (
        Contact.objects.filter(ALIVE)
        .annotate(mail=Lower("email"))
        .filter(
            Q(pk__in=kept.values("pk"))
            | Q(same_as__in=kept.values("pk"))
            | Q(pk__in=kept.exclude(same_as=None).values("same_as"))
            | Q(mail__in=mail)
        )
    )
    whose = _persons(list(entries.values_list("pk", "same_as", "mail")))
    ids = entries.order_by().values("pk")
    counted = Wave.objects.filter(ALIVE, sent_on__isnull=False).exclude(survey=Wave.Survey.MICRO)
    asked = Invitation.objects.filter(contact__in=ids, wave__in=counted.values("pk"))
    answers = Response.objects.filter(ALIVE, contact__in=ids, wave__in=counted.values("pk"))
    newest: dict[int, date] = {}
    for rows, name in ((asked, "wave__sent_on"), (answers, "on")):
        for contact, on in rows.values_list("contact").annotate(last=Max(name)).values_list("contact", "last"):
            key = whose[contact]
            newest[key] = max(on, newest.get(key, on))
    return {pk: newest[key] for pk, key in whose.items() if key in newest}


def _persons(rows: Sequence[tuple[int, int | None, str]]) -> dict[int, int]:
    """Return, for each entry, one that stands for the person: entries said to be the same, or with one address, are one."""
    above: dict[int, int] = {pk: pk for pk, _, _ in rows}

    def top(pk: int) -> int:
        while above[pk] != pk:
            pk = above[pk]
        return pk

    by_mail: dict[str, int] = {}
    for pk, same, mail in rows:
        if same in above:
            above[top(pk)] = top(same)
        if mail:
            above[top(pk)] = top(by_mail.setdefault(mail, pk))
    return {pk: top(pk) for pk in above}


# -- what has to be ready --------------------------------------------------------------------------------------------


def launch(found: SurveyRound, plans: Sequence[AccountPlan]) -> Run:
    """Return the checklist before sending. Source: SUR-16."""
    checklist = checklists()["survey_launch"]
    asked = [plan for plan in plans if plan.asked]
    thin = [plan.account.name for plan in asked if plan.lacking]
    ownerless = [plan.account.name for plan in asked if not (plan.account.owner_id or found.owner_id)]
    days = several("survey.reminder_days", "survey.phone_days")
    metrics = set(Metric.objects.filter(ALIVE, key__in=Scores.METRICS).values_list("key", flat=True))
    lacking = [key.upper() for key in Scores.METRICS if key not in metrics]
    told = {
        "people": (bool(asked) and not thin, f"a level is missing in {_named(thin)}" if thin else "all levels"),
        "reminders": (
            all(days.values()),
            f"reminder after {days['survey.reminder_days']} days, calls after {days['survey.phone_days']}",
        ),
        "connected": (not lacking, f"no metric {', '.join(lacking)}" if lacking else "NPS, CSAT and CES are read"),
        "owners": (bool(asked) and not ownerless, f"nobody in {_named(ownerless)}" if ownerless else "in each account"),
    }
    answers = {
        key: Answered(_item(checklist, key), "yes" if good else "no", says) for key, (good, says) in told.items()
    }
    for key in ("localised", "piloted"):
        answers[key] = Answered(_item(checklist, key), getattr(found, key))
    return run(checklist, answers)


def _item(checklist: Any, key: str) -> Any:
    found = checklist.item(key)
    assert found is not None
    return found


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


# -- waves of a round ------------------------------------------------------------------------------------------------


def waves_of(ctx: Context, found: SurveyRound) -> list[Wave]:
    """Return the waves of a round that the actor sees, with their accounts."""
    return waves_in(ctx, [found.pk]).get(found.pk, [])


def waves_in(ctx: Context, ids: Sequence[int]) -> dict[int, list[Wave]]:
    """Return the waves of several rounds that the actor sees, by round."""
    rows = scoped(ctx, registry.get("wave")).filter(round__in=ids).select_related("account__owner")
    found: dict[int, list[Wave]] = {}
    for wave in rows.order_by("account__name", "pk"):
        found.setdefault(wave.round_id, []).append(wave)
    return found


def _invited(waves: Iterable[Wave]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {wave.pk: set() for wave in waves}
    for wave, contact in Invitation.objects.filter(wave__in=found).values_list("wave", "contact"):
        found[wave].add(contact)
    return found


def counts_of(waves: Sequence[Wave]) -> dict[int, tuple[int, int]]:
    """Return people asked and answers of each wave; two queries."""
    found = {wave.pk: [wave.asked or 0, 0] for wave in waves}
    asked = Invitation.objects.filter(wave__in=found, contact__deleted_at__isnull=True).values_list("wave")
    people: dict[int, int] = {}
    for (wave,) in asked:
        people[wave] = people.get(wave, 0) + 1
    for wave, count in people.items():
        found[wave][0] = max(found[wave][0], count)
    for (wave,) in Response.objects.filter(ALIVE, wave__in=found).values_list("wave"):
        found[wave][1] += 1
    return {wave: (asked, answered) for wave, (asked, answered) in found.items()}


def state_of(waves: Sequence[Wave]) -> str:
    """Return `planned` before anything was sent, `open` while a wave takes answers, else `closed`."""
    if not waves:
        return "planned"
    return "open" if any(wave.status == "open" for wave in waves) else "closed"


def remind_on(waves: Sequence[Wave], days: int) -> date | None:
    """Return when the open waves are to be reminded of, or None where none is open or all were. Source: SUR-04."""
    due = [
        wave.sent_on + timedelta(days=days)
        for wave in waves
        if wave.status == "open" and wave.sent_on and not (wave.reminded_on and wave.reminded_on > wave.sent_on)
    ]
    return min(due, default=None)
