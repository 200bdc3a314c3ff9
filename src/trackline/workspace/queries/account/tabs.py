"""The pages of each section: which tables stand on them, narrowed how, and what each tab counts.

A tab is data: adding a record type to the workspace is a `Listed` here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from trackline.choose.models import Assignment
from trackline.kit.policy import Actor, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import WithinScope
from trackline.kit.records.types import registry
from trackline.kit.statements import NUMBER, Statement
from trackline.reveal.models import Objective
from trackline.workspace.queries.counting import counts

Condition = Callable[[int], Q]


@dataclass(frozen=True)
class Listed:
    """A table of one record type. `open` are the filters of what is still open, which a reader may lift.

    `word` names that state. `among` narrows records of the whole book to those that concern the account. `add` offers
    a new record in the table; `empty` says how the table fills. One that `follows` is hidden while it and the first table of
    its tab are empty: it says nothing yet, and one empty state says where to begin.
    """

    type: str
    title: str = ""
    open: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    order: str = ""
    among: Condition | None = None
    limit: int = 50
    add: bool = True
    word: str = "open"
    empty: str = ""
    follows: bool = False


@dataclass(frozen=True)
class Tab:
    """A page of a section. `counts` names the record type whose number stands on the tab."""

    key: str
    label: str
    tables: tuple[Listed, ...] = ()
    counts: tuple[str, ...] = ()
    picture: str = ""

    @property
    def word(self) -> str:
        """What the records are that the tab shows at first: "open", "active"."""
        return next((table.word for table in self.tables if table.open), "open")

    @property
    def may_show_all(self) -> bool:
        """Whether some table shows only what is open."""
        return any(table.open for table in self.tables)


def _linked_objectives(account: int) -> Q:
    rows = Objective.objects.filter(goals__account=account, goals__deleted_at__isnull=True)
    return Q(pk__in=rows.values("pk"))


def _learning(account: int) -> Q:
    rows = Assignment.objects.filter(plays__account=account, plays__deleted_at__isnull=True)
    return Q(pk__in=rows.values("pk"))


PEOPLE = (
    "name", "title", "buying_role", "influence", "sentiment", "interest", "relationship", "reports_to", "last_touch_on",
    "owner",
)  # fmt: skip
"""What the pictures of people show, as a table."""
VALUE_GAPS = ("title", "pain_point", "method", "figures_from", "source")
OPEN_ISSUES = {"status": "open,in_progress"}
OPEN_RISKS = {"status": "open,mitigating"}
OPEN_NEEDS = {"status": "open"}
OPEN_CASES = {"status__not": "resolved"}
OPEN_PLAYS = {"status": "planned,in_progress,blocked"}
OPEN_ROUTES = {"state": "identified,qualifying,pursuing"}

TABS: Mapping[str, tuple[Tab, ...]] = {
    "track": (
        Tab("profile", "Profile", (Listed("business_unit"), Listed("team_member", "Our team"))),
        Tab("contacts", "Contacts", (
            Listed("contact", "Everyone", {"status": "active"}, PEOPLE, word="active"),
            Listed("relationship_line", empty="Choose what dragging draws on the power map, or add a line here: who influences, supports or blocks whom.", limit=25, follows=True),
        ), ("contact",)),
        Tab("kpis", "KPIs", (Listed("kpi", limit=100), Listed("observation", "Readings", columns=("metric", "on", "value", "source"), limit=20, follows=True)), ("kpi",)),
        Tab(
            "health", "Health and journey",
            (Listed("health_snapshot", "Views", limit=20), Listed("journey_score", "Scores", limit=20)),
        ),
        Tab("surveys", "Surveys", (
            Listed("wave", "Waves", columns=("title", "survey", "status", "sent_on", "closes_on", "owner"), limit=20),
            Listed("survey_case", "Cases", OPEN_CASES, limit=50, follows=True),
            Listed("response", "Responses", limit=50, follows=True),
        ), ("survey_case",)),
        Tab(
            "issues", "Issues and risks",
            (Listed("issue", open=OPEN_ISSUES), Listed("risk", open=OPEN_RISKS)), ("issue", "risk"),
        ),
        Tab("needs", "Pain points", (
            Listed("pain_point", "Pain points", OPEN_NEEDS),
            Listed("pain_point_vote", "Votes", limit=25, follows=True),
            Listed("value_gap", "What closing them is worth", columns=VALUE_GAPS, empty="Work out what a change is worth: cost of ownership, risk, revenue or working capital.", follows=True),
            Listed("pilot", "Pilots", limit=25, follows=True),
            Listed("data_source", "Sources of insight", {"active": "true"}, limit=50, word="active", follows=True),
        ), ("pain_point",)),
        Tab("competition", "Competition", (
            Listed("competitor", "Competitors", {"active": "true"}, word="active"),
            Listed("competitor_sighting", "Seen of them", columns=("on", "competitor", "kind", "summary", "source", "sources"), limit=25, follows=True),
        ), ("competitor",)),
        Tab("log", "Notes and interactions", (Listed("interaction", limit=25), Listed("note", limit=25)),
            ("interaction", "note")),
    ),
    "reveal": (
        Tab(
            "goals", "Goals",
            (
                Listed("goal", "All goals", {"status__not": "achieved,missed,cancelled"}),
                Listed("check_in", "Check-ins", limit=20, add=False, follows=True),
            ),
            ("goal",),
        ),
        Tab(
            "priorities", "Priorities and objectives",
            (Listed("customer_priority"), Listed(
                    "objective", "Objectives these goals serve", among=_linked_objectives, add=False,
                    empty="None is linked yet. Open a goal and choose the objectives of ours that it serves.",
                )),
            ("customer_priority",),
        ),
        Tab("value", "Value", (Listed("value_outcome"), Listed("business_case")), ("value_outcome",)),
    ),
    "align": (
        Tab("routes", "Routes", (Listed("route", open=OPEN_ROUTES, limit=100),), ("route",)),
        Tab("whitespace", "White space"),
        Tab("forecast", "Forecast and readiness"),
        Tab("projects", "Projects and products", (
            Listed("project", open={"status": "proposed,active,on_hold"}),
            Listed("contract_item", "Products under contract",
                   columns=("product", "business_unit", "contract", "contracted_qty", "unit", "arr"), add=False,
                   empty="Products stand here once a contract names them: open a contract and add its items."),
        ), ("project",)),
        Tab("contracts", "Contracts and renewals", (
            Listed("contract"),
            Listed("renewal_cycle", open={"state": "preparing,proposal,negotiation"}),
        ), ("contract",)),
    ),
    "choose": (
        Tab("board", "Board", (), ("play",)),
        Tab("plays", "Plays and steps", (
            Listed("play", open=OPEN_PLAYS, limit=100),
            Listed("step", open={"status": "open"}, columns=("title", "due_on", "status", "play", "owner"), add=False,
                   limit=100, follows=True),
        )),
        Tab("learning", "Learning", (Listed(
                "assignment", "Assignments of these plays", among=_learning, add=False,
                empty="None is linked yet. Open a play and choose what its people have to learn for it.",
            ),)),
    ),
    "kickoff": (
        Tab("meetings", "Meetings", (Listed("meeting", "All meetings", limit=25),)),
        Tab("cadences", "Cadences", (Listed("cadence", open={"active": "true"}, word="active"),), ("cadence",)),
        Tab("actions", "Decisions and actions", (
            Listed("action", open={"status": "open"}, limit=100),
            Listed("decision", open={"status": "open,deferred"}),
        ), ("action", "decision")),
        Tab("sponsors", "Sponsors", (Listed("sponsorship", "Pairings", empty="An executive of ours paired with one of theirs opens doors that nobody else can."),), ("sponsorship",)),
        Tab("shared", "Shared pages", (Listed("share_link", empty="A page with goals, value and joint actions, in the customer's words: a plan they never see is a plan of ours alone."),), ("share_link",)),
        Tab("metrics", "Execution", (
            Listed("execution_metric"), Listed("execution_reading", "Readings", limit=25, add=False, follows=True),
        ), ("execution_metric",)),
    ),
}  # fmt: skip

OPEN_OF: Mapping[str, Mapping[str, Any]] = {
    "issue": {"status__in": ("open", "in_progress")},
    "risk": {"status__in": ("open", "mitigating")},
    "survey_case": {"status__in": ("open", "contacted", "planned", "verifying", "reopened")},
    "contact": {"status": "active"},
    "route": {"state__in": ("identified", "qualifying", "pursuing")},
    "project": {"status__in": ("proposed", "active", "on_hold")},
    "play": {"status__in": ("planned", "in_progress", "blocked")},
    "cadence": {"active": True},
    "competitor": {"active": True},
    "pain_point": {"status": "open"},
    "action": {"status": "open"},
    "decision": {"status__in": ("open", "deferred")},
}
"""What a tab counts of types that have open and closed ones."""


def tab_of(section: str, key: str) -> Tab:
    """Return a tab of a section (the first one for no key), or raise `NotFound`."""
    found = next((tab for tab in TABS[section] if tab.key == key), None) if key else TABS[section][0]
    if found is None:
        raise NotFound(f"There is no page {key[:40]} in this section.")
    return found


def tab_counts(ctx: Context, section: str, account_id: int) -> dict[str, int]:
    """Return the number on each tab that has one, all in one query."""
    names = _counted(section)
    rows = _counts(section).rows(ctx.actor, account_id) if names else []
    counted = dict(zip(names, rows[0], strict=True)) if rows else {}
    return {tab.key: sum(counted[name] for name in tab.counts) for tab in TABS[section] if tab.counts}


def _counted(section: str) -> list[str]:
    return list(dict.fromkeys(name for tab in TABS[section] for name in tab.counts))


@cache
def _counts(section: str) -> WithinScope:
    def build(actor: Actor, account: Any) -> QuerySet[Any, Any]:
        queries: dict[str, QuerySet[Any]] = {}
        for name in _counted(section):
            rtype = registry.get(name)
            rows = rtype.model.objects.filter(
                rtype.scope(actor), deleted_at__isnull=True, **{rtype.account_pk_path: account}
            )
            queries[name] = rows.filter(**OPEN_OF.get(name, {}))
        if "goal" in queries:
            queries["goal"] = queries["goal"].exclude(status__in=("achieved", "missed", "cancelled"))
        return counts(account, queries)

    return WithinScope(
        map(registry.get, _counted(section)),
        lambda actor: Statement(lambda user, account: build(actor(user), account), NUMBER, NUMBER),
    )
