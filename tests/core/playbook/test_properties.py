"""What holds for the arithmetic of every rule: more of a number moves the value one way, parts add up to it, it stays within
its bounds, its colour is that of its bands, and what is missing is told.

A new rule joins by itself; what it may do otherwise stands in `directions.yaml` or in the tables here, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.playbook.inputs import inputs_of
from tests.core.playbook.test_any_inputs import DAY, RULES, every_rule, paths_in, replaced
from trackline.core.playbook import Explained, Rule, RunRefused, rulebook
from trackline.core.playbook.data import read_yaml
from trackline.core.playbook.rules import PRESET
from trackline.core.scales import UNKNOWN, Bands
from trackline.track.rules.value_gap import FIGURES, RATINGS

DECLARED: Mapping[str, Any] = read_yaml(Path(__file__).with_name("directions.yaml").read_text())
LADDER = (-1000, -100, -10, -1, 0, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 25, 40, 50, 60, 75, 80, 90, 99, 100, 101, 150,
          400, 1000, 5000, 10**6)  # fmt: skip
"""Values that a number is given one after the other; those that it cannot be are left out."""

WAYS = ("up", "down", "flat", "free")
NO_SUM = {"commercial.price.waterfall": "each element is what it takes off the list price"}
"""Rules whose contributions do not add up to the value."""
OTHER_COLOUR = {
    "accounts.kpi.deal_cycle_days": "by the change against the baseline",
    "accounts.kpi.gross_margin": "by the distance from plan",
    "accounts.kpi.pipeline_coverage": "far above green is amber: the pipeline is inflated",
    "accounts.stakeholders.coverage": "by the number of cells",
    "align.renewal.risk": "by the gravest of what speaks against it",
    "kickoff.sponsor.match": "a closed gate is red",
    "track.health.relationship": "gates and alarms count beside the score",
}
"""Rules whose colour is not that of the value alone."""
CHOICE = "it chooses how the rule reads; without it the default does"
NOT_TOLD: Mapping[str, Mapping[str, str]] = {
    "accounts.kpi.working_capital_drag": {"wacc_pct": "the book's rate stands in"},
    "accounts.stakeholders.champions": {"lost": "without champions there is nothing that it changes"},
    "accounts.stakeholders.grid": {"sentiment": "of the other axis", "interest": "of the other axis"},
    "accounts.stakeholders.touch": {
        "known_since": "only where nobody was ever in touch",
        "buying_role": "none is a role too",
        "exec_sponsor": "not said is no sponsor",
        "seniority": "only the preset level looks at it, and tells",
        "own_days": "without one the general limit counts",
    },
    "align.forecast.distribution": {"quantiles": CHOICE, "target": "no target, no chance of it"},
    "align.pipeline.probability": {"k": CHOICE},
    "align.qualification.meddicc": {"tier": "without one the general cut counts"},
    "align.renewal.timeline": {
        "tier": "only where it chooses the timeline, and then it is told",
        "arr": "only where it chooses the timeline, and then it is told",
        "enterprise": "only where it chooses the timeline, and then it is told",
        "created_on": "without it no step began late",
        "done": "nothing is done",
    },
    "book.at_risk": {"days_to_renewal": "only where one contact is active, and then it is told"},
    "book.score.composite": {"normaliser": CHOICE},
    "book.score.outliers": {"method": CHOICE},
    "book.score.scenario": {
        "normaliser": CHOICE,
        "weight_factors": "without them weights are as they are",
        "figure_factors": "without them figures are as they are",
    },
    "book.score.sensitivity": {"normaliser": CHOICE},
    "book.scorecard.checks": {"audience": "a card without an audience fails that check"},
    "book.risk_opportunity": {"blocked": "without it nothing blocks an offer"},
    "book.tier.service": {
        "days_held": "a year where not known",
        **dict.fromkeys(("conversations", "touches", "sponsor", "plan", "touched"), "not every tier promises it"),
    },
    "book.tier.watch": {"tier": "no tier is one too", "quarter_scores": "told where a move would rest on them"},
    "commercial.sla.tier": {
        "window_minutes": "only with it downtime is counted",
        "cost_per_minute": "only with it downtime costs",
        "stretch": "told with its threshold",
    },
    "documents.plan.template": {"tier": "without one the shortest template", "template": CHOICE},
    "track.competitor.gap": {"weights": "the rule's own stand in"},
    "track.health.relationship": {
        "negative_streak_quarters": "a warning without its input is off",
        "engagement_steady": "a warning without its input is off",
        "legal_dispute": "an alarm without its input is off",
        "sponsor_exit_days": "an alarm without its input is off",
    },
    "track.needs.source": {"max_age_days": "without it the rhythm and a half counts"},
    "track.needs.value_gap": {
        **dict.fromkeys(chain(*FIGURES.values()), "only one method reads it, and there it is told"),
        **dict.fromkeys(chain(*RATINGS.values()), "its risk priority number is null without it; the money is the same"),
    },
    "track.survey.next_ask": {"last_on": "null says that they were never asked"},
    "watch.signal.control_chart": {"baseline": CHOICE, "k": CHOICE, "run": CHOICE},
    "watch.signal.health_fall": {"band_before": "told with the scores", "band_now": "told with the scores"},
    "watch.signal.touch_overdue": {"every_days": "without one the general limit counts"},
}
"""Inputs whose absence need not be told, each with the reason; a preset never need be."""

lightly = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
Steps = tuple[str | int, ...]


def named(path: Steps) -> str:
    """Return a path as the table writes it: `items[].target`."""
    return ".".join("[]" if isinstance(key, int) else key for key in path).replace(".[]", "[]")


def read(value: Any, path: Steps) -> Any:
    for key in path:
        value = value[key]
    return value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def numbers_of(inputs: Any) -> list[Steps]:
    return [path for path in paths_in(inputs) if path and is_number(read(inputs, path))]


def run(rule: Rule, inputs: Any) -> Explained | None:
    """Return what a rule finds, None for inputs that contradict each other."""
    try:
        return rule(inputs, as_of=DAY)
    except RunRefused:
        return None


def climb(rule: Rule, inputs: Any, path: Steps) -> Iterator[Decimal]:
    """Yield the values that a rule finds as one of its numbers rises."""
    for step in LADDER:
        found = run(rule, replaced(inputs, path, step))
        if found is not None and is_number(found.value):
            yield Decimal(found.value)


def moves(values: list[Decimal]) -> set[str]:
    pairs = list(pairwise(values))
    return {"up" for before, after in pairs if after > before} | {"down" for before, after in pairs if after < before}


@cache
def allowed(rule_id: str, name: str) -> str:
    """Return what the table says of a number: up, down, flat, free, or "" where it says nothing."""
    told = DECLARED.get(rule_id, {})
    return next((way for way in WAYS if name in told.get(way, ()) or "*" in told.get(way, ())), "")


def anything(rule: Rule) -> st.SearchStrategy[Any]:
    """Draw inputs, the example as often as others."""
    return st.just(dict(rule.data.example)) | inputs_of(rule) if rule.data.example else inputs_of(rule)


@every_rule
@lightly
@given(data=st.data())
def test_more_of_a_number_moves_the_value_one_way(rule: Rule, data: st.DataObject) -> None:
    inputs = data.draw(anything(rule))
    paths = numbers_of(inputs)
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    way, found = allowed(rule.id, named(path)), moves(list(climb(rule, inputs, path)))
    if way == "free":
        return
    assert len(found) < 2, f"{named(path)} raises and lowers the value"
    assert not (way and found - {way}), f"{named(path)} moves it {found}, not {way}"


@pytest.mark.parametrize(
    ("rule_id", "way", "name"),
    [
        (rule_id, way, name)
        for rule_id, told in DECLARED.items()
        for way in ("up", "down")
        for name in told.get(way, ())
    ],
)
def test_what_is_said_of_a_number_is_seen(rule_id: str, way: str, name: str) -> None:
    rule = rulebook().get(rule_id)
    inputs = dict(rule.data.example)
    path = next((path for path in numbers_of(inputs) if named(path) == name), None)
    if path is None:
        assert "." not in name.replace("[]", ""), f"the example of {rule_id} lacks {name}"
        path, inputs = (name,), {**inputs, name: 1}
    assert moves(list(climb(rule, inputs, path))) == {way}


def test_the_table_names_what_is_there() -> None:
    for rule_id, told in DECLARED.items():
        assert rule_id in rulebook()
        assert set(told) <= {*WAYS, "between"}
        fields = rulebook().get(rule_id).inputs.model_fields
        known = {field.alias or name for name, field in fields.items()}
        listed = [name for way in WAYS for name in told.get(way, ()) if name != "*"]
        assert {name.partition(".")[0].removesuffix("[]") for name in listed} <= known, rule_id
        assert all(told.get("free", {}).values())
    for rule_id, inputs in NOT_TOLD.items():
        assert set(inputs) <= set(rulebook().get(rule_id).inputs.model_fields), rule_id


@every_rule
@lightly
@given(data=st.data())
def test_parts_bounds_and_colours_agree_with_the_value(rule: Rule, data: st.DataObject) -> None:
    inputs = data.draw(anything(rule))
    found = run(rule, inputs)
    if found is None:
        return
    value = Decimal(found.value) if isinstance(found.value, int | Decimal) else None
    if value is not None:
        assert value.is_finite()
        low, high = DECLARED.get(rule.id, {}).get("between", (value, value))
        assert low <= value <= high
        weighed = [part.points for part in found.parts if part.weight and part.points is not None]
        added = [part.contribution for part in found.parts if part.contribution is not None]
        if added and rule.id not in NO_SUM:
            scale = max(Decimal(1), *(abs(one) for one in added))
            assert abs(sum(added) - value) <= scale * Decimal("1e-20")
        if weighed and added:
            dust = max(Decimal(1), *(abs(one) for one in weighed)) * Decimal("1e-20")
            assert min(weighed) - dust <= value <= max(weighed) + dust
    bands = getattr(rule.in_force(DAY, inputs.get("preset")).parameters, "bands", None)
    if isinstance(bands, Bands) and rule.id not in OTHER_COLOUR:
        assert found.band == bands.of(value)
    if found.value is None and rule.id != "track.health.relationship":
        assert found.band in (None, UNKNOWN)


@every_rule
@lightly
@given(data=st.data())
def test_an_input_that_is_not_known_is_told_and_never_fails(rule: Rule, data: st.DataObject) -> None:
    inputs = data.draw(anything(rule))
    before = run(rule, inputs)
    if before is None:
        return
    fields = {field.alias or name: name for name, field in rule.inputs.model_fields.items()}
    for key in [key for key, value in inputs.items() if value is not None]:
        try:
            found = rule({**inputs, key: None}, as_of=DAY)
        except RunRefused as refused:
            told = [error["loc"] for error in refused.errors]
            assert ["inputs", key] in told, f"without {key} it fails over {told}"
            continue
        # Where something else was missing already, that is reason enough.
        if fields[key] not in (PRESET, *NOT_TOLD.get(rule.id, ())) and not (before.value is None and before.missing):
            assert key in found.missing, f"without {key} it finds {found.value} and does not say so"


def test_rules_with_a_reason_are_there() -> None:
    ids = {rule.id for rule in RULES}
    assert {*NO_SUM, *OTHER_COLOUR, *NOT_TOLD} <= ids
