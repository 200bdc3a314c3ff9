"""The scoring model as it reads: what it weighs and what feeds it, its versions, and who signs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.book.editing import versions
from trackline.book.models import ScoringModel
from trackline.book.scoring.signatures import SIDES, waits_for
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.figures import FigureChoice, choices
from trackline.workspace.queries.rulebook.entry import text_of
from trackline.workspace.queries.rulebook.words import ORIGINS, words_of
from trackline.workspace.queries.signatures import Signature, signature_of
from trackline.workspace.records import addresses

DIRECTIONS = (("up", "More is better"), ("down", "Less is better"))
STATES = {"in_force": "in force", "to_come": "to come", "unsigned": "waits for signatures", "replaced": ""}
DEFAULT_CUTOFFS = "As the rule says"


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
        if plain_feeds(was) != plain_feeds(now):
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


def plain_feeds(item: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the figures of a criterion as they compare, in their order."""
    return [(f["kind"], f["name"], f.get("months"), f.get("max_age_days")) for f in item["feeds"]]
