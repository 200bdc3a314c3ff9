"""Tier decisions, overrides, and what happens to tiers by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account, Metric, User
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services import change_setting
from trackline.accounts.settings import AMOUNTS
from trackline.book.models import ScoringModel, ScoringRun, Standing, TierDecision, TierOverride
from trackline.book.queries.practice import practice
from trackline.book.queries.register import opened, register
from trackline.book.rules.promises import promises
from trackline.book.tiers.evidence import evidence_of
from trackline.book.tiers.funding import lacking
from trackline.book.tiers.held import held_of
from trackline.book.tiers.keeping import BROKEN, CROSSED, FELL, UNPAID, keep_tiers
from trackline.book.tiers.scores import cycle_days, in_cycle, next_cycle, scores_of
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
CUTS = [84.4, 68, 44.2]
DECISION, OVERRIDE = registry.get("tier_decision"), registry.get("tier_override")
BRIEF = {
    "rationale": "Two plants closed.", "roi": "None lost.", "resources": "Frees 1,800 hours.",
    "customer_message": "The review stays; the pod is shared.", "fits_strategy": True, "anomalies_resolved": True,
    "funded": True, "customer_value": True,
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    """The cast, and figures of its account that are fresh."""
    found = make_cast()
    fresh(found.account)
    return found


def fresh(account: Account, on: date = TODAY) -> None:
    """Read revenue, margin and relationship of an account on a day."""
    for key, value in (("arr", 2_840_000), ("gross_margin", 31), ("nps", 20)):
        make("observation", account=account, metric=Metric.objects.get(key=key), on=on, value=value)


def score_on(on: date, scores: dict[int, float], *, provisional: bool = False) -> ScoringRun:
    """Keep a run of a day with the scores of accounts."""
    run = ScoringRun.objects.create(
        on=on, computed_at=NOW, model=ScoringModel.objects.first(), version="v", normaliser="minmax", cutoffs="absolute",
        cuts=CUTS, coverage_pct=100, provisional=provisional, scored=len(scores),
    )  # fmt: skip
    for pk, score in scores.items():
        tier = next((number for number, cut in enumerate(CUTS, 1) if score >= cut), None)
        Standing.objects.create(
            run=run, account_id=pk, score=Decimal(str(score)), rank=1, percentile=50, tier=tier, imputed_pct=0
        )
    return run


def falling(account: Account) -> None:
    """Scores of three quarters and two cycles below the cut of tier 1."""
    for on, score in ((date(2025, 12, 30), 80), (date(2026, 6, 30), 79), (date(2026, 9, 29), 78), (TODAY, 76)):
        score_on(on, {account.pk: score})


def drafted(cast: Cast, **more: Any) -> TierDecision:
    """A decision on the cast's account whose brief is whole, signed by three different people."""
    people = {
        "kam_leader": cast.admin,
        "finance_head": cast.teammate,
        "exec_sponsor": cast.owner,
        "monitor_owner": cast.owner,
    }
    data = {"account": cast.account, "kind": "downgrade", **BRIEF, **people, **more}
    found: TierDecision = make("tier_decision", ctx=as_user(cast.owner), **data)
    return found


def write(ctx: Context, decision: Any, **data: Any) -> Any:
    """Change a decision."""
    return services.update(ctx, DECISION, decision.pk, data)


def signed(cast: Cast, decision: TierDecision) -> TierDecision:
    """Submit a decision and have all three sign."""
    write(as_user(cast.owner), decision, status="sign_off")
    write(as_user(cast.admin), decision, kam_leader_signed=True)
    write(as_user(cast.teammate), decision, finance_head_signed=True)
    found: TierDecision = write(as_user(cast.owner), decision, exec_sponsor_signed=True)
    return found


def tier(account: Account) -> int | None:
    """The tier in force."""
    found: int | None = Account.objects.values_list("tier", flat=True).get(pk=account.pk)
    return found


def later(days: int) -> datetime:
    """So many days from now."""
    return NOW + timedelta(days=days)


# -- the draft -----------------------------------------------------------------------------------------------------


def test_a_kind_says_the_move(cast: Cast) -> None:
    found = drafted(cast)
    assert (found.from_tier, found.to_tier, found.status, str(found)) == (1, 2, "draft", "Downgrade to tier 2")
    assert write(system(), found, kind="exit").to_tier is None
    assert str(TierDecision.objects.get()) == "Exit from the program"


@pytest.mark.parametrize(
    ("now", "data", "field"),
    [
        (1, {"kind": "upgrade"}, "kind"),
        (3, {"kind": "downgrade"}, "kind"),
        (2, {"kind": "upgrade", "to_tier": 3}, "to_tier"),
        (2, {"kind": "downgrade", "to_tier": 2}, "to_tier"),
        (2, {"kind": "entry", "to_tier": 1}, "kind"),
        (None, {"kind": "entry"}, "to_tier"),
        (None, {"kind": "upgrade"}, "kind"),
        (None, {"kind": "exit"}, "kind"),
    ],
)
def test_moves_that_are_none_are_refused(now: int | None, data: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        make("tier_decision", account=make_account(tier=now), **data)
    assert refused.value.errors[0]["loc"] == [field]


def test_an_account_has_one_decision_open(cast: Cast) -> None:
    first = drafted(cast)
    with pytest.raises(Refused, match="open for this account already"):
        drafted(cast)
    write(system(), first, status="withdrawn")
    assert drafted(cast).status == "draft"


def test_whoever_signs_is_proposed(cast: Cast) -> None:
    boss = make_user("boss")
    services.update(system(), registry.get("user"), cast.owner.pk, {"manager": boss.pk})
    services.update(system(), registry.get("account"), cast.account.pk, {"exec_sponsor": cast.admin.pk})
    found = make("tier_decision", account=cast.account, kind="downgrade")
    assert (found.kam_leader_id, found.exec_sponsor_id, found.monitor_owner_id) == (
        boss.pk,
        cast.admin.pk,
        cast.owner.pk,
    )
    assert found.finance_head_id is None
    write(system(), found, finance_head=cast.teammate.pk, status="withdrawn")
    assert make("tier_decision", account=cast.account, kind="downgrade").finance_head_id == cast.teammate.pk


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"shoe_size": 42}, "shoe_size"),
        ({"material_breach": "yes"}, "material_breach"),
        ({"untapped_pct": 101}, "untapped_pct"),
        ([], "object"),
    ],
)
def test_answers_are_those_the_tests_know(cast: Cast, answers: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        drafted(cast, answers=answers)


def test_answers_count_in_the_tests(cast: Cast) -> None:
    found = evidence_of(system(), cast.account, to_tier=None, answers={"material_breach": True})
    breach = next(one for one in found.tests["exit"].conditions if one.key == "X3")
    assert (breach.met, breach.answered, found.tests["exit"].proposes) == (True, True, True)
    assert found.tests["exit"].result.details["emergency"]
    assert not evidence_of(system(), cast.account).tests["exit"].proposes


# -- the gates before signatures -----------------------------------------------------------------------------------


def test_a_brief_has_all_its_parts(cast: Cast) -> None:
    falling(cast.account)
    decision = drafted(cast, roi=" ", resources="")
    with pytest.raises(Refused, match="projected return and the impact on people and money") as refused:
        write(system(), decision, status="sign_off")
    assert [error["loc"] for error in refused.value.errors] == [["roi"], ["resources"]]


def test_the_sanity_gate_counts_five(cast: Cast) -> None:
    falling(cast.account)
    decision = drafted(cast, funded=False, monitor_owner=None)
    with pytest.raises(Refused, match="has 3 of 5") as refused:
        write(system(), decision, status="sign_off")
    assert [error["loc"] for error in refused.value.errors] == [["funded"], ["monitor_owner"]]


def test_three_different_people_sign(cast: Cast) -> None:
    falling(cast.account)
    with pytest.raises(Refused, match="Nobody is named as head of finance"):
        write(system(), drafted(cast, finance_head=None), status="sign_off")
    with pytest.raises(Refused, match="Three different people"):
        write(system(), TierDecision.objects.get(), finance_head=cast.owner.pk, status="sign_off")


@pytest.mark.parametrize(("days", "passes"), [(30, True), (31, False)])
def test_old_figures_defer_a_decision(days: int, passes: bool) -> None:
    cast = make_cast()
    fresh(cast.account, TODAY - timedelta(days=days))
    falling(cast.account)
    decision = drafted(cast)
    if passes:
        assert write(system(), decision, status="sign_off").status == "sign_off"
        return
    with pytest.raises(Refused, match="nobody may overrule") as refused:
        write(system(), decision, status="sign_off", waiver="The board wants it.")
    assert refused.value.extra["rule"] == "PF-13"


def test_what_the_tests_do_not_propose_needs_a_reason(cast: Cast) -> None:
    score_on(TODAY, {cast.account.pk: 80})
    decision = drafted(cast)
    with pytest.raises(Refused, match="do not propose") as refused:
        write(system(), decision, status="sign_off")
    assert refused.value.errors[0]["loc"] == ["waiver"]
    assert write(system(), decision, status="sign_off", waiver="The plants close in March.").status == "sign_off"


def test_the_mean_of_three_quarters_must_be_across_too(cast: Cast) -> None:
    for on, score in ((date(2025, 12, 30), 80), (date(2026, 6, 30), 95), (date(2026, 9, 29), 90), (TODAY, 76)):
        score_on(on, {cast.account.pk: score})
    decision = drafted(cast, answers={"cost_over_envelope_pct": 30, "months_since_initiative": 13})
    with pytest.raises(Refused, match=r"mean of the last three quarterly scores is 87\.0, not across 84\.4"):
        write(system(), decision, status="sign_off")


def test_a_provisional_score_moves_no_tier(cast: Cast) -> None:
    falling(cast.account)
    ScoringRun.objects.filter(on=TODAY).update(provisional=True)
    with pytest.raises(Refused, match="provisional"):
        write(system(), drafted(cast), status="sign_off")


def hanging(account: Account) -> None:
    """The score of today, whose tier hangs on one of two criteria: without revenue it would be far higher."""
    run = ScoringRun.objects.get(on=TODAY)
    run.criteria = [
        {"key": key, "label": key.capitalize(), "fed_by": key, "share_pct": 50} for key in ("revenue", "growth")
    ]
    run.save()
    parts = [{"key": "revenue", "contribution": 31}, {"key": "growth", "contribution": 45}]
    Standing.objects.filter(run=run, account=account).update(criteria=parts)


def test_a_tier_that_hangs_on_one_figure_is_proposed_once_somebody_looked_at_it(cast: Cast) -> None:
    falling(cast.account)
    hanging(cast.account)
    decision = drafted(cast)
    with pytest.raises(Refused, match="hangs on one figure: without “Revenue” and “Growth” it would be another"):
        write(system(), decision, status="sign_off")
    found = register(system(), only=cast.account.pk)
    [row] = opened(system(), found, found.rows)
    assert row.hangs_on == ["Revenue", "Growth"] and row.may_propose is False
    assert "hangs on “Revenue” alone" in row.why
    sent = write(system(), decision, status="sign_off", waiver="Revenue was checked with finance.")
    assert sent.evidence["hangs_on"] == ["Revenue", "Growth"]


def test_the_checks_name_whom_nothing_can_be_decided_on(cast: Cast) -> None:
    """Thirty days are young enough, thirty-one are not, and what is not known is not."""
    old, bare = make_account("Old figures", tier=2), make_account("Bare", tier=3, owner=cast.owner)
    fresh(old, TODAY - timedelta(days=31))
    fresh(make_account("Just young enough", tier=2), TODAY - timedelta(days=30))
    make_account("Without a tier")
    drafted(cast, account=bare, kind="upgrade")
    Account.objects.filter(pk=cast.account.pk).update(tier=1)
    blocked = practice(register(system())).blocked
    assert [(one.row.pk, list(one.stale)) for one in blocked] == [
        (bare.pk, ["revenue", "margin", "relationship"]), (old.pk, ["revenue", "margin", "relationship"]),
    ]  # fmt: skip
    assert blocked[1].days == {"revenue": 31, "margin": 31, "relationship": 31}
    assert blocked[0].row.decision is not None


def test_evidence_is_frozen_with_the_brief(cast: Cast) -> None:
    falling(cast.account)
    decision = write(system(), drafted(cast), status="sign_off")
    test = decision.evidence["tests"]["downgrade"]
    assert (test["proposes"], [one["key"] for one in test["conditions"] if one["met"]][:1]) == (True, ["D1"])
    assert decision.evidence["budget"]["before"]["hours"] == 2700
    after = decision.evidence["budget"]["after"]
    assert (after["hours"], after["fte"], after["opex"], after["pays"]) == (900, 0.5, 28400, None)
    assert after["missing"] == ["hour_cost", "promises"]
    assert (decision.submitted_on, decision.evidence["run_on"]) == (TODAY, TODAY.isoformat())
    with pytest.raises(Refused, match="Send it back to draft"):
        write(system(), decision, rationale="Another one.")
    back = write(system(), decision, status="draft", rationale="Another one.")
    assert (back.status, back.submitted_on, back.rationale) == ("draft", None, "Another one.")


# -- signatures and the committee ----------------------------------------------------------------------------------


def test_each_signs_for_themselves(cast: Cast) -> None:
    falling(cast.account)
    decision = drafted(cast)
    with pytest.raises(Refused, match="while the brief waits"):
        write(as_user(cast.admin), decision, kam_leader_signed=True)
    write(as_user(cast.owner), decision, status="sign_off")
    for somebody in (as_user(cast.owner), system()):
        with pytest.raises(Forbidden, match="Only the KAM leader signs here: Ada"):
            write(somebody, decision, kam_leader_signed=True)
    with pytest.raises(Refused, match="waits for the signature"):
        write(as_user(cast.admin), decision, status="committee")
    one = write(as_user(cast.admin), decision, kam_leader_signed=True)
    assert (one.kam_leader_on, one.status) == (TODAY, "sign_off")
    taken = write(as_user(cast.admin), decision, kam_leader_signed=False)
    assert taken.kam_leader_on is None
    write(as_user(cast.admin), decision, kam_leader_signed=True)
    write(as_user(cast.teammate), decision, finance_head_signed=True)
    assert write(as_user(cast.owner), decision, exec_sponsor_signed=True).status == "committee"


def test_going_back_to_draft_takes_the_signatures(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast))
    back = write(as_user(cast.owner), decision, status="draft")
    assert not (back.kam_leader_signed or back.finance_head_signed or back.exec_sponsor_signed or back.kam_leader_on)


def test_the_committee_decides_and_the_account_moves(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast, trigger="revenue_drop"))
    with pytest.raises(Forbidden):
        write(as_user(cast.owner), decision, status="approved")
    found = write(as_user(cast.admin), decision, status="approved")
    assert (found.status, found.effective_on, found.applied_on, found.decided_on) == ("effective", TODAY, TODAY, TODAY)
    assert found.watch_until == TODAY + timedelta(days=90)
    assert tier(cast.account) == 2
    change = Change.objects.filter(record_type="account", changes__has_key="tier").latest("pk")
    assert (change.changes["tier"], change.note) == ([1, 2], f"Tier decision {found.pk}: Downgrade to tier 2")
    held = held_of([cast.account.pk])[cast.account.pk]
    assert (held.by, held.record, held.since, held.words) == ("decision", found, TODAY, "by decision")
    with pytest.raises(Refused, match="stays on record"):
        services.delete(system(), DECISION, found.pk)


def test_a_formal_decision_takes_effect_with_the_next_cycle(cast: Cast) -> None:
    falling(cast.account)
    found = write(as_user(cast.admin), signed(cast, drafted(cast)), status="approved")
    assert (found.status, found.effective_on, tier(cast.account)) == ("approved", date(2027, 1, 1), 1)
    with pytest.raises(Refused, match="takes effect on 2027-01-01"):
        write(system(), found, status="effective")
    assert keep_tiers(system(later(38))).effective == 0
    kept = keep_tiers(system(datetime(2027, 1, 1, 9, tzinfo=UTC)))
    assert (kept.effective, tier(cast.account)) == (1, 2)
    assert keep_tiers(system(datetime(2027, 1, 1, 10, tzinfo=UTC))).effective == 0


def test_between_cycles_only_an_event_moves_a_tier(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast))
    for day in (TODAY, date(2026, 12, 31), date(2027, 2, 1)):
        with pytest.raises(Refused, match="outside the formal cycle"):
            write(as_user(cast.admin), decision, status="approved", effective_on=day)
    found = write(as_user(cast.admin), decision, status="approved", effective_on=date(2027, 1, 31))
    assert (found.status, found.effective_on) == ("approved", date(2027, 1, 31))
    for more in ({}, {"status": "effective"}):
        with pytest.raises(Refused, match="the next one begins on 2027-01-01"):
            write(as_user(cast.admin), found, effective_on=TODAY, **more)
    assert tier(cast.account) == 1


def test_days_of_a_formal_cycle(cast: Cast) -> None:
    inside = [date(2026, 7, 1), date(2026, 7, 31), date(2027, 1, 1), date(2027, 1, 31)]
    outside = [date(2026, 6, 30), date(2026, 8, 1), date(2026, 12, 31), date(2027, 2, 1)]
    assert [in_cycle(day) for day in (*inside, *outside)] == [True] * 4 + [False] * 4


def test_a_committee_that_does_not_approve_says_why(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast))
    with pytest.raises(Refused, match="what the committee said"):
        write(as_user(cast.admin), decision, status="rejected")
    found = write(as_user(cast.admin), decision, status="deferred", committee_note="After the new plan.")
    assert (found.status, tier(cast.account)) == ("deferred", 1)
    assert write(as_user(cast.owner), found, status="draft").status == "draft"


def test_figures_are_fresh_on_the_day_of_the_committee_too(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast))
    with pytest.raises(Refused, match="before it is approved"):
        write(as_user(cast.admin, later(31)), decision, status="approved")


def test_an_exit_leaves_no_tier(cast: Cast) -> None:
    services.update(system(), registry.get("account"), cast.account.pk, {"exit_candidate": True})
    score_on(TODAY, {cast.account.pk: 40})
    decision = drafted(cast, kind="exit", trigger="compliance_breach")
    with pytest.raises(Refused, match="plan of the exit"):
        write(system(), decision, status="sign_off")
    write(system(), decision, sunset_plan="Hand over until June.")
    write(as_user(cast.admin), signed(cast, decision), status="approved")
    account = Account.objects.get(pk=cast.account.pk)
    assert (account.tier, account.exit_candidate) == (None, False)


def test_states_know_their_moves(cast: Cast) -> None:
    decision = drafted(cast)
    with pytest.raises(Refused, match="from here it can go to"):
        write(as_user(cast.admin), decision, status="approved")
    with pytest.raises(Invalid, match="begins as a draft"):
        make("tier_decision", account=make_account("Other", tier=2), kind="upgrade", status="approved")


# -- overrides -----------------------------------------------------------------------------------------------------


def grant(cast: Cast, **more: Any) -> TierOverride:
    """An override on the cast's account that its owner, a VP, grants at once."""
    data = {"account": cast.account, "tier": 2, "reason": "The merger", "approver": cast.owner, **more}
    found: TierOverride = make("tier_override", ctx=as_user(cast.owner), **data)
    return found


def test_an_override_moves_the_account_until_it_ends(cast: Cast) -> None:
    score_on(TODAY, {cast.account.pk: 90})
    found = grant(cast)
    assert (found.state, found.from_tier, found.granted_on, tier(cast.account)) == ("active", 1, TODAY, 2)
    assert found.sunset_on == TODAY + timedelta(days=180) == date(2027, 5, 22)
    assert found.requested_by_id == cast.owner.pk
    held = held_of([cast.account.pk])[cast.account.pk]
    assert (held.by, held.words) == ("override", "by override until 22 May 2027")
    assert keep_tiers(system(later(179))).ended == 0
    assert (keep_tiers(system(later(180))).ended, tier(cast.account)) == (1, 1)
    ended = TierOverride.objects.get()
    assert (ended.state, ended.ended_on, ended.lapsed_to) == ("expired", date(2027, 5, 22), 1)
    assert keep_tiers(system(later(181))).ended == 0


def test_an_override_ends_on_the_tier_before_where_the_model_says_nothing_firm(cast: Cast) -> None:
    score_on(TODAY, {cast.account.pk: 50}, provisional=True)
    found = grant(cast, tier=3)
    services.update(system(), OVERRIDE, found.pk, {"state": "revoked"})
    assert (TierOverride.objects.get().lapsed_to, tier(cast.account)) == (1, 1)


def test_an_override_that_was_overtaken_changes_nothing_when_it_ends(cast: Cast) -> None:
    found = grant(cast, tier=2)
    services.update(system(), registry.get("account"), cast.account.pk, {"tier": 3})
    services.update(system(), OVERRIDE, found.pk, {"state": "revoked"})
    assert tier(cast.account) == 3


def test_somebody_else_asks_and_the_one_named_grants(cast: Cast) -> None:
    asked = (
        grant(cast, approver=cast.owner)
        if False
        else make(
            "tier_override",
            ctx=as_user(cast.teammate),
            account=cast.account,
            tier=2,
            reason="The merger",
            approver=cast.owner,
        )
    )
    assert (asked.state, asked.granted_on, tier(cast.account)) == ("requested", None, 1)
    for other in (cast.teammate, cast.admin):
        with pytest.raises(Forbidden, match="Only Katrin grants"):
            services.update(as_user(other), OVERRIDE, asked.pk, {"state": "active"})
    services.update(as_user(cast.owner), OVERRIDE, asked.pk, {"state": "active"})
    assert tier(cast.account) == 2


def test_rank_reason_board_and_end(cast: Cast) -> None:
    with pytest.raises(Refused, match="not of the rank"):
        grant(cast, approver=cast.teammate)
    with pytest.raises(Invalid, match="reason"):
        grant(cast, reason="")
    with pytest.raises(Invalid, match="board"):
        grant(cast, board_visible=False)
    with pytest.raises(Invalid, match="sunset_on"):
        grant(cast, sunset_on=TODAY)
    User.objects.filter(pk=cast.owner.pk).update(seniority="director")
    with pytest.raises(Refused, match="not of the rank"):
        grant(cast)
    assert not TierOverride.objects.exists()


def test_one_override_at_a_time_and_none_changes_after_its_end(cast: Cast) -> None:
    found = grant(cast)
    with pytest.raises(Refused, match="in force already"):
        grant(cast, tier=3)
    with pytest.raises(Refused, match="keeps its tier"):
        services.update(as_user(cast.owner), OVERRIDE, found.pk, {"tier": 3})
    services.update(system(), OVERRIDE, found.pk, {"state": "revoked"})
    with pytest.raises(Refused, match="has ended"):
        services.update(system(), OVERRIDE, found.pk, {"sunset_on": date(2028, 1, 1)})
    assert grant(cast, tier=3).state == "active"


def test_a_decision_takes_the_place_of_an_override(cast: Cast) -> None:
    falling(cast.account)
    grant(cast, tier=1, reason="Kept through the launch")
    write(as_user(cast.admin), signed(cast, drafted(cast, trigger="acquisition")), status="approved")
    assert (TierOverride.objects.get().state, tier(cast.account)) == ("revoked", 2)


def test_a_change_by_hand_says_who(cast: Cast) -> None:
    assert held_of([cast.account.pk])[cast.account.pk].by == "start"
    services.update(as_user(cast.teammate), registry.get("account"), cast.account.pk, {"tier": 3})
    held = held_of([cast.account.pk])[cast.account.pk]
    assert (held.by, held.who, held.words, held.since) == ("hand", "Tim", "set by Tim", TODAY)


# -- by itself -----------------------------------------------------------------------------------------------------


def test_a_crossing_puts_the_account_on_watch_and_moves_nothing(cast: Cast) -> None:
    score_on(TODAY - timedelta(days=7), {cast.account.pk: 85.0})
    score_on(TODAY, {cast.account.pk: 83.9})
    assert keep_tiers(system()).crossed == 1
    account = Account.objects.get(pk=cast.account.pk)
    assert (account.tier, account.watch) == (1, True)
    alert = Alert.objects.get(rule=CROSSED)
    assert (alert.title, alert.severity, alert.owner_id) == (
        "Score crossed the cut of tier 1 downwards: 85.0 → 83.9", "info", cast.owner.pk,
    )  # fmt: skip
    assert keep_tiers(system()).crossed == 0


def test_a_crossing_towards_the_tier_in_force_is_none(cast: Cast) -> None:
    score_on(TODAY - timedelta(days=7), {cast.account.pk: 80})
    score_on(TODAY, {cast.account.pk: 85})
    assert keep_tiers(system()).crossed == 0


@pytest.mark.parametrize(("churn", "warned"), [(44, 0), (45, 1), (48, 1)])
def test_a_move_that_goes_wrong_is_told(cast: Cast, churn: int, warned: int) -> None:
    from trackline.accounts.models import Score

    def risk(on: date, value: int) -> None:
        Score.objects.create(
            account=cast.account, rule="watch.churn_risk", on=on, value=value, coverage_pct=100, version="v"
        )

    falling(cast.account)
    Score.objects.filter(rule="watch.churn_risk").delete()
    risk(TODAY - timedelta(days=1), 30)
    found = write(as_user(cast.admin), signed(cast, drafted(cast, trigger="acquisition")), status="approved")
    assert found.churn_before == 30
    Score.objects.filter(rule="watch.churn_risk").delete()
    risk(TODAY + timedelta(days=41), churn)
    kept = keep_tiers(system(later(41)))
    assert kept.warned == warned
    if warned:
        alert = Alert.objects.get(rule=BROKEN)
        assert (alert.title, alert.severity) == (
            f"Downgrade to tier 2 needs an interim review: churn risk rose from 30 to {churn}", "high",
        )  # fmt: skip
        assert keep_tiers(system(later(42))).warned == 0
    assert keep_tiers(system(later(91))).warned == 0


# -- sharp drops ---------------------------------------------------------------------------------------------------


def fell(account: Account, before: int) -> None:
    """Read the ARR of a day before a quarter ago; today it is 2.84 m."""
    metric = Metric.objects.get(key="arr")
    make("observation", account=account, metric=metric, on=TODAY - timedelta(days=120), value=before)


@pytest.mark.parametrize(("before", "sharp"), [(3_550_000, True), (3_549_000, False), (2_000_000, False)])
def test_an_emergency_by_a_sharp_drop_is_held_to_the_figures(cast: Cast, before: int, sharp: bool) -> None:
    falling(cast.account)
    fell(cast.account, before)
    decision = drafted(cast, trigger="revenue_drop")
    if sharp:
        kept = write(system(), decision, status="sign_off").evidence["revenue_drop"]
        assert (kept["before"], kept["now"], kept["fell_pct"], kept["sharp"]) == (before, 2_840_000, 20, True)
        return
    with pytest.raises(Refused, match="Revenue did not fall sharply") as refused:
        write(system(), decision, status="sign_off")
    assert refused.value.errors == [{"loc": ["trigger"], "msg": "A fall of 20 % within a quarter is expected."}]
    write(system(), decision, trigger="acquisition")
    assert write(system(), decision, status="sign_off").status == "sign_off"


def test_where_the_drop_is_not_known_the_signers_judge(cast: Cast) -> None:
    falling(cast.account)
    Account.objects.filter(pk=cast.account.pk).update(created_at=NOW)
    decision = write(system(), drafted(cast, trigger="revenue_drop"), status="sign_off")
    told = decision.evidence["revenue_drop"]
    assert (told["sharp"], told["fell_pct"]) == (None, None) and told["told"].endswith("is not known")


def test_a_sharp_drop_is_told_once_a_quarter(cast: Cast) -> None:
    fell(cast.account, 4_000_000)
    assert keep_tiers(system()).fell == 1
    alert = Alert.objects.get(rule=FELL)
    assert alert.title.startswith("An emergency review of the tier may be opened. ARR €4.00m on ")
    assert (alert.severity, alert.owner_id) == ("high", cast.owner.pk)
    assert keep_tiers(system()).fell == 0
    alert.delete()
    drafted(cast)
    assert keep_tiers(system()).fell == 0


# -- who pays for promises -----------------------------------------------------------------------------------------


def priced(**more: str) -> None:
    """Tell what service costs; tier 2 promises two reviews, and support in business hours."""
    told = {"hour_cost": "100", "cost.reviews": "5000", "cost.support.1": "60000", "cost.innovation.1": "50000"}
    for key, value in {**told, **more}.items():
        change_setting(system(), f"service.{key}", value)


def staffed(account: Account, fte: str | None) -> None:
    """Have so many people serve an account."""
    Account.objects.filter(pk=account.pk).update(serving_fte=fte)
    account.refresh_from_db()


def test_register_and_evidence_rest_on_the_same_revenue(cast: Cast) -> None:
    make("route", account=cast.account, title="A", type="upsell", state="pursuing", value=1_000_000, currency="EUR",
         probability=50, expected_close_on=TODAY + timedelta(days=90))  # fmt: skip
    found = register(system())
    one = next(one for one in opened(system(), found, found.rows) if one.row.pk == cast.account.pk)
    assert one.funding.to_json()["opex"] == 66_800 == evidence_of(system(), cast.account).funding_now.to_json()["opex"]
    assert one.funding.revenue == 3_340_000


def test_what_is_promised_costs_the_hours_that_serve_and_the_rest(cast: Cast) -> None:
    priced()
    staffed(cast.account, "1.8")
    found = evidence_of(system(), cast.account, to_tier=2)
    now = found.funding_now.to_json()
    assert (now["hours_served"], now["promises"]) == (3240, {"reviews": 20000, "support": 60000, "innovation": 50000})
    assert (now["promised"], now["funded"], now["over"], now["pays"]) == (454_000, 326_800, 127_200, False)
    then = found.funding_then.to_json()
    assert (then["hours_served"], then["promises"], then["missing"]) == (
        900, {"reviews": 10000, "support": None}, ["promises"],
    )  # fmt: skip
    assert lacking(then) == "what support costs"


def test_nobody_pays_where_the_people_are_not_known(cast: Cast) -> None:
    priced()
    staffed(cast.account, None)
    now = evidence_of(system(), cast.account).funding_now
    assert (now.pays, lacking(now.to_json())) == (None, "our people who serve it (serving FTE)")


def test_a_tier_that_does_not_pay_for_its_promises_goes_to_no_signatures(cast: Cast) -> None:
    falling(cast.account)
    priced(**{"cost.support.2": "18401"})
    decision = drafted(cast)
    with pytest.raises(Refused, match=r"tier 2 promises costs €118,401 a year, and it grants €118,400"):
        write(system(), decision, status="sign_off")
    priced(**{"cost.support.2": "18400"})
    assert write(system(), decision, status="sign_off").evidence["budget"]["after"]["pays"] is True


def test_promises_above_their_budget_are_told_once_a_cycle(cast: Cast) -> None:
    priced()
    staffed(cast.account, "1.2")
    assert keep_tiers(system()).unpaid == 1
    alert = Alert.objects.get(rule=UNPAID)
    assert (alert.title, alert.owner_id) == ("€19k a year of what tier 1 promises is not paid for", cast.owner.pk)
    assert keep_tiers(system()).unpaid == 0
    assert keep_tiers(system(later(200))).unpaid == 1
    change_setting(system(), "service.cost.innovation.1", "0")
    assert keep_tiers(system(later(400))).unpaid == 0


def test_every_promise_that_costs_money_has_its_setting() -> None:
    keys = {one.cost_key(tier) for one in promises() for tier in one.tiers if one.costs != "hours"}
    assert keys | {"service.hour_cost"} == set(AMOUNTS)


# -- cycles and quarters -------------------------------------------------------------------------------------------


def test_cycles_follow_the_fiscal_year() -> None:
    assert cycle_days(TODAY) == [date(2026, 1, 1), date(2026, 7, 1)]
    assert next_cycle(TODAY) == date(2027, 1, 1)
    assert cycle_days(date(2026, 7, 1)) == [date(2026, 1, 1), date(2026, 7, 1)]
    assert cycle_days(date(2026, 6, 30)) == [date(2025, 7, 1), date(2026, 1, 1)]
    change_setting(system(), "book.fiscal_year_start_month", 4)
    assert (cycle_days(TODAY), next_cycle(TODAY)) == ([date(2026, 4, 1), date(2026, 10, 1)], date(2027, 4, 1))
    change_setting(system(), "tier.cycle_months", 12)
    assert (cycle_days(TODAY), next_cycle(TODAY)) == ([date(2025, 4, 1), date(2026, 4, 1)], date(2027, 4, 1))


def test_scores_of_cycles_and_quarters(cast: Cast) -> None:
    falling(cast.account)
    own = scores_of([cast.account.pk], TODAY).get(cast.account.pk)
    assert [None if one is None else int(one) for one in own.cycles] == [80, 79]
    assert [None if one is None else int(one) for one in own.quarters] == [None, 79, 78, 76]
    assert (own.score, own.by_score) == (76, 2)
    nobody = scores_of([987], TODAY).get(987)
    assert (nobody.score, list(nobody.cycles), len(nobody.quarters)) == (None, [None, None], 4)


# -- service -------------------------------------------------------------------------------------------------------


def test_service_is_counted_from_records(cast: Cast) -> None:
    from trackline.accounts.models import Score

    account = cast.account
    Account.objects.filter(pk=account.pk).update(created_at=NOW - timedelta(days=800))
    eva = make("contact", account=account, name="Eva", is_exec_sponsor=True, last_touch_on=TODAY - timedelta(days=3))
    make("contact", account=account, name="Jon", buying_role="champion", last_touch_on=TODAY - timedelta(days=31))
    make("contact", account=account, name="Mia", influence=2, last_touch_on=TODAY - timedelta(days=300))
    make("sponsorship", account=account, sponsor=cast.admin, contact=eva, purpose="The renewal")
    for days in (10, 100, 200):
        make("meeting", account=account, at=NOW - timedelta(days=days), status="held", review="ebr", contacts=[eva.pk])
    make("meeting", account=account, at=NOW - timedelta(days=400), status="held", review="ebr", contacts=[eva.pk])
    make("meeting", account=account, at=NOW - timedelta(days=11), status="cancelled_by_us", review="ebr")
    make("meeting", account=account, at=NOW - timedelta(days=40), status="held", contacts=[eva.pk])
    make("meeting", account=account, at=NOW - timedelta(days=41), status="held", contacts=[])
    make("interaction", account=account, on=TODAY - timedelta(days=150), kind="call", summary="x")
    refresh_scores([account.pk], TODAY)
    found = Score.objects.get(account=account, rule="book.tier.service")
    given = {name: told["value"] for name, told in found.inputs.items()}
    assert {name: given[name] for name in ("tier", "reviews", "conversations", "touches", "sponsor", "team", "touched")} == {
        "tier": 1, "reviews": 3, "conversations": 4, "touches": 5, "sponsor": 1, "team": 3, "touched": 50,
    }  # fmt: skip
    parts = {part["key"]: part["points"] for part in found.parts}
    assert (parts["reviews"], parts["sponsor"], parts["team"], parts["touched"]) == (75, 100, 100, 50)
    assert found.details["unrecorded"] == ["Support", "Co-innovation budget"]


def test_queries_do_not_grow_with_accounts(cast: Cast, django_assert_num_queries: Callable[[int], Any]) -> None:
    from trackline.accounts.rulebook.live import Batch
    from trackline.book.tiers.serving import collect_service

    ids = [cast.account.pk]
    for number in range(3):
        ids.append(make_account(f"Part {number}", tier=2, owner=cast.owner).pk)
    for some in (ids[:1], ids):
        batch = Batch(some, [TODAY], [])
        with django_assert_num_queries(13):
            collect_service(some, TODAY, batch)
