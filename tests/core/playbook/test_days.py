"""A rule answers on any day that JSON can name, the first and the last included."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from trackline.core.playbook import Rule, RunRefused, rulebook


@pytest.mark.parametrize("as_of", [date.min, date(2000, 2, 29), date.max], ids=str)
@pytest.mark.parametrize("rule", [rule for rule in rulebook() if rule.reads_clock], ids=lambda rule: rule.id)
def test_any_day_is_answered_or_refused_with_its_path(rule: Rule, as_of: date) -> None:
    given: dict[str, Any] = dict(rule.data.example)
    try:
        assert rule(given, as_of=as_of).as_of == as_of
    except RunRefused as refused:
        assert all(error["loc"] and error["msg"] for error in refused.errors)
