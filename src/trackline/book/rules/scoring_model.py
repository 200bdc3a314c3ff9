"""What a scoring model says: criteria with weights, and which figure feeds each. Checked whenever one is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook.fields import Numeric
from trackline.core.playbook.inputs import errors_of

MOST_CRITERIA = 24
TOLERANCE = Decimal("0.001")
"""How far weights may be off 100 in a saved model. Source: PF-02."""
DOMINANT = Decimal(50)
"""Weight above which one criterion decides alone. Source: PF-02."""
FEEDS: Mapping[str, tuple[str, ...]] = {
    "field": ("arr", "share_of_arr", "client_fte", "serving_fte", "maturity"),
    "metric": (),
    "growth": (),
    "score": (),
    "routes": ("won_value", "won_count", "open_weighted", "open_value", "open_count"),
    "contacts": ("active", "c_suite", "champions", "high_influence"),
    "products": ("in_use",),
    "projects": ("run",),
    "journey": (),
}
"""Kinds of figures with their names; those without take the key of a metric or journey dimension, or the id of a rule whose
scores are kept (`rule/preset` where it has presets)."""
KINDS = Literal["field", "metric", "growth", "score", "routes", "contacts", "products", "projects", "journey"]

Weight = Annotated[Decimal, Numeric(ge=0, le=100)]
Months = Annotated[int, Numeric(ge=1, le=120, whole=True)]
Days = Annotated[int, Numeric(ge=1, le=3660, whole=True)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feed(_Entry):
    """A figure: `months` is the window of routes, projects and growth (none: all time), `max_age_days` limits readings."""

    kind: KINDS
    name: str = Field(min_length=1, max_length=80)
    months: Months | None = None
    max_age_days: Days | None = None


class Criterion(_Entry):
    """One criterion. The first of its feeds that says something of the book feeds all accounts."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(min_length=1, max_length=80)
    group: str = Field("", max_length=80)
    weight: Weight
    direction: Literal["up", "down"]
    feeds: tuple[Feed, ...] = Field(min_length=1, max_length=8)
    forward_looking: bool = False
    origin: Literal["stated", "interpreted", "ours"] | None = None
    source: str = Field("", max_length=200)
    why: str = Field("", max_length=400)


def read_criteria(raw: Any) -> tuple[list[Criterion], list[dict[str, Any]]]:
    """Return the criteria of a model and what is wrong with them: paths from `criteria` on, with a sentence each."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_CRITERIA:
        return [], [{"loc": ["criteria"], "msg": f"A list of 1 to {MOST_CRITERIA} criteria is expected."}]
    found: list[Criterion] = []
    errors: list[dict[str, Any]] = []
    for at, item in enumerate(raw):
        try:
            found.append(Criterion.model_validate(item))
        except ValidationError as faults:
            errors += [
                {"loc": ["criteria", at, *fault["loc"][1:]], "msg": fault["msg"]}
                for fault in errors_of(faults, "criteria", "field")
            ]
    return (found, errors) if errors else (found, _contradictions(found))


def _contradictions(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    seen: set[str] = set()
    for at, item in enumerate(criteria):
        if item.key in seen:
            errors.append({"loc": ["criteria", at, "key"], "msg": "A key of its own is expected."})
        seen.add(item.key)
        for number, feed in enumerate(item.feeds):
            names = FEEDS[feed.kind]
            if names and feed.name not in names:
                words = f"One of {', '.join(names)} is expected."
                errors.append({"loc": ["criteria", at, "feeds", number, "name"], "msg": words})
            if feed.kind == "growth" and feed.months is None:
                loc = ["criteria", at, "feeds", number, "months"]
                errors.append({"loc": loc, "msg": "Growth needs the months it is measured over."})
    total = sum((item.weight for item in criteria), ZERO)
    if abs(total - HUNDRED) > TOLERANCE:
        errors.append({"loc": ["criteria"], "msg": f"Weights must sum to 100; these sum to {total.normalize():f}."})
    return errors


def warnings(criteria: Sequence[Criterion]) -> list[str]:
    """Return what is unwise about a model, though it is allowed. Source: PF-02."""
    said = [
        f"{item.label} holds {item.weight.normalize():f} % of the weight: one criterion decides alone."
        for item in criteria
        if item.weight > DOMINANT
    ]
    if not any(item.forward_looking for item in criteria):
        said.append("No criterion looks ahead.")
    if not any(item.direction == "down" for item in criteria):
        said.append("No criterion tells of a risk: in none is less better.")
    return said


@cache
def shipped() -> Mapping[str, Any]:
    """Return the model that every book starts with."""
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("scoring_models.yaml").read_text("utf-8"))
    return found
