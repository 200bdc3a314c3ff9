"""A book that is exported and imported into an empty one is the same book, whatever the form of the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from tests.connectors.support import counts, import_files
from tests.factories import NOW, Cast, make, make_account, make_user, system
from tests.workspace.records.world import World
from trackline.accounts.models import Account, Metric
from trackline.accounts.services import define_custom_field
from trackline.kickoff.models import Action
from trackline.kit.history.models import Change
from trackline.kit.models import CustomField, ExternalId
from trackline.kit.records import exports, services
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import RecordType, registry

pytestmark = pytest.mark.django_db
LEFT_OUT = (
    "id",
    "created_at",
    "updated_at",
    "version",
    "state",
    "has_password",
    "health",
    "completeness",
    "follows",
    "also_in",
)
"""What is of the book a record is kept in: its id and stamps, and what is computed (`state` of a step)
or kept apart (the password of a shared page)."""
SHIPPED = ("pipeline", "stage", "journey_dimension", "metric", "scoring_model", "playbook", "agenda")


def fill() -> None:
    """Two accounts with one record of each type, and what is easily lost: empty owners, equal names, awkward words."""
    boss = make_user("henrik", name="Henrik Aas", email="henrik@us.example")
    ann = make_user("ann", name="Ann Bo", email="ann@us.example")
    services.update(
        system(), registry.get("user"), ann.pk, {"manager": boss.pk, "title": "Key account manager", "seniority": "vp"}
    )
    define_custom_field(system(), "account", "Plants", "decimal", key="plants")
    top = make_account("Holding", owner=boss, tags=["core", "north, south"], currency="CHF")
    acme = make_account(
        "Acme",
        owner=None,
        parent=top,
        arr="1200.50",
        watch=True,
        description="=1+1\nsecond line",
        tier=2,
        custom={"plants": 3},
    )
    services.update(system(), registry.get("account"), acme.pk, {"external_ids": {"salesforce": "0015g00000cvKpuAAE"}})
    unit = make("business_unit", account=acme, name="Paint; primer")
    eva = make("contact", account=acme, name="Eva Lund", email="eva@acme.example", owner=None, business_unit=unit)
    jon = make("contact", account=acme, name="Jon; Berg", reports_to=eva, owner=ann)
    services.update(system(), registry.get("account"), acme.pk, {"customer_sponsor": eva.pk})
    make("contact", account=top, same_as=eva, buying_role="champion", influence=5)
    make("relationship_line", contact=eva, kind="supports", toward=jon, note="Since Landquart")
    make("team_member", account=acme, user=ann, job_role="Account manager")
    kpi = make("kpi", account=acme, name="Scrap", unit="percent", direction="decrease", baseline=4, target=2, owner=ann)
    for day, value in ((1, 4), (20, 3)):
        make("observation", account=acme, metric=kpi.metric, kpi=kpi, on=date(2026, 10, day), value=value, source="MES")
    make("metric", key="oee", name="OEE", unit="percent", owner=None)
    make("health_snapshot", account=acme, on=date(2026, 11, 1), delivery="amber", relationship="green", author=ann)
    make("journey_dimension", name="Shared roadmap")
    make("journey_score", account=acme, dimension="shared-roadmap", score=4, on=date(2026, 11, 2))
    for status in ("resolved", "open"):
        make("issue", account=acme, title="Late parts", assignee=ann, status=status, contact=eva)
    make("note", account=acme, title="None", body="n/a", author=None)
    issue = make("issue", account=acme, title="Alarms", assignee=ann)
    # Nothing is late in it: an alert would name it by an id that it loses on the way.
    make(
        "survey_case", account=acme, title="Eva Lund: effort 2", contact=eva, status="resolved",
        answered_at=datetime(2026, 10, 1, 9, tzinfo=UTC), root_cause="Papers", corrective="On the day", preventive="Weekly", outcome="Solved",
    )  # fmt: skip
    make("risk", account=acme, title="Price war", likelihood=4, impact=5, issue=issue, owner=None)
    make("interaction", account=acme, on=date(2026, 11, 3), kind="call", summary="Ramp-up", contacts=[eva.pk, jon.pk])
    make("customer_priority", account=acme, title="Start of line 4", rank=1, on=date(2026, 7, 1))
    objective = make("objective", title="Six groups in production", owner=None)
    make("key_result", objective=objective, title="Groups live", baseline=1, target=6, current=4)
    goal = make(
        "goal", account=acme, title="Less scrap", baseline=4, target=2, owner=ann, kpis=[kpi.pk],
        objectives=[objective.pk], start_on=date(2026, 1, 1), due_on=date(2027, 1, 1), client_owner=eva,
    )  # fmt: skip
    make("check_in", goal=goal, on=date(2026, 10, 1), value=3, comment="Half way", author=ann)
    make("value_outcome", account=acme, title="Scrap saved", goal=goal, kpi=kpi, money="11000", on=date(2026, 11, 5))
    case = make("business_case", account=acme, title="Inspect in Landquart", goal=goal, discount_rate_pct=8)
    for year in (1, 2):
        make("case_line", business_case=case, year=year, title="Scrap avoided", kind="saving", benefit=11000)
    product = make("product", name="Inspect", list_price=60_000)
    project = make("project", name="Landquart rollout", account=None, owner=None)
    contract = make("contract", account=acme, ref="AC-1", start_on=date(2025, 1, 1), end_on=date(2027, 1, 1))
    make("contract_item", contract=contract, product=product, contracted_qty=3, arr=1200)
    cycle = make("renewal_cycle", account=acme, contract=contract, renewal_date=date(2027, 1, 1), owner=None)
    pipeline = make("pipeline", name="Partner sales")
    for name, state in (("Talk", "identified"), ("Signed", "won")):
        make("stage", pipeline=pipeline, name=name, state=state)
    route = make(
        "route", account=acme, title="Second line", type="upsell", pipeline=pipeline, stage="talk", goal=goal,
        renewal=cycle, projects=[project.pk], owner=None, value=500,
    )  # fmt: skip
    make("qualification", route=route, dimension="metrics", score=3, evidence="Time study", on=date(2026, 10, 2))
    lesson = make("assignment", title="Negotiation", learner=ann)
    make("assignment", title="Negotiation", learner=boss)
    book = make("playbook", title="Ramp", steps=[{"key": "T-9", "title": "Call", "offset_days": 9}])
    make("playbook", title="Without steps")
    play = make(
        "play", account=acme, title="Ramp up", playbook=book, owner=ann, goal=goal, routes=[route.pk],
        assignments=[lesson.pk], start_on=date(2026, 10, 1),
    )  # fmt: skip
    make("step", play=play, title="Write it down", status="done", owner=None)
    cadence = make("cadence", account=acme, name="Sync", type="internal_sync", frequency="weekly",
                   participants=[ann.pk, boss.pk], client_participants=[eva.pk], at_time="11:00:00")  # fmt: skip
    meeting = make(
        "meeting", account=acme, cadence=cadence, at=NOW - timedelta(days=9), status="held", attendees=[], contacts=[]
    )
    decision = make("decision", account=acme, meeting=meeting, title="Manual check stays", status="decided")
    make("action", account=acme, meeting=meeting, decision=decision, title="Catalogue", status="done", owner=None)
    make("sponsorship", account=acme, sponsor=boss, contact=eva, purpose="The renewal", hours_month=3, authority_gap=0)
    metric = make("execution_metric", account=acme, name="Actions closed", formula_key="actions_closed")
    make("execution_reading", metric=metric, period_start=date(2026, 7, 1), numerator=4, denominator=5, value=80)
    make("alert", account=acme, title="Health falls", rule="by.hand", evidence={"inputs": {"before": 27.5}},
         plays=[play.pk], fired_at=NOW - timedelta(minutes=1, microseconds=7))  # fmt: skip
    world = World(Cast(ann, boss, boss, boss, boss, acme))
    for rtype in registry.all():
        if not rtype.model.objects.exists():
            world.get(rtype.name)
    # Done on days that are not today.
    Action.objects.update(done_on=date(2026, 9, 9))


def export(folder: Path, form: str) -> Path:
    """Write every record of the book, as `trackline export all` does."""
    sources: list[tuple[RecordType, Iterator[dict[str, Any]]]] = [
        (rtype, exports.rows(system(), rtype, ListParams())) for rtype in registry.all()
    ]
    folder.mkdir()
    if form == "xlsx":
        exports.write_workbook(folder / "book.xlsx", system(), sources)
    elif form == "json":
        exports.write_json_object(folder / "book.json", sources)
    else:
        for rtype, items in sources:
            exports.write_csv(folder / f"{rtype.resource}.csv", system(), rtype, items)
    return folder


def contents(form: str) -> dict[str, Counter[str]]:
    """Every record with all its values, links by what they point to, so that two books can be compared.

    Moments are compared as a form keeps them: Excel to the thousandth of a second.
    """
    rows = {rtype.name: list(exports.rows(system(), rtype, ListParams())) for rtype in registry.all()}
    found = {(name, row["id"]): row for name, listed in rows.items() for row in listed}

    def named(record_type: str, pk: str) -> str:
        row, rtype = found[record_type, pk], registry.get(record_type)
        target = rtype.specs[rtype.title].target
        words = [named(target, row[rtype.title]) if target else str(row[rtype.title])]
        words += [named(rtype.specs[name].target, row[name]) for name in ("account", "learner") if row.get(name)]
        return " of ".join(words)

    def said(rtype: RecordType, row: dict[str, Any]) -> str:
        told = {}
        for name, value in row.items():
            spec = rtype.specs.get(name)
            if name in LEAVE_OUT_OF.get(rtype.name, LEFT_OUT):
                continue
            if spec is not None and spec.target and value:
                value = sorted(named(spec.target, pk) for pk in ([value] if isinstance(value, str) else value))
            if form == "xlsx" and isinstance(value, datetime):
                value = value.replace(microsecond=value.microsecond // 1000 * 1000)
            told[name] = value
        return repr(sorted(told.items()))

    return {name: Counter(said(registry.get(name), row) for row in listed) for name, listed in rows.items()}


LEAVE_OUT_OF = dict.fromkeys(("alert", "route", "stage", "renewal_cycle"), LEFT_OUT[:4])


def empty() -> None:
    """Make the book one that was set up this morning: shipped records stay, made at another moment."""
    Account.objects.update(parent=None)
    for rtype in reversed(registry.all()):
        if rtype.name not in SHIPPED:
            rtype.model.objects.all().delete()
    made = Change.objects.filter(record_type__in=SHIPPED)
    for name in SHIPPED[::-1]:
        pks = made.filter(record_type=name).values_list("record_id", flat=True)
        registry.get(name).model.objects.filter(pk__in=list(pks)).delete()
        registry.get(name).model.objects.update(created_at=F("created_at") + timedelta(hours=1))
    for model in (ExternalId, Change, CustomField):
        model.objects.all().delete()


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_what_goes_out_comes_back_whole(tmp_path: Path, home: Path, form: str) -> None:
    fill()
    before = contents(form)
    assert [name for name, rows in before.items() if not rows] == [], "a type that the book has none of"
    folder = export(tmp_path / "out", form)
    empty()
    assert not Metric.objects.filter(key="oee").exists()
    look = import_files(folder, dry_run=True)
    assert look.rejected == []
    result = import_files(folder)
    assert (result.rejected, result.skipped, result.questions, result.failed) == ([], [], [], [])
    after = contents(form)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert counts(look)["created"] == counts(result)["created"]
    again = import_files(folder)
    assert again.rejected == []
    assert (counts(again)["created"], counts(again)["updated"]) == ({}, {})
