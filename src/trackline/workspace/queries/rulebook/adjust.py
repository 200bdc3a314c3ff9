"""The page on which administrators adjust a rule: whose figures, what they are now, what a form of them would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing

from trackline.accounts.models import Account
from trackline.accounts.rulebook.adjusting import TIERS, Target
from trackline.accounts.rulebook.figures import figures
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.preview import Effect, Preview, TierMove
from trackline.accounts.rulebook.tally import Tally
from trackline.core.decimals import plain
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
SALT = "rulebook effect"
SECONDS_KEPT = 600
"""What steps before have seen is built on for so long; then the book is looked at anew."""
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
    """The effect of a form of figures as it reads; `refused` holds what does not fit instead.

    `done` and `total` count the accounts looked at so far; where some are left, `state` is what the next step goes on with.
    """

    finding: str = ""
    moves: Sequence[Move] = ()
    bands: Sequence[tuple[str, str, int]] = ()
    rows: Sequence[EffectRow] = ()
    more: int = 0
    tiers: Sequence[TierMove] = ()
    live: bool = True
    noun: str = "Account"
    done: int = 0
    total: int = 0
    state: str = ""
    refused: Sequence[tuple[str, str]] = ()

    @property
    def has_deltas(self) -> bool:
        """Whether the results are numbers, so that there is a change of each to show."""
        return any(row.delta is not None for row in self.rows)


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


@dataclass
class Seen:
    """What the steps before found: counts, the effects that are shown first, and the account to go on after.

    A page that looks at a large book in steps carries it, signed, since it is what the next step builds on.
    """

    tally: Tally = field(default_factory=Tally)
    shown: list[tuple[list[Any], EffectRow]] = field(default_factory=list)
    tiers: list[TierMove] = field(default_factory=list)
    after: int = 0

    def pack(self) -> str:
        """Return it as a form carries it."""
        rows = [[order, {**asdict(row), "delta": plain(row.delta)}] for order, row in self.shown]
        told = {"tally": self.tally.to_json(), "rows": rows, "tiers": [asdict(one) for one in self.tiers]}
        return signing.dumps(told | {"after": self.after}, salt=SALT, compress=True)

    @classmethod
    def read(cls, text: str) -> Seen:
        """Return what a form carries; nothing where it carries nothing, or what no page wrote."""
        try:
            told = signing.loads(text, salt=SALT, max_age=SECONDS_KEPT) if text else None
        except signing.BadSignature:
            told = None
        if told is None:
            return cls()
        rows = []
        for order, row in told["rows"]:
            delta = None if row["delta"] is None else Decimal(str(row["delta"]))
            rows.append((order, EffectRow(**{**row, "delta": delta})))
        tiers = [TierMove(**one) for one in told["tiers"]]
        return cls(Tally.read(told["tally"]), rows, tiers, told["after"])


def told_of(rule: Rule, moves: Sequence[Mapping[str, Any]], effect: Preview, seen: Seen | None = None) -> Told:
    """Return the effect of an adjustment as it reads, with what earlier steps have seen."""
    so_far = seen or Seen()
    so_far.tally.add(effect.tally)
    so_far.tiers += effect.tiers
    so_far.shown += [(_order(one), _row(one)) for one in effect.effects[:MOST_SHOWN]]
    so_far.shown = sorted(so_far.shown, key=lambda one: one[0])[:MOST_SHOWN]
    so_far.after = effect.resume or 0
    tally = so_far.tally
    return Told(
        finding_of(tally, so_far.tiers, live=effect.live),
        moves_of(rule, moves),
        [(before, after, count) for (before, after), count in tally.moves.most_common()],
        [row for _order, row in so_far.shown],
        max(tally.changed - MOST_SHOWN, 0),
        so_far.tiers,
        effect.live,
        registry.get(tally.record_type).label if tally.record_type else "Account",
        tally.accounts,
        len(effect.reached),
        so_far.pack() if effect.resume else "",
    )


def _order(one: Effect) -> list[Any]:
    same_band, size, *names = one.order()
    return [same_band, float(size), *names]


def _row(one: Effect) -> EffectRow:
    of = one.holder
    return EffectRow(
        one.title,
        f"/r/{of.record_type}/{of.record_id}" if of.record_type else f"/accounts/{one.key}",
        one.name if of.title else "",
        one.tier,
        of.preset,
        shown(one.before.value) or "no score",
        one.before.band,
        shown(one.after.value) or "no score",
        one.after.band,
        one.delta,
    )


def finding_of(tally: Tally, tiers: Sequence[TierMove], *, live: bool) -> str:
    """Say an effect in a sentence."""
    if tally.signal:
        return _signal_finding(tally)
    changed, total, noun = tally.changed, tally.accounts, "score"
    if tally.record_type:
        total, noun = tally.records, registry.get(tally.record_type).label.lower()
    if not live:
        return "No account is scored by this rule, so nothing in the book changes"
    if not total and not tally.record_type:
        moving = len(tiers)
        return f"{moving} account{' moves' if moving == 1 else 's move'} tier" if moving else "No account moves tier"
    if not changed:
        accounts = f"account{'' if total == 1 else 's'}"
        return f"No {noun} changes {f'of {formats.number(total)}' if tally.record_type else f'on {formats.number(total)} {accounts}'}"
    colours = formats.number(tally.colours) if tally.colours else "none"
    scores = f"{formats.number(changed)} of {formats.number(total)} {noun}s change"
    return f"{scores}, {colours} of them {'its' if tally.colours == 1 else 'their'} colour"


def _signal_finding(tally: Tally) -> str:
    fires, silent = tally.fires, tally.changed - tally.fires
    total = f"{formats.number(tally.accounts)} account{'' if tally.accounts == 1 else 's'}"
    if not tally.changed:
        return f"It fires where it fires now, on {total}"
    begins = f"It would fire {formats.number(fires)} more time{'' if fires == 1 else 's'}" if fires else ""
    ends = f"fall silent {formats.number(silent)} time{'' if silent == 1 else 's'}" if silent else ""
    return f"{begins} and {ends}" if fires and silent else begins or f"It would {ends}"


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
