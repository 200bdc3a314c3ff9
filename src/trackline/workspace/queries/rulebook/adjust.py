"""The page on which administrators adjust a rule: whose figures, what they are now, what a form of them would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.adjusting import TIERS, Draft, Target
from trackline.accounts.rulebook.figures import figures
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.preview import Preview, TierMove
from trackline.core.playbook import Rule
from trackline.core.playbook.parameters import Misplaced, stacked
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.rulebook.figures import Move, moves_of, path_words
from trackline.workspace.queries.rulebook.parameters import FigureGroup, changes_of, groups_of
from trackline.workspace.queries.rulebook.what_if import shown
from trackline.workspace.queries.rulebook.words import words_of

MOST_SHOWN = 25
NAMES = {"reason": "Why", "from_on": "In force from", "after": ""}
"""Entries of the form by their names in the service."""
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The figures of one target as a form; `base` is what lies beneath them."""

    target: Target
    groups: Sequence[FigureGroup]
    base: Mapping[str, Any]
    adjusted: bool
    chooser: Sequence[FormField]


@dataclass(frozen=True)
class EffectRow:
    """An account whose score would change, or a record of it that carries the result."""

    name: str
    url: str
    account: str
    """Whose record it is; "" where it is the account itself."""
    tier: int | None
    preset: str
    before: str
    before_band: str
    after: str
    after_band: str
    delta: Decimal | None


@dataclass(frozen=True)
class Told:
    """The effect of a form of figures as it reads; `refused` holds what does not fit instead."""

    finding: str = ""
    moves: Sequence[Move] = ()
    bands: Sequence[tuple[str, str, int]] = ()
    rows: Sequence[EffectRow] = ()
    more: int = 0
    tiers: Sequence[TierMove] = ()
    live: bool = True
    noun: str = "Account"
    refused: Sequence[tuple[str, str]] = ()


def target_of(ctx: Context, rule: Rule, asked: Asked) -> Target:
    """Return whose figures an address or a form asks for; what it does not say, or says wrongly, is left out."""
    preset = asked.get("preset", "")
    preset = preset if preset in rule.data.presets else ""
    scope, tier, account = asked.get("scope", "all"), asked.get("tier", ""), asked.get("account", "")
    if scope == "tier":
        return Target("tier", int(tier) if tier in {str(one) for one in TIERS} else TIERS[0], preset=preset)
    if scope == "account":
        return Target("account", account=_account(ctx, account), preset=preset)
    return Target(preset=preset)


def _account(ctx: Context, text: str) -> Account | None:
    if not text.isdecimal() or len(text) > 18:
        return None
    try:
        found: Account = get(ctx, registry.get("account"), text)
    except NotFound:
        return None
    return found


def sheet_of(rule: Rule, target: Target, today: date, *, reset: bool = False) -> Sheet:
    """Return the figures of a target as a form; `reset` fills it with what lies beneath. One query."""
    overrides = Overrides.load(today)
    base = base_of(rule, target, overrides, today)
    own = overrides.slots.get(rule.id, {}).get(target.slot, {})
    held = base
    if own and not reset:
        try:
            held = figures(rule, today, target.preset, stacked(_under(rule, target, overrides), own))
        except Misplaced:  # laid over an earlier version of the rule
            held = base
    return Sheet(target, groups_of(rule, held, base), base, bool(own), _chooser(rule, target))


def base_of(rule: Rule, target: Target, overrides: Overrides, today: date) -> dict[str, Any]:
    """Return what the figures of a target would be without its own versions."""
    try:
        return figures(rule, today, target.preset, _under(rule, target, overrides))
    except Misplaced:
        return figures(rule, today, target.preset)


def _under(rule: Rule, target: Target, overrides: Overrides) -> Mapping[str, Any]:
    beneath = overrides.having(rule.id, target.slot, {})
    tier = target.account.tier if target.account else target.tier
    account = target.account.pk if target.account else None
    return beneath.of(rule.id, tier=tier, account_id=account, preset=target.preset)


def _chooser(rule: Rule, target: Target) -> list[FormField]:
    scopes = [("all", "All accounts"), ("tier", "A tier"), ("account", "One account")]
    found = [FormField(name="scope", kind="choice", label="For", choices=scopes, value=target.scope, required=True)]
    if target.scope == "tier":
        tiers = [(str(tier), f"Tier {tier}") for tier in TIERS]
        found.append(
            FormField(name="tier", kind="choice", label="Tier", choices=tiers, value=str(target.tier), required=True)
        )
    if target.scope == "account":
        chosen = [{"value": str(target.account.pk), "label": target.account.name}] if target.account else []
        found.append(
            FormField(
                name="account",
                kind="ref",
                label="Account",
                selected=chosen,
                options_url="/r/account/options",
                required=True,
            )
        )
    if rule.data.presets:
        presets = [("", "Every preset"), *((name, words_of(name)) for name in rule.data.presets)]
        found.append(
            FormField(
                name="preset",
                kind="choice",
                label="Preset",
                choices=presets,
                value=target.preset,
                required=True,
                widget="select",
            )
        )
    return found


def asked_changes(rule: Rule, target: Target, today: date, asked: Asked) -> dict[str, Any]:
    """Return what a form of figures lays over those beneath."""
    return changes_of(base_of(rule, target, Overrides.load(today), today), asked)


def told_of(found: Draft, effect: Preview) -> Told:
    """Return the effect of an adjustment as it reads."""
    rows = [
        EffectRow(
            one.title,
            f"/r/{one.holder.record_type}/{one.holder.record_id}" if one.holder.record_type else f"/accounts/{one.key}",
            one.name if one.holder.record_type else "",
            one.tier,
            one.holder.preset,
            shown(one.before.value) or "no score",
            one.before.band,
            shown(one.after.value) or "no score",
            one.after.band,
            one.delta,
        )
        for one in effect.effects[:MOST_SHOWN]
    ]
    return Told(
        finding_of(effect),
        moves_of(found.rule, found.moves),
        effect.bands,
        rows,
        max(len(effect.effects) - MOST_SHOWN, 0),
        effect.tiers,
        effect.live,
        registry.get(effect.record_type).label if effect.record_type else "Account",
    )


def finding_of(effect: Preview) -> str:
    """Say an effect in a sentence."""
    changed, total, noun = len(effect.effects), effect.accounts, "score"
    if effect.record_type:
        rtype = registry.get(effect.record_type)
        total, noun = effect.records, rtype.label.lower()
    colours = sum(one.changes_band for one in effect.effects)
    if not effect.live:
        return "No account is scored by this rule, so nothing in the book changes"
    if not total and not effect.record_type:
        moving = len(effect.tiers)
        return f"{moving} account{' moves' if moving == 1 else 's move'} tier" if moving else "No account moves tier"
    if not changed:
        where = (
            f"of {formats.number(total)}"
            if effect.record_type
            else f"on {formats.number(total)} account{'' if total == 1 else 's'}"
        )
        return f"No {noun} changes {where}"
    scores = f"{formats.number(changed)} of {formats.number(total)} {noun}s change"
    return f"{scores}, {formats.number(colours) if colours else 'none'} of them {'its' if colours == 1 else 'their'} colour"


def refused_of(rule: Rule, problem: Problem) -> Told:
    """Return what does not fit, each with the figure it is about."""
    refused = []
    for error in problem.errors:
        root, *path = [str(part) for part in error["loc"]] or [""]
        label = (
            path_words(rule, ".".join(path))
            if root == "changes" and path
            else ""
            if root == "changes"
            else NAMES.get(root, words_of(root))
        )
        refused.append((label, str(error["msg"]) if problem.status == 422 else problem.detail))
    return Told(refused=refused or [("", problem.detail)])
