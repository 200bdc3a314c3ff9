"""The figures in force are read once in a page, and anew once one of them is changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import NOW, as_user, make_cast
from trackline.accounts.held import read_once
from trackline.accounts.rulebook.adjusting import Target, save
from trackline.accounts.rulebook.overrides import Overrides
from trackline.track.rules.survey import nps

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def test_figures_are_read_once_and_a_change_is_seen(django_assert_num_queries: Any) -> None:
    cast = make_cast()
    with read_once():
        with django_assert_num_queries(1):
            assert Overrides.load(TODAY) is Overrides.load(TODAY)
        save(as_user(cast.admin, NOW), nps, Target(), {"promoter_from": 8}, reason="Another scale")
        assert Overrides.load(TODAY).of(nps.id, tier=None, account_id=None) == {"promoter_from": 8}
    with django_assert_num_queries(2):
        assert Overrides.load(TODAY) is not Overrides.load(TODAY)
