"""The pages of tiers: register, promises, checks, the panel of a decision, files."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pydantic import ValidationError

from tests.book.test_tiers import BRIEF, OVERRIDE, drafted, falling, fresh, grant, later, score_on, signed, write
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account, Metric, Score
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services import change_setting, set_exchange_rate
from trackline.book.models import TierDecision
from trackline.book.queries.practice import practice, served
from trackline.book.queries.register import opened, register
from trackline.book.queries.tiers import tiers
from trackline.book.rules.register_columns import RegisterColumn
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.tiers.decision import card_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def cast() -> Cast:
    """The cast, and figures of its account that are fresh."""
    found = make_cast()
    fresh(found.account)
    return found


def browser(user: Any) -> Client:
    """A signed-in browser."""
    found = Client()
    found.force_login(user)
    return found


def part(user: Any, address: str) -> str:
    """What htmx is answered."""
    return str(browser(user).get(address, headers={"HX-Request": "true"}).content.decode())


def row(cast: Cast, **filters: Any) -> Any:
    """The row of the cast's account, opened."""
    found = register(system(), **filters)
    return opened(system(), found, [one for one in found.rows if one.pk == cast.account.pk])[0]


# -- the register --------------------------------------------------------------------------------------------------


def test_a_row_says_why_tier_and_score_differ(cast: Cast) -> None:
    assert row(cast).why == "Not scored."
    falling(cast.account)
    one = row(cast)
    assert (one.row.differs, one.row.scored.by_score, one.differs_since) == (True, 2, date(2025, 12, 30))
    assert one.why == (
        "Scores 76.0 for tier 2; the mean of three quarters, 77.7, is below 84.4 too: a move may be proposed."
    )
    grant(cast, tier=1)
    held = row(cast).why
    assert held.startswith("Scores 76.0 for tier 2; an override holds until") and held.endswith(": The merger")


def test_a_row_that_may_not_be_moved_yet_says_so(cast: Cast) -> None:
    for on, score in ((date(2026, 6, 30), 95), (date(2026, 9, 29), 90), (TODAY, 80)):
        score_on(on, {cast.account.pk: score})
    one = row(cast)
    assert one.why.endswith("but the mean of three quarters is 88.3, not below 84.4: nothing may be proposed yet.")
    assert (one.row.near, one.row.nearest, float(one.row.gap)) == (True, 1, -4.4)
    assert one.differs_since == TODAY


def test_what_an_account_is_to_bring_encloses_eight_in_ten(cast: Cast) -> None:
    soon, far = TODAY + timedelta(days=90), TODAY + timedelta(days=400)
    for title, kind, closes in (("A", "upsell", soon), ("Renewal", "renewal", soon), ("Far", "upsell", far)):
        make("route", account=cast.account, title=title, type=kind, value=1_000_000, probability=50, state="pursuing",
             currency="EUR", expected_close_on=closes)  # fmt: skip
    one = row(cast)
    assert (one.revenue.mean, one.revenue.low, one.revenue.high) == (3_340_000, 2_840_000, 3_840_000)
    assert float(one.margin) == pytest.approx(3_340_000 * 0.31)
    assert (one.funding.result.value, one.funding.result.details["opex"]) == (2700, 66_800)


def test_a_row_holds_what_the_register_asks_for(cast: Cast) -> None:
    one = tiers(system())["rows"][0]
    assert (one["margin_low"], one["margin_12m"], one["margin_high"]) == (880_400, 880_400, 880_400)
    assert (one["customer_spend"], one["whitespace_pct"], one["sunset_plan"]) == (None, None, "")
    assert one["risk_flags"] == {"financial": "unknown", "concentration": "red", "compliance": "unknown"}
    assert one["commitment"][0] == "Executive business review every quarter" and one["dependencies"] == []
    make(
        "observation", account=cast.account, metric=Metric.objects.get(key="customer_spend"), on=TODAY, value=8_000_000
    )
    for title, category, likelihood, impact in (
        ("Fine", "Legal", 2, 4), ("Warned", "Legal", 1, 1), ("Line 4", "Technical", 5, 4), ("Line 5", "Technical", 2, 2),
    ):  # fmt: skip
        make("risk", account=cast.account, title=title, category=category, likelihood=likelihood, impact=impact)
    make("risk", account=cast.account, title="Over", category="Financial", likelihood=5, impact=5, status="closed")
    drafted(cast, kind="exit", sunset_plan="Hand the lines over.")
    one = tiers(system())["rows"][0]
    assert one["customer_spend"] == 8_000_000
    assert (one["risk_flags"]["financial"], one["risk_flags"]["compliance"]) == ("unknown", "amber")
    assert (one["dependencies"], one["sunset_plan"]) == (["Line 4"], "Hand the lines over.")
    text = part(cast.owner, f"/panel/tier/{cast.account.pk}")
    assert "Line 4" in text and "Hand the lines over." in text and "compliance" in text


def test_each_column_has_somebody_who_answers_a_feed_and_a_decision(cast: Cast) -> None:
    columns = {one["key"]: one for one in tiers(system())["columns"]}
    assert set(columns) <= set(tiers(system())["rows"][0])
    assert columns["budget"]["answers"] is None
    make("data_steward", domain="accounts", person=cast.teammate)
    assert {one["answers"] for one in tiers(system())["columns"] if one["owner"] == "accounts"} == {"Tim"}
    assert "Where each column comes from" in browser(cast.owner).get("/book/tiers").content.decode()
    with pytest.raises(ValidationError):
        RegisterColumn(key="notes", label="Notes", owner="accounts", feed="", serves="nothing")  # type: ignore[arg-type]


def test_white_space_is_converted_and_only_what_is_open(cast: Cast) -> None:
    set_exchange_rate(system(), "USD", date(2026, 9, 30), 0.9)  # type: ignore[arg-type]
    unit = make("business_unit", account=cast.account, name="Paint")
    for name, more in (
        ("A", {"value": 100_000, "currency": "USD"}),
        ("B", {"addressable": 400_000, "attainable_pct": 50, "currency": "EUR"}),
        ("C", {"value": 70_000, "state": "deployed", "currency": "EUR"}),
    ):
        make("whitespace_cell", business_unit=unit, product=make("product", name=name), **more)
    assert row(cast).whitespace == 290_000


def test_filters_and_orders(cast: Cast) -> None:
    other = make_account("Nordwall", tier=2, arr=10, owner=cast.owner, region="EMEA")
    gone = make_account("Gone", tier=2, status="churned", owner=cast.owner)
    score_on(TODAY, {cast.account.pk: 80, other.pk: 70})
    every = register(system())
    assert {one.pk for one in every.rows} == {cast.account.pk, other.pk} and gone.pk not in every.scores.of
    assert [one.pk for one in register(system(), show="differs").rows] == [cast.account.pk]
    assert [one.pk for one in register(system(), {"region": "EMEA"}).rows] == [other.pk]
    assert [one.pk for one in register(system(), order="arr").rows] == [other.pk, cast.account.pk]
    assert [one.pk for one in register(system(), q="nord").rows] == [other.pk]
    assert every.counts == {"differs": 1, "near": 2, "open": 0, "override": 0, "exit": 0}


def test_the_page_shows_what_is_under_way_and_what_is_late(cast: Cast) -> None:
    falling(cast.account)
    drafted(cast, trigger="revenue_drop")
    text = browser(cast.owner).get("/book/tiers").content.decode()
    assert "1 of 1 account scores for another tier, 1 decision under way" in text
    decision = TierDecision.objects.get()
    write(as_user(cast.admin), signed(cast, decision), status="approved", effective_on=TODAY)
    text = browser(cast.owner).get("/book/tiers").content.decode()
    assert "After a decision" in text and "Watched until" in text
    card = card_of(as_user(cast.owner, later(8)), TierDecision.objects.get())
    assert [(clock.label, clock.late) for clock in card.clocks] == [
        ("Account team told", True), ("People, money and promises updated", True), ("Customer told", False),
    ]  # fmt: skip


def test_files_hold_every_column(cast: Cast) -> None:
    falling(cast.account)
    text = browser(cast.owner).get("/book/tiers/export/csv?tier=1").content.decode("utf-8-sig")
    (line,) = list(csv.DictReader(io.StringIO(text)))
    assert (line["Account"], line["Tier"], line["Tier by score"], line["A move may be proposed"]) == (
        cast.account.name, "1", "2", "yes",
    )  # fmt: skip
    assert (line["ARR EUR"], line["FTE"], line["Next review"]) == ("2840000.00", "1.5", "2027-01-01")
    assert browser(cast.owner).get("/book/tiers/export/xlsx").status_code == 200


def test_an_outsider_sees_nothing_of_the_account(cast: Cast) -> None:
    drafted(cast)
    for page in ("/book/tiers", "/book/tiers/service", "/book/tiers/checks", "/book/tiers/export/csv"):
        assert cast.account.name not in browser(cast.outsider).get(page).content.decode()
    assert tiers(as_user(cast.outsider))["rows"] == []


# -- panels --------------------------------------------------------------------------------------------------------


def test_a_draft_lists_what_it_still_needs(cast: Cast) -> None:
    falling(cast.account)
    decision = make("tier_decision", account=cast.account, kind="downgrade", ctx=as_user(cast.owner))
    card = card_of(as_user(cast.owner), decision)
    assert [check.passed for check in card.checks] == [False, False, False, True, True, True]
    assert [deed.label for deed in card.deeds] == ["Send to its signatures", "Withdraw"]
    assert not card.deeds[0].primary
    write(as_user(cast.owner), decision, **BRIEF, kam_leader=cast.admin.pk, finance_head=cast.teammate.pk,
          exec_sponsor=make_user("paula").pk)  # fmt: skip
    ready = card_of(as_user(cast.owner), TierDecision.objects.get())
    assert all(check.passed for check in ready.checks) and ready.deeds[0].primary
    assert (ready.hours.replace("\N{NO-BREAK SPACE}", " "), ready.test and ready.test["proposes"]) == (
        "2,700 h → 900 h",
        True,
    )


def test_who_is_named_signs_with_one_click(cast: Cast) -> None:
    falling(cast.account)
    decision = drafted(cast)
    write(as_user(cast.owner), decision, status="sign_off")
    assert "kam_leader_signed" in part(cast.admin, f"/panel/tier_decision/{decision.pk}")
    assert "finance_head_signed" not in part(cast.admin, f"/panel/tier_decision/{decision.pk}")
    answer = browser(cast.admin).post(
        f"/r/tier_decision/{decision.pk}/set", {"kam_leader_signed": "true"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code in (200, 204)
    assert TierDecision.objects.get().kam_leader_signed
    refused = browser(cast.owner).post(
        f"/r/tier_decision/{decision.pk}/set", {"finance_head_signed": "true"}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 403


def test_only_administrators_are_offered_the_decision(cast: Cast) -> None:
    falling(cast.account)
    decision = signed(cast, drafted(cast))
    labels = [deed.label for deed in card_of(as_user(cast.admin), decision).deeds]
    assert labels == ["Approve", "Reject", "Defer", "Back to draft"]
    assert [deed.label for deed in card_of(as_user(cast.owner), decision).deeds] == ["Back to draft"]
    assert card_of(as_user(cast.facilitator), decision).deeds == []


def test_the_panel_of_a_tier_explains_and_proposes(cast: Cast) -> None:
    falling(cast.account)
    refresh_scores([cast.account.pk], TODAY)
    text = part(cast.owner, f"/panel/tier/{cast.account.pk}")
    assert (
        "a move may be proposed" in text
        and "Propose tier 2" in text
        and "Executive business review every quarter" in text
    )
    assert "Propose tier 2" not in part(cast.facilitator, f"/panel/tier/{cast.account.pk}")
    drafted(cast)
    assert "Propose tier 2" not in part(cast.owner, f"/panel/tier/{cast.account.pk}")


def test_the_head_of_an_account_says_by_what_it_holds_its_tier(cast: Cast) -> None:
    address = f"/accounts/{cast.account.key}"
    assert "since the account is here" in browser(cast.owner).get(address).content.decode()
    grant(cast)
    assert "Tier 2 by override" in browser(cast.owner).get(address).content.decode()


# -- promises and checks -------------------------------------------------------------------------------------------


def test_promises_are_told_one_by_one(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(created_at=NOW - timedelta(days=800))
    refresh_scores([cast.account.pk], TODAY)
    found = register(system())
    (one,) = served(found, [each for each in found.rows if each.pk == cast.account.pk])
    kept = {each.promise.key: each for each in one.kept}
    assert (kept["reviews"].got, kept["reviews"].owed, kept["reviews"].band) == (0, 4, "red")
    assert (kept["team"].got, kept["support"].got, kept["support"].promise.counted) == (3, None, False)
    assert "touches" not in kept
    assert "0<span" in browser(cast.owner).get("/book/tiers/service").content.decode()


def test_who_pays_for_promises_stands_on_panel_checks_and_in_files(cast: Cast) -> None:
    address, panel = "/book/tiers/checks", f"/panel/tier/{cast.account.pk}"
    assert "Nothing can be said yet" in browser(cast.owner).get(address).content.decode()
    assert "is not known. Missing: our people who serve it (serving FTE), what an hour costs" in " ".join(
        part(cast.owner, panel).split()
    )
    for key, value in {
        "hour_cost": "100",
        "cost.reviews": "5000",
        "cost.support.1": "60000",
        "cost.innovation.1": "50000",
    }.items():
        change_setting(system(), f"service.{key}", value)
    Account.objects.filter(pk=cast.account.pk).update(serving_fte="1.2")
    assert "€19k</b>" in part(cast.owner, panel)
    text = browser(cast.owner).get(address).content.decode()
    assert "Accounts whose tier does not pay for what it promises" in text and "€19k" in text
    assert cast.account.name not in browser(cast.outsider).get(address).content.decode()
    (line,) = csv.DictReader(
        io.StringIO(browser(cast.owner).get("/book/tiers/export/csv?tier=1").content.decode("utf-8-sig"))
    )
    assert (line["Hours served"], line["Promised EUR"], line["Granted EUR"], line["Promises paid for"]) == (
        "2160.0", "346000.00", "326800.00", "no",
    )  # fmt: skip
    found = tiers(system())
    assert (found["rows"][0]["budget"]["over"], found["funding"]["short"][0]["over"]) == (19_200, 19_200)
    assert tiers(as_user(cast.outsider))["funding"] == {"judged": 0, "tiered": 0, "missing": {}, "short": []}
    assert "€60k a year" in browser(cast.owner).get("/book/tiers/service").content.decode()


def test_the_monitors_count_moves_overrides_and_broken_promises(cast: Cast) -> None:
    account = registry.get("account")
    others = [make_account(f"Part {number}", tier=3, owner=cast.owner, arr=100_000) for number in range(4)]
    for other in others:
        services.update(as_user(cast.owner), account, other.pk, {"tier": 2})
    grant(cast, tier=1)
    Score.objects.filter(account=cast.account, rule="book.tier.service").delete()
    Score.objects.create(
        account=cast.account, rule="book.tier.service", on=TODAY, value=90, coverage_pct=100, version="v",
        details={"rhythm_pct": 50},
    )  # fmt: skip
    found = practice(register(system()))
    details = found.bias.details
    assert (details["ratchet"]["value"], details["ratchet"]["flagged"], len(found.moves)) == (4, True, 4)
    assert cast.account.key in details["silent"]["accounts"] and details["overrides"]["value"] == 20
    assert found.exposure.details["accounts"][0]["band"] == "red"
    services.update(system(), OVERRIDE, found.overrides[0].pk, {"state": "revoked"})
    assert practice(register(system())).bias.details["overrides"]["value"] == 0


def test_candidates_for_an_exit_wait_by_cycles(cast: Cast) -> None:
    long_ago = system(NOW - timedelta(days=700))
    services.update(long_ago, registry.get("account"), cast.account.pk, {"exit_candidate": True})
    drift = practice(register(system())).bias.details["drift"]
    assert (drift["value"], drift["accounts"]) == (1, [cast.account.key])
