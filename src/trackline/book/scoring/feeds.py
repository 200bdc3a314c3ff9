"""The figures that criteria are fed by, each for the whole book at once: a fixed number of queries, however many accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from trackline.accounts.models import Contact, Metric, Observation, Score
from trackline.accounts.rulebook.queries import newest
from trackline.align.models import ContractItem, Project
from trackline.align.rules.gate import DEFAULT_PROBABILITY
from trackline.book.queries.deals import Deal, deals_as_of
from trackline.book.rules.scoring_model import Feed
from trackline.book.scoring.universe import Universe
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import rulebook
from trackline.kit.policy import Context
from trackline.track.models import JourneyScore
from trackline.track.rules.health_inputs import wiring

ALIVE = Q(deleted_at__isnull=True)
MONTH_DAYS = Decimal("30.4375")
GROWTH_SLACK_DAYS = 100
"""How much older than the window the first reading of a growth may be: a quarterly metric has one at least."""
STANDS_DAYS = 3660
"""ARR stands until its next reading, so an old one still counts."""
HIGH_INFLUENCE = 4


@dataclass
class Column:
    """Values by account, and where each came from: record, day, age. `unit` is how to write them."""

    label: str
    unit: str = "count"
    values: dict[int, Decimal] = field(default_factory=dict)
    sources: dict[int, dict[str, Any]] = field(default_factory=dict)

    def put(self, account: int, value: Decimal | int, **source: Any) -> None:
        """Keep a value with its source."""
        self.values[account], self.sources[account] = Decimal(value), source


class Figures:
    """Reads figures of a universe; what several feeds need is read once."""

    def __init__(self, ctx: Context, over: Universe, metrics: set[str]) -> None:
        self._ctx, self._over, self._metric_keys = ctx, over, metrics
        self._columns: dict[Feed, Column] = {}
        self.on = over.on

    def column(self, feed: Feed) -> Column:
        """Return the figures of a feed."""
        if feed not in self._columns:
            self._columns[feed] = _READERS[feed.kind](self, feed)
        return self._columns[feed]

    # -- read once -------------------------------------------------------------------------------------------------

    @cached_property
    def deals(self) -> list[tuple[int, Deal]]:
        """Routes with the account each counts for."""
        home = self._over.home
        return [(home[deal.account], deal) for deal in deals_as_of(self._ctx, self.on).rows if deal.account in home]

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics that feeds name, by key."""
        rows = Metric.objects.filter(ALIVE, key__in=self._metric_keys, account__isnull=True)
        return {row.key: row for row in rows}

    @cached_property
    def readings(self) -> dict[str, dict[int, list[tuple[date, int, Decimal]]]]:
        """Readings of those metrics up to the day: by metric and account, oldest first."""
        keys = {metric.pk: key for key, metric in self.metrics.items()}
        found: dict[str, dict[int, list[tuple[date, int, Decimal]]]] = {}
        rows = Observation.objects.filter(ALIVE, metric__in=list(keys), on__lte=self.on).order_by("on", "pk")
        for metric, account, on, pk, value in rows.values_list("metric_id", "account_id", "on", "pk", "value"):
            if account in self._over.scored:
                found.setdefault(keys[metric], {}).setdefault(account, []).append((on, pk, value))
        return found

    @cached_property
    def arr(self) -> dict[int, Decimal]:
        """ARR in the book's currency by scored account, with that of accounts that count for it."""
        sums: dict[int, Decimal] = {}
        for pk in self._over.living:
            worth, home = self._over.arr(pk), self._over.home.get(pk)
            if home is not None and worth is not None:
                sums[home] = sums.get(home, ZERO) + worth
        return sums

    # -- one method a kind -----------------------------------------------------------------------------------------

    def field(self, feed: Feed) -> Column:
        """A field of the account, as the universe has it."""
        label, unit = _FIELDS[feed.name]
        column = Column(label, unit)
        for pk, amount in self._fields(feed.name).items():
            column.put(pk, amount, record_type="account", record_id=pk)
        return column

    def _fields(self, name: str) -> dict[int, Decimal]:
        if name == "arr":
            return self.arr
        if name == "share_of_arr":
            total = sum(self.arr.values(), ZERO)
            return {pk: amount * HUNDRED / total for pk, amount in self.arr.items()} if total else {}
        known = {pk: getattr(account, name) for pk, account in self._over.scored.items()}
        return {pk: Decimal(value) for pk, value in known.items() if value is not None}

    def metric(self, feed: Feed) -> Column:
        """The newest reading of a metric that is not too old."""
        metric = self.metrics.get(feed.name)
        if metric is None:
            return Column(feed.name)
        column = Column(metric.name, metric.unit)
        limit = feed.max_age_days or wiring().max_age_days[metric.refresh]
        for account, rows in self.readings.get(feed.name, {}).items():
            on, pk, value = rows[-1]
            amount = self._over.money(account, value) if metric.unit == "currency" else value
            if (self.on - on).days <= limit and amount is not None:
                column.put(account, amount, **self._told("observation", pk, on))
        return column

    def growth(self, feed: Feed) -> Column:
        """How much a metric has grown over some months, in percent; needs a reading before them that is above 0."""
        metric = self.metrics.get(feed.name)
        if metric is None:
            return Column(feed.name)
        assert feed.months is not None
        column = Column(f"{metric.name}, change in {feed.months} months", "percent")
        start = self.on - timedelta(days=int(feed.months * MONTH_DAYS))
        slack = STANDS_DAYS if feed.name == "arr" else GROWTH_SLACK_DAYS
        for account, rows in self.readings.get(feed.name, {}).items():
            before = [row for row in rows if row[0] <= start]
            if before and before[-1][2] > 0 and (start - before[-1][0]).days <= slack:
                (was_on, _, was), (on, pk, now) = before[-1], rows[-1]
                source = self._told("observation", pk, on)
                column.put(account, (now - was) * HUNDRED / was, since=was_on.isoformat(), **source)
        return column

    def score(self, feed: Feed) -> Column:
        """The newest score that a rule found, of the last month or so."""
        rule, _, preset = feed.name.partition("/")
        column = Column(rulebook().get(rule).title if rule in rulebook() else feed.name, "score")
        since = self.on - timedelta(days=feed.max_age_days or wiring().max_age_days["monthly"])
        rows = newest(Score.objects.filter(rule=rule, preset=preset, value__isnull=False, on__gte=since), self.on)
        for pk, account, value, on in rows.values_list("pk", "account_id", "value", "on"):
            if value is not None and account in self._over.scored:
                column.put(account, value, **self._told("score", pk, on), rule=rule, preset=preset)
        return column

    def routes(self, feed: Feed) -> Column:
        """Value or number of routes won in a window, or open, with those of accounts that count for it.

        An account whose routes all lack a value is not known; one without routes has none, as soon as anybody has any.
        """
        label, unit, won, worth = _ROUTES[feed.name]
        column = Column(f"{label}, {feed.months} months" if feed.months and won else label, unit)
        since = self.on - timedelta(days=int(feed.months * MONTH_DAYS)) if feed.months and won else None
        sums: dict[int, Decimal] = dict.fromkeys(self._over.scored, ZERO)
        counts: dict[int, int] = dict.fromkeys(self._over.scored, 0)
        unknown: set[int] = set()
        for home, deal in self.deals:
            if not (deal.state == "won" if won else deal.is_open):
                continue
            if since is not None and (deal.closes_on is None or deal.closes_on <= since):
                continue
            amount = worth(deal)
            if amount is None:
                unknown.add(home)
            else:
                sums[home] += amount
                counts[home] += 1
        for pk, total in sums.items() if any(counts.values()) else ():
            if counts[pk] or pk not in unknown:
                column.put(pk, total, **self._counted("route", counts[pk]))
        return column

    def contacts(self, feed: Feed) -> Column:
        """Active contacts of a kind, today: what contacts were on an earlier day is not kept."""
        label, condition = _CONTACTS[feed.name]
        if self.on < self._ctx.today:
            return Column(label)
        rows = Contact.objects.filter(ALIVE, status=Contact.Status.ACTIVE).order_by().values_list("account_id")
        return self._counts(label, "contact", dict(rows.annotate(n=Count("pk", filter=condition))))

    def products(self, _feed: Feed) -> Column:
        """How many of our products an account has: in contracts in force, or won."""
        used: dict[int, set[int]] = {}
        items = ContractItem.objects.filter(ALIVE, contract__deleted_at__isnull=True).filter(
            Q(contract__start_on__isnull=True) | Q(contract__start_on__lte=self.on),
            Q(contract__end_on__isnull=True) | Q(contract__end_on__gte=self.on),
        )
        for account, product in items.values_list("contract__account_id", "product_id"):
            used.setdefault(self._over.home.get(account, account), set()).add(product)
        for home, deal in self.deals:
            if deal.state == "won" and deal.product is not None:
                used.setdefault(home, set()).add(deal.product)
        return self._counts("Products in use", "product", {pk: len(products) for pk, products in used.items()})

    def projects(self, feed: Feed) -> Column:
        """Projects under way, or finished in the window. Of a day in the past: those that had begun by then."""
        states = (Project.Status.ACTIVE, Project.Status.COMPLETED)
        rows = Project.objects.filter(ALIVE, account__isnull=False, status__in=states)
        if self.on < self._ctx.today:
            rows = rows.filter(start_on__lte=self.on)
        if feed.months:
            since = self.on - timedelta(days=int(feed.months * MONTH_DAYS))
            rows = rows.filter(Q(status=Project.Status.ACTIVE) | Q(due_on__gt=since))
        found = dict(rows.order_by().values_list("account_id").annotate(n=Count("pk")))
        return self._counts("Projects run", "project", found)

    def journey(self, feed: Feed) -> Column:
        """The newest score on a dimension of the journey."""
        column = Column(feed.name.replace("_", " ").capitalize(), "score")
        rows = JourneyScore.objects.filter(ALIVE, dimension__key=feed.name, on__lte=self.on).order_by("on", "pk")
        for pk, account, on, value, name in rows.values_list("pk", "account_id", "on", "score", "dimension__name"):
            column.label = f"Journey: {name}"
            if account in self._over.scored:
                column.put(account, value, **self._told("journey_score", pk, on))
        return column

    # -- inside ----------------------------------------------------------------------------------------------------

    def _counts(self, label: str, record_type: str, found: Mapping[int, int]) -> Column:
        """Numbers of records; 0 is a number as soon as any account has one, before it says nothing."""
        column = Column(label)
        for account in self._over.scored if any(found.values()) else ():
            column.put(account, found.get(account, 0), **self._counted(record_type, found.get(account, 0)))
        return column

    def _counted(self, record_type: str, count: int) -> dict[str, Any]:
        return {"record_type": record_type, "count": count, "on": self.on.isoformat(), "age_days": 0}

    def _told(self, record_type: str, pk: int, on: date) -> dict[str, Any]:
        age = (self.on - on).days
        return {"record_type": record_type, "record_id": pk, "on": on.isoformat(), "age_days": age}


def _weighted(deal: Deal) -> Decimal | None:
    if deal.value is None or (deal.probability is None and deal.state == "open"):
        return None
    chance = DEFAULT_PROBABILITY[deal.state] if deal.probability is None else deal.probability
    return deal.value * chance / HUNDRED


_READERS: Mapping[str, Callable[[Figures, Feed], Column]] = {
    "field": Figures.field,
    "metric": Figures.metric,
    "growth": Figures.growth,
    "score": Figures.score,
    "routes": Figures.routes,
    "contacts": Figures.contacts,
    "products": Figures.products,
    "projects": Figures.projects,
    "journey": Figures.journey,
}
_FIELDS: Mapping[str, tuple[str, str]] = {
    "arr": ("ARR", "currency"),
    "share_of_arr": ("Share of all ARR", "percent"),
    "client_fte": ("Client headcount", "count"),
    "serving_fte": ("Serving FTE", "count"),
    "maturity": ("Maturity", "score"),
}
_ROUTES: Mapping[str, tuple[str, str, bool, Callable[[Deal], Decimal | None]]] = {
    "won_value": ("Won value", "currency", True, lambda deal: deal.value),
    "won_count": ("Routes won", "count", True, lambda _deal: Decimal(1)),
    "open_weighted": ("Weighted pipeline", "currency", False, _weighted),
    "open_value": ("Open pipeline", "currency", False, lambda deal: deal.value),
    "open_count": ("Open routes", "count", False, lambda _deal: Decimal(1)),
}
_CONTACTS: Mapping[str, tuple[str, Q]] = {
    "active": ("Active contacts", Q()),
    "c_suite": ("Contacts in the C-suite", Q(seniority="c_suite")),
    "champions": ("Champions", Q(buying_role="champion")),
    "high_influence": ("Influential contacts", Q(influence__gte=HIGH_INFLUENCE)),
}


def named(kind: str, name: str) -> str:
    """Return what a figure with a fixed name is called."""
    if kind == "field":
        return _FIELDS[name][0]
    if kind == "routes":
        return _ROUTES[name][0]
    if kind == "contacts":
        return _CONTACTS[name][0]
    return {"products": "Products in use", "projects": "Projects run"}[kind]
