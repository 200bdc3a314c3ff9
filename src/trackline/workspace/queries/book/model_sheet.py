"""The scoring model as a form, and what a form asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.models import User
from trackline.book.models import ScoringModel
from trackline.book.rules.scoring_model import MOST_CRITERIA
from trackline.kit.forms import FormField
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.figures import FigureChoice, choices
from trackline.workspace.queries.book.model import DEFAULT_CUTOFFS, DIRECTIONS, plain_feeds
from trackline.workspace.queries.rulebook.entry import number_of, text_of
from trackline.workspace.records import addresses

MOST_FEEDS = 8
Asked = Mapping[str, str]


@dataclass(frozen=True)
class FeedEntries:
    """The entries of one figure; the last of a criterion is empty, for one more."""

    figure: FormField
    months: FormField
    days: FormField


@dataclass(frozen=True)
class CriterionEntries:
    """The entries of one criterion."""

    at: int
    key: str
    label: FormField
    group: FormField
    weight: FormField
    direction: FormField
    ahead: FormField
    feeds: Sequence[FeedEntries]


@dataclass(frozen=True)
class ModelSheet:
    """A model as a form."""

    criteria: Sequence[CriterionEntries]
    normaliser: FormField
    cutoffs: FormField
    name: FormField
    signers: Sequence[FormField]
    total: Decimal | None
    full: bool


def sheet(
    model: Mapping[str, Any], *, more: bool = False, signers: Mapping[str, User | None] | None = None
) -> ModelSheet:
    """Return a model as a form; `more` adds an empty criterion, `signers` are who is named so far. Two queries."""
    known = {one.value: one for one in choices()}
    items = list(model["criteria"])
    if more and len(items) < MOST_CRITERIA:
        items.append({})
    weights = [number_of(str(item.get("weight") or 0)) for item in items]
    total = None if any(isinstance(one, str) for one in weights) else sum(map(Decimal, weights), Decimal(0))
    normalisers = list(ScoringModel.Normaliser.choices)
    cutoffs = [(value, label) for value, label in ScoringModel.Cutoffs.choices]
    return ModelSheet(
        [_criterion_entries(at, item, known) for at, item in enumerate(items)],
        FormField(
            name="normaliser",
            kind="choice",
            label="Normalised",
            choices=normalisers,
            value=model["normaliser"],
            required=True,
            widget="select",
        ),
        FormField(
            name="cutoffs",
            kind="choice",
            label="Cut-offs of tiers",
            choices=cutoffs,
            value=model["cutoffs"] or "",
            placeholder=DEFAULT_CUTOFFS,
            widget="select",
        ),
        FormField(name="name", label="Name", value=model["name"], required=True, max_length=120),
        [_signer_entry(side, person) for side, person in (signers or {}).items()],
        total,
        len(items) >= MOST_CRITERIA,
    )


def _signer_entry(side: str, person: User | None) -> FormField:
    users = registry.get("user")
    return FormField(
        name=side,
        kind="ref",
        label=registry.get("scoring_model").specs[side].label,
        selected=[{"value": person.pk, "label": person.name}] if person else [],
        value=str(person.pk) if person else None,
        options_url=addresses.options(users),
        placeholder="Nobody yet",
    )


def _criterion_entries(at: int, item: Mapping[str, Any], known: Mapping[str, FigureChoice]) -> CriterionEntries:
    path, called = f"c.{at}", item.get("label") or f"Criterion {at + 1}"
    feeds = [*item.get("feeds", ()), {}][:MOST_FEEDS]
    return CriterionEntries(
        at,
        item.get("key", ""),
        FormField(
            name=f"{path}.label", label="Criterion", value=item.get("label", ""), max_length=80, placeholder="Criterion"
        ),
        FormField(
            name=f"{path}.group",
            label=f"{called}: group",
            value=item.get("group", ""),
            max_length=80,
            placeholder="Group",
        ),
        FormField(
            name=f"{path}.weight", kind="percent", label=f"{called}: weight", value=text_of(_number(item.get("weight")))
        ),
        FormField(
            name=f"{path}.direction",
            kind="choice",
            label=f"{called}: direction",
            choices=DIRECTIONS,
            value=item.get("direction", "up"),
            required=True,
            widget="select",
        ),
        FormField(name=f"{path}.ahead", kind="boolean", label="Looks ahead", value=bool(item.get("forward_looking"))),
        [_feed_entries(f"{path}.f.{number}", feed, number, called, known) for number, feed in enumerate(feeds)],
    )


def _feed_entries(
    path: str, feed: Mapping[str, Any], number: int, called: str, known: Mapping[str, FigureChoice]
) -> FeedEntries:
    value = f"{feed['kind']}:{feed['name']}" if feed.get("name") else ""
    label = known[value].label if value in known else value
    place = "Fed by" if number == 0 else "Else by"
    return FeedEntries(
        FormField(
            name=f"{path}.figure",
            kind="ref",
            label=f"{called}: figure {number + 1}",
            selected=[{"value": value, "label": label}] if value else [],
            options_url="/book/model/figures",
            placeholder=f"{place} …",
        ),
        FormField(
            name=f"{path}.months",
            kind="integer",
            label=f"{called}: months of figure {number + 1}",
            value=text_of(feed.get("months")),
            placeholder="all time",
            unit="months",
        ),
        FormField(
            name=f"{path}.days",
            kind="integer",
            label=f"{called}: days of figure {number + 1}",
            value=text_of(feed.get("max_age_days")),
            placeholder="by rhythm",
            unit="days",
        ),
    )


def _number(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def asked_model(held: Mapping[str, Any], posted: Asked, *, less: str = "") -> dict[str, Any]:
    """Return what a form asks for, as `book.editing.draft_model` takes it; `less` leaves a criterion out.

    What the data file says of a criterion stays with it as long as weight, direction and figures do.
    """
    stored = {item["key"]: item for item in held["criteria"]}
    places = sorted({int(found[1]) for name in posted if (found := re.match(r"c\.(\d{1,3})\.", name))})
    keys = {posted.get(f"c.{at}.key", "") for at in places} - {""}
    criteria = []
    for at in places:
        if str(at) == less:
            continue
        item = _asked_criterion(f"c.{at}", posted, keys)
        if item["label"] or item["feeds"] or item["weight"] is not None:
            criteria.append(_with_sources(item, stored.get(item["key"])))
    return {
        "name": posted.get("name", held["name"]),
        "normaliser": posted.get("normaliser", held["normaliser"]),
        "cutoffs": posted.get("cutoffs", held["cutoffs"] or ""),
        "criteria": criteria,
    }


def _asked_criterion(path: str, posted: Asked, keys: set[str]) -> dict[str, Any]:
    label = posted.get(f"{path}.label", "").strip()
    key = posted.get(f"{path}.key", "").strip()
    if not key:
        stem = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:36] or "criterion"
        stem = stem if stem[0].isalpha() else f"c_{stem}"[:36]
        key = next(one for one in (stem, *(f"{stem}_{number}" for number in range(2, 99))) if one not in keys)
        keys.add(key)
    weight = posted.get(f"{path}.weight", "").strip()
    feeds = []
    for number in range(MOST_FEEDS):
        kind, _, name = posted.get(f"{path}.f.{number}.figure", "").strip().partition(":")
        if kind:
            feed: dict[str, Any] = {"kind": kind, "name": name}
            for entry, field in (("months", "months"), ("days", "max_age_days")):
                if text := posted.get(f"{path}.f.{number}.{entry}", "").strip():
                    feed[field] = number_of(text)
            feeds.append(feed)
    return {
        "key": key,
        "label": label,
        "group": posted.get(f"{path}.group", "").strip(),
        "weight": number_of(weight) if weight else None,
        "direction": posted.get(f"{path}.direction", "up"),
        "forward_looking": posted.get(f"{path}.ahead", "") == "on",
        "feeds": feeds,
    }


def _with_sources(item: dict[str, Any], stored: Mapping[str, Any] | None) -> dict[str, Any]:
    if stored is None or plain_feeds(item) != plain_feeds(stored) or item["direction"] != stored["direction"]:
        return item
    if not isinstance(item["weight"], int | Decimal) or Decimal(str(stored["weight"])) != item["weight"]:
        return item
    return item | {name: stored[name] for name in ("origin", "source", "why") if stored.get(name)}
