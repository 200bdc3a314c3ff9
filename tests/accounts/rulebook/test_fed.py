"""Every rule that runs on the book says what feeds each of its inputs."""

from __future__ import annotations

import pytest

from trackline.accounts.rulebook.fed import shipped_feeds
from trackline.core.playbook import Rule, rulebook

FED = [rule for rule in rulebook() if shipped_feeds(rule.id)]
ASKED_ONLY = {
    "align.forecast.distribution": {"quantiles"},
    "track.survey.rhi": {"preset"},
    "watch.signal.control_chart": {"baseline", "k", "run"},
}
"""Inputs that whoever runs a rule by hand may give; on accounts the figures of the rule stand for them."""


def test_all_kinds_of_rules_are_fed() -> None:
    ids = {rule.id for rule in FED}
    assert {"track.health.usage", "reveal.goal.progress", "watch.churn_risk", "watch.signal.red_health"} <= ids
    assert {rule.id for rule in rulebook() if rule.id.startswith("watch.signal.")} <= ids


@pytest.mark.parametrize("rule", FED, ids=lambda rule: rule.id)
def test_every_input_is_fed(rule: Rule) -> None:
    feeds = shipped_feeds(rule.id)
    assert feeds is not None
    asked = set(rule.inputs.model_fields) - ASKED_ONLY.get(rule.id, set())
    assert set(feeds.inputs) == asked
    for feed in feeds.inputs.values():
        assert feed.label
        assert feed.sources
        for source in feed.sources:
            assert source.says if source.kind == "record" else source.metrics
            assert source.kind == "record" or source.max_age is not None or feeds.ages
