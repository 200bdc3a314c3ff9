"""The routes of an account, or of it with all below, by pipeline: which can be chosen, and their columns as a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align import moves
from trackline.align.ageing import Stood, stood_of
from trackline.align.models import Pipeline, Route, RouteState, Stage
from trackline.align.qualification import findings_of, standing
from trackline.align.rules.gate import OPEN, needs_of
from trackline.align.rules.stage_checks import CHECKS
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head
from trackline.workspace.records.route_card import words_of

ALIVE = Q(deleted_at__isnull=True)
CLOSED_DAYS = 365
"""Won, lost and parked routes stand on the board for a year."""
AT_MOST = 60
"""So many cards stand in a column; the table has all."""
EVERY = "all"
"""What an address says for every pipeline together, by state."""
FOLDED = ("parked", "lost")
LABELS: Mapping[str, str] = {str(value): str(label) for value, label in RouteState.choices}


@dataclass(frozen=True)
class Ladder:
    """What routes are shown by: the stages of one pipeline, or the states of all (`pipeline` None).

    `choices` are (key, name) of the pipelines to choose from, with all together first; `steps` the stages of all of them; `used`: some route
    stands in one of them.
    """

    pipeline: Any
    choices: Sequence[tuple[str, str]]
    steps: Mapping[int, Sequence[Stage]]
    used: bool

    @property
    def key(self) -> str:
        """What the address says."""
        return str(self.pipeline.key) if self.pipeline else EVERY

    @property
    def stages(self) -> Sequence[Stage]:
        """The stages of the pipeline, in order; none for all together."""
        return self.steps.get(self.pipeline.pk, ()) if self.pipeline else ()

    @property
    def among(self) -> Q:
        """The condition of routes that stand in it."""
        return Q(pipeline=self.pipeline.pk) if self.pipeline else Q()

    def stages_of(self, route: Any) -> Sequence[Stage]:
        """Return the stages that a route passes through."""
        return self.steps.get(route.pipeline_id, ())


def ladder_of(head: Head, wanted: str = "") -> Ladder:
    """Return what the routes are shown by, in three queries: the pipeline that is wanted, else the one that all stand in,
    else all together by state."""
    every = sorted(Pipeline.objects.alive(), key=lambda one: (not one.is_default, one.name.casefold()))
    used = set(routes_of(head).order_by().values_list("pipeline", flat=True).distinct())
    offered = [one for one in every if one.active or one.pk in used]
    by_key = {one.key: one for one in offered}
    chosen = by_key.get(wanted)
    if chosen is None and wanted != EVERY:
        held = [one for one in offered if one.pk in used] or offered[:1]
        chosen = held[0] if len(held) == 1 else None
    steps: dict[int, list[Stage]] = {}
    for stage in moves.stages_of(one.pk for one in offered):
        steps.setdefault(stage.pipeline_id, []).append(stage)
    choices = [(EVERY, "All pipelines, by state"), *((one.key, one.name) for one in offered)]
    return Ladder(chosen, choices, steps, bool(used))


def routes_of(head: Head) -> QuerySet[Route]:
    """Return the routes of the accounts that a page shows."""
    return Route.objects.filter(ALIVE, account__in=head.ids)


@dataclass(frozen=True)
class Card:
    """A route as it stands on the board; `chip` is at most one thing that wants attention, `account` is named where the
    board shows several, `place` the stage where the column is a state that holds more than one."""

    route: Route
    score: str
    when: str
    chip: str
    tone: str
    icon: str
    moves: Sequence[tuple[str, str]]
    account: str
    place: str

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"route/{self.route.pk}"


@dataclass(frozen=True)
class Column:
    """The routes of one stage or state with their sums in words; `needs` and `advises` are its gate."""

    key: str
    name: str
    state: str
    cards: Sequence[Card]
    count: int
    gross: str
    weighted: str
    needs: Sequence[str]
    advises: Sequence[str]

    @property
    def ended(self) -> bool:
        """Whether its routes are closed or parked: nothing is weighted there."""
        return self.state not in OPEN


@dataclass(frozen=True)
class RouteBoard:
    """Columns in pursuit, won ones, and the folded ones (parked, lost), which are there even when empty: "Move to…" needs
    them."""

    columns: Sequence[Column]
    folded: Sequence[Column]
    totals: str
    note: str
    total: int

    @property
    def shown(self) -> str:
        """The column that a small screen shows first: the one nearest to won that holds an open route."""
        held = [column.key for column in self.columns if column.count and not column.ended]
        return held[-1] if held else self.columns[0].key


def route_board(head: Head, ladder: Ladder, *, narrowed: Q | None = None, can_reopen: bool = False) -> RouteBoard:
    """Return the board of the routes that meet a condition; the number of queries does not grow with routes."""
    since = head.today - timedelta(days=CLOSED_DAYS)
    recent = Q(state__in=OPEN) | Q(state_since__gte=since) | Q(state_since__isnull=True)
    routes = routes_of(head).filter(ladder.among, narrowed or Q(), recent)
    projects = Count("projects", filter=Q(projects__deleted_at__isnull=True))
    rows = routes.select_related("owner", "goal").annotate(project_count=projects)
    listed: list[Any] = list(rows.order_by("expected_close_on", "-value", "pk"))
    opened = [route for route in listed if route.state in OPEN]
    cards = _Cards(head, ladder, _marks(head, opened), can_reopen)
    made = [_column(head, shelf, cards) for shelf in _shelves(ladder, listed)]
    gross = head.rates.total((route.value, route.currency) for route in opened)
    weighted = head.rates.weighted(opened)
    totals = (
        f"{len(opened)} open · {formats.money(gross.amount, gross.currency)} gross · "
        f"{formats.money(weighted.amount, weighted.currency)} weighted"
    )
    return RouteBoard(
        [column for column in made if column.state not in FOLDED],
        [column for column in made if column.state in FOLDED],
        totals if opened else "No open routes", gross.note, len(listed),
    )  # fmt: skip


@dataclass
class _Shelf:
    """A column before its sums: a stage of the pipeline, or a state."""

    key: str
    name: str
    state: str
    needs: Sequence[str]
    advises: Sequence[str]
    routes: list[Any]


def _shelves(ladder: Ladder, routes: Sequence[Any]) -> Sequence[_Shelf]:
    """The columns in order, each with its routes: stages and the closed states that none of them stands for, or states."""
    covered = {stage.state for stage in ladder.stages}
    stages = [
        _Shelf(stage.key, stage.name, stage.state, _asked(stage.state, stage.needs), _asked("", stage.advises), [])
        for stage in ladder.stages
    ]
    states = [
        _Shelf(state, LABELS[state], state, needs_of(state), (), [])
        for state in ((*OPEN, *moves.BESIDE) if not stages else moves.BESIDE)
        if state not in covered
    ]
    made = [*stages, *states]
    for route in routes:
        here = moves.place(route, ladder.stages)
        shelf = next((one for one in made if one.key == (here.key if here else route.state)), None)
        # A route in a state that the pipeline has no stage for gets a column of that state in front.
        if shelf is None:
            shelf = _Shelf(route.state, LABELS[route.state], route.state, needs_of(route.state), (), [])
            made.insert(0, shelf)
        shelf.routes.append(route)
    return made


def _asked(state: str, keys: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys([*needs_of(state), *(CHECKS.get(key, key) for key in keys)]))


@dataclass(frozen=True)
class _Marks:
    """What cards of open routes say beyond their fields: the qualification, how long they stand."""

    scores: Mapping[int, str]
    stood: Mapping[int, Stood]


def _marks(head: Head, opened: Sequence[Any]) -> _Marks:
    """What the cards of open routes say of standing and qualification, in six queries whatever their number."""
    about: dict[str, Any] = {"tier": head.account.tier, "account_id": head.account.pk}
    overrides = Overrides.load(head.today)
    scores = {
        pk: formats.number(found.result.value, 1)
        for pk, findings in findings_of(route.pk for route in opened).items()
        for found in [standing(findings, overrides, head.today, **about)]
    }
    return _Marks(scores, stood_of(opened, head.today, overrides, **about))


def _column(head: Head, shelf: _Shelf, cards: _Cards) -> Column:
    gross = head.rates.total((route.value, route.currency) for route in shelf.routes)
    weighted = head.rates.weighted(shelf.routes)
    name = f"{shelf.name}, 12 months" if shelf.state == "won" else shelf.name
    return Column(
        shelf.key, name, shelf.state, [cards.of(route) for route in shelf.routes[:AT_MOST]], len(shelf.routes),
        formats.money(gross.amount, gross.currency), formats.money(weighted.amount, weighted.currency),
        shelf.needs, shelf.advises,
    )  # fmt: skip


@dataclass(frozen=True)
class _Cards:
    """Makes cards of routes for one board."""

    head: Head
    ladder: Ladder
    marks: _Marks
    can_reopen: bool

    def of(self, route: Any) -> Card:
        stages = self.ladder.stages_of(route)
        here = moves.place(route, stages)
        chip, tone, icon = _chip(route, self.head.today, self.marks.stood.get(route.pk))
        ways: Sequence[tuple[str, str]] = ()
        if self.can_reopen or route.state not in ("won", "lost"):
            ways = moves.moves(route.state, here, self.ladder.stages)
        several = sum(stage.state == route.state for stage in stages) > 1
        return Card(
            route, self.marks.scores.get(route.pk, ""), _when(route, self.head.today), chip, tone, icon, ways,
            self.head.names.get(route.account_id, ""),
            here.name if here and several and not self.ladder.pipeline else "",
        )  # fmt: skip


def _chip(route: Any, today: date, stood: Stood | None) -> tuple[str, str, str]:
    """The one thing that wants attention: its words, tone and icon."""
    if route.state in OPEN and route.expected_close_on and route.expected_close_on < today:
        return f"{(today - route.expected_close_on).days} d past its date", "red", "clock"
    if route.state == "won" and not route.project_count:
        return "No project linked", "amber", "link"
    if stood and stood.band in ("amber", "red"):
        return words_of(stood), stood.band, "clock"
    if route.state in FOLDED and route.close_reason:
        return str(route.close_reason), "", "message-circle"
    return "", "", "clock"


def _when(route: Any, today: date) -> str:
    if route.state in ("won", "lost"):
        return f"{route.state} {formats.day(route.closed_on)}" if route.closed_on else str(route.state)
    if route.state == "parked":
        return f"revisit {formats.day(route.revisit_on)}" if route.revisit_on else "no date"
    return formats.day(route.expected_close_on, today) if route.expected_close_on else "no date"
