"""Clocks and urgency of alerts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.alerts.rows import by_urgency, clock_of, late, span, urgent


def alert(**more: Any) -> Any:
    fields = {
        "state": "open",
        "ack_due_at": NOW + timedelta(minutes=30),
        "diagnose_due_at": NOW + timedelta(hours=24),
        "diagnosed_at": None,
    }
    return SimpleNamespace(**(fields | more))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "1 min"), (1500, "25 min"), (89 * 60, "89 min"), (90 * 60, "2 h"), (47 * 3600, "47 h"), (48 * 3600, "2 d")],
)
def test_a_length_of_time_is_told_in_its_unit(seconds: float, words: str) -> None:
    assert span(seconds).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("given", "after", "words"),
    [
        ({}, 5, "acknowledge within 25 min"),
        ({}, 30, "acknowledge within 1 min"),
        ({}, 31, "acknowledge, 1 min late"),
        ({"state": "acknowledged"}, 60, "diagnose within 23 h"),
        ({"state": "acknowledged"}, 24 * 60 + 120, "diagnose, 2 h late"),
        ({"state": "escalated"}, 0, "diagnose within 24 h"),
        ({"state": "escalated", "diagnosed_at": NOW}, 0, None),
        ({"state": "diagnosed"}, 0, None),
        ({"state": "closed"}, 0, None),
        ({"ack_due_at": None}, 0, None),
    ],
)
def test_the_clock_that_runs_follows_the_state(given: dict[str, Any], after: int, words: str | None) -> None:
    clock = clock_of(alert(**given), NOW + timedelta(minutes=after))
    assert (clock.words.replace("\u00a0", " ") if clock else None) == words


@pytest.mark.django_db
def test_the_gravest_come_first_then_whose_clock_runs_out_first() -> None:
    account = make_account(owner=make_user("katrin"))
    made = {
        name: make("alert", account=account, title=name, rule=name, **more)
        for name, more in {
            "info": {"severity": "info"},
            "critical": {"severity": "critical", "ack_due_at": NOW + timedelta(hours=2)},
            "sooner": {"severity": "critical", "ack_due_at": NOW + timedelta(hours=1)},
            "diagnosed": {"severity": "critical", "state": "diagnosed"},
            "closed": {"severity": "critical", "state": "closed"},
            "high": {"severity": "high"},
        }.items()
    }
    query = scoped(system(), registry.get("alert"))
    names = [one.title for one in by_urgency(query).exclude(pk=made["closed"].pk)]
    assert names == ["sooner", "critical", "diagnosed", "high", "info"]
    found = urgent(system(), query, 2)
    assert ([row.alert.title for row in found.rows], found.total) == (["sooner", "critical"], 5)
    assert found.words == "3 critical, 1 high, 1 other"
    overdue = query.filter(late(NOW + timedelta(minutes=61))).values_list("title", flat=True)
    assert set(overdue) == {"sooner", "high", "info"}
