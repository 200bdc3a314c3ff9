"""What a scorecard still lacks before people may be judged by it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, rule
from trackline.core.playbook.fields import Count, Flag, Number, Quantity, Share, Text

Domain = Literal["FIN", "GRO", "DEL", "REL", "STR"]
DOMAINS: dict[str, str] = {
    "FIN": "Financial",
    "GRO": "Growth",
    "DEL": "Delivery and service",
    "REL": "Relationship",
    "STR": "Strategic value",
}


class Specified(Inputs):
    """How far a metric of the card is specified."""

    key: Text = Field(description="Key of the metric")
    name: Text = Field(description="Name of the metric")
    domain: Domain = Field(description="Domain: financial, growth, delivery, relationship, strategic")
    leading: Flag = Field(description="It announces rather than confirms")
    formula: Flag = Field(description="Its formula is written down")
    source: Flag = Field(description="Its source is named")
    owner: Flag = Field(description="Somebody of ours owns it")
    client_owner: Flag | None = Field(description="Somebody at the customer owns it; null where none is asked for")
    serves: Flag = Field(description="It measures a goal, or says which objective it serves")
    minimum: Number | None = Field(description="Worse than this is red")
    committed: Number | None = Field(description="This and better is green")
    stretch: Number | None = Field(description="Full attainment")
    weight: Share | None = Field(description="Weight, where the card goes by weights")


class Draft(Inputs):
    """A scorecard before it is published."""

    audience: Text | None = Field(description="Who reads it")
    decisions: list[Text] = Field(description="What is decided by it")
    mode: Literal["weighted", "priority"] = Field(description="By weights or by flags")
    metrics: list[Specified] = Field(description="Its metrics")


class CheckParameters(Parameters):
    """How many metrics, how many kinds of decision, how much that announces."""

    fewest: Count
    most: Count
    decisions: Count
    leading_pct: Quantity
    sum_of_weights: Quantity


@rule(
    "book.scorecard.checks",
    title="Scorecard ready to publish",
    spec=("SC-01", "SC-02", "SC-03", "KPI-120", "KPI-121", "KPI-122", "KPI-129"),
    summary="Eight to twelve metrics over five domains, each specified, owned on both sides and serving an objective.",
)
def checks(given: Draft, p: CheckParameters) -> Finding:
    """Count what is missing: one audience with a decision; eight to twelve metrics with each of the five domains; of each metric
    formula, source, owners on both sides, the objective it serves and three targets in order; in a weighted card every
    weight. Warn of many kinds of decision, of weights that do not sum to 100 and of too few metrics that lead.

    Source: SC-01, SC-02, SC-03, KPI-120, KPI-121, KPI-122, KPI-129.
    """
    missing = [*_of_card(given, p), *(one for item in given.metrics for one in _of_metric(item, given.mode))]
    return Finding(
        len(missing),
        parts=tuple(
            Part(f"{at}", str(one["says"]), one["metric"], contribution=Decimal(1)) for at, one in enumerate(missing)
        ),
        details={"missing": missing, "warnings": list(_warnings(given, p)), "ready": not missing},
    )


def _one(check: str, says: str, metric: str | None = None) -> dict[str, str | None]:
    return {"check": check, "metric": metric, "says": says}


def _of_card(given: Draft, p: CheckParameters) -> Iterator[dict[str, str | None]]:
    if not given.audience:
        yield _one("SC-01", "Say who reads the card.")
    if not given.decisions:
        yield _one("SC-01", "Name at least one decision that is made by it.")
    count = len(given.metrics)
    if count < p.fewest:
        yield _one("SC-02", f"It has {count} of at least {p.fewest} metrics.")
    if count > p.most:
        yield _one("SC-02", f"It has {count} metrics; {p.most} at most tell one story.")
    held = {item.domain for item in given.metrics}
    for domain, label in DOMAINS.items():
        if domain not in held:
            yield _one("SC-02", f"No metric of the domain {label}.")


def _of_metric(item: Specified, mode: str) -> Iterator[dict[str, str | None]]:
    needs = (
        ("SC-03", item.formula, "has no formula."),
        ("SC-03", item.source, "has no source."),
        ("KPI-122", item.owner, "has no owner of ours."),
        ("KPI-122", item.client_owner is not False, "has no owner at the customer."),
        ("KPI-120", item.serves, "measures no goal and names no objective it serves."),
        ("SC-05", mode != "weighted" or item.weight is not None, "has no weight."),
    )
    for check, met, says in needs:
        if not met:
            yield _one(check, f"{item.name} {says}", item.key)
    targets = (item.minimum, item.committed, item.stretch)
    for name, target in zip(("minimum", "committed", "stretch"), targets, strict=True):
        if target is None:
            yield _one("SC-03", f"{item.name} has no {name} target.", item.key)
    known = [q6(target) for target in targets if target is not None]
    if len(known) == len(targets):
        low, middle, high = known
        if not (low < middle < high or low > middle > high):
            yield _one("SC-04", f"The targets of {item.name} neither rise nor fall.", item.key)


def _warnings(given: Draft, p: CheckParameters) -> Iterator[str]:
    if len(given.decisions) > p.decisions:
        yield f"It serves {len(given.decisions)} kinds of decision; a card for each is clearer."
    if not given.metrics:
        return
    leading = sum(item.leading for item in given.metrics)
    share = HUNDRED * leading / len(given.metrics)
    if q6(share) < q6(p.leading_pct):
        yield f"{leading} of {len(given.metrics)} metrics lead; less than {p.leading_pct} % announce what comes."
    total = sum((item.weight for item in given.metrics if item.weight is not None), ZERO)
    if given.mode == "weighted" and q6(total) != q6(p.sum_of_weights):
        yield f"The weights sum to {total.normalize():f}; they are scaled to {p.sum_of_weights}."
