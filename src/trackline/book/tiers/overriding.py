"""What writes of tier overrides mean: who may grant one, how long it holds, and to what an account lapses. Source: PF-15."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trackline.accounts.models import Account, User
from trackline.book.models import TierOverride
from trackline.book.tiers.scores import scores_of
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.types import registry

Links = dict[str, list[int]]
RANKS = ("vp", "c_suite")
SUNSET_DAYS = 180
MOVES = {"requested": ("active", "revoked"), "active": ("revoked", "expired"), "revoked": (), "expired": ()}


def in_half_a_year(ctx: Context) -> Any:
    """Default the end of an override."""
    return ctx.today + timedelta(days=SUNSET_DAYS)


def prepare_override(ctx: Context, override: Any, changed: set[str], _links: Links) -> None:
    """Hold an override to who may grant it, to its reason and its end."""
    creating = override._state.adding
    before = status_before(override, "state")
    if before in ("revoked", "expired"):
        check_move("An override", before, override.state, MOVES, dict(TierOverride.State.choices))
        raise Refused("The override has ended: it stays on record as it was.", rule="PF-15")
    if not override.board_visible:
        raise Invalid.fields({"board_visible": "An override is visible to the board."})
    if creating or "approver" in changed:
        _check_rank(override)
    if creating and override.ended_on is None:
        _begin(ctx, override)
    elif before is not None:
        check_move("An override", before, override.state, MOVES, dict(TierOverride.State.choices))
        if before == "active" and {"approver", "tier"} & changed:
            raise Refused("An override in force keeps its tier and who granted it. Revoke it first.", rule="PF-15")
    if override.state == "active" and before != "active" and override.ended_on is None:
        _grant(ctx, override)
    if override.sunset_on <= (override.granted_on or ctx.today):
        raise Invalid.fields({"sunset_on": "A day after the one it is granted on is expected."})
    if override.state in ("revoked", "expired") and override.ended_on is None:
        override.ended_on = ctx.today
        override.lapsed_to = lapse_to(ctx, override) if before == "active" else None


def after_override(ctx: Context, override: Any, changed: set[str], created: bool) -> None:
    """Set the account's tier when an override begins; give it back to the model when it ends."""
    if not created and "state" not in override.last_change.changes:
        return
    now = Account.objects.values_list("tier", flat=True).get(pk=override.account_id)
    if override.state == "active":
        tier, words = override.tier, f"Override until {override.sunset_on}: {override.reason}"
    elif now == override.tier and not created and override.lapsed_to is not None:
        tier, words = override.lapsed_to, f"Override {override.get_state_display().lower()}"
    else:
        return
    if tier != now:
        noted = Context(ctx.actor, ctx.now, ctx.via, ctx.batch, words[:500], ctx.zone)
        records.update(noted, registry.get("account"), override.account_id, {"tier": tier})


def lapse_to(ctx: Context, override: Any) -> int | None:
    """Return the tier that the model gives today; where it gives none firmly, the one held before."""
    own = scores_of([override.account_id], ctx.today).get(override.account_id)
    if own.score is None or own.provisional:
        return override.from_tier  # type: ignore[no-any-return]
    return own.by_score


def end_override(ctx: Context, account: int, state: str) -> None:
    """End the override in force on an account, if there is one."""
    for pk in TierOverride.objects.alive().filter(account=account, state="active").values_list("pk", flat=True):
        records.update(ctx, registry.get("tier_override"), pk, {"state": state})


def end_due(ctx: Context) -> int:
    """End overrides whose day has come; returns how many. Source: PF-15."""
    due = TierOverride.objects.alive().filter(state="active", sunset_on__lte=ctx.today)
    accounts = list(due.order_by("sunset_on", "pk").values_list("account", flat=True))
    for account in accounts:
        end_override(ctx, account, "expired")
    return len(accounts)


def _begin(ctx: Context, override: Any) -> None:
    other = TierOverride.objects.alive().filter(account=override.account_id, state__in=("requested", "active")).first()
    if other is not None and other.pk != override.pk:
        raise Refused(
            f"{other} is {other.get_state_display().lower()} already. Change or revoke it first.", rule="PF-15"
        )
    if override.state not in ("requested", "active"):
        raise Invalid.fields({"state": "An override begins by being asked for."})
    if ctx.actor.user_id is not None and ctx.actor.user_id == override.approver_id:
        override.state = TierOverride.State.ACTIVE.value


def _grant(ctx: Context, override: Any) -> None:
    """An override counts from the day on which the person named grants it, in person."""
    if ctx.actor.user_id is not None and ctx.actor.user_id != override.approver_id:
        name = User.objects.values_list("name", flat=True).get(pk=override.approver_id)
        raise Forbidden(f"Only {name} grants this override.")
    override.granted_on = override.granted_on or ctx.today
    override.from_tier = override.account.tier


def _check_rank(override: Any) -> None:
    person = User.objects.filter(pk=override.approver_id).first()
    if person is None:
        raise Invalid.fields({"approver": "Name who grants it: somebody of the rank VP or above."})
    if person.seniority not in RANKS:
        raise Refused(
            f"{person.name} is not of the rank VP or above and cannot grant an override.",
            [{"loc": ["approver"], "msg": "VP or above is expected."}],
            rule="PF-15",
        )
