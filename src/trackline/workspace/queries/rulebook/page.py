"""The page of a rule: what it says, its figures, its versions, where it is used, and a form to try it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.accounts.models import Account, RuleOverride
from trackline.accounts.rulebook.live import Batch, live_rule
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.versions import IN_FORCE, TAKEN_BACK, TO_COME, Version, versions_of
from trackline.core.decimals import plain
from trackline.core.playbook import Rule
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.rulebook.figures import Figure, Move, figures_of, moves_of
from trackline.workspace.queries.rulebook.what_if import Start
from trackline.workspace.queries.rulebook.words import Source, explained, room_label, source_of, words_of

STATE_WORDS: Mapping[str, str] = {IN_FORCE: "in force", TO_COME: "to come", TAKEN_BACK: "taken back"}


@dataclass(frozen=True)
class VersionLine:
    """A version on the line: what it moved, and what that did to the book."""

    version: Version
    moves: Sequence[Move]
    state: str
    effect: str
    adjust_query: str


@dataclass(frozen=True)
class PresetTab:
    """A preset whose figures may be looked at."""

    name: str
    label: str
    says: str
    current: bool
    default: bool


@dataclass(frozen=True)
class RulePage:
    """What the page of a rule shows."""

    room: str
    paragraphs: Sequence[str]
    formula: str
    sources: Sequence[Source]
    figures: Sequence[Figure]
    preset: str
    presets: Sequence[PresetTab]
    versions: Sequence[VersionLine]
    chip: str
    origins: str


def page_of(ctx: Context, rule: Rule, preset: str) -> RulePage:
    """Return what the page of a rule shows, with the figures of a preset ("": the default one); two queries."""
    preset = preset if preset in rule.data.presets else rule.data.default_preset or ""
    overrides = Overrides.load(ctx.today)
    changes = overrides.of(rule.id, tier=None, account_id=None, preset=preset)
    figures = figures_of(rule, ctx.today, preset, changes)
    versions = versions_of(ctx, rule.id)
    return RulePage(
        room=room_label(rule.room),
        paragraphs=explained(rule),
        formula=_formula(figures),
        sources=[source_of(cited) for cited in rule.data.sources],
        figures=figures,
        preset=preset,
        presets=[
            PresetTab(name, words_of(name), item.says, name == preset, name == rule.data.default_preset)
            for name, item in rule.data.presets.items()
        ],
        versions=[_line(rule, version) for version in versions],
        chip=_chip(versions),
        origins=_origins(figures),
    )


def _formula(figures: Sequence[Figure]) -> str:
    """The weighted sum, written out."""
    weights = next((one for one in figures if one.name == "weights"), None)
    if weights is None:
        return ""
    return " + ".join(f"{line.value} × {line.label.lower()}" for line in weights.lines)


def _chip(versions: Sequence[Version]) -> str:
    there = [version for version in versions if version.state == IN_FORCE]
    if not there:
        return "as shipped"
    newest = there[0]
    more = f" and {len(there) - 1} more" if len(there) > 1 else ""
    return f"v{newest.row.number} in force{more}"


def _origins(figures: Sequence[Figure]) -> str:
    """Say in a sentence how much of the figures the sources print."""
    if not figures:
        return ""
    counts = {origin: sum(one.origin == origin for one in figures) for origin in ("stated", "interpreted", "ours")}
    if counts["stated"] == len(figures):
        return "Every figure is the source’s own."
    parts = [
        words.format(counts[key])
        for key, words in (
            ("stated", "{} stated by the source"),
            ("interpreted", "{} our reading of it"),
            ("ours", "{} our own choice"),
        )
        if counts[key]
    ]
    return f"{len(figures)} figures: {', '.join(parts)}." if len(figures) > 1 else f"{parts[0][2:].capitalize()}."


def _line(rule: Rule, version: Version) -> VersionLine:
    row = version.row
    query = f"scope={row.scope}"
    if row.scope == RuleOverride.Scope.TIER:
        query += f"&tier={row.tier}"
    if row.account_id:
        query += f"&account={row.account_id}"
    return VersionLine(
        version,
        moves_of(rule, row.moves),
        STATE_WORDS.get(version.state, ""),
        effect_words(row.effect),
        query + (f"&preset={row.preset}" if row.preset else ""),
    )


def effect_words(effect: Mapping[str, Any] | None) -> str:
    """Say what a version did to the book when it was saved."""
    if effect is None:
        return ""
    if "signal" in effect:
        raised, over = effect["signal"]["fires"], effect["signal"]["silent"]
        alerts = f"{formats.number(raised)} alert{'' if raised == 1 else 's'} raised, {formats.number(over)} over"
        return f"{alerts}, on {formats.number(effect['accounts'])} accounts looked at."
    if not effect["changed"]:
        return "No score changed."
    bands = [
        f"{move['count']} {move['from'] or 'without colour'} to {move['to'] or 'none'}" for move in effect["bands"]
    ]
    scores = f"{formats.number(effect['changed'])} of {formats.number(effect['accounts'])} scores changed"
    return f"{scores}{'; ' + ', '.join(bands) if bands else ', no colour did'}."


# -- where a form starts -------------------------------------------------------------------------------------------------


def start_of(ctx: Context, rule: Rule, account: int | None) -> Start:
    """Return where the what-if form starts: an account's inputs today, or the rule's example.

    An account out of scope is `NotFound`.
    """
    live = live_rule(rule.id)
    overrides = Overrides.load(ctx.today)
    if account is None or live is None:
        laid = overrides.of(rule.id, tier=None, account_id=None)
        label = "an example" if rule.data.example else "nothing; fill in what is known"
        return Start(plain(rule.data.example), label, laid)
    found: Account = get(ctx, registry.get("account"), account)
    batch = Batch([found.pk], [ctx.today], [live])
    collected = live.collect(batch.ids, ctx.today, batch).get(found.pk)
    laid = overrides.of(rule.id, tier=found.tier, account_id=found.pk)
    inputs = plain(dict(collected.values)) if collected else {}
    return Start(inputs, found.name, laid, found.pk, found.name, found.key)
