"""Administrators adjust a rule's figures: each saving is a new dated version with a reason; none is ever changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from trackline.accounts.held import forget
from trackline.accounts.models import Account, RuleOverride
from trackline.accounts.rulebook.fed import shipped_feeds
from trackline.accounts.rulebook.figures import figures, moved
from trackline.accounts.rulebook.ledger import Cause, Occasion
from trackline.accounts.rulebook.overrides import Changes, Overrides, Slot, slot_of
from trackline.accounts.rulebook.pending import mark_book, settle
from trackline.accounts.rulebook.preview import Preview, preview
from trackline.accounts.services.audit import RULE, note_change
from trackline.core.decimals import plain
from trackline.core.playbook import Rule, RuleUnknown, RunRefused, rulebook
from trackline.core.playbook.parameters import Misplaced, stacked
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound, Refused, Stale

TIERS = (1, 2, 3)
LONGEST_REASON = 500
Scope = RuleOverride.Scope


@dataclass(frozen=True)
class Target:
    """What an adjustment is for: a scope, and a preset ("" for every preset)."""

    scope: str = Scope.ALL.value
    tier: int | None = None
    account: Account | None = None
    preset: str = ""

    @property
    def slot(self) -> Slot:
        """As versions are looked up by."""
        return (self.scope, self.tier, self.account.pk if self.account else None, self.preset)

    @property
    def label(self) -> str:
        """The scope in words."""
        if self.scope == Scope.TIER:
            return f"Tier {self.tier}"
        return self.account.name if self.account else "All accounts"


@dataclass(frozen=True)
class Draft:
    """An adjustment that fits: what would be saved."""

    rule: Rule
    target: Target
    changes: Changes
    from_on: date
    before: Changes
    """What the slot holds on that day without it."""
    moves: list[dict[str, Any]]


def rule_named(rule_id: str) -> Rule:
    """Return a rule. Raises `NotFound`, naming the nearest."""
    try:
        return rulebook().get(rule_id)
    except RuleUnknown as unknown:
        raise NotFound(str(unknown)) from None


def draft(rule: Rule, target: Target, changes: Any, *, from_on: date, today: date) -> Draft:
    """Check an adjustment without saving it. Raises `Invalid` with the path of each figure that does not fit.

    Weights off 100, bands out of order and unknown figures are refused, also where the changes meet other versions in force
    then or later: those of a preset, a tier, an account.
    """
    errors = _target_faults(rule, target)
    if from_on < today:
        errors["from_on"] = "Today or a later day is expected; what was in force before stays as it was."
    if not isinstance(changes, Mapping):
        errors["changes"] = "An object is expected."
    if errors:
        raise Invalid.fields(errors)
    rows = list(RuleOverride.objects.filter(rule=rule.id))
    mine = [row for row in rows if slot_of(row) == target.slot]
    changes = plain(changes)
    before = Overrides.among(mine, from_on).slots.get(rule.id, {}).get(target.slot, {})
    if not changes and not before:
        raise Invalid.fields({"changes": "Nothing is adjusted here, so there is nothing to take back."})
    if changes and changes == before:
        raise Invalid.fields({"changes": "These figures are in force already."})
    _check(rule, target, changes, rows, from_on)
    wider = Overrides.among([row for row in rows if slot_of(row) != target.slot], from_on)
    under = _of(wider, rule, target)
    try:
        held = figures(rule, from_on, target.preset, _over(under, before))
    except Misplaced:  # an earlier version of the program had other figures
        held = figures(rule, from_on, target.preset)
    moves = list(moved(held, figures(rule, from_on, target.preset, _over(under, changes))))
    return Draft(rule, target, changes, from_on, before, moves)


def effect_of(found: Draft, ctx: Context, *, after: int = 0, seconds: float | None = None) -> Preview:
    """Return what an adjustment would do to the book; it must be an administrator's, since it shows every account.

    `after` and `seconds` take it in steps, as `preview` has them.
    """
    ctx.require(ADMIN)
    target = found.target.slot
    return preview(found.rule, target, found.changes, ctx.today, from_on=found.from_on, after=after, seconds=seconds)


def said_why(reason: str) -> str:
    """Return the reason that an administrator gives for a change, in one line. Raises `Invalid` without one, or on a long one."""
    said = " ".join(str(reason).replace("\x00", " ").split())
    if not said or len(said) > LONGEST_REASON:
        raise Invalid.fields({"reason": f"Say why, in at most {LONGEST_REASON} characters."})
    return said


def save(
    ctx: Context,
    rule: Rule,
    target: Target,
    changes: Any,
    *,
    reason: str,
    from_on: date | None = None,
    after: int | None = None,
) -> RuleOverride:
    """Save a new version of what is laid over a rule; no changes take the slot's earlier ones back.

    `after` is the latest version that the administrator knew: where there is a newer one, `Stale`. Where it is in force today
    the scores of the accounts in its reach are noted as pending and the first of them computed; `effect` of the version
    stands once all are. Raises `Invalid` as `draft` does, and without a reason.
    """
    ctx.require(ADMIN)
    reason = said_why(reason)
    found = draft(rule, target, changes, from_on=from_on or ctx.today, today=ctx.today)
    on_accounts = shipped_feeds(rule.id) is not None
    effect = None if on_accounts else _at_once(found, ctx)
    try:
        with transaction.atomic():
            row = _write(ctx, found, reason, after, effect)
            if on_accounts:
                cause = Cause("parameters", RULE, row.pk, f"{rule.title} v{row.number}: {reason}"[:200])
                occasion = Occasion(ctx.now, cause, ctx.actor.user_id)
                mark_book(rule.id, occasion, on=row.from_on, today=ctx.today, override=row)
    except IntegrityError:
        raise Refused("Another version was saved at the same moment. Look at it, then try again.") from None
    settle(ctx.now, ctx.today)
    row.refresh_from_db(fields=["effect"])
    return row


def _at_once(found: Draft, ctx: Context) -> dict[str, Any] | None:
    """What a version does of a rule that no account holds a score of: who moves tier, or nothing."""
    told = effect_of(found, ctx)
    return told.summary if told.live else None


def _write(ctx: Context, found: Draft, reason: str, after: int | None, effect: Any) -> RuleOverride:
    rule, target = found.rule, found.target
    last = RuleOverride.objects.filter(rule=rule.id).aggregate(last=Max("number"))["last"] or 0
    if after is not None and after != last:
        raise Stale(
            f"Version {last} of {rule.title} was saved since you opened it.",
            [{"loc": ["after"], "msg": f"The latest version is {last}."}],
            current=last,
        )
    row: RuleOverride = RuleOverride.objects.create(
        rule=rule.id,
        number=last + 1,
        scope=target.scope,
        tier=target.tier,
        account=target.account,
        preset=target.preset,
        changes=found.changes,
        from_on=found.from_on,
        reason=reason,
        moves=found.moves,
        effect=effect,
        created_at=ctx.now,
        created_by_id=ctx.actor.user_id,
    )
    forget()
    moves = {move["path"]: [move["before"], move["after"]] for move in found.moves}
    title = f"{rule.title} v{row.number}, {target.label}{f', {target.preset}' if target.preset else ''}"
    note_change(replace(ctx, note=reason), RULE, row.pk, title, moves, Change.Action.CREATE)
    return row


# -- checking ----------------------------------------------------------------------------------------------------------


def _target_faults(rule: Rule, target: Target) -> dict[str, str]:
    errors = {}
    if target.scope not in Scope.values:
        errors["scope"] = f"One of {', '.join(Scope.values)} is expected."
    if (target.scope == Scope.TIER) != (target.tier is not None) or target.tier not in (None, *TIERS):
        errors["tier"] = "Tier 1, 2 or 3 is expected, for the scope tier alone."
    if (target.scope == Scope.ACCOUNT) != (target.account is not None):
        errors["account"] = "An account is expected, for the scope account alone."
    if target.preset and target.preset not in rule.data.presets:
        known = ", ".join(rule.data.presets)
        errors["preset"] = f"One of {known} is expected." if known else "This rule has no presets."
    return errors


def _check(rule: Rule, target: Target, changes: Changes, rows: list[RuleOverride], from_on: date) -> None:
    """Lay the changes together with every other version that they meet, on every day that something begins."""
    days = {from_on, *(day for day in rule.data.days if day > from_on)}
    days |= {row.from_on for row in rows if row.from_on > from_on}
    tiers = dict(
        Account.objects.filter(pk__in={row.account_id for row in rows if row.account_id}).values_list("pk", "tier")
    )
    for day in sorted(days):
        later = [row for row in rows if slot_of(row) == target.slot and from_on < row.from_on <= day]
        if later:
            continue  # another version of the slot has taken over by then
        overrides = Overrides.among(rows, day).having(rule.id, target.slot, changes)
        for who, tier, account in _meetings(overrides.slots.get(rule.id, {}), target, tiers):
            for preset in [target.preset] if target.preset else rule.data.presets or [""]:
                laid = overrides.of(rule.id, tier=tier, account_id=account, preset=preset)
                try:
                    rule.in_force(day, preset or None, laid, saving=True)
                except RunRefused as refused:
                    raise _refusal(refused.errors, who, preset if not target.preset else "") from None


def _meetings(
    slots: Iterable[Slot], target: Target, tiers: Mapping[int, int | None]
) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield every combination of tier and account that the target's changes take part in, with its name."""
    if target.account:
        yield "", target.account.tier, target.account.pk
        return
    yield "", target.tier, None
    for scope, tier, account, _preset in slots:
        if scope == Scope.TIER and target.scope == Scope.ALL:
            yield f"With the version for tier {tier}: ", tier, None
        if account is not None and target.tier in (None, tiers.get(account)):
            yield "With the version for an account: ", tiers.get(account), account


def _refusal(errors: Iterable[Mapping[str, Any]], who: str, preset: str) -> Invalid:
    within = f"In the preset {preset}: " if preset else ""
    listed = [{"loc": ["changes", *error["loc"][1:]], "msg": f"{who}{within}{error['msg']}"} for error in errors]
    told = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in listed)
    return Invalid(told, listed)


def _of(overrides: Overrides, rule: Rule, target: Target) -> Changes:
    tier = target.account.tier if target.account else target.tier
    return overrides.of(
        rule.id, tier=tier, account_id=target.account.pk if target.account else None, preset=target.preset
    )


def _over(lower: Changes, upper: Changes) -> Changes:
    found: Changes = stacked(lower, upper)
    return found
