"""The scoring model on screen: what it weighs and what feeds it, as it reads, as a form, and what a form would do to the book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.models import User
from trackline.book.editing import ModelEffect, Shift, versions
from trackline.book.models import ScoringModel
from trackline.book.rules.scoring_model import MOST_CRITERIA
from trackline.book.scoring.signatures import SIDES, waits_for
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.figures import FigureChoice, choices
from trackline.workspace.queries.rulebook.entry import number_of, text_of
from trackline.workspace.queries.rulebook.words import ORIGINS, words_of
from trackline.workspace.queries.signatures import Signature, signature_of
from trackline.workspace.records import addresses

MOST_FEEDS = 8
MOST_SHOWN = 25
DIRECTIONS = (("up", "More is better"), ("down", "Less is better"))
STATES = {"in_force": "in force", "to_come": "to come", "unsigned": "waits for signatures", "replaced": ""}
DEFAULT_CUTOFFS = "As the rule says"
Asked = Mapping[str, str]


@dataclass(frozen=True)
class FeedWords:
    """One figure of a criterion, with its window in words."""

    label: str
    window: str


@dataclass(frozen=True)
class CriterionWords:
    """A criterion as it reads."""

    label: str
    group: str
    weight: Decimal
    down: bool
    ahead: bool
    feeds: Sequence[FeedWords]
    fed_by: str
    source: str
    origin: str
    why: str


@dataclass(frozen=True)
class Line:
    """A version of the model: what changed against the one before, and who signs it; `signed_by` names those who have."""

    row: ScoringModel
    state: str
    moves: Sequence[tuple[str, str, str]]
    by: str
    waits_for: str
    signatures: Sequence[Signature]
    signed_by: str

    @property
    def can_start(self) -> bool:
        """Whether another version may start from it rather than from the one in force."""
        return self.state not in (STATES["in_force"], STATES["to_come"])

    @property
    def url(self) -> str:
        """Where its record stands."""
        return addresses.page(registry.get("scoring_model"), self.row.pk)

    @property
    def sign_url(self) -> str:
        """Where a signature is given or taken back."""
        return f"/book/model/{self.row.pk}/sign"


@dataclass(frozen=True)
class ModelTold:
    """The model in force with its versions."""

    row: ScoringModel
    criteria: Sequence[CriterionWords]
    normaliser: str
    cutoffs: str
    lines: Sequence[Line]


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


@dataclass(frozen=True)
class ShiftRow:
    """An account whose place would change."""

    name: str
    key: str
    before: str
    after: str
    ranks: int | None
    tiers: tuple[str, str] | None


@dataclass(frozen=True)
class ModelEffectTold:
    """The effect of a form as it reads; `refused` holds what does not fit instead."""

    finding: str = ""
    moves: Sequence[tuple[str, str, str]] = ()
    rows: Sequence[ShiftRow] = ()
    more: int = 0
    fed: Sequence[tuple[str, str, int]] = ()
    accounts: int = 0
    notes: Sequence[str] = ()
    refused: Sequence[tuple[str, str]] = ()


# -- reading -----------------------------------------------------------------------------------------------------------


def told(ctx: Context, fed_by: Mapping[str, str]) -> ModelTold | None:
    """Return the model in force and its versions; None where no model has begun. `fed_by` says what fed each criterion in
    the last run. Three queries."""
    rows = versions(ctx)
    held = next((row for row, state in rows if state == "in_force"), None)
    if held is None:
        return None
    known = {one.value: one for one in choices()}
    criteria = [
        CriterionWords(
            item["label"],
            item.get("group", ""),
            Decimal(str(item["weight"])),
            item["direction"] == "down",
            bool(item.get("forward_looking")),
            [_feed_words(feed, known) for feed in item["feeds"]],
            fed_by.get(item["key"], ""),
            item.get("source", ""),
            ORIGINS.get(item.get("origin") or "", ""),
            item.get("why", ""),
        )
        for item in held.criteria
    ]
    lines = []
    for at, (row, state) in enumerate(rows):
        before = rows[at + 1][0] if at + 1 < len(rows) else None
        moves = moves_of(before, row, known) if before else []
        lines.append(_line(ctx, row, state, moves))
    return ModelTold(held, criteria, held.get_normaliser_display(), _cutoffs(held), lines)


def _line(ctx: Context, row: ScoringModel, state: str, moves: Sequence[tuple[str, str, str]]) -> Line:
    waits = waits_for(row)
    signed = [getattr(row, side) for side in SIDES if getattr(row, f"{side}_signed")]
    ask = ""
    if len(waits) == 1 and (row.from_on is None or row.from_on <= ctx.today):
        ask = f"With this last signature {row.name} ranks the book from today on, and its signatures stay. Sign it?"
    return Line(
        row,
        STATES[state],
        moves,
        row.created_by.name if row.created_by else "Trackline",
        ", ".join(SIDES[side] for side in waits),
        [signature_of(ctx, row, side, SIDES[side], open_=True, ask=ask) for side in SIDES] if waits else [],
        ", ".join(person.name for person in signed if person),
    )


def moves_of(
    before: ScoringModel, after: ScoringModel, known: Mapping[str, FigureChoice]
) -> list[tuple[str, str, str]]:
    """Return what one model changes of another: what, from, to, in words."""
    found = [
        (label, was, now)
        for label, was, now in (
            ("Normalised", before.get_normaliser_display(), after.get_normaliser_display()),
            ("Cut-offs", _cutoffs(before), _cutoffs(after)),
        )
        if was != now
    ]
    old = {item["key"]: item for item in before.criteria}
    new = {item["key"]: item for item in after.criteria}
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        label = (now or was or {})["label"]
        if was is None or now is None:
            side = was or now or {}
            words = f"weight {_weight(side)}"
            found.append((label, words if was else "not weighed", words if now else "not weighed"))
            continue
        if Decimal(str(was["weight"])) != Decimal(str(now["weight"])):
            found.append((label, _weight(was), _weight(now)))
        if was["direction"] != now["direction"]:
            names = dict(DIRECTIONS)
            found.append((label, names[was["direction"]], names[now["direction"]]))
        if _plain_feeds(was) != _plain_feeds(now):
            found.append((f"{label}, fed by", _feeds_words(was, known), _feeds_words(now, known)))
    return found


def _weight(item: Mapping[str, Any]) -> str:
    return text_of(Decimal(str(item["weight"])))


def _cutoffs(row: ScoringModel) -> str:
    return row.get_cutoffs_display() if row.cutoffs else DEFAULT_CUTOFFS


def _feed_words(feed: Mapping[str, Any], known: Mapping[str, FigureChoice]) -> FeedWords:
    value = f"{feed['kind']}:{feed['name']}"
    label = known[value].label if value in known else f"{words_of(feed['name'])} (no longer there)"
    parts = [f"{feed['months']} months" if feed.get("months") else ""]
    parts.append(f"at most {feed['max_age_days']} d old" if feed.get("max_age_days") else "")
    return FeedWords(label, ", ".join(filter(None, parts)))


def _feeds_words(item: Mapping[str, Any], known: Mapping[str, FigureChoice]) -> str:
    said = [_feed_words(feed, known) for feed in item["feeds"]]
    return ", then ".join(f"{one.label} ({one.window})" if one.window else one.label for one in said)


def _plain_feeds(item: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [(f["kind"], f["name"], f.get("months"), f.get("max_age_days")) for f in item["feeds"]]


# -- the form ----------------------------------------------------------------------------------------------------------


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
    if stored is None or _plain_feeds(item) != _plain_feeds(stored) or item["direction"] != stored["direction"]:
        return item
    if not isinstance(item["weight"], int | Decimal) or Decimal(str(stored["weight"])) != item["weight"]:
        return item
    return item | {name: stored[name] for name in ("origin", "source", "why") if stored.get(name)}


# -- the effect --------------------------------------------------------------------------------------------------------


def effect_told(effect: ModelEffect, moves: Sequence[tuple[str, str, str]]) -> ModelEffectTold:
    """Return the effect of a model as it reads."""
    after = effect.after
    if not after.places:
        return ModelEffectTold("By this model the book cannot be scored", moves, notes=after.notes)
    fed = [(row["label"], row["fed_by"] or "", row["known"]) for row in after.criteria]
    return ModelEffectTold(
        finding(effect),
        moves,
        [_row(one) for one in effect.shifts[:MOST_SHOWN]],
        max(len(effect.shifts) - MOST_SHOWN, 0),
        fed,
        effect.accounts,
        after.notes,
    )


def finding(effect: ModelEffect) -> str:
    """Say in a sentence what another scoring would do."""
    total = f"{formats.number(effect.accounts)} account{'' if effect.accounts == 1 else 's'}"
    if not effect.before.places:
        return f"{total} would be ranked; today none is"
    if not effect.shifts:
        return f"No score changes on {total}"
    moving, ranks = len(effect.moving), sum(bool(one.ranks_gained) for one in effect.shifts)
    tiers = f"{formats.number(moving)} of {total} would score for another tier"
    if not moving:
        tiers = f"None of {total} would score for another tier"
    return f"{tiers}, {formats.number(ranks) if ranks else 'none'} change{'s' if ranks == 1 else ''} rank"


def _row(one: Shift) -> ShiftRow:
    tiers = tuple("no tier" if tier is None else f"T{tier}" for tier in one.tiers)
    sides = [
        f"{place.rank} · {formats.number(place.score, 1)}" if place else "unranked" for place in (one.before, one.after)
    ]
    return ShiftRow(
        one.name, one.key, sides[0], sides[1], one.ranks_gained, (tiers[0], tiers[1]) if one.changes_tier else None
    )


def refused(errors: Iterable[Mapping[str, Any]], criteria: Sequence[Mapping[str, Any]]) -> ModelEffectTold:
    """Return what does not fit, each with the criterion it is about."""
    return ModelEffectTold(
        refused=[(_where([str(part) for part in one["loc"]], criteria), str(one["msg"])) for one in errors]
    )


def _where(loc: Sequence[str], criteria: Sequence[Mapping[str, Any]]) -> str:
    if len(loc) > 1 and loc[0] == "criteria" and loc[1].isdecimal() and int(loc[1]) < len(criteria):
        label = criteria[int(loc[1])].get("label") or f"Criterion {int(loc[1]) + 1}"
        if len(loc) > 3 and loc[2] == "feeds":
            return f"{label}, figure {int(loc[3]) + 1}" if loc[3].isdecimal() else str(label)
        return f"{label}, {words_of(loc[2]).lower()}" if len(loc) > 2 else str(label)
    return {"reason": "Why", "from_on": "In force from", "criteria": "", "after": ""}.get(loc[0], words_of(loc[0]))
