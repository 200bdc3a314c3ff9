"""Scenarios of the ranking on screen: those that were saved with what each would do, and one as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.book.models import ScoringModel, ScoringScenario
from trackline.book.queries.scenarios import effects_of, supposed_by
from trackline.book.rules.scoring_model import read_criteria
from trackline.book.scoring.scenarios import TIERS, Supposing, samples
from trackline.book.versions import model_in_force
from trackline.core.decimals import HUNDRED, ONE, ZERO
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.model import DEFAULT_CUTOFFS
from trackline.workspace.queries.book.model_effect import finding
from trackline.workspace.queries.rulebook.entry import number_of, text_of

MOST_SAVED = 30
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Saved:
    """A saved scenario: what it supposes and what that would do."""

    row: ScoringScenario
    supposes: str
    finding: str


@dataclass(frozen=True)
class Line:
    """A criterion of the form: its weight now, and the factors on weight and figure."""

    label: str
    group: str
    weight: Decimal
    factor: FormField
    figure: FormField


@dataclass(frozen=True)
class ScenarioSheet:
    """A scenario as a form."""

    lines: Sequence[Line]
    cutoffs: FormField
    cuts: Sequence[FormField]
    capacities: Sequence[FormField]
    name: FormField
    note: FormField


def saved(ctx: Context) -> list[Saved]:
    """Return the scenarios that were saved last, newest first, each with what it would do today; figures are read once."""
    rows = list(
        scoped(ctx, registry.get("scoring_scenario")).select_related("owner").order_by("-updated_at")[:MOST_SAVED]
    )
    if not rows:
        return []
    names = labels(ctx)
    what = [supposed_by(row) for row in rows]
    effects = effects_of(ctx, what)
    return [
        Saved(row, supposes(one, names), finding(effect)) for row, one, effect in zip(rows, what, effects, strict=True)
    ]


def supposes(what: Supposing, names: Mapping[str, str]) -> str:
    """Say in words what is supposed."""
    said = [f"{names.get(key, key)} × {text_of(factor)}" for key, factor in what.weights.items() if factor != ONE]
    said += [
        f"figures of {names.get(key, key)} × {text_of(factor)}" for key, factor in what.figures.items() if factor != ONE
    ]
    if what.cutoffs:
        said.append(f"cut-offs by {ScoringModel.Cutoffs(what.cutoffs).label.lower()}")
    said += [f"tier {tier} from {text_of(cut)}" for tier, cut in what.cuts.items()]
    said += [f"at most {most} in tier {tier}" for tier, most in what.capacities.items()]
    return "; ".join(said) or "Nothing yet"


def labels(ctx: Context) -> dict[str, str]:
    """Return what the criteria of the model in force are called, by key."""
    return {item["key"]: item["label"] for item in _criteria(ctx)}


def start_of(key: str) -> dict[str, Any]:
    """Return what a sample supposes, with its name and note; nothing where there is none of that key."""
    for sample in samples():
        if sample["key"] == key:
            return {name: sample.get(name, {}) for name in ("weights", "figures")} | {
                "name": sample["name"],
                "note": sample["says"],
            }
    return {}


def sheet(ctx: Context, held: Mapping[str, Any]) -> ScenarioSheet:
    """Return a scenario as a form over the criteria of the model in force."""
    weights, figures = held.get("weights") or {}, held.get("figures") or {}
    total = sum((Decimal(str(item["weight"])) for item in _criteria(ctx)), ZERO) or HUNDRED
    lines = []
    for item in _criteria(ctx):
        key, label = item["key"], item["label"]
        lines.append(
            Line(
                label,
                item.get("group", ""),
                Decimal(str(item["weight"])) * HUNDRED / total,
                _factor(f"w.{key}", f"{label}: factor on the weight", weights.get(key)),
                _factor(f"f.{key}", f"{label}: factor on the figure", figures.get(key)),
            )
        )
    cuts, room = held.get("cuts") or {}, held.get("capacities") or {}
    return ScenarioSheet(
        lines,
        FormField(
            name="cutoffs",
            kind="choice",
            label="Cut-offs of tiers",
            choices=list(ScoringModel.Cutoffs.choices),
            value=held.get("cutoffs") or "",
            placeholder="As the model says",
            widget="select",
        ),
        [
            FormField(
                name=f"cut.{tier}",
                kind="decimal",
                label=f"Tier {tier} begins at",
                value=text_of(cuts.get(str(tier))),
                placeholder="by the cut-offs",
            )
            for tier in TIERS
        ],
        [
            FormField(
                name=f"room.{tier}",
                kind="integer",
                label=f"Most in tier {tier}",
                value=text_of(room.get(str(tier))),
                placeholder="any number",
            )
            for tier in TIERS
        ],
        FormField(name="name", label="Name", value=held.get("name", ""), required=True, max_length=120),
        FormField(name="note", label="What it asks", value=held.get("note", ""), max_length=500),
    )


def asked_scenario(posted: Asked) -> dict[str, Any]:
    """Return what a form supposes, as `book.scoring.scenarios.supposing` takes it; empty entries suppose nothing."""
    found: dict[str, Any] = {"weights": {}, "figures": {}, "cuts": {}, "capacities": {}}
    kinds = {"w": "weights", "f": "figures", "cut": "cuts", "room": "capacities"}
    for name, text in posted.items():
        kind, dot, key = name.partition(".")
        if dot and kind in kinds and text.strip():
            found[kinds[kind]][key] = number_of(text.strip())
    for name in ("weights", "figures"):
        found[name] = {key: factor for key, factor in found[name].items() if factor != ONE}
    return found | {"cutoffs": posted.get("cutoffs", "")}


def moves_of(ctx: Context, what: Supposing) -> list[tuple[str, str, str]]:
    """Return what the scenario changes of the model in force: what, from, to, in words. Weights are scaled back to 100."""
    model = model_in_force(ctx.today)
    criteria, _ = read_criteria(model.criteria) if model else ([], [])
    then = {item.key: item.weight * what.weights.get(item.key, ONE) for item in criteria}
    before, after = sum((item.weight for item in criteria), ZERO), sum(then.values(), ZERO)
    found = []
    for item in criteria:
        if what.weights and before and after:
            sides = [
                formats.percent(weight * HUNDRED / total, 1)
                for weight, total in ((item.weight, before), (then[item.key], after))
            ]
            if sides[0] != sides[1]:
                found.append((item.label, sides[0], sides[1]))
        factor = what.figures.get(item.key, ONE)
        if factor != ONE:
            found.append((f"{item.label}, what it adds", "all of it", formats.percent(factor * HUNDRED, 0)))
    if what.cutoffs and model is not None and what.cutoffs != model.cutoffs:
        was = model.get_cutoffs_display() if model.cutoffs else DEFAULT_CUTOFFS
        found.append(("Cut-offs", was, ScoringModel.Cutoffs(what.cutoffs).label))
    found += [(f"Tier {tier} begins at", "the cut-off", text_of(cut)) for tier, cut in what.cuts.items()]
    found += [(f"Tier {tier} holds", "any number", f"at most {most}") for tier, most in what.capacities.items()]
    return found


def _criteria(ctx: Context) -> list[Mapping[str, Any]]:
    model = model_in_force(ctx.today)
    return list(model.criteria) if model else []


def _factor(name: str, label: str, value: Any) -> FormField:
    return FormField(name=name, kind="decimal", label=label, value=text_of(value), placeholder="1")
