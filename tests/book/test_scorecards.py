"""Scorecards: standard ones, what their metrics read, how they are judged, what is kept, who answers for what turned worse."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import Cast, as_user, make, make_cast, system
from trackline.accounts.models import Metric
from trackline.accounts.services import change_setting
from trackline.accounts.services.measures import put_observation
from trackline.book.cards.answering import answer
from trackline.book.cards.judging import judge, with_lines
from trackline.book.cards.keeping import keep_scorecards, pass_on
from trackline.book.cards.presets import add_standard
from trackline.book.models import Scorecard, ScorecardBreach, ScorecardResult
from trackline.book.queries.scorecards import clocks
from trackline.book.rules.card_measures import measures
from trackline.book.rules.card_presets import presets
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.cards import alarms_of


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and their account, with somebody at the customer who answers for metrics."""
    found = make_cast()
    make("contact", account=found.account, name="Sabine Keller", influence=5)
    return found


def metric(key: str) -> Metric:
    return Metric.objects.get(key=key, deleted_at=None)


def read(cast: Cast, key: str, value: Any, days_ago: int = 0) -> None:
    """A reading of a metric, some days ago."""
    on = system().today - timedelta(days=days_ago)
    make("observation", account=cast.account, metric=metric(key), value=value, on=on)


def read_again(cast: Cast, key: str, value: Any) -> None:
    """Another value of today."""
    ctx = system()
    put_observation(ctx, cast.account.pk, metric(key).pk, ctx.today, Decimal(value), source="corrected")


def card_with(cast: Cast, *lines: tuple[str, tuple[Any, Any, Any]], **more: Any) -> Scorecard:
    """A card of the account with metrics and their targets, watched without being complete."""
    card = make("scorecard", account=cast.account, name="Card", **more)
    for key, (low, middle, high) in lines:
        make(
            "scorecard_line", scorecard=card, metric=metric(key), domain="REL", weight=100 // len(lines), minimum=low,
            committed=middle, stretch=high, owner=cast.owner,
        )  # fmt: skip
    Scorecard.objects.filter(pk=card.pk).update(state="live")
    return card  # type: ignore[no-any-return]


def judged(card: Scorecard, **more: Any) -> Any:
    ctx = system()
    return judge(ctx, with_lines(Scorecard.objects.filter(pk=card.pk)), ctx.today, **more)[0]


# -- standard scorecards -------------------------------------------------------------------------------------------


def test_standard_scorecards_are_complete_and_read_metrics_that_every_book_has(db: None) -> None:
    keys = set(Metric.objects.values_list("key", flat=True))
    for preset in presets(system().today).values():
        assert 8 <= len(preset.lines) <= 12
        assert {line.domain for line in preset.lines} == {"FIN", "GRO", "DEL", "REL", "STR"}
        assert {line.metric for line in preset.lines} <= keys
        assert {line.guard.metric for line in preset.lines if line.guard} <= keys
        assert all(line.guard for line in preset.lines if line.domain in ("FIN", "GRO", "DEL"))
        assert all(line.serves and line.action for line in preset.lines)
    assert set(measures()) <= keys


def test_a_standard_scorecard_goes_live_once_with_owners_on_both_sides(cast: Cast) -> None:
    card = add_standard(as_user(cast.owner), "account", account=cast.account.pk)
    assert (card.state, card.preset, card.live_on) == ("live", "account", system().today)
    lines = list(card.lines.all())
    assert {line.owner_id for line in lines} == {cast.owner.pk}
    assert {line.client_owner.name for line in lines} == {"Sabine Keller"}
    with pytest.raises(Refused):
        add_standard(as_user(cast.owner), "account", account=cast.account.pk)


def test_without_anybody_at_the_customer_it_stays_a_draft_that_says_what_it_lacks(cast: Cast) -> None:
    other = make("account", name="Nordwall", owner=cast.owner)
    card = add_standard(as_user(cast.owner), "account", account=other.pk)
    assert card.state == "draft"
    with pytest.raises(Refused) as refused:
        services.update(as_user(cast.owner), registry.get("scorecard"), card.pk, {"state": "live"})
    assert "has no owner at the customer" in str(refused.value.detail)


def test_a_card_is_of_what_it_says(cast: Cast) -> None:
    assert make("scorecard", account=cast.account, name="A").level == "account"
    with pytest.raises(Invalid):
        make("scorecard", name="B", level="manager", account=None)
    with pytest.raises(Invalid):
        make("scorecard", account=cast.account, name="C", decisions=["lunch"])


def test_targets_run_the_way_that_is_good(cast: Cast) -> None:
    card = make("scorecard", account=cast.account, name="A")
    make("scorecard_line", scorecard=card, metric=metric("mttr_hours"), domain="DEL", minimum=9, committed=4, stretch=3)
    with pytest.raises(Invalid) as refused:
        make("scorecard_line", scorecard=card, metric=metric("nps"), domain="REL", minimum=40, committed=10, stretch=60)
    assert refused.value.errors[0]["loc"] == ["committed"]
    with pytest.raises(Invalid):
        make("scorecard_line", scorecard=card, metric=metric("csat"), domain="REL", guardrail=metric("nps"))


# -- judging -------------------------------------------------------------------------------------------------------


def test_the_worked_card_is_judged_out_of_readings(cast: Cast) -> None:
    """SC-05: 73.80 and amber, with a colour for each metric."""
    worked = {
        "gross_margin": (31.0, (28, 32, 36), 20, "amber"), "net_revenue_retention": (111, (100, 110, 120), 20, "green"),
        "pipeline_coverage": (2.4, (2, 3, 4), 10, "amber"), "share_of_wallet": (41.9, (35, 40, 50), 10, "green"),
        "sla_compliance": (96.6, (95, 98, 99.5), 10, "amber"), "mttr_hours": (10, (9, 4, 3), 10, "red"),
        "nps": (25, (10, 40, 60), 10, "amber"), "benefit_realization": (85.5, (70, 90, 100), 10, "amber"),
    }  # fmt: skip
    card = make("scorecard", account=cast.account, name="Worked")
    for key, (value, (low, middle, high), weight, _) in worked.items():
        read(cast, key, value)
        make(
            "scorecard_line", scorecard=card, metric=metric(key), domain="REL", weight=weight, minimum=low, committed=middle,
            stretch=high, flag="critical" if key == "mttr_hours" else "watch",
        )  # fmt: skip
    found = judged(card)
    assert round(found.value, 2) == Decimal("73.80")
    assert found.band == "amber"
    assert {line.line.metric.key: line.band for line in found.lines} == {key: row[3] for key, row in worked.items()}
    services.update(system(), registry.get("scorecard"), card.pk, {"mode": "priority"})
    assert (judged(card).band, judged(card).value) == ("red", None)


def test_a_reading_that_is_too_old_is_no_value(cast: Cast) -> None:
    card = card_with(cast, ("sla_compliance", (95, 98, 99)), ("nps", (10, 40, 60)))
    read(cast, "sla_compliance", 99, days_ago=48)
    read(cast, "nps", 45, days_ago=138)
    sla, nps = judged(card).lines
    assert (sla.band, sla.word, sla.found.value) == ("unknown", "No data", None)
    assert "older than 47 days tells nothing" in sla.found.notes[0]
    assert (nps.band, nps.word) == ("green", "Met")


def test_what_no_reading_says_is_computed_by_its_rule(cast: Cast) -> None:
    card = card_with(cast, ("pipeline_coverage", (2, 3, 4)))
    assert judged(card).lines[0].found.value is None
    read(cast, "pipeline_weighted", 5_400_000)
    read(cast, "pipeline_target", 1_500_000)
    line = judged(card).lines[0]
    assert (line.found.value, line.band) == (Decimal("3.6"), "green")
    assert "pipeline weighted" in line.found.detail


def test_a_guardrail_holds_breaks_or_is_not_known(cast: Cast) -> None:
    card = card_with(cast, ("gross_margin", (28, 32, 36)))
    line = card.lines.get()
    data = {"guardrail": metric("price_realization").pk, "guardrail_side": "at_least", "guardrail_limit": 85}
    services.update(system(), registry.get("scorecard_line"), line.pk, data)
    read(cast, "gross_margin", 33)
    assert judged(card).lines[0].guard.holds is None
    read(cast, "price_realization", 85, days_ago=2)
    assert judged(card).lines[0].guard.holds is True
    read(cast, "price_realization", 84.9)
    assert judged(card).lines[0].guard.holds is False


def test_a_target_says_how_likely_it_is_by_six_quarters(cast: Cast) -> None:
    card = card_with(cast, ("net_revenue_retention", (100, 104, 110)))
    for at, value in enumerate((105, 103.5, 104.5, 103, 102.5, 101)):
        read(cast, "net_revenue_retention", value, days_ago=91 * at)
    line = judged(card, history=True).lines[0]
    assert line.baseline.value == Decimal("103.25")
    assert line.chance.details["verdict"] == "hard"
    assert 25 < line.chance.value < 35
    read(cast, "nps", 1)
    assert judged(card_with(cast, ("nps", (10, 40, 60))), history=True).lines[0].chance is None


def test_cards_over_accounts_put_readings_together_and_drill_to_them(cast: Cast) -> None:
    other = make("account", name="Nordwall", owner=cast.owner)
    read(cast, "sla_compliance", 99)
    make("observation", account=other, metric=metric("sla_compliance"), value=95, on=system().today)
    card = make("scorecard", name="Whole", level="book", account=None)
    make(
        "scorecard_line", scorecard=card, metric=metric("sla_compliance"), domain="DEL", weight=100, minimum=95, committed=98,
        stretch=99,
    )  # fmt: skip
    line = judged(card).lines[0]
    assert (line.found.value, line.band) == (97, "amber")
    assert [row.cells[0] for row in line.found.behind().rows] == ["Nordwall", cast.account.name]


# -- breaches ------------------------------------------------------------------------------------------------------


def test_a_metric_that_turns_worse_asks_its_owner_within_48_hours(cast: Cast) -> None:
    card = card_with(cast, ("nps", (10, 40, 60)))
    read(cast, "nps", 45, days_ago=3)
    assert not ScorecardBreach.objects.exists(), "what was not known before has not turned"
    read(cast, "nps", 30, days_ago=1)
    one = ScorecardBreach.objects.get()
    assert (one.from_band, one.to_band, one.owner_id, one.state) == ("green", "amber", cast.owner.pk, "open")
    assert one.due_at - one.opened_at == timedelta(hours=48)
    assert ScorecardResult.objects.filter(scorecard=card).count() == 1
    read(cast, "nps", 5)
    one.refresh_from_db()
    assert (one.to_band, ScorecardBreach.objects.count()) == ("red", 1)
    keep_scorecards(system())
    assert ScorecardBreach.objects.count() == 1, "looking again changes nothing"


def test_an_answer_stops_the_clock_and_a_good_reading_ends_it(cast: Cast) -> None:
    card_with(cast, ("nps", (10, 40, 60)))
    read(cast, "nps", 45, days_ago=3)
    read(cast, "nps", 30, days_ago=1)
    one, rtype = ScorecardBreach.objects.get(), registry.get("scorecard_breach")
    with pytest.raises(Invalid):
        services.update(as_user(cast.owner), rtype, one.pk, {"state": "answered"})
    services.update(as_user(cast.owner), rtype, one.pk, {"answer": "The outage. Both are called."})
    one.refresh_from_db()
    assert one.state == "answered"
    assert one.answered_at is not None
    read(cast, "nps", 9, days_ago=0)
    one.refresh_from_db()
    assert (one.state, one.to_band, one.answered_at) == ("open", "red", None), "worse once more is asked once more"
    read_again(cast, "nps", 42)
    one.refresh_from_db()
    assert one.state == "over"
    assert one.over_at is not None


def test_a_late_answer_goes_to_the_manager_once(cast: Cast) -> None:
    boss = make("user", username="boss", name="Boss")
    services.update(system(), registry.get("user"), cast.owner.pk, {"manager": boss.pk})
    card = card_with(cast, ("nps", (10, 40, 60)))
    line = card.lines.get()
    one = make("scorecard_breach", line=line, opened_at=system().now - timedelta(hours=48))
    assert pass_on(system()) == 0, "the last moment is in time"
    ScorecardBreach.objects.filter(pk=one.pk).update(due_at=system().now - timedelta(seconds=1))
    assert pass_on(system()) == 1
    one.refresh_from_db()
    assert one.escalated_to_id == boss.pk
    assert one.escalated_at is not None
    assert pass_on(system()) == 0


def test_a_card_in_shadow_tells_nobody(cast: Cast) -> None:
    card = card_with(cast, ("nps", (10, 40, 60)))
    Scorecard.objects.filter(pk=card.pk).update(state="shadow")
    one = make("scorecard_breach", line=card.lines.get(), opened_at=system().now - timedelta(hours=72))
    assert one.shadow
    assert pass_on(system()) == 0


# -- results -------------------------------------------------------------------------------------------------------


def test_an_old_result_stays_judged_by_its_own_targets(cast: Cast) -> None:
    """SC-13: the committed target goes up, the result of the quarter before is judged at the old one and locked."""
    card = card_with(cast, ("nps", (10, 40, 60)))
    read(cast, "nps", 41, days_ago=95)
    read(cast, "nps", 41)
    past = system().today - timedelta(days=92)
    keep_scorecards(system(), past, breaches=False)
    services.update(system(), registry.get("scorecard_line"), card.lines.get().pk, {"committed": 45})
    keep_scorecards(system())
    old, new = ScorecardResult.objects.filter(scorecard=card).order_by("on")
    assert (old.lines[0]["committed"], old.lines[0]["band"], old.locked) == (40, "green", True)
    assert (new.lines[0]["committed"], new.lines[0]["band"], new.locked) == (45, "amber", False)


# -- answers, pages, API -------------------------------------------------------------------------------------------


def test_an_answer_may_bring_an_action_that_names_the_metric(cast: Cast) -> None:
    card = card_with(cast, ("nps", (10, 40, 60)))
    one = make("scorecard_breach", line=card.lines.get())
    with pytest.raises(Invalid):
        answer(as_user(cast.owner), one.pk, "  ")
    answer(as_user(cast.owner), one.pk, "The outage.", action="Call both", due_on=system().today)
    one.refresh_from_db()
    made = one.actions.get()
    assert (one.state, made.title, made.owner_id, made.account_id) == (
        "answered",
        "Call both",
        cast.owner.pk,
        cast.account.pk,
    )
    assert made.success_metric == "NPS: 40 or better"
    services.update(system(), registry.get("scorecard_breach"), one.pk, {"state": "over"})
    with pytest.raises(Refused):
        answer(as_user(cast.owner), one.pk, "Again.")


def test_a_card_over_accounts_is_seen_by_whom_it_is_of_and_by_those_who_see_everything(cast: Cast) -> None:
    change_setting(system(), "perm.account_scope", "team")
    book, own = add_standard(system(), "book"), add_standard(system(), "manager", manager=cast.owner.pk)
    seen = {
        person: {row["id"] for row in Api(getattr(cast, person)).get("/scorecards").json()["items"]}
        for person in ("owner", "outsider", "admin")
    }
    assert (str(own.pk) in seen["owner"], str(book.pk) in seen["owner"]) == (True, False)
    assert str(own.pk) not in seen["outsider"]
    assert {str(own.pk), str(book.pk)} <= seen["admin"]


def test_the_api_judges_a_card_and_takes_an_answer(cast: Cast) -> None:
    api = Api(cast.owner)
    made = api.post("/scorecards/standard", {"preset": "account", "account": str(cast.account.pk)})
    assert made.status_code == 201, made.content
    read(cast, "nps", 45, days_ago=3)
    read(cast, "nps", 20, days_ago=1)
    found = api.get(f"/scorecards/{made.json()['id']}/result").json()
    (nps,) = [one for one in found["metrics"] if one["key"] == "nps"]
    assert (nps["value"], nps["state"], nps["action"]) == (20, "Missed", "Call who answered lowest.")
    (breach,) = found["breaches"]
    assert breach["metric"] == "nps"
    assert api.post(f"/scorecard-breaches/{breach['id']}/answer", {"answer": ""}).status_code == 422
    done = api.post(f"/scorecard-breaches/{breach['id']}/answer", {"answer": "Both are called."})
    assert (done.status_code, done.json()["state"]) == (200, "answered")
    (row,) = api.get("/portfolio/scorecards?level=account").json()["rows"]
    assert (row["of"], row["metrics"]["missed"]) == (cast.account.name, 1)
    assert api.get("/portfolio/scorecards?level=lunch").status_code == 400


def test_pages_show_value_target_result_and_the_clock(cast: Cast, client: Client) -> None:
    card = add_standard(as_user(cast.owner), "account", account=cast.account.pk)
    read(cast, "nps", 45, days_ago=3)
    read(cast, "nps", 20, days_ago=1)
    client.force_login(cast.owner)
    for address in (f"/book/scorecards/{card.pk}", f"/accounts/{cast.account.key}/scorecard"):
        page = client.get(address).content.decode()
        assert "Missed" in page and "No data" in page and "Breaches" in page
        assert "Call who answered lowest." in page
    line = card.lines.get(metric__key="nps")
    assert "NPS: 20" in client.get(f"/book/scorecards/{card.pk}/lines/{line.pk}").content.decode()
    assert "NPS 20: met before, missed now" in client.get("/").content.decode()
    told = client.get(f"/book/scorecards/{card.pk}/export/csv").content.decode()
    assert ",20," in told and "E+" not in told


def test_false_alarms_are_told_as_a_share_of_those_judged(cast: Cast) -> None:
    """SC-09: 3 of 14 are 21.4 %."""
    card = card_with(cast, ("nps", (10, 40, 60)))
    for number in range(15):
        verdict = "unjudged" if number == 14 else "false" if number < 3 else "real"
        make("scorecard_breach", line=card.lines.get(), state="over", verdict=verdict)
    assert alarms_of(clocks(system(), card=card.pk, every=True)) == "3 of 14 judged were false alarms, 21.4\u00a0%"
