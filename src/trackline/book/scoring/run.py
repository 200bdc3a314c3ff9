"""One scoring of the whole book: the model in force over the figures of a day, ranks, tiers proposed, how firmly they stand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, cast

import numpy as np

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.models import ScoringModel
from trackline.book.rules.score import CompositeParameters, SensitivityParameters, composite
from trackline.book.rules.score import sensitivity as sensitivity_rule
from trackline.book.rules.scoring_model import Criterion, read_criteria, warnings
from trackline.book.rules.tiers import CutoffParameters, cutoffs
from trackline.book.scoring.feeds import Column, Figures
from trackline.book.scoring.universe import Universe, universe
from trackline.book.versions import model_in_force
from trackline.core.analytics.scoring import STEPS, Scored
from trackline.core.analytics.tiers import cuts as cuts_of
from trackline.core.analytics.tiers import sensitivity, tiers
from trackline.core.decimals import CONTEXT, HUNDRED, ZERO, plain, q6
from trackline.core.scoring import Normaliser
from trackline.core.tiers import Method
from trackline.kit.policy import Context, system_context

SPEAKS_FROM_PCT = 50
"""A feed speaks for the book once so many percent of its accounts have a value, and not all have the same."""
POINT = Decimal(STEPS) / HUNDRED


@dataclass(frozen=True)
class Place:
    """Where an account stands: score and contributions in points from 0 to 100."""

    account: int
    score: Decimal
    rank: int
    percentile: Decimal
    tier: int | None
    volatility: int
    tier_changes: bool
    flagged: bool
    provisional: bool
    imputed_pct: Decimal
    criteria: list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """The book on a day. Without `places` it could not be scored, and `notes` say why."""

    on: date
    model: ScoringModel | None
    version: str
    criteria: list[dict[str, Any]]
    cuts: list[Decimal | None]
    cutoffs: str
    coverage_pct: Decimal
    provisional: bool
    notes: list[str]
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Given:
    """What a book is scored from, read once: the model and the figures that feed its criteria."""

    on: date
    model: ScoringModel | None
    criteria: Sequence[Criterion]
    columns: Sequence[Column | None]
    over: Universe | None
    notes: list[str]


def given(ctx: Context, on: date, model: ScoringModel | None = None) -> Given:
    """Read the figures of all accounts as of a day. The number of queries depends on the model alone.

    Readings, routes, contracts and scores are those of the day; fields of accounts are today's.
    """
    return givens(ctx, on, [model or model_in_force(on)])[0]


def givens(ctx: Context, on: date, models: Sequence[ScoringModel | None], over: Universe | None = None) -> list[Given]:
    """Read the figures of all accounts, or of a universe of the past, for several models, each figure once."""
    read = [read_criteria(model.criteria) if model else ([], []) for model in models]
    over = over or universe(on)
    feeds = [feed for criteria, _ in read for item in criteria for feed in item.feeds]
    metrics = {feed.name for feed in feeds if feed.kind in ("metric", "growth")}
    figures = Figures(system_context(ctx.now), over, metrics)
    return [
        _given(ctx, on, model, criteria, errors, figures, over)
        for model, (criteria, errors) in zip(models, read, strict=True)
    ]


def _given(
    ctx: Context,
    on: date,
    model: ScoringModel | None,
    criteria: Sequence[Criterion],
    errors: Sequence[dict[str, Any]],
    figures: Figures,
    over: Universe,
) -> Given:
    if model is None:
        return Given(on, None, [], [], None, ["No scoring model is in force on this day."])
    if errors:
        return Given(on, model, [], [], None, [f"The scoring model cannot be read: {errors[0]['msg']}"])
    if not over.scored:
        words = "There are no accounts to score: customers that are scored on their own."
        return Given(on, model, [], [], over, [words])
    columns = [_fed(item, figures, len(over.scored)) for item in criteria]
    unknown = [
        f"{item.label} is left out: nothing is known of any account."
        for item, column in zip(criteria, columns, strict=True)
        if column is None
    ]
    return Given(on, model, criteria, columns, over, [*unknown, *_notes(over, on, ctx.today), *warnings(criteria)])


def score_book(ctx: Context, on: date) -> Run:
    """Score all accounts as of a day; nothing is stored.

    Ranks are among all accounts, whatever the caller sees: whoever shows them leaves out what is out of scope.
    """
    return scored(given(ctx, on), Overrides.load(on))


def scored(facts: Given, overrides: Overrides) -> Run:
    """Score what was read, under the parameters in force. No queries."""
    if facts.model is None or facts.over is None or not facts.criteria:
        return Run(facts.on, facts.model, "", [], [], "", ZERO, True, facts.notes)
    rule = overrides.in_force(composite, facts.on)
    p = cast(CompositeParameters, rule.parameters)
    version = _version(facts.model, rule.version, overrides, facts.on)
    known = zip(facts.criteria, facts.columns, strict=True)
    weight = sum((item.weight for item, column in known if column is not None), ZERO)
    coverage = weight * HUNDRED / sum((item.weight for item in facts.criteria), ZERO)
    if not weight or q6(coverage) < q6(p.min_coverage):
        words = f"Criteria with {coverage.normalize():f} % of the weight are known; {p.min_coverage:f} % are needed."
        notes = [words, *facts.notes]
        return Run(facts.on, facts.model, version, _echo(facts, None), [], "", coverage, True, notes)
    book = Scored(
        _matrix(facts),
        [item.weight for item in facts.criteria],
        [item.direction == "down" for item in facts.criteria],
        cast(Normaliser, facts.model.normaliser),
    )
    notes = list(facts.notes)
    provisional = q6(coverage) < q6(p.provisional_below)
    if provisional:
        words = f"Provisional: criteria with {coverage.normalize():f} % of the weight are known. It moves no tier."
        notes.insert(0, words)
    marks, method, levels = _cut(book, facts, overrides)
    if method == "elbow" and marks == [None, None, None]:
        notes.append("The scores have no elbow: all stay in the last tier.")
    places = _places(book, facts, overrides, p, levels)
    return Run(facts.on, facts.model, version, _echo(facts, book), marks, method, coverage, provisional, notes, places)


def _fed(item: Criterion, figures: Figures, accounts: int) -> Column | None:
    """The first feed that speaks for the book; else the one that knows most; None where none knows anything."""
    best: Column | None = None
    for feed in item.feeds:
        column = figures.column(feed)
        known = len(column.values)
        if known * 100 >= SPEAKS_FROM_PCT * accounts and len(set(column.values.values())) > 1:
            return column
        if known and (best is None or known > len(best.values)):
            best = column
    return best


def _matrix(facts: Given) -> Any:
    """A row for each account, a column for each criterion, NaN where not known."""
    assert facts.over is not None
    accounts = facts.over.scored
    values = np.full((len(accounts), len(facts.criteria)), np.nan)
    for at, column in enumerate(facts.columns):
        if column is not None:
            values[:, at] = [float(column.values.get(pk, "nan")) for pk in accounts]
    return values


def _cut(book: Scored, facts: Given, overrides: Overrides) -> tuple[list[Decimal | None], str, list[int | None]]:
    assert facts.model is not None
    p = cast(CutoffParameters, overrides.in_force(cutoffs, facts.on).parameters)
    few = len(book.steps) < p.min_scores
    method = facts.model.cutoffs or ("absolute" if few else "percentile")
    found = cuts_of(book.places.rising, cast(Method, method), p.percentiles.get(method, {}), p.absolute)
    if found is None:
        return [None, None, None], method, [3] * len(book.steps)
    return list(found), method, [level or None for level in tiers(book.steps, found).tolist()]


def _places(
    book: Scored, facts: Given, overrides: Overrides, p: CompositeParameters, levels: Sequence[int | None]
) -> list[Place]:
    assert facts.over is not None
    s = cast(SensitivityParameters, overrides.in_force(sensitivity_rule, facts.on).parameters)
    firm = sensitivity(book, s.step_pct / HUNDRED, s.tier_percentiles, s.tier_absolute, s.tier_min_scores)
    limit = max(Decimal(s.flag_ranks), s.flag_pct * len(book.steps) / HUNDRED)
    kept = [(facts.criteria[at], facts.columns[at]) for at in book.kept]
    columns = (
        book.steps.tolist(),
        book.places.ranks.tolist(),
        book.places.percentiles.tolist(),
        levels,
        firm.volatility.tolist(),
        firm.tier_changes.tolist(),
        book.provisional(p.imputed_above).tolist(),
    )
    found = []
    scored_accounts = facts.over.scored
    rows = zip(scored_accounts, *columns, strict=True)
    for row, (pk, steps, rank, percentile, level, volatility, moved, provisional) in enumerate(rows):
        parts, imputed_pct = _parts(book, kept, row, pk)
        flagged = moved or volatility >= limit
        score, share = Decimal(steps) / POINT, Decimal(repr(percentile))
        found.append(Place(pk, score, rank, share, level, volatility, moved, flagged, provisional, imputed_pct, parts))
    return sorted(found, key=lambda place: (place.rank, scored_accounts[place.account].name, place.account))


def _parts(
    book: Scored, kept: Sequence[tuple[Criterion, Column | None]], row: int, pk: int
) -> tuple[list[dict[str, Any]], Decimal]:
    parts, imputed_pct = [], ZERO
    with localcontext(CONTEXT):
        added = book.contributions(row)
        for (item, column), share, contribution, scale in zip(kept, book.shares, added, book.scales, strict=True):
            assert column is not None
            known = pk in column.values
            if not known:
                imputed_pct += share * HUNDRED
            parts.append(
                {
                    "key": item.key,
                    "raw": plain(column.values[pk]) if known else None,
                    "normalised": plain(q6(contribution / share)) if share else None,
                    "contribution": plain(q6(contribution * HUNDRED)),
                    "imputed": not known,
                    "used": plain(column.values[pk] if known else scale.median),
                    "source": column.sources.get(pk),
                }
            )
    return parts, imputed_pct


def _echo(facts: Given, book: Scored | None) -> list[dict[str, Any]]:
    """What each criterion was fed by, with its share of the weight and its scale."""
    places = {} if book is None else {at: number for number, at in enumerate(book.kept)}
    out = []
    for at, (item, column) in enumerate(zip(facts.criteria, facts.columns, strict=True)):
        told: dict[str, Any] = {
            **{name: getattr(item, name) for name in ("key", "label", "group", "direction", "origin", "source", "why")},
            "weight": plain(item.weight),
            "share_pct": None,
            "fed_by": column.label if column else None,
            "unit": column.unit if column else None,
            "known": len(column.values) if column else 0,
        }
        if book is not None and at in places:
            share, scale = book.shares[places[at]], book.scales[places[at]]
            told["share_pct"] = plain(q6(share * HUNDRED))
            told |= {name: plain(getattr(scale, name)) for name in ("low", "high", "median")}
        out.append(told)
    return out


def _version(model: ScoringModel, rule_version: str, overrides: Overrides, on: date) -> str:
    others = [overrides.in_force(rule, on).version for rule in (cutoffs, sensitivity_rule)]
    said = [model.pk, model.normaliser, model.cutoffs, model.criteria, rule_version, *others]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


def _notes(over: Universe, on: date, today: date) -> list[str]:
    notes = []
    if on < today and over.past_arr is None:
        notes.append("Fields of accounts are those of today; readings, routes and scores are those of the day.")
    if over.nested:
        notes.append(
            f"{over.nested} stand below another account that is scored too: each stands for its own figures, none twice."
        )
    if over.without_rate:
        notes.append(f"There is no rate for {', '.join(sorted(over.without_rate))}: amounts in it are not known.")
    return notes
