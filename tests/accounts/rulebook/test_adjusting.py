"""Administrators adjust figures: checked, previewed over the book, saved as a version with a reason, never rewritten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.accounts.rulebook.test_refresh import TODAY, USAGE, WORKED, feed
from tests.factories import NOW, as_user, make, make_account, make_user
from trackline.accounts.models import RuleOverride, Score, ScoreChange, ScoreVersion
from trackline.accounts.rulebook import preview as previews
from trackline.accounts.rulebook.adjusting import Target, draft, effect_of, rule_named, save
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.services.audit import RULE
from trackline.core.playbook import rulebook
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, NotFound, Stale
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

RULE_USAGE = rulebook().get(USAGE)
RELATIONSHIP = rulebook().get("track.health.relationship")
HEAVIER = {"weights": {"product_usage": 20, "feature_adoption": 30}}


@pytest.fixture
def admin() -> Context:
    return as_user(make_user("ada", role="admin"))


def keep(ctx: Context, changes: Any, target: Target | None = None, rule: Any = RULE_USAGE, **more: Any) -> RuleOverride:
    return save(ctx, rule, target or Target(), changes, reason=more.pop("reason", "Seats say less here"), **more)


def refusal(call: Any, *args: Any, **named: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        call(*args, **named)
    return [(".".join(map(str, error["loc"])), error["msg"]) for error in refused.value.errors]


# -- checks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"weights": {"product_usage": 35}}, "changes.weights", "sum to 105"),
        ({"bands": {"green": 40}}, "changes.bands", "must lie above"),
        ({"bands": {"blue": 40}}, "changes.bands.blue", "no such key"),
        ({"weight": {}}, "changes.weight", "no such parameter"),
        ({"weights": {"product_usage": -1, "feature_adoption": 51}}, "changes.weights.product_usage", "0 or more"),
        ({"points": {"green": "many"}}, "changes.points.green", "number"),
        ([], "changes", "object"),
        ({}, "changes", "nothing to take back"),
    ],
)
def test_figures_that_do_not_fit_are_refused_with_their_path(
    admin: Context, changes: Any, path: str, words: str
) -> None:
    found = refusal(keep, admin, changes)
    assert [one[0] for one in found] == [path]
    assert words in found[0][1]
    assert not RuleOverride.objects.exists()


@pytest.mark.parametrize(
    ("target", "more", "path"),
    [
        (Target(scope="region"), {}, "scope"),
        (Target(scope="tier"), {}, "tier"),
        (Target(scope="tier", tier=4), {}, "tier"),
        (Target(tier=1), {}, "tier"),
        (Target(scope="account"), {}, "account"),
        (Target(preset="strict"), {}, "preset"),
        (Target(), {"from_on": TODAY - timedelta(days=1)}, "from_on"),
        (Target(), {"reason": "  "}, "reason"),
        (Target(), {"reason": "x" * 501}, "reason"),
    ],
)
def test_targets_that_do_not_fit_are_refused(admin: Context, target: Target, more: Any, path: str) -> None:
    assert [one[0] for one in refusal(keep, admin, HEAVIER, target, **more)] == [path]


def test_only_administrators_adjust(admin: Context) -> None:
    katrin = as_user(make_user("katrin"))
    with pytest.raises(Forbidden):
        keep(katrin, HEAVIER)
    with pytest.raises(Forbidden):
        effect_of(draft(RULE_USAGE, Target(), HEAVIER, from_on=TODAY, today=TODAY), katrin)
    with pytest.raises(NotFound, match=r"track\.health\.usage"):
        rule_named("track.health.usag")


def test_a_version_must_fit_those_of_narrower_scopes_too(admin: Context) -> None:
    keep(admin, {"weights": {"product_usage": 40, "success_metrics": 5}}, Target("tier", 1))
    account = make_account(tier=2)
    keep(admin, {"bands": {"amber": 60}}, Target("account", account=account))
    found = refusal(keep, admin, {"weights": {"success_metrics": 5, "relationship": 30}})
    assert found == [
        ("changes.weights", "With the version for tier 1: Weights that sum to 100 are expected; these sum to 110.")
    ]
    assert "With the version for an account: " in refusal(keep, admin, {"bands": {"green": 55}})[0][1]
    keep(admin, {"bands": {"green": 65}})


def test_a_version_must_fit_every_preset_it_counts_for(admin: Context) -> None:
    weights = {"engagement": 20, "share_of_voice": 5}
    found = refusal(keep, admin, {"weights": weights}, rule=RELATIONSHIP)
    assert found[0][0] == "changes.weights"
    assert "In the preset regulated" in found[0][1]
    row = keep(admin, {"weights": weights}, Target(preset="standard"), rule=RELATIONSHIP)
    assert [move["path"] for move in row.moves] == ["weights.engagement", "weights.share_of_voice"]


def test_what_is_in_force_already_is_refused(admin: Context) -> None:
    keep(admin, HEAVIER)
    assert refusal(keep, admin, HEAVIER)[0][0] == "changes"


def test_two_administrators_do_not_overwrite_each_other(admin: Context) -> None:
    keep(admin, HEAVIER, after=0)
    with pytest.raises(Stale, match="Version 1"):
        keep(admin, {"bands": {"green": 80}}, after=0)
    keep(admin, {"bands": {"green": 80}}, after=1)


# -- versions ----------------------------------------------------------------------------------------------------------


def test_a_version_says_what_moved_who_and_why(admin: Context) -> None:
    first = keep(admin, {"bands": {"green": 80}})
    second = keep(admin, {"bands": {"green": 70}}, from_on=TODAY + timedelta(days=30))
    assert (first.number, second.number) == (1, 2)
    assert first.moves == [{"path": "bands.green", "before": "> 75", "after": "> 80"}]
    assert second.moves == [{"path": "bands.green", "before": "> 80", "after": "> 70"}]
    assert (first.created_by_id, first.created_at, first.reason) == (admin.actor.user_id, NOW, "Seats say less here")
    noted = Change.objects.get(record_type=RULE, record_id=first.pk)
    assert (noted.changes, noted.note) == ({"bands.green": ["> 75", "> 80"]}, "Seats say less here")


def test_taking_back_is_a_version_and_rewrites_nothing(admin: Context) -> None:
    first = keep(admin, {"bands": {"green": 80}})
    back = keep(admin, {}, reason="The trial is over")
    assert (back.number, back.changes) == (2, {})
    assert back.moves == [{"path": "bands.green", "before": "> 80", "after": "> 75"}]
    first.refresh_from_db()
    assert first.changes == {"bands": {"green": 80}}
    assert Overrides.load(TODAY).of(USAGE, tier=None, account_id=None) == {}
    assert refusal(keep, admin, {})[0][0] == "changes"


# -- the book ----------------------------------------------------------------------------------------------------------


def book() -> dict[str, Any]:
    found = {}
    for name, tier, values in (
        ("Okada Brandt", 1, WORKED),
        ("Halvorsen Marine", 2, WORKED | {"active_seat_pct": 95}),
        ("Nordwall", None, WORKED | {"active_seat_pct": 20, "nps_rating": 3}),
    ):
        found[name] = make_account(name, tier=tier)
        feed(found[name], **values)
    make_account("Pemberton Foods")
    return found


def test_the_preview_is_what_saving_brings(admin: Context) -> None:
    accounts = book()
    changes = {"bands": {"green": 70, "amber": 40}, **HEAVIER}
    before = ScoreChange.objects.count()
    told = effect_of(draft(RULE_USAGE, Target(), changes, from_on=TODAY, today=TODAY), admin)
    assert ScoreChange.objects.count() == before
    assert not RuleOverride.objects.exists()
    assert told.accounts == 4
    row = keep(admin, changes)
    assert row.effect == told.summary
    assert row.effect["bands"] == [{"from": "amber", "to": "green", "count": 1}]
    newest = {score.account_id: score for score in Score.objects.filter(rule=USAGE, on=TODAY)}
    for effect in told.effects:
        saved = newest[effect.holder.account_id]
        assert (saved.value, saved.band) == (effect.after.value, effect.after.band)
    moved = {effect.holder.account_id for effect in told.effects}
    lines = ScoreChange.objects.filter(rule=USAGE, cause__kind="parameters")
    assert moved <= {line.account_id for line in lines}
    line = lines.get(account=accounts["Okada Brandt"])
    assert (line.cause["record_type"], line.cause["record_id"], line.by_id) == (RULE, str(row.pk), admin.actor.user_id)
    assert {one["path"] for one in line.difference["parameters"]} >= {"bands.green", "weights.product_usage"}
    version = ScoreVersion.objects.get(version=newest[accounts["Okada Brandt"].pk].version)
    assert version.parameters["bands"] == {"green": 70, "amber": 40}
    accounts["Okada Brandt"].refresh_from_db()
    assert accounts["Okada Brandt"].health["band"] == newest[accounts["Okada Brandt"].pk].band


def test_a_tier_and_an_account_touch_only_their_own(admin: Context) -> None:
    accounts = book()
    told = effect_of(draft(RULE_USAGE, Target("tier", 1), HEAVIER, from_on=TODAY, today=TODAY), admin)
    assert told.reached == [accounts["Okada Brandt"].pk]
    one = Target("account", account=accounts["Halvorsen Marine"])
    keep(admin, {"points": {"green": 90, "amber": 60}}, one)
    assert set(ScoreChange.objects.filter(cause__kind="parameters").values_list("account_id", flat=True)) == {
        accounts["Halvorsen Marine"].pk
    }


def test_an_account_that_moves_tier_is_judged_by_its_new_tiers_figures(admin: Context) -> None:
    account = make_account("Okada Brandt", tier=2)
    make("contact", account=account, name="Jana Reis", influence=5)
    coverage = rulebook().get("accounts.stakeholders.coverage")
    keep(admin, {"bands": {"amber": 1}}, Target("tier", 1), rule=coverage)
    services.update(admin, registry.get("account"), account.pk, {"tier": 1})
    newest = Score.objects.filter(rule=coverage.id, account=account).latest("on")
    assert ScoreVersion.objects.get(version=newest.version).parameters["bands"]["amber"] == 1


def test_a_version_of_a_later_day_changes_nothing_today(admin: Context) -> None:
    book()
    row = keep(admin, HEAVIER, from_on=TODAY + timedelta(days=1))
    assert row.effect is None
    assert not ScoreChange.objects.filter(cause__kind="parameters").exists()


def test_biggest_movers_come_after_those_that_change_colour(admin: Context) -> None:
    book()
    told = effect_of(
        draft(RULE_USAGE, Target(), {"bands": {"green": 70}, **HEAVIER}, from_on=TODAY, today=TODAY), admin
    )
    colours = [effect.changes_band for effect in told.effects]
    assert colours == sorted(colours, reverse=True)
    assert told.to_json()["effects"][0]["before"]["band"] != told.to_json()["effects"][0]["after"]["band"]


def test_rules_that_run_on_no_account_have_no_effect_to_tell(admin: Context) -> None:
    rule = rulebook().get("commercial.sla.tier")
    assert not previews.preview(rule, Target().slot, {"x": 1}, TODAY).live


def test_who_moves_tier_is_asked_of_who_knows(admin: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_tier_effects", {})
    move = previews.TierMove(7, "okada", "Okada Brandt", 2, 1)
    seen: list[Any] = []
    previews.tells_tiers(["book.tier.cutoffs"], lambda rule, now, then, day: seen.append((now, then)) or [move])
    rule = rulebook().get("book.tier.cutoffs")
    changes = {"min_scores": 12}
    told = effect_of(draft(rule, Target(), changes, from_on=TODAY, today=TODAY), admin)
    assert told.to_json()["tiers"] == [
        {"account": "7", "key": "okada", "name": "Okada Brandt", "before": 2, "after": 1}
    ]
    now, then = seen[0]
    assert (now.of(rule.id, tier=None, account_id=None), then.of(rule.id, tier=None, account_id=None)) == ({}, changes)


def test_queries_do_not_grow_with_the_book(admin: Context, django_assert_max_num_queries: Any) -> None:
    book()
    found = draft(RULE_USAGE, Target(), HEAVIER, from_on=TODAY, today=TODAY)
    with django_assert_max_num_queries(8) as few:
        effect_of(found, admin)
    for index in range(6):
        feed(make_account(f"More {index}"), **WORKED)
    with django_assert_max_num_queries(len(few.captured_queries)):
        effect_of(found, admin)
