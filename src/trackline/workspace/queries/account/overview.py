"""The overview of an account: three facts a section, and what stands below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from trackline.accounts.completeness import Check, sections
from trackline.accounts.models import Contact, Kpi
from trackline.align.models import Route
from trackline.align.rules.gate import OPEN as OPEN_ROUTES
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account import facts
from trackline.workspace.queries.account.facts import Fact
from trackline.workspace.queries.account.goals import GoalRow, goal_rows
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.kickoff import Preparation, meetings_ahead
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.next_action import Candidates, NextAction, Rank

ALIVE = Q(deleted_at__isnull=True)
SHOWN = 6
"""So many rows of a list stand on the overview; the section has the rest."""


@dataclass(frozen=True)
class SectionFacts:
    """What stands under a station: three facts, and its next best action (None where nothing is to be done)."""

    key: str
    letter: str
    title: str
    percent: float
    url: str
    facts: Sequence[Fact]
    question: str
    next: Act | None
    start: Act | None


@dataclass(frozen=True)
class Overview:
    """Everything on the overview that is not in the head or the timeline."""

    sections: Sequence[SectionFacts]
    goals: Sequence[GoalRow]
    kpis: Sequence[Kpi]
    kpi_total: int
    contacts: Sequence[Contact]
    contact_total: int
    routes: Sequence[Route]
    route_total: int
    meetings: Sequence[Preparation]
    gross: str
    weighted: str

    @property
    def empty(self) -> bool:
        """Whether the account holds nothing yet, so that the way in is shown instead."""
        return not (self.goals or self.kpis or self.contacts or self.routes or self.meetings)


def overview_of(ctx: Context, head: Head, found: Candidates) -> Overview:
    """Return the overview of an account with what its sections need first, in sixteen queries."""
    pk, today = head.account.pk, head.today
    goals = goal_rows([pk], today)
    kpis = list(Kpi.objects.filter(ALIVE, account_id=pk).select_related("metric").order_by("name"))
    people = Contact.objects.filter(ALIVE, account_id=pk, status="active")
    contacts = list(people.order_by("-influence", "name")[:SHOWN])
    routes = list(
        Route.objects.filter(ALIVE, account_id=pk, state__in=OPEN_ROUTES)
        .select_related("owner")
        .order_by("expected_close_on", "pk")
    )
    start = day_start(today)
    meetings = meetings_ahead(head, start)[:SHOWN]
    known = people.aggregate(
        all=Count("pk"),
        champions=Count("pk", filter=Q(buying_role="champion")),
        buyers=Count("pk", filter=Q(buying_role="economic_buyer")),
    )
    made = {
        "track": facts.of_track(pk, known, kpis, head),
        "reveal": facts.of_reveal(goals, head),
        "align": facts.of_align(routes, head),
        "choose": facts.of_choose(pk, head),
        "kickoff": facts.of_kickoff(pk, meetings, head, start),
    }
    listed = []
    for section in sections():
        missing = head.completeness.missing(section.key)
        listed.append(
            SectionFacts(
                section.key, section.letter, section.title, head.completeness.pct(section.key),
                f"{head.url}/{section.key}", made[section.key], section.question,
                _next(found.first_of(section.key)), _start(head, section.key, missing),
            )
        )  # fmt: skip
    gross, weighted = facts.route_sums(routes, head)
    return Overview(
        listed, goals, kpis[:SHOWN], len(kpis), contacts, known["all"],
        routes[:SHOWN], len(routes), meetings, gross, weighted,
    )  # fmt: skip


def _next(action: NextAction | None) -> Act | None:
    """Return what a section needs first as a link: where one click would do it, to where it stands."""
    if action is None:
        return None
    act = action.second if action.second and action.do.get("post") else action.do
    label = action.do["label"] if action.rank == Rank.GAP and action.what.endswith(".profile") else action.title
    return {**act, "label": label}


def _start(head: Head, key: str, missing: Sequence[Check]) -> Act | None:
    """Return the first thing a section misses as a short button, for an account that holds nothing yet."""
    return acts.for_check(head.account, key, missing[0], short=True) if missing else None
