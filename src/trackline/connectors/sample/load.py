"""Writes the sample book into an empty one, through the record services, each write at its own time and by its author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from trackline.accounts import completeness
from trackline.accounts.models import Account, User
from trackline.accounts.rulebook import adjusting
from trackline.accounts.rulebook.refresh import HISTORY_WEEKS, refresh_scores
from trackline.accounts.services import change_setting, create_user, define_custom_field, set_exchange_rate
from trackline.accounts.services.measures import refresh_kpis
from trackline.align.models import Pipeline
from trackline.book.cards.keeping import pass_on
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.tiers.scores import looked_back_on
from trackline.connectors.sample import alerts, bulk, cards, papers
from trackline.connectors.sample.build import build
from trackline.connectors.sample.content import Story, book_file, stories
from trackline.connectors.sample.drafts import Amendment, Book, Draft
from trackline.connectors.sample.timeline import Timeline
from trackline.kickoff.models import Attendance, CadenceParticipant, ClientAttendance, Meeting
from trackline.kit.policy import ADMIN, PERMISSIONS, Actor, Context
from trackline.kit.problems import Invalid, Problem, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import RecordType, registry
from trackline.reveal.models import Goal
from trackline.reveal.services import recompute
from trackline.watch.engine import watch_accounts

Progress = Callable[[int, int], None]
"""Told how many writes are done of how many."""

SIGN_IN = "katrin-vogel"
"""The user whose desk a visitor of the demo sits at."""

_ONE_BY_ONE = ("account", "business_unit", "contact")
"""Records that point to others of their kind."""
_MAY_BE_THERE = ("product", "playbook", "journey_dimension")
"""Records of the whole book that it may hold from the start; they are taken over by key or name."""

RANKED_WEEKS = 4
"""So many weeks of rankings stand before the first one, for changes to be seen against."""


def load(ctx: Context, today: date, progress: Progress | None = None) -> dict[str, int]:
    """Write the sample book as of a day and return how many records of each type were made.

    All or nothing. Raises `Refused` where the book already holds accounts, `Invalid` naming the record that a rule
    refuses.
    """
    ctx.require(ADMIN)
    if Account.objects.filter(deleted_at__isnull=True).exists():
        raise Refused("This book already holds accounts. The sample book goes into an empty one.")
    with transaction.atomic(), _one_telling():
        loader = _Loader(ctx, build(today), progress or (lambda _done, _all: None))
        loader.run()
    return dict(loader.made)


@contextmanager
def _one_telling() -> Iterator[None]:
    """Keep listeners of writes quiet: what they keep in step is brought up to date once, at the end."""
    listening = records.subscribers[:]
    records.subscribers.clear()
    try:
        yield
    finally:
        records.subscribers[:] = listening


class _Loader:
    """One run: the ids behind local names, and who writes when."""

    def __init__(self, ctx: Context, book: Book, progress: Progress) -> None:
        self.ctx, self.book, self.progress = ctx, book, progress
        pipelines = Pipeline.objects.alive().values_list("key", "pk")
        self.ids: dict[str, int] = {f"pipeline:{key}": pk for key, pk in pipelines}
        self.ids |= {f"metric:{key}": pk for key, pk in bulk.metric_ids().items()}
        self.made: Counter[str] = Counter()
        self.done = 0
        self.total = sum(map(len, book.drafts.values())) + len(book.amendments) + len(book.readings)

    def run(self) -> None:
        """Write everything."""
        self._settings()
        for kind, drafts in self.book.drafts.items():
            if kind == "user":
                self._users(drafts)
            elif kind == "interaction":
                self._interactions(drafts)
            elif kind in _ONE_BY_ONE or kind in _MAY_BE_THERE or registry.get(kind).after:
                for draft in drafts:
                    self._create(draft)
            else:
                self._bulk(drafts)
        self._observations()
        tiers = [change for change in self.book.amendments if change.key.startswith("tier_")]
        for change in self.book.amendments:
            if change not in tiers:
                self._amend(change)
        self._attendance()
        # Moves between tiers are judged by the rankings of their time.
        refresh_ranking(self.ctx, self.book.today, weeks_back=RANKED_WEEKS, also=looked_back_on(self.book.today))
        for change in tiers:
            self._amend(change)
        self._bring_up_to_date()
        self._papers()
        self.progress(self.total, self.total)

    def context(self, by: str, at: datetime, note: str = "") -> Context:
        """Return the context of a write by one of the book's people; nothing is written later than now."""
        actor = Actor(self.ids.get(by, self.ctx.actor.user_id), by, frozenset(PERMISSIONS))
        return replace(self.ctx, actor=actor, now=min(at, self.ctx.now), via="web", note=note, cache={})

    def _settings(self) -> None:
        company = self.book.company
        for key, value in (
            ("book.name", company["name"]),
            ("book.currency", company["currency"]),
            ("book.time_zone", company["timezone"]),
            ("book.fiscal_year_start_month", company["fiscal_year_start_month"]),
            ("growth.capacity_hours", company["growth_capacity_hours"]),
            *((f"service.{name}", str(amount)) for name, amount in company["service"].items()),
        ):
            change_setting(self.ctx, key, value, valid_from=self.book.opened)
        for own in company["figures"]:
            adjusting.save(
                self.ctx, adjusting.rule_named(own["rule"]), adjusting.Target(), own["changes"], reason=own["reason"]
            )
        for currency, on, rate in self.book.rates:
            set_exchange_rate(self.ctx, currency, on, bulk.decimal(rate))
        for field in company["custom_fields"]:
            define_custom_field(self.ctx, **field)

    def _users(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            ctx = replace(self.ctx, now=draft.at)
            data = dict(draft.data)
            name = data.pop("username")
            found = User.objects.filter(username__iexact=name, deleted_at__isnull=True).first()
            user = found or create_user(
                ctx, name, role=draft.extra["role"], name=data.pop("name"), email=data.pop("email")
            )
            self.ids[draft.key] = user.pk
            if found is None:
                records.update(ctx, registry.get("user"), user.pk, data, parse="json")
            self._count("user")

    def _create(self, draft: Draft) -> None:
        kind = draft.kind
        rtype = registry.get(kind)
        if kind in _MAY_BE_THERE and (found := _existing(rtype, draft.data)) is not None:
            self.ids[draft.key] = found
            return
        with self._naming(draft.key):
            record = records.create(
                self.context(draft.by, draft.at), rtype, self._values(kind, draft.data), parse="json"
            )
        self.ids[draft.key] = record.pk
        if kind == "play":
            for pk, key in record.steps.values_list("pk", "key"):
                self.ids[f"step:{draft.key.partition(':')[2]}/{key}"] = pk
        self._count(kind)

    def _amend(self, change: Amendment) -> None:
        kind = change.key.partition(":")[0]
        with self._naming(change.key):
            records.update(
                self.context(change.by, change.at, change.note),
                registry.get(kind),
                self.ids[change.key],
                self._values(kind, change.data),
                parse="json",
            )
        self._count("")

    def _values(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """Return data with ids for local names, as JSON values."""
        specs = registry.get(kind).specs
        return {
            name: bulk.plain(self._resolved(value) if name in specs and specs[name].target else value)
            for name, value in data.items()
        }

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [str(self.ids[item]) for item in value]
        return None if value is None else str(self.ids[value])

    def _bulk(self, drafts: list[Draft]) -> list[Any]:
        """Write records to which their room adds nothing afterwards."""
        if not drafts:
            return []
        kind = drafts[0].kind
        with self._naming(kind):
            made = bulk.create(registry.get(kind), [self._row(draft) for draft in drafts])
        self.ids |= {draft.key: record.pk for draft, record in zip(drafts, made, strict=True)}
        self._count(kind, len(made))
        return made

    def _row(self, draft: Draft) -> bulk.Row:
        account = self.ids.get(f"account:{draft.key.partition(':')[2].partition('/')[0]}")
        return bulk.Row(self.context(draft.by, draft.at), self._values(draft.kind, draft.data), account)

    def _interactions(self, drafts: list[Draft]) -> None:
        """The room keeps each contact's last touch: asking it about the newest interaction of each is enough."""
        after = registry.get("interaction").after
        newest: dict[str, Any] = {}
        pairs = list(zip(drafts, self._bulk(drafts), strict=True))
        for draft, record in sorted(pairs, key=lambda pair: pair[0].data["on"]):
            if draft.data["two_way"]:
                newest |= dict.fromkeys(draft.data["contacts"], record)
        for record in {record.pk: record for record in newest.values()}.values():
            if after:
                after(self.ctx, record, set(), True)

    def _observations(self) -> None:
        rtype = registry.get("observation")
        metrics = bulk.metric_ids()
        kpis = bulk.kpi_metrics()
        rows, pairs = [], set()
        for reading in self.book.readings:
            kpi = self.ids[reading.metric] if reading.metric.startswith("kpi:") else None
            metric = kpis[kpi] if kpi else metrics[reading.metric]
            account = self.ids[reading.account]
            values: dict[str, Any] = {"account": str(account), "metric": str(metric), "on": reading.on.isoformat()}
            values |= {"value": reading.value, "source": reading.source}
            if kpi:
                values["kpi"] = str(kpi)
                pairs.add((account, metric))
            rows.append(bulk.Row(self._read_at(reading.on), values, account))
        self._count("observation", len(bulk.create(rtype, rows, prepare=False)))
        refresh_kpis(self.ctx, sorted(pairs))

    def _read_at(self, on: date) -> Context:
        """Feeds run early in the morning, by themselves."""
        at = datetime(on.year, on.month, on.day, 4, 30, tzinfo=self.ctx.now.tzinfo)
        return replace(self.ctx, now=min(at, self.ctx.now), via="system")

    def _attendance(self) -> None:
        """Who came to meetings that were held; who chairs a cadence."""
        held = [draft for draft in self.book.drafts["meeting"] if draft.data.get("status") == "held"]
        ids = [self.ids[draft.key] for draft in held]
        absent = {(self.ids[draft.key], self.ids[key]) for draft in held for key in draft.extra["absent"]}
        ours, theirs = Meeting.present.through, Meeting.present_contacts.through
        came = Attendance.objects.filter(meeting_id__in=ids).values_list("meeting_id", "user_id")
        ours.objects.bulk_create(ours(meeting_id=at, user_id=who) for at, who in came)
        came_of_theirs = ClientAttendance.objects.filter(meeting_id__in=ids).values_list("meeting_id", "contact_id")
        theirs.objects.bulk_create(
            theirs(meeting_id=at, contact_id=who) for at, who in came_of_theirs if (at, who) not in absent
        )
        for draft in self.book.drafts["cadence"]:
            chair = self.ids[draft.data["chair"]]
            seats = CadenceParticipant.objects.filter(cadence_id=self.ids[draft.key], user_id=chair)
            seats.update(role=CadenceParticipant.Role.CHAIR)

    def _bring_up_to_date(self) -> None:
        """Status of goals, completeness and health of accounts as of today, health of half a year, and what signals see."""
        for goal in Goal.objects.filter(deleted_at__isnull=True):
            recompute(self.ctx, goal)
        accounts = list(Account.objects.values_list("pk", flat=True))
        completeness.store(accounts, self.book.today)
        refresh_scores(accounts, self.book.today, weeks_back=HISTORY_WEEKS, at=self.ctx.now)
        refresh_ranking(self.ctx, self.book.today)
        watch_accounts(self.ctx, accounts)
        names = {pk: name for name, pk in self.ids.items() if name.startswith("account:")}
        local = {pk: name.partition(":")[2] for pk, name in names.items()}
        alerts.tell(self.ctx.now, local, book_file()["alerts"])
        self._scorecards(local)

    def _scorecards(self, names: dict[int, str]) -> None:
        """Scorecards, what they found before, and who answered what turned worse."""
        when = Timeline(self.book.today, self.book.company["timezone"])
        made = cards.add_cards(self.context, when, book_file()["scorecards"], self.ids)
        cards.look_back(self.ctx, self.book.today, self.book.company["fiscal_year_start_month"])
        cards.answer(book_file()["breaches"], names)
        pass_on(self.ctx)
        self._count("scorecard", made)

    def _papers(self) -> None:
        """Plans, what was kept of them and who signed; the page of a customer."""
        when = Timeline(self.book.today, self.book.company["timezone"])
        for story in stories(when):

            def by(who: str, on: int, story: Story = story) -> Context:
                return self.context(story.user(who), when.written(on, f"plan:{story.key}/{on}"))

            with self._naming(f"plan:{story.key}"):
                self.made += papers.add_papers(story, self.ids, by)

    def _count(self, kind: str, by: int = 1) -> None:
        if kind:
            self.made[kind] += by
        before, self.done = self.done, self.done + by
        if self.done // 100 != before // 100:
            self.progress(self.done, self.total)

    @contextmanager
    def _naming(self, key: str) -> Iterator[None]:
        try:
            yield
        except Problem as problem:
            listed = problem.errors or [{"loc": [], "msg": problem.detail}]
            raise Invalid(
                f"The sample book's {key} was refused: {problem.detail}",
                [{"loc": [key, *error["loc"]], "msg": error["msg"]} for error in listed],
            ) from problem


def _existing(rtype: RecordType, data: dict[str, Any]) -> int | None:
    field = rtype.lookup or rtype.title
    found: Iterable[int] = rtype.model._default_manager.filter(
        **{field: data[field], "deleted_at__isnull": True}
    ).values_list("pk", flat=True)
    return next(iter(found), None)
