"""An account filled with some of everything, as of the real today: pages read their own clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tests.factories import Cast, make, system
from trackline.accounts.models import Metric
from trackline.kit.policy import Context
from trackline.track.models import JourneyDimension


def now_context() -> Context:
    """The program's context, now."""
    return system(timezone.now())


def today() -> date:
    """The day that pages will see."""
    return now_context().today


def days(number: int) -> date:
    """A day before or after today."""
    return today() + timedelta(days=number)


def fill(cast: Cast, count: int = 1) -> dict[str, Any]:
    """Give the cast's account `count` of every kind of record; return the last one made of each."""
    ctx, account, owner = now_context(), cast.account, cast.owner
    last: dict[str, Any] = {}

    def add(record_type: str, **data: Any) -> Any:
        last[record_type] = make(record_type, ctx=ctx, **data)
        return last[record_type]

    for n in range(count):
        add("business_unit", account=account, name=f"Unit {n}")
        contact = add(
            "contact", account=account, name=f"Contact {n}", influence=1 + n % 5, owner=owner,
            sentiment=("detractor", "neutral", "positive", "advocate")[n % 4], last_touch_on=days(-90 - n),
        )  # fmt: skip
        kpi = add("kpi", account=account, name=f"KPI {n}", unit="percent", baseline=1, target=9, owner=owner)
        for back in (40, 20, 1):
            add("observation", kpi=kpi.pk, account=account, metric=kpi.metric_id, on=days(-back), value=back % 9)
        add("note", account=account, title=f"Note {n}", on=days(-n))
        add("interaction", account=account, summary=f"Talk {n}", on=days(-n), contacts=[contact.pk])
        issue = add(
            "issue", account=account, title=f"Issue {n}", severity="high", assignee=owner, opened_on=days(-30),
            due_on=days(-2 - n),
        )  # fmt: skip
        add("risk", account=account, title=f"Risk {n}", likelihood=1 + n % 5, impact=1 + n % 5, issue=issue)
        add("customer_priority", account=account, title=f"Priority {n}", rank=1 + n % 3, source="qbr", on=days(0),
            fiscal_year=2000 + n)  # fmt: skip
        if n < 4:
            goal = add(
                "goal", account=account, title=f"Goal {n}", baseline=0, target=10, current=1, owner=owner,
                start_on=days(-100), due_on=days(20), kpis=[kpi.pk],
            )  # fmt: skip
            add("check_in", goal=goal, on=days(-60), value=1, comment="Slow")
        add("value_outcome", account=account, title=f"Value {n}", money=1000, committed=2000, verified_on=days(-5))
        project = add("project", account=account, name=f"Project {n}")
        route = add(
            "route", account=account, title=f"Route {n}", type="upsell", value=1000 + n, owner=owner,
            expected_close_on=days(30), projects=[project.pk],
        )  # fmt: skip
        contract = add("contract", account=account, ref=f"C-{n}", end_on=days(100 + n), notice_days=30)
        product = add("product", name=f"Product {n}")
        add("contract_item", contract=contract, product=product)
        learning = add("assignment", title=f"Learning {n}", learner=owner, due_on=days(1))
        play = add(
            "play", account=account, title=f"Play {n}", horizon=60, owner=owner, routes=[route.pk],
            assignments=[learning.pk],
        )  # fmt: skip
        for step in range(2):
            add("step", play=play, title=f"Step {n}.{step}", due_on=days(step), owner=owner)
        cadence = add("cadence", account=account, name=f"Rhythm {n}", type="qbr", frequency="monthly",
                      participants=[owner.pk], client_participants=[contact.pk])  # fmt: skip
        add("meeting", account=account, cadence=cadence, at=ctx.now + timedelta(days=2, hours=n % 9))
        add("meeting", account=account, cadence=cadence, at=ctx.now - timedelta(days=2 + n), status="held")
        add("decision", account=account, title=f"Decision {n}", owner=owner, due_on=days(3))
        add("action", account=account, title=f"Action {n}", owner=owner, due_on=days(-3 - n))
        add("execution_metric", account=account, name=f"Metric {n}")
        add("execution_reading", metric=last["execution_metric"], period_start=days(-30), value=50)
        add("health_snapshot", account=account, on=days(-40 - n), delivery="green", relationship="amber")
        dimension = JourneyDimension.objects.filter(active=True).first()
        add("journey_score", account=account, dimension=dimension, score=3, on=days(-10 - n))
    assert Metric.objects.exists()
    return last


PAGES = (
    "", "/timeline", "/history", "/group",
    "/track", "/track/profile", "/track/contacts", "/track/kpis", "/track/health", "/track/issues", "/track/log",
    "/reveal", "/reveal/goals", "/reveal/priorities", "/reveal/value",
    "/align", "/align/routes?view=table", "/align/routes?pipeline=kam7", "/align/projects", "/align/contracts",
    "/choose", "/choose/board?by=horizon", "/choose/plays", "/choose/learning",
    "/kickoff", "/kickoff/meetings?show=all", "/kickoff/cadences", "/kickoff/actions", "/kickoff/metrics",
)  # fmt: skip
"""Every page of an account, by what follows its address."""
