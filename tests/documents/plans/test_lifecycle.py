"""A plan goes from draft to force through its gates, keeps what it said, and rests while it is agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.documents.models import AccountPlan, PlanVersion
from trackline.documents.plans import services
from trackline.documents.plans.catalogue import catalogue
from trackline.documents.plans.live import current, plan_of, plan_of_version
from trackline.documents.plans.standing import standing_of
from trackline.documents.plans.versions import difference_of
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Problem
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.reveal.models import CustomerPriority

pytestmark = pytest.mark.django_db
PLAN, VERSION, SIGN = "account_plan", "plan_version", "plan_sign_off"
WHY = "Agreed in the kick-off of the team"


class Setting:
    """An account whose short plan says all that it has to, its sponsors, and somebody who writes."""

    def __init__(self) -> None:
        self.owner = make_user("katrin")
        self.sponsor = make_user("ruth")
        self.admin = make_user("ada", role="admin")
        self.account = make_account(
            owner=self.owner, tier=3, arr=400_000, industry="Rail", renewal_date=NOW.date() + timedelta(days=300),
            exec_sponsor=self.sponsor,
        )  # fmt: skip
        account = self.account
        self.mariko = make("contact", account=account, name="Mariko Okada", is_exec_sponsor=True)
        self.set("account", account.pk, customer_sponsor=self.mariko.pk)
        account.refresh_from_db()
        for rank in (1, 2, 3):
            make("customer_priority", account=account, title=f"Priority {rank}", rank=rank, on=NOW.date())
        priority = CustomerPriority.objects.get(account=account, rank=1)
        kpi = make("kpi", account=account, name="Scrap", unit="percent", baseline=4, target=2, kind="lagging")
        make("observation", account=account, metric=kpi.metric, value=3, on=NOW.date())
        self.goal = make(
            "goal", account=account, title="Less scrap", baseline=4, target=2, owner=self.owner, kpis=[kpi.pk],
            due_on=NOW.date() + timedelta(days=90), priority=priority,
        )  # fmt: skip
        make("risk", account=account, title="Sponsor leaves", likelihood=3, impact=3, owner=self.owner)
        self.route = make("route", account=account, title="Line 4", type="upsell", goal=self.goal, value=10_000)
        self.play = make(
            "play",
            account=account,
            title="Win line 4",
            owner=self.owner,
            goal=self.goal,
            start_on=NOW.date(),
            horizon=60,
        )
        make("action", account=account, title="Send the offer", owner=self.owner, due_on=NOW.date() + timedelta(days=9))
        self.plan = make(PLAN, ctx=self.ctx(), account=account)

    def ctx(self, user: Any = None, days: int = 0) -> Context:
        return as_user(user or self.owner, NOW + timedelta(days=days))

    def set(self, name: str, pk: int, **data: Any) -> Any:
        return records.update(system(), registry.get(name), pk, data)

    def move(self, *states: str, note: str = WHY) -> AccountPlan:
        for to in states:
            services.move(self.ctx(), self.plan.pk, to, note)
        return AccountPlan.objects.get(pk=self.plan.pk)

    def newest(self) -> PlanVersion:
        found: PlanVersion = PlanVersion.objects.filter(plan=self.plan).order_by("-number").first()
        return found

    def sign(self, side: str, decision: str = "approved", **more: Any) -> Any:
        ctx = self.ctx(self.sponsor) if side == "us" else self.ctx()
        if side == "customer":
            more = {"contact": self.mariko, "note": "By mail of this morning"} | more
        return make(SIGN, ctx=ctx, plan_version=self.newest(), side=side, decision=decision, **more)

    def text(self, **data: Any) -> Any:
        return make("plan_section", ctx=self.ctx(), account=self.account, **data)


@pytest.fixture
def given() -> Setting:
    return Setting()


def refusal(call: Any, *args: Any, **more: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        call(*args, **more)
    return caught.value


def test_a_plan_goes_its_way_to_force(given: Setting) -> None:
    assert (given.plan.title, given.plan.state, given.plan.owner) == ("Account plan 2026", "draft", given.owner)
    given.move("internal_review", "customer_review")
    assert (given.newest().number, given.newest().note) == (1, WHY)
    given.sign("us")
    given.sign("customer")
    active = given.move("approved", "active")
    assert (active.state, active.effective_on, active.state_on) == ("active", NOW.date(), NOW.date())
    told = list(
        Change.objects.filter(record_type=PLAN, changes__has_key="state").order_by("id").values_list("note", flat=True)
    )
    assert told == [WHY] * 4


def test_no_state_is_skipped(given: Setting) -> None:
    for to in ("customer_review", "approved", "active", "change_control"):
        problem = refusal(given.move, to)
        assert (problem.status, "cannot go from Draft" in problem.detail) == (409, True), to
    with pytest.raises(Invalid):
        given.move("lost")


def test_a_draft_stays_one_until_each_section_says_something(given: Setting) -> None:
    given.set(PLAN, given.plan.pk, template="kam")
    problem = refusal(given.move, "internal_review")
    assert problem.status == 409
    assert {"executive_summary", "market", "resources"} <= {error["loc"][0] for error in problem.errors}
    assert "priorities" not in {error["loc"][0] for error in problem.errors}
    standing = standing_of(given.ctx(), plan_of(given.ctx(), given.account))
    assert {one.key for one in standing.lacks} == {error["loc"][0] for error in problem.errors} - {"sections"}
    assert standing.completeness.value < 100
    refused = refusal(services.move, given.ctx(), given.plan.pk, "internal_review", WHY, override=True)
    assert refused.status == 403
    assert (
        refusal(services.move, given.ctx(given.admin), given.plan.pk, "internal_review", "so", override=True).status
        == 422
    )
    moved = services.move(given.ctx(given.admin), given.plan.pk, "internal_review", "The board waits", override=True)
    assert moved.state == "internal_review"
    assert Change.objects.filter(record_type=PLAN).latest("pk").note == "Gate overridden: The board waits"


def test_the_header_counts_when_it_is_incomplete(given: Setting) -> None:
    given.set("account", given.account.pk, industry="")
    given.account.refresh_from_db()
    lacks = standing_of(given.ctx(), plan_of(given.ctx(), given.account)).lacks
    assert [(one.key, one.says) for one in lacks] == [("overview", "Not set: Industry.")]


def test_what_goes_to_the_customer_needs_a_note_and_people(given: Setting) -> None:
    given.move("internal_review", note="")
    assert refusal(given.move, "customer_review", note="too short").status == 422
    given.set("play", given.play.pk, owner=None)
    assert refusal(given.move, "customer_review").errors[0]["loc"] == ["resources"]
    given.set("play", given.play.pk, owner=given.owner.pk)
    given.move("customer_review", note="0123456789")
    assert given.newest().note == "0123456789"


def test_both_sponsors_have_to_say_yes(given: Setting) -> None:
    given.move("internal_review", "customer_review")
    other = make("contact", account=given.account, name="Somebody else")
    make(SIGN, ctx=given.ctx(), plan_version=given.newest(), side="us", decision="approved")
    given.sign("customer", contact=other)
    problem = refusal(given.move, "approved")
    assert {error["loc"][0] for error in problem.errors} == {"us", "customer"}, "others' signatures count for nothing"
    assert "by Ruth" in problem.detail
    given.sign("us")
    given.sign("customer", "rejected", note="Move the goal to June first")
    assert [error["loc"] for error in refusal(given.move, "approved").errors] == [["customer"]]
    given.sign("customer", "with_changes", note="June, and then it is fine")
    assert given.move("approved").state == "approved"


def test_a_signature_is_a_word_of_a_named_person_and_stays(given: Setting) -> None:
    version = make(VERSION, ctx=given.ctx(), plan=given.plan, note="First reading of the team")
    given.move("internal_review", "customer_review")
    older = refusal(make, SIGN, ctx=given.ctx(), plan_version=version, side="us", decision="approved")
    assert "not the newest" in older.detail
    assert refusal(given.sign, "customer", note="").errors[0]["loc"] == ["evidence_url"]
    assert refusal(given.sign, "customer", contact=None).errors[0]["loc"] == ["contact"]
    assert refusal(given.sign, "us", "rejected").errors[0]["loc"] == ["note"]
    assert refusal(make, SIGN, plan_version=given.newest(), side="us", decision="approved").status == 409, (
        "nobody signed in"
    )
    signed = given.sign("us")
    assert (signed.title, signed.signer, signed.signed_at) == ("Ruth", given.sponsor, NOW)
    assert refusal(given.set, SIGN, signed.pk, decision="rejected").status == 422
    given.sign("customer")
    given.move("approved")
    assert refusal(given.sign, "us").status == 409, "there is nothing left to sign"
    assert refusal(records.delete, given.ctx(), registry.get(SIGN), signed.pk).status == 409
    assert refusal(records.delete, given.ctx(), registry.get(VERSION), given.newest().pk).status == 409


def test_a_version_needs_a_note_and_keeps_what_the_plan_said(given: Setting) -> None:
    given.text(section="goal_map", text="Vision brings scrap down.")
    for note in ("", "short one", "   123456789   "):
        assert refusal(make, VERSION, plan=given.plan, note=note).status == 422
    first = make(VERSION, ctx=given.ctx(), plan=given.plan, note="0123456789")
    assert (first.number, first.title, first.as_of) == (1, "Version 1, 23 Nov 2026", NOW.date())
    before = plan_of_version(first).to_json()
    given.set("goal", given.goal.pk, title="Far less scrap", target=1)
    assert plan_of_version(PlanVersion.objects.get(pk=first.pk)).to_json() == before
    assert "Less scrap" in str(before["parts"])
    assert refusal(given.set, VERSION, first.pk, note="Something else entirely").status == 422
    assert refusal(given.set, VERSION, first.pk, shared_on=NOW.date() + timedelta(days=1)).status == 422
    assert given.set(VERSION, first.pk, shared_on=NOW.date()).shared_on == NOW.date()
    assert make(VERSION, ctx=given.ctx(), plan=given.plan, note="0123456789").number == 2


def test_the_difference_tells_rows_values_and_texts(given: Setting) -> None:
    text = given.text(section="goal_map", text="Vision brings scrap down.\n\nTrace proves it.")
    first = make(VERSION, ctx=given.ctx(), plan=given.plan, note="Before the workshop")
    assert difference_of(plan_of_version(first), plan_of(given.ctx(), given.account)) == []
    given.set("goal", given.goal.pk, title="Far less scrap", target=1)
    risk = make("risk", account=given.account, title="Price war", likelihood=5, impact=4)
    given.set("route", given.route.pk, state="lost", close_reason="Budget gone")
    given.set("plan_section", text.pk, text="Vision brings scrap down.\n\nTrace proves it daily.")
    second = make(VERSION, ctx=given.ctx(), plan=given.plan, note="After the workshop")
    found = {one.key: one for one in difference_of(plan_of_version(first), plan_of_version(second))}
    goal = found["goals"].changed[0]
    told = {one.label: (one.before, one.after) for one in goal.fields}
    assert (goal.title, told["Goal"], told["Target"]) == (
        "Far less scrap", ("Less scrap", "Far less scrap"), ("2", "1"),
    )  # fmt: skip
    assert list(found["risks"].added) == [risk.title]
    assert list(found["expansion"].removed) == ["Line 4"]
    lines = [(one.what, one.text) for one in found["goal_map"].text]
    assert lines == [
        ("kept", "Vision brings scrap down."),
        ("removed", "Trace proves it."),
        ("added", "Trace proves it daily."),
    ]
    given.set(PLAN, given.plan.pk, template="sam")
    third = difference_of(plan_of_version(second), plan_of(given.ctx(), given.account))
    standing = {one.key: one.standing for one in third}
    assert (standing["stakeholders"], standing["priorities"]) == ("added", "removed")
    other = make_account("Other")
    assert refusal(difference_of, plan_of_version(first), plan_of(given.ctx(), other)).status == 404


def test_texts_rest_while_a_plan_is_proposed_or_agreed(given: Setting) -> None:
    text = given.text(section="goal_map", text="Vision.")
    write = records.update
    rtype = registry.get("plan_section")
    given.move("internal_review")
    write(given.ctx(), rtype, text.pk, {"text": "Vision and Trace."})
    given.move("customer_review")
    for attempt in (
        lambda: write(given.ctx(), rtype, text.pk, {"text": "Something else."}),
        lambda: given.text(section="overview", text="New."),
        lambda: records.delete(given.ctx(), rtype, text.pk),
    ):
        assert refusal(attempt).status == 409
    write(given.ctx(), rtype, text.pk, {"owner": given.sponsor.pk})
    given.sign("us")
    given.sign("customer")
    given.move("approved", "active")
    assert "change control" in refusal(write, given.ctx(), rtype, text.pk, {"text": "x"}).detail
    given.move("change_control")
    write(given.ctx(), rtype, text.pk, {"text": "Something else."})


def agreed(given: Setting) -> None:
    given.move("internal_review", "customer_review")
    given.sign("us")
    given.sign("customer")
    given.move("approved", "active")


def test_a_minor_change_is_accepted_and_a_material_one_signed_again(given: Setting) -> None:
    agreed(given)
    assert refusal(given.move, "change_control", note="").status == 422
    given.move("change_control")
    assert [error["loc"] for error in refusal(given.move, "approved").errors] == [["version"]], "nothing was kept since"
    given.set("goal", given.goal.pk, title="Far less scrap")
    make(VERSION, ctx=given.ctx(), plan=given.plan, note="Another title of the goal")
    assert given.move("approved", "active").state == "active"
    given.move("change_control")
    make(
        "play",
        account=given.account,
        title="Win line 5",
        owner=given.owner,
        goal=given.goal,
        start_on=NOW.date(),
        horizon=60,
    )
    make(VERSION, ctx=given.ctx(), plan=given.plan, note="Line 5 comes with it")
    problem = refusal(given.move, "approved")
    assert {error["loc"][0] for error in problem.errors} == {"us", "customer"}
    assert "1 initiative added or dropped" in problem.detail
    given.sign("us")
    given.sign("customer")
    assert given.move("approved", "active").state == "active"


def test_a_play_that_is_done_is_no_change_of_scope(given: Setting) -> None:
    agreed(given)
    given.move("change_control")
    given.set("play", given.play.pk, status="in_progress")
    given.set("play", given.play.pk, status="done")
    make(VERSION, ctx=given.ctx(), plan=given.plan, note="The first play is through")
    assert given.move("approved").state == "approved"


def test_a_new_plan_takes_the_place_of_the_one_in_force(given: Setting) -> None:
    assert refusal(make, PLAN, ctx=given.ctx(), account=given.account, title="Second").status == 409
    agreed(given)
    first = given.plan
    given.plan = make(PLAN, ctx=given.ctx(), account=given.account, title="Account plan 2027")
    assert current(given.account) == given.plan
    assert refusal(make, PLAN, ctx=given.ctx(), account=given.account, title="Third").status == 409
    agreed(given)
    first.refresh_from_db()
    assert (first.state, current(given.account)) == ("archived", given.plan)
    last = Change.objects.filter(record_type=PLAN, record_id=first.pk).latest("pk")
    assert last.note == "Account plan 2027 takes its place."
    assert refusal(services.move, given.ctx(), first.pk, "draft", WHY).status == 409
    assert refusal(make, PLAN, ctx=given.ctx(), account=given.account, state="active").status == 422


def test_it_starts_when_all_stands(given: Setting) -> None:
    given.move("internal_review", "customer_review")
    given.sign("us")
    given.sign("customer")
    given.move("approved")
    make("risk", account=given.account, title="Price war", likelihood=4, impact=4, owner=given.owner)
    make("kpi", account=given.account, name="Yield", unit="percent", baseline=91, target=95)
    problem = refusal(given.move, "active")
    assert {error["loc"][0] for error in problem.errors} == {"risks", "dashboard"}


def test_a_plan_that_could_be_anybodys_says_so(given: Setting) -> None:
    make("route", account=given.account, title="No goal", type="upsell")
    make("play", account=given.account, title="Alone", horizon=30)
    said = " ".join(standing_of(given.ctx(), plan_of(given.ctx(), given.account)).warnings)
    assert "1 route serves no goal" in said
    assert "1 play serves no goal" in said


def test_a_plan_in_force_that_the_customer_never_got_is_ours_alone(given: Setting) -> None:
    agreed(given)

    def warned(days: int) -> bool:
        ctx = replace(given.ctx(days=days))
        return any("not given" in one for one in standing_of(ctx, plan_of(ctx, given.account)).warnings)

    assert [warned(30), warned(31)] == [False, True]
    given.set(VERSION, given.newest().pk, shared_on=NOW.date())
    assert not warned(31)


def test_every_section_can_be_complete() -> None:
    for code, section in catalogue().items():
        assert section.source or section.prompt, code
