"""What an account needs first: the order of reasons, and what the button does."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import Cast, make
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.completeness import compute
from trackline.accounts.models import Account
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.watch import services as watch
from trackline.workspace.queries.next_action import Candidates, NextAction, Rank, add_gaps, candidates


def found(account: Account) -> Candidates:
    """The candidates of an account, gaps included."""
    seen = candidates(Account.objects.filter(pk=account.pk), today()).get(account.pk) or Candidates()
    account.refresh_from_db()
    return add_gaps(seen, account, compute([account.pk], today())[account.pk])


def first(account: Account) -> NextAction:
    """The next best action, which an account without anything always has."""
    action = found(account).first
    assert action is not None
    return action


def test_an_empty_account_starts_at_the_left(cast: Cast) -> None:
    action = first(cast.account)
    assert action.rank == Rank.GAP
    assert action.do["label"] == "Complete the profile"
    assert action.do["url"] == f"/accounts/{cast.account.key}/track/profile#fill-industry"
    services.update(now_context(), registry.get("account"), cast.account.pk, {"industry": "Steel"})
    assert str(first(cast.account).do["url"]).endswith("#fill-business_model")


def test_reasons_outrank_each_other(cast: Cast) -> None:
    ctx = now_context()
    goal = make("goal", ctx=ctx, account=cast.account, title="Scrap", baseline=10, target=0, current=9,
                start_on=days(-90), due_on=days(10))  # fmt: skip
    assert first(cast.account).title == "Check in on “Scrap”"
    assert first(cast.account).do["panel"] == f"check_in/new?goal={goal.pk}"

    services.update(ctx, registry.get("account"), cast.account.pk, {"renewal_date": days(100)})
    assert first(cast.account).rank == Rank.RENEWAL
    assert "€2.84m renews in 100 d" in first(cast.account).because
    assert "renewal_date=" in first(cast.account).do["panel"]

    make("action", ctx=ctx, account=cast.account, title="Send the summary", due_on=days(-3), owner=cast.owner)
    assert first(cast.account).title == "Do “Send the summary”, 3\u00a0d\u00a0late"
    assert (
        first(cast.account).because
        == f"An action due {days(-3).day}\u00a0{days(-3):%b}\u00a0{days(-3).year}, with Katrin."
    )


def test_a_severe_issue_outranks_older_actions(cast: Cast) -> None:
    ctx = now_context()
    make("action", ctx=ctx, account=cast.account, title="Old", due_on=days(-40), owner=cast.owner)
    make("issue", ctx=ctx, account=cast.account, title="Small", severity="low", assignee=cast.owner,
         opened_on=days(-80), due_on=days(-60))  # fmt: skip
    assert first(cast.account).title.startswith("Do “Old”")
    make("issue", ctx=ctx, account=cast.account, title="Outage", severity="high", assignee=cast.owner,
         opened_on=days(-5), due_on=days(-1))  # fmt: skip
    assert first(cast.account).title.startswith("Solve “Outage”")
    assert found(cast.account).explained[1][1] == 3
    assert [chosen for _, _, chosen in found(cast.account).explained] == [False, True, False, False, False]


def test_what_prepares_a_renewal_silences_it(cast: Cast) -> None:
    ctx = now_context()
    services.update(ctx, registry.get("account"), cast.account.pk, {"renewal_date": days(100)})
    make("renewal_cycle", ctx=ctx, account=cast.account, renewal_date=days(100))
    assert Rank.RENEWAL not in found(cast.account).by_rank


def test_far_renewals_wait_and_past_ones_do_not(cast: Cast) -> None:
    ctx = now_context()
    services.update(ctx, registry.get("account"), cast.account.pk, {"renewal_date": days(181)})
    assert Rank.RENEWAL not in found(cast.account).by_rank
    services.update(ctx, registry.get("account"), cast.account.pk, {"renewal_date": days(-2)})
    assert "was to renew 2 d ago" in first(cast.account).because


def test_a_step_that_was_due_before_it_was_made_is_not_late(cast: Cast) -> None:
    ctx = now_context()
    play = make("play", ctx=ctx, account=cast.account, title="Renewal", horizon=90, owner=cast.owner)
    make("step", ctx=ctx, play=play, title="Freeze the baseline", due_on=days(-30))
    assert Rank.LATE not in found(cast.account).by_rank


def test_too_many_goals_do_not_ask_for_another(cast: Cast) -> None:
    ctx = now_context()
    for n in range(4):
        make("goal", ctx=ctx, account=cast.account, title=f"Goal {n}", baseline=0, target=9, owner=cast.owner)
    gap = next(item for item in found(cast.account).by_rank[Rank.GAP] if item.title.startswith("Keep to"))
    assert "panel" not in gap.do
    assert gap.do["url"].endswith("/reveal/goals")


def test_a_grave_alert_leads_until_somebody_has_it(cast: Cast) -> None:
    ctx = now_context()
    make("action", ctx=ctx, account=cast.account, title="Old", due_on=days(-40), owner=cast.owner)
    alert = make("alert", ctx=ctx, account=cast.account, title="Mei Tanaka left", severity="critical",
                 rule="watch.signal.champion_exit", owner=cast.owner)  # fmt: skip
    make("alert", ctx=ctx, account=cast.account, title="Small", severity="warn", rule="manual")
    only = Account.objects.filter(pk=cast.account.pk)

    def leads(later: timedelta = timedelta()) -> NextAction | None:
        return candidates(only, today(), ctx.now + later)[cast.account.pk].first

    action = leads()
    assert action is not None
    assert (action.title, action.do["post"]) == ("Acknowledge “Mei Tanaka left”", f"/r/alert/{alert.pk}/acknowledge")
    assert action.because.endswith(
        "with Katrin: acknowledge within 30\u00a0min. Reach the successor; brief a backup within seven days."
    )
    assert candidates(only, today())[cast.account.pk].first.title.startswith("Do “Old”")  # type: ignore[union-attr]
    watch.acknowledge(ctx, alert.pk)
    assert leads().title.startswith("Do “Old”")  # type: ignore[union-attr]
    assert leads(timedelta(hours=25)).title == "Name the cause of “Mei Tanaka left”"  # type: ignore[union-attr]


def test_each_section_has_its_own_first_thing(cast: Cast) -> None:
    ctx = now_context()
    make("action", ctx=ctx, account=cast.account, title="Old", due_on=days(-40), owner=cast.owner)
    make("issue", ctx=ctx, account=cast.account, title="Outage", severity="high", assignee=cast.owner,
         opened_on=days(-5), due_on=days(-1))  # fmt: skip
    everything = found(cast.account)

    def title(section: str) -> str:
        action = everything.first_of(section)
        assert action is not None
        return action.title

    assert title("track").startswith("Solve “Outage”")
    assert title("kickoff").startswith("Do “Old”")
    assert everything.first_of("reveal").rank == Rank.GAP  # type: ignore[union-attr]
    assert {one.section for listed in everything.by_rank.values() for one in listed} == {
        "track", "reveal", "align", "choose", "kickoff"
    }  # fmt: skip
