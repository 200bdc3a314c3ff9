"""One page of the Accounts list. The number of queries depends on the columns, never on the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models import Sum as SumOf

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, Sum, rates_in_force
from trackline.accounts.settings import setting
from trackline.kit.policy import Context
from trackline.kit.records.ordering import column_of
from trackline.kit.records.queries import scoped
from trackline.track.models import HealthSnapshot
from trackline.watch.models import Alert
from trackline.workspace.queries.accounts import columns as cols
from trackline.workspace.queries.accounts import tree
from trackline.workspace.queries.accounts.asked import PAGE_SIZE, TREE, Asked
from trackline.workspace.queries.accounts.columns import Beside, Column
from trackline.workspace.queries.accounts.filters import ACCOUNT, CLOSED_ALERTS, OVER, matching, soon
from trackline.workspace.queries.accounts.groups import Group, Grouping, grouping_of, groups_of
from trackline.workspace.queries.accounts.order import ordered
from trackline.workspace.records.facts import Facts, Item, facts_for

ALWAYS = ("id", "key", "name", "parent", "status", "currency", "watch")


@dataclass(frozen=True)
class Totals:
    """What the filter leaves: how many, their ARR in one currency, how many have none, and how renewals stand.

    `soon` renew within `SOON_DAYS` and are worth `soon_arr`, `late` have a renewal date that has passed, `undated` none.
    """

    count: int
    arr: Sum
    without_arr: int
    currencies: int
    soon: int
    soon_arr: Sum
    late: int
    undated: int


@dataclass(frozen=True)
class AccountsPage:
    """Rows in order with all that drawing them needs. `nodes` is filled in tree mode, `groups` where it is grouped."""

    asked: Asked
    columns: Sequence[Column]
    known_columns: Mapping[str, Column]
    items: Sequence[Item]
    nodes: Sequence[tree.Node]
    facts: Facts
    beside: Beside
    totals: Totals
    lines: int
    unread: Sequence[str]
    grouping: Grouping | None = None
    groups: Mapping[Any, Group] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.lines // PAGE_SIZE))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 where nothing is."""
        return (self.asked.page - 1) * PAGE_SIZE + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.items) - 1 if self.items else 0


def accounts_page(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> AccountsPage:
    """Return the page that is asked for; a page beyond the last one is the last one.

    `remembered` are the columns where the address names none.
    """
    rates = rates_in_force(ctx.today)
    query, unread = matching(ctx, asked, rates)
    totals = totals_of(query, rates, ctx.today)
    known = cols.available(rates)
    columns = cols.chosen(asked.columns or remembered, known)
    several = totals.currencies > 1
    sums: dict[int, Sum] = {}
    grouping = grouping_of(asked)
    nodes: list[tree.Node] = []
    if asked.mode == TREE:
        columns = _with_group(columns, known)
        grown = _tree(ctx, asked, query, rates, several)
        lines = len(grown)
        asked = _last_page(asked, lines)
        nodes = grown.nodes(_window(asked))
        pks = [node.pk for node in nodes]
        sums = _group_sums(ctx, grown, pks, rates)
    else:
        lines = totals.count
        asked = _last_page(asked, lines)
        ids = ordered(query, asked.order, rates, several_currencies=several, grouping=grouping)
        pks = list(ids.values_list("pk", flat=True)[_window(asked)])
    items = rows_of(pks, columns, also=(grouping.needs,) if grouping else ())
    facts = facts_for(ctx, ACCOUNT, items, [c.spec for c in columns if c.spec])
    beside = beside_of(ctx, pks, columns, rates, sums)
    groups = groups_of(ctx, asked, grouping, query, rates) if grouping else {}
    return AccountsPage(
        asked, columns, known, items, nodes, facts, beside, totals, lines, unread, grouping, groups
    )  # fmt: skip


def ordered_ids(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> tuple[list[int], list[Column], Rates]:
    """Return all that match, in order, with the columns shown: for files and for changes to all of them."""
    rates = rates_in_force(ctx.today)
    query, _unread = matching(ctx, asked, rates)
    several = query.order_by().values("currency").distinct().count() > 1
    columns = cols.chosen(asked.columns or remembered, cols.available(rates))
    ids = ordered(query, asked.order, rates, several_currencies=several, grouping=grouping_of(asked))
    return list(ids.values_list("pk", flat=True)), columns, rates


def totals_of(query: QuerySet[Any], rates: Rates, today: date) -> Totals:
    """Add up what matches, in one query."""
    current = ~Q(status__in=OVER)
    near = soon(today)
    rows = query.order_by().values("currency").annotate(
        n=Count("pk"),
        amount=SumOf("arr"),
        without=Count("pk", filter=Q(arr__isnull=True)),
        soon=Count("pk", filter=near),
        soon_amount=SumOf("arr", filter=near),
        late=Count("pk", filter=current & Q(renewal_date__lt=today)),
        undated=Count("pk", filter=current & Q(renewal_date__isnull=True)),
    )  # fmt: skip
    found = list(rows)
    return Totals(
        count=sum(row["n"] for row in found),
        arr=rates.total((row["amount"], row["currency"]) for row in found),
        without_arr=sum(row["without"] for row in found),
        currencies=len({row["currency"] or rates.book for row in found}),
        soon=sum(row["soon"] for row in found),
        soon_arr=rates.total((row["soon_amount"], row["currency"]) for row in found),
        late=sum(row["late"] for row in found),
        undated=sum(row["undated"] for row in found),
    )


def rows_of(pks: Sequence[int], columns: Iterable[Column], also: Sequence[str] = ()) -> list[Item]:
    """Return the named accounts in that order, with the fields that the columns read, and some `also`."""
    names = list(dict.fromkeys([*_needed(columns), *also]))
    stored = [column_of(ACCOUNT, name) for name in names]
    rows = {
        row[0]: dict(zip(names, row, strict=True)) for row in Account.objects.filter(pk__in=pks).values_list(*stored)
    }
    return [rows[pk] for pk in pks if pk in rows]


def beside_of(
    ctx: Context, pks: Sequence[int], columns: Iterable[Column], rates: Rates, groups: Mapping[int, Sum]
) -> Beside:
    """Read what the computed columns of some accounts need."""
    names = {column.name for column in columns}
    snapshots = _snapshots(pks) if "health" in names else {}
    stale_after = int(setting("snapshot.max_age_days")) if snapshots else 30
    return Beside(rates, snapshots, stale_after, _alerts(pks) if "alerts" in names else {}, groups)


def remembered_columns(preferences: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that the user chose last, out of their preferences, or nothing."""
    chosen = preferences.get("columns", {}).get("account", [])
    return tuple(name for name in chosen if isinstance(name, str))


def _needed(columns: Iterable[Column]) -> list[str]:
    names = list(ALWAYS)
    for column in columns:
        if column.spec is not None:
            names.append("custom" if column.spec.custom else column.name)
        names += column.needs
    return list(dict.fromkeys(names))


def _tree(ctx: Context, asked: Asked, query: QuerySet[Any], rates: Rates, several: bool) -> tree.Tree:
    everything = ordered(scoped(ctx, ACCOUNT), asked.order, rates, several_currencies=several)
    rows = list(everything.values_list("pk", "parent_id"))
    wanted = set(query.order_by().values_list("pk", flat=True)) if asked.narrowed else None
    return tree.Tree(rows, wanted, asked.closed)


def _group_sums(ctx: Context, grown: tree.Tree, pks: Sequence[int], rates: Rates) -> dict[int, Sum]:
    """What each shown account with others below it adds up to, itself included; filters do not change it."""
    members = {pk: found for pk in pks if len(found := grown.family(pk)) > 1}
    ids = {pk for found in members.values() for pk in found}
    rows = scoped(ctx, ACCOUNT).filter(pk__in=ids).values_list("pk", "arr", "currency") if ids else []
    money = {pk: (arr, currency) for pk, arr, currency in rows}
    return {pk: rates.in_book([money[member] for member in found if member in money]) for pk, found in members.items()}


def _with_group(columns: list[Column], known: Mapping[str, Column]) -> list[Column]:
    if any(column.name == "group_arr" for column in columns):
        return columns
    names = [column.name for column in columns]
    at = names.index("arr") + 1 if "arr" in names else len(names)
    return [*columns[:at], known["group_arr"], *columns[at:]]


def _last_page(asked: Asked, lines: int) -> Asked:
    last = max(1, -(-lines // PAGE_SIZE))
    return replace(asked, page=last) if asked.page > last else asked


def _window(asked: Asked) -> slice:
    start = (asked.page - 1) * PAGE_SIZE
    return slice(start, start + PAGE_SIZE)


def _snapshots(pks: Sequence[int]) -> dict[int, tuple[str, str, date]]:
    """The newest snapshot of each account."""
    alive = HealthSnapshot.objects.filter(deleted_at__isnull=True)
    newer = alive.filter(account=OuterRef("account"), on__gt=OuterRef("on"))
    rows = alive.filter(~Exists(newer), account__in=pks).values_list("account_id", "delivery", "relationship", "on")
    return {account: (delivery, relationship, on) for account, delivery, relationship, on in rows}


def _alerts(pks: Sequence[int]) -> dict[int, int]:
    rows = Alert.objects.filter(account__in=pks, deleted_at__isnull=True).exclude(state__in=CLOSED_ALERTS)
    return dict(rows.order_by().values_list("account_id").annotate(n=Count("pk")))
