"""How versions stand: in force, to come, replaced, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.accounts.rulebook.test_overrides import version
from tests.factories import NOW, make_account, system
from trackline.accounts.rulebook.versions import versions_of

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
USAGE = "track.health.usage"


def states() -> dict[int, str]:
    return {found.row.number: found.state for found in versions_of(system(), USAGE)}


def test_each_slot_has_its_own_line_of_versions() -> None:
    version(1, {"bands": {"green": 80}}, TODAY - timedelta(days=9))
    version(2, {"bands": {"green": 82}}, TODAY)
    version(3, {"bands": {"green": 85}}, TODAY, scope="tier", tier=1)
    version(4, {"bands": {"green": 90}}, TODAY + timedelta(days=5))
    version(5, {"bands": {"green": 91}}, TODAY + timedelta(days=5))
    version(6, {"bands": {"green": 70}}, TODAY, scope="account", account=make_account())
    version(7, {}, TODAY, scope="tier", tier=1)
    assert states() == {
        1: "replaced",
        2: "in_force",
        3: "replaced",
        4: "replaced",
        5: "to_come",
        6: "in_force",
        7: "taken_back",
    }
    found = versions_of(system(), USAGE)
    assert [one.row.number for one in found] == [7, 6, 5, 4, 3, 2, 1]
    assert [one.scope_label for one in found[:3]] == ["Tier 1", "Okada Brandt Mobility", "All accounts"]


def test_reading_versions_is_one_query(django_assert_num_queries: object) -> None:
    version(1, {"bands": {"green": 80}}, scope="account", account=make_account())
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert versions_of(system(), USAGE)[0].to_json()["account"]
