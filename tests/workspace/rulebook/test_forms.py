"""Forms out of schemas: what is drawn is read back as it was, for every rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trackline.accounts.rulebook.figures import figures
from trackline.core.decimals import plain
from trackline.core.playbook import Rule, rulebook
from trackline.core.playbook.describe import input_schema
from trackline.kit.forms import FormField
from trackline.workspace.queries.rulebook import entry, parameters
from trackline.workspace.queries.rulebook.figures import figures_of, path_words
from trackline.workspace.queries.rulebook.what_if import Start, run
from trackline.workspace.queries.rulebook.words import band_ranges, figure

DAY = date(2026, 11, 23)
RULES = pytest.mark.parametrize("rule", list(rulebook()), ids=lambda rule: rule.id)
EXAMPLES = pytest.mark.parametrize("rule", [rule for rule in rulebook() if rule.data.example], ids=lambda rule: rule.id)
USAGE = rulebook().get("track.health.usage")
DEALS = rulebook().get("align.forecast.distribution")


def fields(items: Sequence[entry.Item]) -> Iterator[FormField]:
    for item in items:
        if isinstance(item, entry.Control):
            yield item.field
        elif isinstance(item, entry.Group):
            yield from fields(item.items)
        else:
            for row in item.rows:
                yield from row


def sent(rule: Rule, values: Any, **more: str) -> dict[str, str]:
    found = entry.items_of(input_schema(rule), values, **more)
    return {one.name: "" if one.value is None else str(one.value) for one in fields(found)}


@EXAMPLES
def test_what_is_drawn_is_read_back(rule: Rule) -> None:
    example = plain(rule.data.example)
    read = entry.read(input_schema(rule), sent(rule, example))
    before, after = (rule(inputs, as_of=DAY) for inputs in (example, read))
    assert (before.value, before.band, before.parts) == (after.value, after.band, after.parts)


@RULES
def test_figures_drawn_and_sent_back_change_nothing(rule: Rule) -> None:
    for preset in rule.data.presets or [""]:
        base = figures(rule, DAY, preset)
        groups = parameters.groups_of(rule, base, base)
        posted = {one.field.name: str(one.field.value) for group in groups for one in group.entries}
        assert parameters.changes_of(base, posted) == {}
        assert [one.name for one in figures_of(rule, DAY, preset, {})] == list(rule.data.parameters)


def test_what_cannot_be_read_is_told_by_the_rule_at_its_place() -> None:
    posted = sent(DEALS, {"deals": [{"value": 10, "probability": 50}]}) | {"inputs.deals.0.probability": "often"}
    outcome = run(DEALS, Start({}, "an example"), entry.read(input_schema(DEALS), posted), {}, DAY)
    assert outcome.errors == [("Deals, row 1, probability", "A number from 0 to 100 is expected.")]


def test_rows_are_added_and_left_out() -> None:
    deals = {"deals": [{"value": 10, "probability": 50}, {"value": 20, "probability": 60}]}
    assert "inputs.deals.2.value" in sent(DEALS, deals, more="inputs.deals")
    one_left = sent(DEALS, entry.without_row(deals, "inputs.deals.0"))
    assert one_left["inputs.deals.0.value"] == "20"
    assert "inputs.deals.1.value" not in one_left
    assert entry.without_row(deals, "inputs.nothing.0") == entry.without_row(deals, "inputs.deals.x") == deals
    empty = sent(DEALS, {}) | {"inputs.deals.7.value": "5", "inputs.deals.7.probability": ""}
    assert entry.read(input_schema(DEALS), empty)["deals"] == [{"value": 5, "probability": None}]


@pytest.mark.parametrize(
    ("count", "full", "words"),
    [
        (59, False, ""),
        (60, True, "A form takes 60 rows; the API takes more."),
        (61, True, "Only the first 60 of 61 rows are taken here; the API takes them all."),
    ],
)
def test_a_list_longer_than_a_form_says_what_is_left_out(count: int, full: bool, words: str) -> None:
    (rows,) = (
        item
        for item in entry.items_of(input_schema(DEALS), {"deals": [{"value": 10, "probability": 50}] * count})
        if isinstance(item, entry.Rows)
    )
    assert (len(rows.rows), rows.full, rows.says) == (min(count, 60), full, words)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("1,200,000", 1200000),
        ("1 200", 1200),
        ("−3.50", Decimal("-3.50")),
        ("12,5", "12,5"),
        ("Infinity", "Infinity"),
    ],
)
def test_numbers_as_people_type_them(text: str, number: Any) -> None:
    assert entry.number_of(text) == number


def test_limits_read_as_ranges() -> None:
    def words(cuts: Any) -> list[str]:
        return [f"{one.band} {one.words}".replace("\N{NO-BREAK SPACE}", " ") for one in band_ranges(cuts)]

    assert words({"green": "> 75", "amber": ">= 50"}) == ["green > 75", "amber 50 to 75", "red < 50"]
    assert words({"green": ">= 8", "amber": ">= 6"}) == ["green ≥ 8", "amber 6 to < 8", "red < 6"]
    assert words({"green": "<= 2", "amber": "<= 3"}) == ["green ≤ 2", "amber > 2 to 3", "red > 3"]
    assert words({"green": "<= 5", "else": "unknown"}) == ["green ≤ 5", "unknown > 5"]
    assert figure(["<= 5", 1200]).replace("\N{NO-BREAK SPACE}", " ") == "≤ 5, 1,200"


def test_only_figures_that_were_changed_are_laid_over() -> None:
    base = figures(USAGE, DAY)
    posted = {"parameters.weights.product_usage": "30.0", "parameters.bands.green": "80", "parameters.points.red": ""}
    assert parameters.changes_of(base, posted) == {"bands": {"green": 80}, "points": {"red": ""}}
    assert path_words(USAGE, "weights.product_usage") == "Weight of each category, product usage"


def test_the_outcome_tells_the_difference() -> None:
    start = Start(plain(USAGE.data.example), "an example")
    outcome = run(USAGE, start, {**start.inputs, "active_seat_pct": 85}, {"bands": {"green": 85}}, DAY)
    assert (outcome.value, outcome.was) == ("82.5", "67.5")
    assert outcome.difference is not None
    assert outcome.difference.delta == 15
    assert [cause.replace("\N{NO-BREAK SPACE}", " ") for cause in outcome.causes] == [
        "Health by score, green: 75 → 85",
        "Product usage: 72 → 85",
    ]
    assert outcome.parts[0].delta == 15
    assert outcome.scale is not None
    assert (outcome.scale.now, outcome.scale.was) == (82.5, 67.5)
    assert [tick[1] for tick in outcome.scale.ticks] == ["50", "85"]


def test_a_start_that_lacks_what_must_be_there_has_nothing_to_compare_with() -> None:
    outcome = run(DEALS, Start({}, "nothing"), plain(DEALS.data.example), {}, DAY)
    assert (outcome.difference, outcome.was) == (None, "")
    assert outcome.value


def test_numbers_of_parts_stand_in_columns() -> None:
    rule = rulebook().get("track.health.relationship")
    changes = {"anchors": {"nps": {"v60": 20}}}
    shown = next(one for one in figures_of(rule, DAY, "", changes) if one.name == "anchors")
    assert (shown.shape, shown.columns) == ("grid", ["0 points", "60 points", "80 points", "100 points"])
    told = {part: [(line.value, line.shipped) for line in lines] for part, lines in shown.grid}
    assert told["NPS"] == [("−50", ""), ("20", "10"), ("30", ""), ("70", "")]
    held, base = figures(rule, DAY, "", changes), figures(rule, DAY)
    asked = next(one for one in parameters.groups_of(rule, held, base) if one.name == "anchors")
    rows = {part: [(entry.field.name, entry.was) for entry in entries] for part, entries in asked.grid}
    assert rows["NPS"] == [
        (f"parameters.anchors.nps.{key}", "10" if key == "v60" else "") for key in ("v0", "v60", "v80", "v100")
    ]
    assert path_words(rule, "anchors.nps.v60").endswith(", NPS, 60 points")
    # Parts with keys of their own stand in a line each, tiers named as tiers.
    uneven = figures_of(rulebook().get("book.tier.cutoffs"), DAY, "", {})[0]
    assert (uneven.shape, uneven.lines[1].value, uneven.grid) == ("table", "T1 87.5, T2 52.5", ())
