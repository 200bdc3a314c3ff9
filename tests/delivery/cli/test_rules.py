"""`trackline rules`: the rulebook in a terminal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import Recomputation, RuleOverride
from trackline.accounts.rulebook import pending
from trackline.accounts.rulebook.adjusting import Target, rule_named, save
from trackline.accounts.rulebook.ledger import Occasion

pytestmark = pytest.mark.django_db

INPUTS = {"inputs": {"active_seat_pct": 72, "core_features_used": 4, "nps_rating": 7}, "as_of": "2026-06-30"}


def test_list_and_show(shell: Shell) -> None:
    done = shell("rules", "list", "usage", "--json")
    assert "track.health.usage" in [item["id"] for item in done.json["items"]]
    assert "Health by usage" in shell("rules", "list", "--room", "track").out
    assert shell("rules", "show", "track.health.usage", "--json").json["inputs"]["type"] == "object"
    assert "stated" in shell("rules", "show", "track.health.usage").out


def test_run_from_a_file_and_from_standard_input(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(INPUTS))
    done = shell("rules", "run", "track.health.usage", "--input", str(file))
    assert (done.code, done.json["value"], done.json["as_of"]) == (0, 64.28571428571429, "2026-06-30")
    assert shell("rules", "run", "track.health.usage", "--input", "-", stdin=json.dumps(INPUTS)).json == done.json


def test_wrong_input_exits_with_2_and_names_the_path(shell: Shell) -> None:
    for text, words in (
        ('{"inputs": {"active_seat_pct": 101}}', "inputs.active_seat_pct"),
        ('{"inputs": {"seats": 1}}', "inputs.seats"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
    ):
        done = shell("rules", "run", "track.health.usage", "--input", "-", stdin=text)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
    done = shell("rules", "run", "track.health.usag", "--input", "-", stdin="{}")
    assert done.code == 2
    assert "track.health.usage" in done.err


def test_run_goes_by_what_administrators_laid_over_the_rule(shell: Shell) -> None:
    RuleOverride.objects.create(
        rule="track.health.usage",
        number=1,
        changes={"bands": {"amber": 70}},
        from_on="2026-06-30",
        reason="A trial",
        created_at=NOW,
    )
    done = shell("rules", "run", "track.health.usage", "--input", "-", stdin=json.dumps(INPUTS))
    assert (done.json["band"], done.json["parameters"]["bands"]) == ("red", {"green": 75, "amber": 70})
    earlier = json.dumps(INPUTS | {"as_of": "2026-06-29"})
    assert shell("rules", "run", "track.health.usage", "--input", "-", stdin=earlier).json["band"] == "amber"


def test_run_needs_no_database(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "none.sqlite3"))
    done = shell("rules", "run", "track.health.usage", "--input", "-", stdin=json.dumps(INPUTS))
    assert (done.code, done.json["band"]) == (0, "amber")
    assert not (tmp_path / "none.sqlite3").exists()


def test_override_previews_saves_and_lists(shell: Shell) -> None:
    changes = json.dumps({"changes": {"bands": {"green": 70}}, "scope": "tier", "tier": 1})
    words = ("rules", "override", "track.health.usage", "--input", "-")
    done = shell(*words, "--preview", stdin=changes)
    assert (done.code, RuleOverride.objects.count()) == (0, 0)
    assert "bands.green: > 75 → > 70" in done.out
    assert "0 of 0 accounts change" in done.out
    done = shell(*words, "--reason", "A trial", stdin=changes)
    assert (done.code, "Saved version 1" in done.out) == (0, True)
    listed = shell("rules", "versions", "track.health.usage")
    assert "Tier 1" in listed.out
    assert "A trial" in listed.out
    assert shell("rules", "versions", "track.health.usage", "--json").json["items"][0]["state"] == "in_force"
    RuleOverride.objects.update(scope="all", tier=None)
    assert "stated, adjusted" not in shell("rules", "show", "track.survey.nps").out
    assert "green 70" in shell("rules", "show", "track.health.usage").out
    assert shell("rules", "show", "track.health.usage", "--json").json["in_force"]["bands"]["green"] == 70
    assert "Nobody adjusted" in shell("rules", "versions", "track.survey.nps").out


def test_a_preview_names_the_goals_that_change(shell: Shell) -> None:
    make_goal("Scrap below 2 %", progress=30)
    words = ("rules", "override", "reveal.goal.progress", "--input", "-", "--preview")
    done = shell(*words, stdin=json.dumps({"changes": {"at_risk_gap": -20}}))
    assert (done.code, "1 of 1 records of type goal change" in done.out) == (0, True)
    assert "Scrap below 2 %" in done.out
    assert "at_risk amber" in done.out
    assert "on_track green" in done.out


def make_goal(title: str, *, progress: int) -> None:
    """Make a goal that is so many percent of the way after nearly half of its time."""
    ctx = system(timezone.now())
    dates = {"start_on": ctx.today - timedelta(days=45), "due_on": ctx.today + timedelta(days=55)}
    make("goal", ctx=ctx, account=make_account(), title=title, baseline=0, target=100, current=progress, **dates)


def test_override_without_a_reason_or_with_weights_off_100_is_wrong_usage(shell: Shell) -> None:
    words = ("rules", "override", "track.health.usage", "--input", "-")
    for changes, reason, said in (
        ({"bands": {"green": 70}}, "", "reason"),
        ({"weights": {"product_usage": 31}}, "x", "changes.weights"),
    ):
        done = shell(*words, "--reason", reason, stdin=json.dumps({"changes": changes}))
        assert (done.code, RuleOverride.objects.count()) == (2, 0)
        assert said in done.err


def test_refresh_brings_in_what_is_pending_and_versions_whose_day_has_come(shell: Shell) -> None:
    account = make_account()
    ctx = system(timezone.now())
    rule = rule_named("accounts.stakeholders.coverage")
    save(ctx, rule, Target(), {"bands": {"green": 8}}, reason="From tomorrow", from_on=ctx.today + timedelta(days=1))
    pending.mark([account.pk], [rule.id], Occasion(ctx.now), on=ctx.today)
    assert "1 to be computed anew" in shell("check").out
    assert shell("refresh", "--json").json["pending"] == 1
    Recomputation.objects.filter(accounts=None).update(due_on=ctx.today)
    assert shell("refresh", "--json").json["pending"] == 1
    assert shell("refresh", "--json").json["pending"] == 0
    assert not Recomputation.objects.filter(finished_at=None).exists()


def test_what_feeds_a_rule_is_shown_previewed_and_changed(shell: Shell) -> None:
    rule = "watch.signal.usage_decline"
    assert "usage_index else mau" in " ".join(shell("rules", "feeds", rule).out.split())
    assert "47 days" in shell("rules", "feeds", rule).out
    assert shell("rules", "feeds", "track.health.usage", "--json").json["max_age_days"]["weekly"]["value"] == 30
    assert shell("rules", "feeds", "commercial.sla.tier").code == 1
    done = shell("rules", "feeds", rule, "--set", "series=mau,usage_index", "--preview")
    assert (done.code, "Nothing changes." in done.out) == (0, True)
    assert shell("rules", "feeds", rule, "--set", "series=mau").code == 2
    done = shell("rules", "feeds", rule, "--set", "series=mau,usage_index", "--reason", "We count people", "--json")
    series = done.json["inputs"][0]
    assert [one["metrics"] for one in series["sources"]] == [["mau"], ["usage_index"]]
    done = shell("rules", "feeds", rule, "--max-age", "series=60", "--reason", "Reports come late", "--json")
    series = done.json["inputs"][0]
    assert [one["metrics"] for one in series["sources"]] == [["mau"], ["usage_index"]]
    assert series["sources"][0]["max_age_days"]["value"] == 60
    done = shell("rules", "feeds", rule, "--shipped", "--reason", "Back", "--json")
    assert not done.json["inputs"][0]["adjusted"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "series"), "input=value"),
        (("--set", "luck=mau"), "inputs.luck"),
        (("--set", "series=nothing"), "There is no metric nothing"),
        (("--max-age", "series=soon"), "inputs.series.max_age_days"),
    ],
)
def test_feeds_that_do_not_fit_are_named(shell: Shell, options: tuple[str, str], words: str) -> None:
    done = shell("rules", "feeds", "watch.signal.usage_decline", *options, "--reason", "Why not")
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_signal_is_looked_back_at(shell: Shell, tmp_path: Path) -> None:
    account = make_account()
    for days, value in ((60, 50), (20, 38)):
        make("observation", account=account, metric="nps", on=timezone.localdate() - timedelta(days=days), value=value)
    done = shell("rules", "past", "watch.signal.nps_drop", "--months", "3")
    assert "fired 1 times" in done.out and "NPS 50 → 38" in done.out
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"changes": {"drop_from": 13}}))
    told = shell("rules", "past", "watch.signal.nps_drop", "--input", str(file), "--json").json
    assert (told["now"], told["then"]) == (1, 0)
    assert shell("rules", "past", "track.health.usage").code == 1
