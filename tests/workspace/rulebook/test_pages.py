"""Pages of the rulebook: found, explained, tried out, adjusted; by whom, and what they never tell."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.accounts.rulebook.test_refresh import WORKED
from tests.factories import Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import RuleOverride
from trackline.accounts.rulebook import adjusting
from trackline.accounts.rulebook import preview as previews
from trackline.accounts.rulebook.adjusting import Target, save
from trackline.accounts.services.observations import record_observations
from trackline.core.playbook import rulebook
from trackline.workspace.views import rulebook as views

pytestmark = pytest.mark.django_db

USAGE = "/rulebook/track.health.usage"
HTMX = {"HX-Request": "true", "HX-Target": "outcome"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def fed(cast: Cast) -> Cast:
    """The account has readings of yesterday."""
    on = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [{"account": str(cast.account.pk), "metric": key, "on": on, "value": value} for key, value in WORKED.items()]
    record_observations(system(timezone.now()), rows)
    return cast


def seen(user: Any, address: str, **headers: str) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(address, headers=headers)
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def sent(user: Any, address: str, data: dict[str, Any], status: int = 200, target: str = "outcome") -> Any:
    client = Client()
    client.force_login(user)
    response = client.post(address, data, headers=HTMX | {"HX-Target": target})
    assert response.status_code == status, response.content.decode()[:500]
    return response


def keep(
    cast: Cast, changes: Any, target: Target | None = None, reason: str = "A trial for two quarters"
) -> RuleOverride:
    ctx = as_user(cast.admin, timezone.now())
    return save(ctx, rulebook().get("track.health.usage"), target or Target(), changes, reason=reason)


def test_the_list_is_searched_and_narrowed(cast: Cast) -> None:
    keep(cast, {"bands": {"green": 80}})
    page = seen(cast.facilitator, "/rulebook")
    assert "Track the Situation" in page
    assert page.count("/rulebook/") >= len(rulebook())
    part = seen(cast.facilitator, "/rulebook?q=usage&room=track", **{"HX-Request": "true", "HX-Target": "list"})
    assert "<html" not in part
    assert USAGE in part
    assert "adjusted" in part
    assert "track.survey.nps" not in part
    assert "No rule has all these words" in seen(cast.facilitator, "/rulebook?q=zanzibar")


@pytest.mark.parametrize("rule_id", [rule.id for rule in rulebook()])
def test_every_rule_has_its_page(cast: Cast, rule_id: str) -> None:
    page = seen(cast.facilitator, f"/rulebook/{rule_id}")
    assert rulebook().get(rule_id).title in page.replace("&#x27;", "'").replace("&amp;", "&")
    assert 'id="outcome"' in page
    assert "note amber" not in page, "the example is refused"


def test_the_page_tells_figures_sources_and_use(fed: Cast) -> None:
    page = seen(fed.facilitator, USAGE)
    for words in (
        "Account management guide",
        "Build account health scoring",
        "30 × product usage",
        "as shipped",
        "interpreted",
        "Accounts with a result",
        "> 75",
        "50 to 75",
    ):
        assert words.replace(">", "&gt;") in page, words
    assert "Adjust, with preview" not in page
    assert "Adjust, with preview" in seen(fed.admin, USAGE)
    assert "It runs where you give it inputs" in seen(fed.facilitator, "/rulebook/commercial.sla.tier")


def test_presets_have_their_own_figures(cast: Cast) -> None:
    address = "/rulebook/track.health.relationship"
    assert ">25</b>" in seen(cast.owner, address)
    assert ">25</b>" not in seen(cast.owner, f"{address}?preset=regulated")
    assert ">25</b>" in seen(cast.owner, f"{address}?preset=nonsense")


def test_versions_tell_who_why_and_what(fed: Cast) -> None:
    keep(fed, {"bands": {"green": 70}})
    page = seen(fed.facilitator, USAGE)
    for words in ("v1 in force", "A trial for two quarters", "Ada", "Health by score, green", "&gt; 70", "adjusted"):
        assert words in page, words
    assert "scores changed" not in page
    assert "1 of 1 scores changed; 1 amber to green" in seen(fed.admin, USAGE)


def test_the_outsider_learns_nothing_of_the_account(fed: Cast) -> None:
    keep(fed, {"bands": {"green": 70}}, Target("account", account=fed.account), "Okada Brandt is special")
    page = seen(fed.outsider, USAGE)
    assert "Okada" not in page
    assert "as shipped" in page
    assert "Okada Brandt" in seen(fed.owner, USAGE)


# -- what if -----------------------------------------------------------------------------------------------------------


def test_the_form_starts_from_an_account_and_answers_at_once(fed: Cast) -> None:
    part = seen(fed.owner, f"{USAGE}/what-if?account={fed.account.pk}", **HTMX)
    assert f"/accounts/{fed.account.key}/scores/track.health.usage" in part
    assert 'value="78"' in part
    data = {"start": fed.account.pk, "inputs.active_seat_pct": "85", "inputs.core_features_used": "4"}
    answer = sent(fed.owner, f"{USAGE}/what-if", data).content.decode()
    assert "Product usage: 78 → 85" in answer
    assert "went missing" in answer
    wrong = sent(fed.owner, f"{USAGE}/what-if", {"inputs.active_seat_pct": "185"}).content.decode()
    assert "from 0 to 100" in wrong
    figures = {"parameters.weights.product_usage": "50", "parameters.bands.green": "40"}
    crossed = sent(fed.owner, f"{USAGE}/what-if", figures).content.decode()
    assert "must lie above" in crossed


def test_rows_come_and_go_without_losing_what_was_entered(cast: Cast) -> None:
    address = "/rulebook/align.forecast.distribution/what-if"
    data = {"inputs.deals.0.value": "777", "inputs.deals.0.probability": "50", "more": "inputs.deals"}
    part = sent(cast.owner, address, data, target="what-if").content.decode()
    assert 'value="777"' in part
    assert "inputs.deals.1.value" in part
    part = sent(cast.owner, address, data | {"more": "", "less": "inputs.deals.0"}, target="what-if").content.decode()
    assert "777" not in part.split('id="outcome"')[0]


def test_figures_in_force_are_those_of_the_account(fed: Cast) -> None:
    keep(fed, {"bands": {"green": 70}}, Target("account", account=fed.account))
    part = seen(fed.owner, f"{USAGE}/what-if?account={fed.account.pk}", **HTMX)
    assert 'name="parameters.bands.green" value="70"' in part
    assert 'name="parameters.bands.green" value="75"' in seen(fed.owner, f"{USAGE}/what-if", **HTMX)


# -- adjusting ---------------------------------------------------------------------------------------------------------


def test_the_effect_is_shown_and_nothing_saved(fed: Cast) -> None:
    answer = sent(fed.admin, f"{USAGE}/effect", {"parameters.bands.green": "70"}).content.decode()
    assert "1 of 1 scores change, 1 of them its colour" in answer
    assert "Okada Brandt Mobility" in answer
    assert "Nothing is saved yet" in answer
    assert "Change a figure" in sent(fed.admin, f"{USAGE}/effect", {"parameters.bands.green": "75"}).content.decode()
    refused = sent(fed.admin, f"{USAGE}/effect", {"parameters.weights.product_usage": "31"}).content.decode()
    assert "sum to 101" in refused
    assert not RuleOverride.objects.exists()


def test_saving_makes_a_version_and_leads_back(fed: Cast) -> None:
    data = {"parameters.bands.green": "70", "scope": "tier", "tier": "1", "reason": "Seats count more", "after": "0"}
    response = sent(fed.admin, f"{USAGE}/adjust", data, 204, "effect")
    assert response.headers["HX-Redirect"] == USAGE
    row = RuleOverride.objects.get()
    assert (row.scope, row.tier, row.changes, row.reason) == ("tier", 1, {"bands": {"green": 70}}, "Seats count more")
    again = sent(fed.admin, f"{USAGE}/adjust", data | {"parameters.bands.green": "72"}, 412, "effect")
    assert "Version 1 of Health by usage was saved since you opened it." in again.content.decode()
    assert (
        "<b>Why</b>: Say why"
        in sent(fed.admin, f"{USAGE}/adjust", data | {"reason": "", "after": "1"}, 422, "effect").content.decode()
    )


def test_the_form_is_filled_with_what_is_in_force_and_can_be_taken_back(fed: Cast) -> None:
    keep(fed, {"bands": {"green": 70}})
    page = seen(fed.admin, f"{USAGE}/adjust")
    assert 'name="parameters.bands.green" value="70"' in page
    assert "Keep v1" in page
    assert 'name="parameters.bands.green" value="75"' in seen(fed.admin, f"{USAGE}/adjust?reset=1")
    sent(fed.admin, f"{USAGE}/adjust", {"parameters.bands.green": "75", "reason": "Over", "after": "1"}, 204, "effect")
    assert RuleOverride.objects.get(number=2).changes == {}
    tier = seen(fed.admin, f"{USAGE}/adjust?scope=tier&tier=2")
    assert "Tier 2" in tier


def test_moves_between_tiers_are_the_finding_of_rules_of_the_book(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    move = previews.TierMove(cast.account.pk, cast.account.key, "Okada Brandt Mobility", 2, 1)
    monkeypatch.setattr(previews, "_tier_effects", {"book.tier.cutoffs": lambda *given: [move]})
    answer = sent(cast.admin, "/rulebook/book.tier.cutoffs/effect", {"parameters.min_scores": "12"}).content.decode()
    assert "1 account moves tier" in answer
    assert "tier 2 → 1" in answer


def test_an_account_must_be_chosen(fed: Cast) -> None:
    data = {"parameters.bands.green": "70", "scope": "account", "reason": "Special"}
    assert "An account is expected" in sent(fed.admin, f"{USAGE}/adjust", data, 422, "effect").content.decode()
    sent(fed.admin, f"{USAGE}/adjust", data | {"account": fed.account.pk}, 204, "effect")
    assert RuleOverride.objects.get().account == fed.account
    assert "Okada Brandt Mobility" in seen(fed.admin, f"{USAGE}/adjust?scope=account&account={fed.account.pk}")


def test_rules_and_the_rulebook_are_in_the_palette(cast: Cast) -> None:
    assert "/rulebook" in seen(cast.owner, "/search/palette?q=rulebook")
    assert USAGE in seen(cast.owner, "/search/palette?q=health+by+usage")


def test_changes_of_rules_are_told_in_settings(cast: Cast) -> None:
    keep(cast, {"bands": {"green": 70}})
    page = seen(cast.admin, "/settings/changes")
    assert "Health by usage v1, All accounts" in page
    assert "A trial for two quarters" in page


# -- large books, in steps ---------------------------------------------------------------------------------------------


def test_the_effect_on_a_large_book_is_shown_step_by_step(fed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.localdate().isoformat()
    for number in range(3):
        account = str(make_account(f"Account {number}").pk)
        rows = [{"account": account, "metric": key, "on": today, "value": value} for key, value in WORKED.items()]
        record_observations(system(timezone.now()), rows)
    form = {"parameters.bands.green": "60"}
    whole = sent(fed.admin, f"{USAGE}/effect", form).content.decode()
    assert "effect-step" not in whole
    monkeypatch.setattr(previews, "AT_ONCE_IN_STEPS", 1)
    monkeypatch.setattr(views, "STEP_SECONDS", 0.0)
    states = [""]
    for done in (1, 2, 3):
        text = sent(fed.admin, f"{USAGE}/effect", form | {"seen": states[-1]}).content.decode()
        assert f'max="4" value="{done}"' in text
        states += re.findall(r'"seen": "([^"]+)"', html.unescape(text))
    last = sent(fed.admin, f"{USAGE}/effect", form | {"seen": states[-1]}).content.decode()
    assert last == whole
    forged = sent(fed.admin, f"{USAGE}/effect", form | {"seen": states[-1][:-2]}).content.decode()
    assert 'value="1"' in forged


def test_a_version_is_brought_in_while_the_page_is_open(fed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjusting, "settle", lambda *args, **more: 0)
    keep(fed, {"bands": {"green": 60}})
    page = seen(fed.owner, USAGE)
    assert "Being brought into the book" in page
    assert "0 of 1 accounts" in page
    assert "hx-get" in page.split('id="bringing"')[1].split(">")[0]
    mine = seen(fed.admin, USAGE).split('id="bringing"')[1].split(">")[0]
    assert f'hx-post="{USAGE}/bringing"' in mine
    done = sent(fed.admin, f"{USAGE}/bringing", {}).content.decode()
    assert "All accounts follow the change now" in done
    after = seen(fed.admin, USAGE)
    assert 'id="bringing"' not in after
    assert "1 of 1 scores changed" in after


# -- feeds -------------------------------------------------------------------------------------------------------------


def feed_form(user: Any) -> dict[str, str]:
    """What the form of feeds holds as it is drawn."""
    page = seen(user, f"{USAGE}/feeds")
    found: dict[str, str] = {}
    for name in re.findall(r'name="((?:feed|age|rhythm)\.[^"]+)"', page):
        tag = re.search(rf'<(?:input|option)[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
        found[name] = tag[1] if tag else ""
    return found


def test_the_page_tells_which_metric_feeds_which_input(fed: Cast) -> None:
    page = seen(fed.owner, USAGE)
    assert "Fed by" in page
    assert "Seats licensed" in page
    assert "as % of" in page
    assert f"{USAGE}/feeds" not in page
    assert f"{USAGE}/feeds" in seen(fed.admin, USAGE)
    assert "Fed by" not in seen(fed.owner, "/rulebook/track.survey.nps")


def test_feeds_are_changed_with_a_reason_and_the_effect_first(fed: Cast) -> None:
    form = feed_form(fed.admin)
    assert form["rhythm.weekly"] == "30"
    assert form["feed.active_seat_pct.0"].isdecimal()
    told = sent(fed.admin, f"{USAGE}/feeds/effect", form | {"age.targets_met_pct": "0"}).content.decode()
    assert "1 to 1100" in told
    swapped = form | {"feed.active_seat_pct.0": form["feed.targets_met_pct.0"]}
    told = sent(fed.admin, f"{USAGE}/feeds/effect", swapped).content.decode()
    assert "1 of 1 scores change" in told
    assert "No score changes" in sent(fed.admin, f"{USAGE}/feeds/effect", form).content.decode()
    refused = sent(fed.admin, f"{USAGE}/feeds", swapped, status=422).content.decode()
    assert "Say why" in refused
    answer = sent(fed.admin, f"{USAGE}/feeds", swapped | {"reason": "Targets say more"}, status=204)
    assert answer.headers["HX-Redirect"] == USAGE
    page = seen(fed.admin, USAGE)
    assert "changed</span>" in page
    assert feed_form(fed.admin)["feed.active_seat_pct.0"] == form["feed.targets_met_pct.0"]


def test_a_signal_tells_when_it_would_have_fired(cast: Cast) -> None:
    for days, value in ((60, 50), (20, 38)):
        make(
            "observation",
            account=cast.account,
            metric="nps",
            on=timezone.localdate() - timedelta(days=days),
            value=value,
        )
    drop = "/rulebook/watch.signal.nps_drop"
    client = Client()
    client.force_login(cast.admin)
    for address, offers in ((drop, True), (USAGE, False)):
        assert ("When it would have fired" in client.get(f"{address}/adjust").content.decode()) is offers
    told = sent(cast.admin, f"{drop}/past", {"months": "3"}).content.decode()
    assert "It would have fired once on 1 account" in told and "NPS 50 → 38" in told
    other = sent(cast.admin, f"{drop}/past", {"months": "6", "parameters.drop_from": "13"}).content.decode()
    assert "With these figures it would not have fired, now once" in other and "no more" in other
    wrong = sent(cast.admin, f"{drop}/past", {"months": "6", "parameters.drop_from": "x"}).content.decode()
    assert 'class="bad"' in wrong
