"""The board of routes: columns by state, with what each card shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.ageing import Stood, stood_of
from trackline.align.models import Contract, Route, RouteState
from trackline.align.qualification import findings_of, standing
from trackline.align.rules.gate import ALLOWED, OPEN
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head
from trackline.workspace.records.route_card import words_of

ALIVE = Q(deleted_at__isnull=True)
CLOSED_DAYS = 365
"""Won, lost and parked routes stand on the board for a year."""
AT_MOST = 60
"""So many cards stand in a column; the table has all."""


@dataclass(frozen=True)
class Card:
    """A route as it stands on the board; `chip` is at most one thing that wants attention."""

    route: Route
    score: str
    when: str
    chip: str
    tone: str
    icon: str
    moves: Sequence[tuple[str, str]]

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"route/{self.route.pk}"


@dataclass(frozen=True)
class Marks:
    """What cards of open routes say beyond their fields: the qualification, how long they stand."""

    scores: Mapping[int, str]
    stood: Mapping[int, Stood]


@dataclass(frozen=True)
class Column:
    """The routes of one state with their sums in words."""

    state: str
    name: str
    cards: Sequence[Card]
    count: int
    gross: str
    weighted: str


@dataclass(frozen=True)
class RouteBoard:
    """Columns of states in pursuit, won ones, and the folded ones (parked, lost), which are there even when empty:
    "Move to…" needs them."""

    columns: Sequence[Column]
    folded: Sequence[Column]
    totals: str
    note: str
    total: int


def route_board(head: Head, *, owner: str = "", kind: str = "", can_reopen: bool = False) -> RouteBoard:
    """Return the board of an account's routes, narrowed by owner and type; the number of queries does not grow with routes."""
    routes = Route.objects.filter(ALIVE, account_id=head.account.pk)
    since = head.today - timedelta(days=CLOSED_DAYS)
    routes = routes.filter(Q(state__in=OPEN) | Q(state_since__gte=since) | Q(state_since__isnull=True))
    if owner.isdecimal():
        routes = routes.filter(owner_id=int(owner))
    if kind in Route.Type.values:
        routes = routes.filter(type=kind)
    projects = Count("projects", filter=Q(projects__deleted_at__isnull=True))
    by_state: dict[str, list[Any]] = {}
    for route in (
        routes.select_related("owner", "goal")
        .annotate(project_count=projects)
        .order_by("expected_close_on", "-value", "pk")
    ):
        by_state.setdefault(route.state, []).append(route)
    opened = [route for state in OPEN for route in by_state.get(state, [])]
    marks = _marks(head, opened)
    made: Mapping[str, Column] = {
        state: _column(head, state, str(label), by_state.get(state, []), marks, can_reopen)
        for state, label in RouteState.choices
    }
    gross = head.rates.total((route.value, route.currency) for route in opened)
    weighted = head.rates.weighted(opened)
    totals = (
        f"{len(opened)} open · {formats.money(gross.amount, gross.currency)} gross · "
        f"{formats.money(weighted.amount, weighted.currency)} weighted"
    )
    return RouteBoard(
        [made[state] for state in (*OPEN, "won")],
        [made[state] for state in ("parked", "lost")],
        totals if opened else "No open routes", gross.note, sum(column.count for column in made.values()),
    )  # fmt: skip


def _marks(head: Head, opened: Sequence[Any]) -> Marks:
    """What the cards of open routes say of standing and qualification, in six queries whatever their number."""
    about: dict[str, Any] = {"tier": head.account.tier, "account_id": head.account.pk}
    overrides = Overrides.load(head.today)
    scores = {
        pk: formats.number(found.result.value, 1)
        for pk, findings in findings_of(route.pk for route in opened).items()
        for found in [standing(findings, overrides, head.today, **about)]
    }
    return Marks(scores, stood_of(opened, head.today, overrides, **about))


def _column(head: Head, state: str, label: str, routes: Sequence[Any], marks: Marks, can_reopen: bool) -> Column:
    gross = head.rates.total((route.value, route.currency) for route in routes)
    weighted = head.rates.weighted(routes)
    cards = [_card(route, head.today, marks, can_reopen) for route in routes[:AT_MOST]]
    return Column(
        state, label if state != "won" else "Won, 12 months", cards, len(routes),
        formats.money(gross.amount, gross.currency), formats.money(weighted.amount, weighted.currency),
    )  # fmt: skip


def _card(route: Any, today: date, marks: Marks, can_reopen: bool) -> Card:
    chip, tone, icon = "", "", "clock"
    stood = marks.stood.get(route.pk)
    if route.state in OPEN and route.expected_close_on and route.expected_close_on < today:
        chip, tone = f"{(today - route.expected_close_on).days} d past its date", "red"
    elif route.state == "won" and not route.project_count:
        chip, tone, icon = "No project linked", "amber", "link"
    elif stood and stood.band in ("amber", "red"):
        chip, tone = words_of(stood), stood.band
    elif route.state in ("lost", "parked") and route.close_reason:
        chip, icon = str(route.close_reason), "message-circle"
    if route.state in ("won", "lost"):
        when = f"{route.state} {formats.day(route.closed_on)}" if route.closed_on else route.state
    elif route.state == "parked":
        when = f"revisit {formats.day(route.revisit_on)}" if route.revisit_on else "no date"
    else:
        when = formats.day(route.expected_close_on, today) if route.expected_close_on else "no date"
    labels = dict(RouteState.choices)
    closed = route.state in ("won", "lost")
    moves = [(to, str(labels[to])) for to in ALLOWED[route.state]] if can_reopen or not closed else []
    return Card(route, marks.scores.get(route.pk, ""), when, chip, tone, icon, moves)


@dataclass(frozen=True)
class ContractNote:
    """When notice has to be given on the contract that ends first."""

    contract: Contract
    notice_on: date | None
    ends_in: int


def next_contract_end(account_id: int, today: date) -> ContractNote | None:
    """Return the contract that ends next, with the last day for notice, in one query."""
    found = Contract.objects.filter(ALIVE, account_id=account_id, end_on__gte=today).order_by("end_on").first()
    if found is None or found.end_on is None:
        return None
    notice = found.end_on - timedelta(days=found.notice_days) if found.notice_days is not None else None
    return ContractNote(found, notice, (found.end_on - today).days)
