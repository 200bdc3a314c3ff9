"""Which figures are in force: all accounts < tier < account, each version from its day on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import NOW, make_account
from trackline.accounts.models import RuleOverride
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import rulebook

pytestmark = pytest.mark.django_db

USAGE = "track.health.usage"
RELATIONSHIP = "track.health.relationship"
DAY = date(2026, 11, 25)


def version(number: int, changes: dict[str, Any], on: date = DAY, rule: str = USAGE, **scope: Any) -> RuleOverride:
    return RuleOverride.objects.create(
        rule=rule, number=number, changes=changes, from_on=on, reason="Because", created_at=NOW, **scope
    )


def bands(overrides: Overrides, **who: Any) -> Any:
    return overrides.in_force(rulebook().get(USAGE), DAY, **who).echo["bands"]


def test_nothing_laid_over_is_the_rule_itself() -> None:
    found = Overrides.load(DAY)
    assert found.of(USAGE, tier=1, account_id=7) == {}
    rule = rulebook().get(USAGE)
    assert found.in_force(rule, DAY, tier=1, account_id=7) is rule.in_force(DAY)


def test_the_narrower_scope_lies_on_top() -> None:
    account = make_account(tier=1)
    version(1, {"bands": {"green": 80, "amber": 40}})
    version(2, {"bands": {"green": 85}}, scope="tier", tier=1)
    version(3, {"bands": {"green": 90}}, scope="account", account=account)
    found = Overrides.load(DAY)
    assert bands(found) == {"green": 80, "amber": 40}
    assert bands(found, tier=2, account_id=account.pk + 1) == {"green": 80, "amber": 40}
    assert bands(found, tier=1, account_id=account.pk + 1) == {"green": 85, "amber": 40}
    assert bands(found, tier=1, account_id=account.pk) == {"green": 90, "amber": 40}
    assert bands(found, tier=None, account_id=account.pk) == {"green": 90, "amber": 40}


def test_a_version_counts_from_its_day_until_the_next_of_its_slot() -> None:
    version(1, {"bands": {"green": 80}}, date(2026, 11, 1))
    version(2, {"bands": {"green": 82}}, date(2026, 12, 1))
    version(3, {}, date(2026, 12, 24))
    greens = [
        Overrides.load(date.fromisoformat(on)).of(USAGE, tier=None, account_id=None)
        for on in ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01", "2026-12-24")
    ]
    assert greens == [{}, {"bands": {"green": 80}}, {"bands": {"green": 80}}, {"bands": {"green": 82}}, {}]


def test_a_later_day_wins_over_a_later_number_and_the_number_on_one_day() -> None:
    version(1, {"bands": {"green": 90}}, date(2026, 11, 20))
    version(2, {"bands": {"green": 80}}, date(2026, 11, 1))
    assert bands(Overrides.load(DAY))["green"] == 90
    version(3, {"bands": {"green": 85}}, date(2026, 11, 20))
    assert bands(Overrides.load(DAY))["green"] == 85


def test_a_presets_own_version_lies_over_the_one_of_every_preset() -> None:
    version(2, {"nps_gate": 20}, rule=RELATIONSHIP)
    version(3, {"nps_gate": 40}, rule=RELATIONSHIP, preset="regulated")
    found, rule = Overrides.load(DAY), rulebook().get(RELATIONSHIP)
    assert found.in_force(rule, DAY, preset="standard").echo["nps_gate"] == 20
    assert found.in_force(rule, DAY).echo["nps_gate"] == 20, "the default preset"
    assert found.in_force(rule, DAY, preset="regulated").echo["nps_gate"] == 40


def test_a_number_over_a_cut_keeps_its_test() -> None:
    version(1, {"bands": {"green": ">= 80"}})
    version(2, {"bands": {"green": 85}}, scope="tier", tier=1)
    assert Overrides.load(DAY).of(USAGE, tier=1, account_id=None) == {"bands": {"green": ">= 85"}}


def test_what_no_longer_fits_is_left_out() -> None:
    version(1, {"gone": 3})
    rule = rulebook().get(USAGE)
    assert Overrides.load(DAY).in_force(rule, DAY).echo == rule.in_force(DAY).echo


def test_one_query_and_one_resolution(django_assert_num_queries: Any) -> None:
    version(1, {"bands": {"green": 80}})
    version(2, {"bands": {"green": 85}}, scope="tier", tier=1)
    rule = rulebook().get(USAGE)
    with django_assert_num_queries(1):
        found = Overrides.load(DAY)
        assert found.in_force(rule, DAY, tier=1, account_id=3) is found.in_force(rule, DAY, tier=1, account_id=4)
        assert found.in_force(rule, DAY, tier=2, account_id=3) is not found.in_force(rule, DAY, tier=1, account_id=4)


def test_one_slot_is_replaced_for_a_preview() -> None:
    version(1, {"bands": {"green": 80}})
    found = Overrides.load(DAY)
    slot = ("all", None, None, "")
    assert bands(found.having(USAGE, slot, {"bands": {"green": 70}}))["green"] == 70
    assert bands(found.having(USAGE, slot, {}))["green"] == 75
    assert bands(found)["green"] == 80
